//! Small runs from end to end: results, JSON, Ctrl-C, kill and resume.

use crate::support::Scratch;
use std::path::Path;
use std::time::{Duration, Instant};

/// A few seconds of every kind of stage.
const SMALL: &str = "--set data.shapes_train=600 --set data.shapes_test=200 \
    --set contrastive.length=STEPS~steps --set contrastive.batch_size=32 \
    --set contrastive.optimizer.warmup=2~steps --set linear.length=30~steps \
    --set cross_entropy.length=STEPS~steps --set cross_entropy.batch_size=32 \
    --set cross_entropy.optimizer.warmup=2~steps --device cpu --threads 2 --checkpoint-every 5";

pub fn small(steps: u32) -> String {
    SMALL.replace("STEPS", &steps.to_string())
}

/// Bytes of the weights that a run ended with.
fn weights(scratch: &Scratch, run: &str) -> Vec<(String, Vec<u8>)> {
    let folder = scratch.path().join(run).join("checkpoints");
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .expect("checkpoints")
        .map(|entry| entry.expect("readable").path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "safetensors")
        })
        .collect();
    files.sort();
    let read = |path: &Path| {
        let bytes = std::fs::read(path).expect("readable");
        // The header is JSON with the position of the log, which holds times; tensors follow.
        let header = u64::from_le_bytes(bytes[..8].try_into().expect("8 bytes")) as usize;
        let name = path.file_name().expect("a file").to_string_lossy();
        (name.into_owned(), bytes[8 + header..].to_vec())
    };
    files.iter().map(|path| read(path)).collect()
}

fn lines_of(scratch: &Scratch, run: &str) -> usize {
    let path = scratch.path().join(run).join("events.jsonl");
    std::fs::read_to_string(path).map_or(0, |text| text.lines().count())
}

/// Waits until the run has written this many events.
fn wait_for_events(scratch: &Scratch, run: &str, count: usize) {
    let deadline = Instant::now() + Duration::from_secs(120);
    while lines_of(scratch, run) < count {
        assert!(Instant::now() < deadline, "{run} wrote no {count} events");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn a_run_ends_with_a_table_and_a_report() {
    let scratch = Scratch::new();
    let ran = scratch.run(&format!("train {} --out run", small(6)));
    ran.assert_success();
    for part in [
        "Random encoder",
        "SupCon",
        "Cross-entropy",
        "run/report.html",
    ] {
        assert!(ran.stdout.contains(part), "no {part} in {}", ran.stdout);
    }
    let html = scratch.text("run/report.html");
    assert!(html.contains("<html") && !html.contains("src=\"http"));
    let shown = scratch.run("eval run");
    assert!(shown.assert_success().stdout.contains("Cross-entropy"));
    let json = scratch.run("eval run --json");
    let value: serde_json::Value =
        serde_json::from_str(&json.assert_success().stdout).expect("JSON");
    let text = value.to_string();
    assert!(text.contains("cross_entropy"), "{text}");
    std::fs::remove_file(scratch.path().join("run/report.html")).expect("there");
    scratch.run("report run").assert_success();
    assert_eq!(scratch.text("run/report.html"), html);
    let again = scratch.run(&format!("train {} --out run", small(6)));
    assert_eq!(again.code, Some(1));
    assert!(
        again.stderr.contains("already holds a run"),
        "{}",
        again.stderr
    );
    let finished = scratch.run("resume run");
    assert!(
        finished.stderr.contains("is finished"),
        "{}",
        finished.stderr
    );
}

#[test]
fn json_is_one_event_a_line() {
    let scratch = Scratch::new();
    let options = small(4);
    let ran = scratch.run(&format!(
        "train {options} --set methods=supcon --json --out run"
    ));
    let events = ran.assert_success().stdout.lines().map(|line| {
        serde_json::from_str::<serde_json::Value>(line)
            .unwrap_or_else(|error| panic!("{error}: {line}"))
    });
    let seqs: Vec<u64> = events
        .map(|event| event["seq"].as_u64().expect("seq"))
        .collect();
    assert!(
        seqs.windows(2).all(|pair| pair[1] == pair[0] + 1),
        "{seqs:?}"
    );
}

#[cfg(unix)]
#[test]
fn ctrl_c_and_kill_end_with_the_weights_of_an_uninterrupted_run() {
    let scratch = Scratch::new();
    let options = small(24);
    scratch
        .run(&format!("train {options} --out whole"))
        .assert_success();
    let total = lines_of(&scratch, "whole");

    let mut stopped = scratch.spawn(&format!("train {options} --out stopped"));
    wait_for_events(&scratch, "stopped", total / 3);
    signal(&stopped, "INT");
    assert_eq!(stopped.wait().expect("ends").code(), Some(130));
    scratch
        .run("resume stopped --device cpu --threads 2 --checkpoint-every 5")
        .assert_success();

    let mut killed = scratch.spawn(&format!("train {options} --out killed"));
    for part in [4, 2] {
        wait_for_events(&scratch, "killed", total / part);
        signal(&killed, "KILL");
        killed.wait().expect("ends");
        killed = scratch.spawn("resume killed --device cpu --threads 2 --checkpoint-every 5");
    }
    assert_eq!(killed.wait().expect("ends").code(), Some(0));

    let whole = weights(&scratch, "whole");
    assert!(!whole.is_empty());
    for run in ["stopped", "killed"] {
        assert_eq!(weights(&scratch, run), whole, "{run}");
    }
    assert_eq!(steps(&scratch, "killed"), steps(&scratch, "whole"));
    // Stopping reports the step it stopped at, besides.
    let mut stopped = steps(&scratch, "stopped");
    let count = stopped.len();
    stopped.dedup();
    assert_eq!(stopped.len(), count, "a step twice in {stopped:?}");
    let whole = steps(&scratch, "whole");
    assert!(
        whole.iter().all(|step| stopped.contains(step)),
        "{stopped:?}"
    );
}

#[cfg(unix)]
#[test]
fn a_run_has_one_writer() {
    let scratch = Scratch::new();
    let mut first = scratch.spawn(&format!("train {} --out run", small(2000)));
    wait_for_events(&scratch, "run", 2);
    for command in [
        "resume run",
        "runs rename run other",
        "runs delete run --yes",
    ] {
        let second = scratch.run(command);
        assert_eq!(second.code, Some(1), "{command}");
        assert!(second.stderr.contains("run is in use"), "{}", second.stderr);
    }
    let list = scratch.run("runs .");
    assert!(
        list.assert_success().stdout.contains("running"),
        "{}",
        list.stdout
    );
    signal(&first, "KILL");
    first.wait().expect("ends");
    let list = scratch.run("runs .");
    assert!(
        list.assert_success().stdout.contains("cut off"),
        "{}",
        list.stdout
    );
}

/// (stage, step) of each logged step: no gaps, no duplicates.
#[cfg(unix)]
fn steps(scratch: &Scratch, run: &str) -> Vec<String> {
    let text = scratch.text(&format!("{run}/events.jsonl"));
    let events = text
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).expect("JSON"));
    let steps = events.filter_map(|event| event["msg"].get("step").cloned());
    steps
        .map(|step| format!("{} {}", step["stage"], step["step"]))
        .collect()
}

#[cfg(unix)]
pub fn signal(child: &std::process::Child, name: &str) {
    let sent = std::process::Command::new("kill")
        .args([&format!("-{name}"), &child.id().to_string()])
        .status();
    assert!(sent.expect("kill").success());
}

#[test]
fn two_runs_are_compared_in_one_page() {
    let scratch = Scratch::new();
    let options = small(4);
    for (run, method) in [("a", "supcon"), ("b", "supcon_in")] {
        let command = format!("train {options} --set methods={method} --out {run}");
        scratch.run(&command).assert_success();
    }
    let shown = scratch.run("report a b --out both.html");
    let stdout = &shown.assert_success().stdout;
    for part in [
        "b (SupCon (L_in)) − a (SupCon)",
        "methods: [\"supcon\"] | [\"supcon_in\"]",
        "report: both.html",
    ] {
        assert!(stdout.contains(part), "no {part} in {stdout}");
    }
    let html = scratch.text("both.html");
    assert!(html.contains("<html") && !html.contains("src=\"http"));
    let json = scratch.run("report a b --json");
    let value: serde_json::Value =
        serde_json::from_str(&json.assert_success().stdout).expect("JSON");
    assert_eq!(value["runs"][1]["label"], "b");
    assert!(value["differences"][0]["pairing"]["same_images"].is_object());
    assert!(!scratch.path().join("compare.html").exists());
    // A damaged report is one sentence, and the page that was there stays.
    let path = scratch.path().join("b/report.json");
    let whole = scratch.text("b/report.json");
    for (broken, expected) in [
        (
            whole[..whole.len() / 2].to_owned(),
            "b/report.json is not a report",
        ),
        (
            whole.replacen("\"images\":200", "\"images\":201", 1),
            "outcomes for 201 test images",
        ),
    ] {
        std::fs::write(&path, broken).expect("writable");
        let refused = scratch.run("report a b --out both.html");
        assert_eq!(refused.code, Some(1), "{}", refused.stderr);
        assert!(refused.stderr.contains(expected), "{}", refused.stderr);
        assert_eq!(scratch.text("both.html"), html);
    }
    std::fs::remove_file(&path).expect("there");
    let refused = scratch.run("report a b");
    assert!(
        refused.stderr.contains("b has no report yet"),
        "{}",
        refused.stderr
    );
}
