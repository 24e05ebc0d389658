//! Checkpoints are read without supcon: by Python alone, and with the documented script.

use crate::support::{Scratch, put_trained_run};
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use supcon_train::Checkpoint;

const FILE: &str = "run/checkpoints/1-supcon-contrastive-s0.safetensors";

/// The format as its documentation has it (github.com/huggingface/safetensors), with nothing but
/// Python's own modules.
const BY_HAND: &str = r#"
import json, struct, sys
data = open(sys.argv[1], "rb").read()
length, = struct.unpack("<Q", data[:8])
header = json.loads(data[8:8 + length])
metadata = header.pop("__metadata__")
json.loads(metadata["supcon"]), json.loads(metadata["input"])["normalisation"]["mean"]
for name, entry in sorted(header.items()):
    first, last = entry["data_offsets"]
    bytes = data[8 + length + first:8 + length + last]
    values = struct.unpack(f"<{len(bytes) // 4}f", bytes)
    print(name, {"F32": "float32"}[entry["dtype"]], entry["shape"], sum(values))
"#;

#[test]
fn a_checkpoint_is_read_by_python() {
    let scratch = Scratch::new();
    put_trained_run(&scratch, "run");
    let python = std::env::var("SUPCON_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let is_there = |arguments: &[&str]| {
        let ran = Command::new(&python).args(arguments).output();
        ran.is_ok_and(|ran| ran.status.success())
    };
    if !is_there(&["-c", "import json, struct"]) {
        eprintln!("skipped: there is no {python}");
        return;
    }
    let run = |arguments: &[&str]| {
        let mut command = Command::new(&python);
        let ran = command
            .args(arguments)
            .arg(FILE)
            .current_dir(scratch.path())
            .output();
        let ran = ran.expect("python starts");
        assert!(
            ran.status.success(),
            "{}",
            String::from_utf8_lossy(&ran.stderr)
        );
        String::from_utf8(ran.stdout).expect("text")
    };
    let expected = expected(&scratch);
    assert!(expected.len() > 10, "{expected:?}");
    check(&run(&["-c", BY_HAND]), &expected);
    if is_there(&["-c", "import safetensors, numpy"]) {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/load_checkpoint.py");
        let printed = run(&[&script.display().to_string()]);
        let (first, rest) = printed.split_once('\n').expect("a first line");
        assert!(first.starts_with("stage 1, step 6, classes ['"), "{first}");
        check(rest, &expected);
    } else {
        eprintln!(
            "skipped: {python} has no safetensors and numpy; SUPCON_PYTHON names one that has"
        );
    }
}

/// Shape and sum of each tensor, as supcon reads them.
fn expected(scratch: &Scratch) -> BTreeMap<String, (Vec<usize>, f64)> {
    let checkpoint = Checkpoint::from_bytes(FILE, &scratch.read(FILE)).expect("a checkpoint");
    let tensors = checkpoint.tensors.into_iter();
    let sum = |values: &[f32]| values.iter().map(|&x| f64::from(x)).sum::<f64>();
    tensors
        .map(|(name, tensor)| (name, (tensor.shape, sum(&tensor.values))))
        .collect()
}

/// Lines of `name dtype [shape] sum`.
fn check(printed: &str, expected: &BTreeMap<String, (Vec<usize>, f64)>) {
    assert_eq!(printed.lines().count(), expected.len(), "{printed}");
    for line in printed.lines() {
        let (name, rest) = line.split_once(" float32 ").expect("a float32 tensor");
        let (shape, sum) = rest.rsplit_once(' ').expect("shape and sum");
        let (expected_shape, expected_sum) = &expected[name];
        assert_eq!(shape, format!("{expected_shape:?}"), "{name}");
        let sum: f64 = sum.parse().expect("a number");
        assert!(
            (sum - expected_sum).abs() <= 1e-6 * expected_sum.abs().max(1.0),
            "{line}"
        );
    }
}
