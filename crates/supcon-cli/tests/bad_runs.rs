//! Runs that cannot be used: each spoiled in one way, and the message it gets. One sentence with the
//! fact, the place and the way out; nothing is lost and nothing half-written.

use crate::support::{Scratch, put_trained_run};
use std::path::Path;

/// A run spoiled in one way, what is done with it, and parts of the message.
struct Case {
    name: &'static str,
    spoil: fn(&Path),
    command: &'static str,
    parts: &'static [&'static str],
}

pub const WEIGHTS: &str = "checkpoints/1-supcon-contrastive-s0.safetensors";
const LATEST: &str = "checkpoints/latest.safetensors";

fn replace(run: &Path, from: &str, to: &str) {
    let path = run.join("config.toml");
    let text = std::fs::read_to_string(&path).expect("readable");
    assert!(text.contains(from), "{from} is not in config.toml");
    std::fs::write(path, text.replacen(from, to, 1)).expect("writable");
}

fn change(run: &Path, name: &str, change: impl FnOnce(&mut Vec<u8>)) {
    let path = run.join(name);
    let mut bytes = std::fs::read(&path).expect("readable");
    change(&mut bytes);
    std::fs::write(path, bytes).expect("writable");
}

fn remove(run: &Path, name: &str) {
    std::fs::remove_file(run.join(name)).expect("there");
}

/// A file of weights that says it is of this run's configuration, but lacks the encoder.
fn put_weights_of_another_network(run: &Path) {
    std::fs::copy(
        run.join("checkpoints/2-supcon-linear-s0.safetensors"),
        run.join(WEIGHTS),
    )
    .expect("writable");
}

/// The run's log cut before its end, so that the run goes on.
pub fn unfinish(run: &Path) {
    change(run, "events.jsonl", |log| {
        let last = log[..log.len() - 1]
            .iter()
            .rposition(|&b| b == b'\n')
            .expect("lines");
        log.truncate(last + 1);
    });
}

const CASES: &[Case] = &[
    Case {
        name: "an empty directory",
        spoil: |run| {
            std::fs::remove_dir_all(run).expect("there");
            std::fs::create_dir(run).expect("writable");
        },
        command: "eval run",
        parts: &["run is not a run", "config.toml", "supcon runs"],
    },
    Case {
        name: "no directory",
        spoil: |run| std::fs::remove_dir_all(run).expect("there"),
        command: "embed run --out a.npy",
        parts: &["run is not a run", "config.toml"],
    },
    Case {
        name: "a config of another schema",
        spoil: |run| replace(run, "schema = 1", "schema = 2"),
        command: "predict run a.png",
        parts: &["run/config.toml has schema = 2", "reads schema = 1"],
    },
    Case {
        name: "an unknown key",
        spoil: |run| replace(run, "temperature = ", "temprature = "),
        command: "resume run",
        parts: &[
            "run/config.toml",
            "contrastive.temprature",
            "did you mean \"contrastive.temperature\"?",
        ],
    },
    Case {
        name: "a value of the wrong type",
        spoil: |run| replace(run, "seeds = [0]", "seeds = \"zero\""),
        command: "eval run",
        parts: &["run/config.toml", "seeds", "zero"],
    },
    Case {
        name: "a config that is no TOML",
        spoil: |run| replace(run, "schema = 1", "schema = = 1"),
        command: "eval run",
        parts: &["run/config.toml: TOML parse error at line 1, column 10: "],
    },
    Case {
        name: "a config that is no text",
        spoil: |run| change(run, "config.toml", |bytes| bytes[3] = 0xff),
        command: "runs compare run run",
        parts: &["run/config.toml is not text"],
    },
    Case {
        name: "a config changed by hand",
        spoil: |run| replace(run, "temperature = 0.1", "temperature = 0.2"),
        command: "embed run --out a.npy",
        parts: &[
            WEIGHTS,
            "belongs to configuration",
            "put back the config.toml",
        ],
    },
    Case {
        name: "a resume with a config changed by hand",
        spoil: |run| {
            unfinish(run);
            replace(run, "temperature = 0.1", "temperature = 0.2");
        },
        command: "resume run",
        parts: &[
            LATEST,
            "belongs to configuration",
            "put back the config.toml",
        ],
    },
    Case {
        name: "a log line that is none",
        spoil: |run| change(run, "events.jsonl", |log| log[0] = b'?'),
        command: "eval run",
        parts: &["run/events.jsonl, line 1", "not an event"],
    },
    Case {
        name: "a log shorter than its checkpoint says",
        spoil: |run| {
            unfinish(run);
            change(run, "events.jsonl", |log| log.truncate(log.len() / 2));
        },
        command: "resume run",
        parts: &["run/events.jsonl", "shorter than its checkpoint"],
    },
    Case {
        name: "a checkpoint cut short",
        spoil: |run| {
            unfinish(run);
            change(run, LATEST, |bytes| bytes.truncate(bytes.len() / 2));
        },
        command: "resume run",
        parts: &[LATEST, "not a readable checkpoint"],
    },
    Case {
        name: "weights cut short",
        spoil: |run| change(run, WEIGHTS, |bytes| bytes.truncate(bytes.len() - 5)),
        command: "embed run --out a.npy",
        parts: &[WEIGHTS, "not a readable checkpoint"],
    },
    Case {
        name: "weights that are something else",
        spoil: |run| change(run, WEIGHTS, |bytes| *bytes = b"hello, world".to_vec()),
        command: "map run --out a.png",
        parts: &[WEIGHTS, "not a readable checkpoint"],
    },
    Case {
        name: "empty weights",
        spoil: |run| change(run, WEIGHTS, Vec::clear),
        command: "embed run --out a.npy",
        parts: &[WEIGHTS, "not a readable checkpoint"],
    },
    Case {
        name: "weights of another network",
        spoil: put_weights_of_another_network,
        command: "embed run --out a.npy",
        parts: &[
            WEIGHTS,
            "does not fit config.toml",
            "is missing",
            "another network",
        ],
    },
    Case {
        name: "weights that are missing",
        spoil: |run| remove(run, WEIGHTS),
        command: "embed run --out a.npy",
        parts: &[
            "run: supcon-s0 is not trained yet (ready are random-s0, cross_entropy-s0)",
            "supcon resume run",
        ],
    },
    Case {
        name: "a stage that there is not",
        spoil: |_| {},
        command: "embed run --stage simclr --out a.npy",
        parts: &[
            "no network \"simclr\"",
            "random-s0, supcon-s0, cross_entropy-s0",
        ],
    },
    Case {
        name: "z where there is no head",
        spoil: |_| {},
        command: "embed run --stage cross_entropy --what z --out a.npy",
        parts: &["cross_entropy-s0 has no projection head", "--what features"],
    },
    Case {
        name: "images with a run that generates its own",
        spoil: unfinish,
        command: "resume run --data run",
        parts: &["--data run was given", "generates its own images"],
    },
    Case {
        name: "images that are none",
        spoil: |_| {},
        command: "embed run --data run/checkpoints --out a.npy",
        parts: &["the images in run/checkpoints cannot be used", "looked for"],
    },
    Case {
        name: "an invocation that is none",
        spoil: |run| {
            unfinish(run);
            change(run, "invocation.json", |bytes| bytes.truncate(4));
        },
        command: "resume run",
        parts: &["run/invocation.json is not what supcon wrote", "--data"],
    },
    Case {
        name: "a finished run resumed",
        spoil: |_| {},
        command: "resume run",
        parts: &["run is finished", "supcon eval run"],
    },
    Case {
        name: "a report that is none",
        spoil: |run| change(run, "report.json", |bytes| bytes.truncate(10)),
        command: "report run",
        parts: &["run/report.json is not a report"],
    },
    Case {
        name: "a run trained into another",
        spoil: |_| {},
        command: "train --out run",
        parts: &["run already holds a run", "supcon resume run", "--out"],
    },
    Case {
        name: "a run trained into a folder of other files",
        spoil: |_| {},
        command: "train --out run/checkpoints",
        parts: &["run/checkpoints holds other files", "--out"],
    },
    Case {
        name: "a run trained into a file",
        spoil: |_| {},
        command: "train --out run/config.toml",
        parts: &["run/config.toml is a file", "--out"],
    },
    Case {
        name: "an embedding over another file",
        spoil: |_| {},
        command: "embed run --out run/report.csv --overwrite --stage 99",
        parts: &["no network \"99\""],
    },
    Case {
        name: "a file that is there",
        spoil: |run| std::fs::write(run.join("a.csv"), "mine").expect("writable"),
        command: "embed run --out run/a.csv",
        parts: &["run/a.csv exists", "--overwrite"],
    },
    Case {
        name: "labels that are there",
        spoil: |run| std::fs::write(run.join("a_labels.npy"), "mine").expect("writable"),
        command: "embed run --out run/a.npy",
        parts: &["run/a_labels.npy exists", "--overwrite"],
    },
    Case {
        name: "a projector folder that is there",
        spoil: |_| {},
        command: "embed run --out run",
        parts: &["run exists and is no empty folder"],
    },
    Case {
        name: "a format that is not written",
        spoil: |_| {},
        command: "embed run --out a.parquet",
        parts: &[".parquet files are not written", ".npy"],
    },
    Case {
        name: "a map as a format that is not written",
        spoil: |_| {},
        command: "map run --out a.pdf",
        parts: &["a.pdf", ".png or .svg"],
    },
    Case {
        name: "a picture that is none",
        spoil: |_| {},
        command: "predict run run/config.toml",
        parts: &[
            "run/config.toml cannot be classified",
            "no image of a known format",
        ],
    },
    Case {
        name: "a folder without pictures",
        spoil: |_| {},
        command: "predict run run/checkpoints",
        parts: &[
            "run/checkpoints cannot be classified",
            "the folder holds no .png",
        ],
    },
    Case {
        name: "a new name that is a path",
        spoil: |_| {},
        command: "runs rename run ../elsewhere",
        parts: &["\"../elsewhere\" cannot name a run", "for example"],
    },
    Case {
        name: "a new name that is taken",
        spoil: |run| std::fs::create_dir(run.with_file_name("taken")).expect("writable"),
        command: "runs rename run taken",
        parts: &["taken exists"],
    },
    Case {
        name: "something else deleted",
        spoil: |_| {},
        command: "runs delete run run/checkpoints --yes",
        parts: &["run/checkpoints is not a run"],
    },
    Case {
        name: "a run without a report compared",
        spoil: |run| remove(run, "report.json"),
        command: "runs compare run run",
        parts: &["run has no report yet", "supcon resume run"],
    },
    Case {
        name: "a folder of runs that is not there",
        spoil: |_| {},
        command: "runs nowhere",
        parts: &["nowhere cannot be listed"],
    },
];

/// All files below a folder and what they hold, except the lock.
pub fn content(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            files.extend(content(&path));
        } else if entry.file_name() != ".lock" {
            files.push((
                path.display().to_string(),
                std::fs::read(&path).expect("readable"),
            ));
        }
    }
    files.sort();
    files
}

/// What is wrong with the way the program took a spoiled run; prints the message as a row.
fn complaint(case: &Case) -> Option<String> {
    let scratch = Scratch::new();
    put_trained_run(&scratch, "run");
    (case.spoil)(&scratch.path().join("run"));
    let before = content(scratch.path());
    let ran = scratch.run(case.command);
    let errors = ran.stderr.lines().filter(|line| line.starts_with("error:"));
    let errors: Vec<&str> = errors.collect();
    let message = errors.first().map_or("", |line| &line[7..]);
    println!("| {} | `supcon {}` | {message} |", case.name, case.command);
    let missing = case.parts.iter().find(|part| !message.contains(**part));
    let fact = if ran.code != Some(1) {
        format!("it ends with {:?}", ran.code)
    } else if errors.len() != 1 || ran.stderr.contains("panicked") {
        "it is not one error".to_owned()
    } else if let Some(part) = missing {
        format!("no \"{part}\"")
    } else if content(scratch.path()) != before {
        "something changed".to_owned()
    } else {
        return None;
    };
    Some(format!("{}: {fact} in {}", case.name, ran.stderr))
}

#[test]
fn every_spoiled_run_gets_its_message_and_loses_nothing() {
    let complaints: Vec<String> = CASES.iter().filter_map(complaint).collect();
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}
