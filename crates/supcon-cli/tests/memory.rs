//! Memory of a real process, watched from outside: it stays flat, and the estimate is near it.

use crate::support::Scratch;
use std::process::Child;
use std::time::Duration;

const COMMON: &str = "--set data.shapes_train=600 --set data.shapes_test=100 \
    --set methods=supcon --set linear.length=5~steps --set evaluation.probe_every=0 \
    --set contrastive.optimizer.warmup=2~steps --threads 2";

/// A figure of `/proc/PID/status` in bytes; `None` once the process is gone.
fn status(child: &Child, key: &str) -> Option<u64> {
    let text = std::fs::read_to_string(format!("/proc/{}/status", child.id())).ok()?;
    let line = text.lines().find(|line| line.starts_with(key))?;
    let kilobytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes * 1024)
}

/// Highest resident memory, in bytes, while each half of the contrastive steps was taken.
fn peaks_of_halves(scratch: &Scratch, device: &str, batch: usize, steps: u64) -> (u64, u64) {
    let options = format!(
        "train {COMMON} --set contrastive.length={steps}~steps --set contrastive.batch_size={batch} --device {device} --out soak --checkpoint-every 50"
    );
    let mut child = scratch.spawn(&options);
    let (mut first, mut second, mut looks) = (0, 0, 0);
    while child.try_wait().expect("a process").is_none() {
        if let (Some(done), Some(resident)) = (steps_done(scratch), status(&child, "VmRSS")) {
            looks += 1;
            // What is set up once (threads, kernels, buffers) is set up by the first tenth.
            // The last report is followed by the next stage.
            if done * 2 > steps && done < steps {
                second = second.max(resident);
            } else if done * 10 > steps && done < steps {
                first = first.max(resident);
            }
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    assert!(child.wait().expect("ended").success());
    assert!(first > 0 && second > 0, "looked {looks} times");
    (first, second)
}

/// Steps of the contrastive stage that the log reports while it is going on.
fn steps_done(scratch: &Scratch) -> Option<u64> {
    let text = std::fs::read_to_string(scratch.path().join("soak/events.jsonl")).ok()?;
    let last = text
        .lines()
        .rev()
        .find(|line| line.contains("\"step\":{\"stage\":"))?;
    let event: serde_json::Value = serde_json::from_str(last).ok()?;
    let step = &event["msg"]["step"];
    (step["stage"] == 1)
        .then(|| step["step"].as_u64())
        .flatten()
}

fn assert_flat(device: &str, batch: usize, steps: u64) {
    let scratch = Scratch::new();
    let (first, second) = peaks_of_halves(&scratch, device, batch, steps);
    println!(
        "{device}, {steps} steps of {batch}: peak {:.1} MB in the first half, {:.1} MB in the second",
        first as f64 / 1e6,
        second as f64 / 1e6
    );
    // The log in memory grows by an event every ten steps; an allocator needs some slack.
    let slack = 8_000_000 + steps * 200;
    assert!(
        second <= first + slack,
        "{device}: {first} → {second} bytes"
    );
}

#[test]
fn memory_stays_flat_on_the_cpu() {
    assert_flat("cpu", 4, 2000);
}

#[test]
fn memory_stays_flat_on_software_vulkan() {
    let scratch = Scratch::new();
    let devices = scratch.run("devices");
    if !devices.stdout.contains("llvmpipe") {
        assert!(
            std::env::var_os("SUPCON_REQUIRE_GPU").is_none_or(|value| value != "1"),
            "SUPCON_REQUIRE_GPU=1, but there is no software Vulkan:\n{}",
            devices.stdout
        );
        eprintln!("skipped: no software Vulkan");
        return;
    }
    assert_flat("software", 4, 200);
}

/// The long soak of BENCHMARKS.md: `cargo test --release --workspace --test command_line -- --ignored
/// --nocapture ten_thousand`.
#[test]
#[ignore = "half an hour; run by hand"]
fn memory_stays_flat_over_ten_thousand_steps() {
    assert_flat("cpu", 4, 10_000);
    assert_flat("software", 4, 10_000);
}

#[test]
fn a_run_that_cannot_fit_is_refused_with_a_way_out() {
    let scratch = Scratch::new();
    let ran = scratch.run(
        "train --set encoder=resnet-50 --set data.shapes_train=9000 --set contrastive.batch_size=8000 --device cpu --out run",
    );
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    for part in [
        "contrastive.batch_size = 8000 needs about ",
        " are free: try --set contrastive.batch_size=",
        "--ignore-memory",
    ] {
        assert!(ran.stderr.contains(part), "no {part} in {}", ran.stderr);
    }
    assert!(!scratch.path().join("run").exists(), "nothing half-written");
}

/// The estimate that `train` prints, in bytes.
fn estimated(text: &str) -> f64 {
    let line = text
        .lines()
        .find(|line| line.starts_with("memory"))
        .expect("an estimate");
    let words: Vec<&str> = line.split_whitespace().collect();
    let number: f64 = words[2].parse().expect("a number");
    number * if words[3] == "GB" { 1e9 } else { 1e6 }
}

#[test]
fn the_estimate_is_near_the_measured_peak() {
    for (encoder, batch, images) in [
        ("tiny", 256, 400),
        ("tiny", 1024, 1200),
        ("resnet-20", 16, 150),
        ("resnet-20", 64, 150),
        ("resnet-18", 16, 100),
    ] {
        let scratch = Scratch::new();
        let options = format!(
            "train {COMMON} --set data.shapes_train={images} --set encoder={encoder} --set linear.length=1~steps --set contrastive.length=2~steps --set contrastive.optimizer.warmup=1~steps --set contrastive.batch_size={batch} --device cpu --out run"
        );
        let mut command = scratch.command(&options);
        let out = std::fs::File::create(scratch.path().join("out")).expect("writable");
        let mut child = command.stdout(out).spawn().expect("starts");
        let mut peak = 0;
        while child.try_wait().expect("a process").is_none() {
            peak = status(&child, "VmHWM").unwrap_or(peak).max(peak);
            std::thread::sleep(Duration::from_millis(5));
        }
        assert!(child.wait().expect("ended").success());
        let ratio = estimated(&scratch.text("out")) / peak as f64;
        println!(
            "{encoder}, batch {batch}: measured {:.0} MB, estimated {ratio:.2} times that",
            peak as f64 / 1e6
        );
        assert!((0.75..=1.25).contains(&ratio), "{encoder}, batch {batch}");
    }
}
