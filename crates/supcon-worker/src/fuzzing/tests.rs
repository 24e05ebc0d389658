//! The committed seeds of the fuzz targets, through the same functions under stable `cargo test`.

use super::*;
use std::fs;
use std::path::PathBuf;
use supcon_protocol::{PROTOCOL_VERSION, preset};
use supcon_train::files;

fn seeds(target: &str) -> PathBuf {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
    root.join("fuzz/seeds").join(target)
}

#[test]
fn no_fuzz_seed_panics() {
    for (target, run) in TARGETS {
        let mut count = 0;
        for entry in fs::read_dir(seeds(target)).unwrap() {
            let bytes = fs::read(entry.unwrap().path()).unwrap();
            // Every prefix of a small seed, too: a file may end anywhere.
            let step = bytes.len().div_ceil(64).max(1);
            for len in (0..=bytes.len()).step_by(step).chain([bytes.len()]) {
                run(&bytes[..len]);
            }
            count += 1;
        }
        assert!(count >= 4, "{target}: {count} seeds");
    }
}

/// Every seed but the broken ones does what it was made for.
#[test]
fn whole_seeds_are_read() {
    for (target, name, bytes) in all_seeds() {
        let is_read = match target {
            "container" => [bytes.clone(), disk_of_index(&bytes)]
                .into_iter()
                .any(|disk| Container::open(SmallDisk(disk)).is_ok()),
            _ => unpacked(&bytes).is_some(),
        };
        assert_eq!(is_read, !name.starts_with("broken"), "{target}/{name}");
    }
}

/// Writes the seeds: `cargo test --release -p supcon-worker write_fuzz_seeds -- --ignored`.
#[test]
#[ignore = "writes files"]
fn write_fuzz_seeds() {
    for (target, name, bytes) in all_seeds() {
        let folder = seeds(target);
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join(name), bytes).unwrap();
    }
}

fn disk(changes: impl Fn(&mut Container<SmallDisk>) -> io::Result<()>) -> Vec<u8> {
    let mut container = Container::open(SmallDisk(Vec::new())).unwrap();
    changes(&mut container).unwrap();
    container.into_disk().0
}

fn run() -> Files {
    let config = preset("browser-smoke").unwrap().config().to_toml();
    let event = format!(
        "{{\"protocol_version\":{PROTOCOL_VERSION},\"run\":\"r\",\"seq\":0,\"msg\":{{\"state\":\"running\"}}}}\n"
    );
    Files::from([
        (files::CONFIG.to_owned(), config.into_bytes()),
        (files::EVENTS.to_owned(), event.into_bytes()),
    ])
}

fn all_seeds() -> Vec<(&'static str, &'static str, Vec<u8>)> {
    let index = |text: &str| text.as_bytes().to_vec();
    let with = |name: &str, bytes: &[u8]| {
        let mut files = run();
        files.insert(name.to_owned(), bytes.to_vec());
        files
    };
    let packed = |files: &Files| pack("shapes-3", files).unwrap();
    vec![
        ("container", "one_file", disk(|disk| disk.put("a", b"abc"))),
        (
            "container",
            "log_and_config",
            disk(|disk| {
                disk.put("config.toml", b"schema = 1\n")?;
                disk.append("events.jsonl", b"{}\n")?;
                disk.append("events.jsonl", b"{}\n{}\n")?;
                disk.truncate("events.jsonl", 3)
            }),
        ),
        (
            "container",
            "index",
            index(r#"{"a":{"len":3,"places":[{"at":8300,"room":9}]}}"#),
        ),
        (
            "container",
            "index_of_two",
            index(
                r#"{"a":{"len":0,"places":[{"at":8400,"room":65536}]},"b":{"len":2,"places":[{"at":80000,"room":1},{"at":80009,"room":7}]}}"#,
            ),
        ),
        (
            "container",
            "broken_overlap",
            index(
                r#"{"a":{"len":3,"places":[{"at":8300,"room":9}]},"b":{"len":3,"places":[{"at":8305,"room":9}]}}"#,
            ),
        ),
        (
            "container",
            "broken_room",
            index(
                r#"{"a":{"len":1,"places":[{"at":8300,"room":18446744073709543000},{"at":8301,"room":18446744073709543000}]}}"#,
            ),
        ),
        ("parcel", "run.tar", packed(&run())),
        ("parcel", "frames.tar", packed(&with("frames/00000.bin", &[7; 40]))),
        (
            "parcel",
            "broken_checkpoint.tar",
            packed(&with(files::CHECKPOINT, &[1; 100])),
        ),
        (
            "parcel",
            "broken_header.tar",
            packed(&with(
                files::CHECKPOINT,
                b"\x40\0\0\0\0\0\0\0{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}      \0\0\0\0",
            )),
        ),
        (
            "parcel",
            "broken_config.tar",
            packed(&with(files::CONFIG, b"schema = ")),
        ),
    ]
}
