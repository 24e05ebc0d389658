//! What surrounds the program: programs that read it, full disks, directories that may not be written.

use crate::bad_runs::{WEIGHTS, content, unfinish};
use crate::support::{Scratch, put_trained_run};

#[test]
fn errors_are_json_where_results_are() {
    let scratch = Scratch::new();
    for (command, code, part) in [
        ("eval nowhere --json", 1, "nowhere is not a run"),
        (
            "data info nowhere --json",
            1,
            "the images in nowhere cannot be used",
        ),
        ("train --epochs 3 --json", 2, "--epochs"),
        ("predict --json", 2, "required"),
    ] {
        let ran = scratch.run(command);
        assert_eq!(
            (ran.code, ran.stdout.as_str()),
            (Some(code), ""),
            "{command}"
        );
        let value: serde_json::Value = serde_json::from_str(&ran.stderr)
            .unwrap_or_else(|error| panic!("{command}: {error}: {}", ran.stderr));
        let error = &value["error"];
        assert_eq!(error["exit_code"], code, "{command}");
        assert!(
            error["message"].as_str().is_some_and(|m| m.contains(part)),
            "{value}"
        );
    }
}

#[cfg(unix)]
#[test]
fn a_reader_that_goes_away_is_no_error() {
    let scratch = Scratch::new();
    let program = env!("CARGO_BIN_EXE_supcon");
    let script = format!("{program} presets --show shapes | head -1; exit ${{PIPESTATUS[0]}}");
    let ran = std::process::Command::new("bash")
        .args(["-c", &script])
        .output();
    let ran = ran.expect("bash starts");
    assert!(ran.status.success() && ran.stderr.is_empty(), "{ran:?}");
    drop(scratch);
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_leaves_the_run_resumable_and_no_half_file() {
    let scratch = Scratch::new();
    put_trained_run(&scratch, "whole");
    let options = crate::runs::small(6);
    // Weights fit in 4 KiB as little as a log does.
    let ran = scratch.run_with_file_limit(&format!("train {options} --out run"), 4);
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    for part in ["run/checkpoints", "failed", "Free some space"] {
        assert!(ran.stderr.contains(part), "no {part} in {}", ran.stderr);
    }
    let left = content(&scratch.path().join("run"));
    assert!(
        left.iter().all(|(name, _)| !name.ends_with(".tmp")),
        "a temporary file was left"
    );
    scratch
        .run("resume run --device cpu --threads 2")
        .assert_success();
    let weights = |run: &str| scratch.read(&format!("{run}/{WEIGHTS}"));
    let tensors = |bytes: Vec<u8>| {
        let header = u64::from_le_bytes(bytes[..8].try_into().expect("8 bytes")) as usize;
        bytes[8 + header..].to_vec()
    };
    assert_eq!(tensors(weights("run")), tensors(weights("whole")));

    let ran = scratch.run_with_file_limit("embed run --out a.csv --device cpu", 1);
    assert!(
        ran.code == Some(1) && ran.stderr.contains("make room"),
        "{}",
        ran.stderr
    );
    let names = std::fs::read_dir(scratch.path())
        .expect("readable")
        .flatten();
    let left: Vec<_> = names
        .map(|entry| entry.file_name())
        .filter(|name| name != "run" && name != "whole")
        .collect();
    assert!(left.is_empty(), "{left:?} were left");
}

#[cfg(target_os = "linux")]
#[test]
fn a_read_only_run_can_be_looked_at_and_says_that_it_cannot_go_on() {
    let scratch = Scratch::new();
    put_trained_run(&scratch, "run");
    let run = scratch.path().join("run");
    unfinish(&run);
    let lock = run.join(".lock");
    std::fs::write(&lock, "").expect("writable");
    for path in [&lock, &run] {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = if path.is_dir() { 0o555 } else { 0o444 };
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).expect("ours");
    }
    // Root may write anywhere; another user may not.
    let as_nobody = std::process::Command::new("setpriv")
        .args(["--reuid=65534", "--regid=65534", "--clear-groups", "true"])
        .status();
    let is_root = std::fs::write(run.join("probe"), "").is_ok();
    let mut ran = Vec::new();
    for arguments in ["resume run", "eval run"] {
        let inner = scratch.command(arguments);
        let mut command = std::process::Command::new(inner.get_program());
        if is_root {
            if !as_nobody
                .as_ref()
                .is_ok_and(std::process::ExitStatus::success)
            {
                eprintln!("skipped: root may write everywhere, and setpriv does not work here");
                return;
            }
            command = std::process::Command::new("setpriv");
            command.args(["--reuid=65534", "--regid=65534", "--clear-groups"]);
            command.arg(inner.get_program());
        }
        command.args(inner.get_args()).current_dir(scratch.path());
        ran.push(crate::support::Ran::from(command.output().expect("starts")));
    }
    let (resume, eval) = (&ran[0], &ran[1]);
    assert_eq!(resume.code, Some(1), "{}", resume.stderr);
    for part in ["run cannot be written", "make it writable"] {
        assert!(
            resume.stderr.contains(part),
            "no {part} in {}",
            resume.stderr
        );
    }
    assert!(eval.assert_success().stdout.contains("SupCon"));
}
