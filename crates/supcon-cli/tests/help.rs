//! Help texts against the committed ones: a change of the interface shows in the change's diff.

use crate::support::Scratch;
use std::path::Path;

const COMMANDS: [&str; 21] = [
    "",
    "train",
    "resume",
    "eval",
    "report",
    "runs",
    "runs compare",
    "runs rename",
    "runs delete",
    "embed",
    "predict",
    "map",
    "film",
    "data",
    "data info",
    "data fetch",
    "presets",
    "selftest",
    "devices",
    "completions",
    "man",
];

#[test]
fn help_is_as_committed() {
    let scratch = Scratch::new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/help");
    let update = std::env::var_os("SUPCON_UPDATE_GOLDEN").is_some();
    for command in COMMANDS {
        let mut program = scratch.command(&format!("{command} --help"));
        // clap wraps at the terminal's width.
        let ran = program.env("COLUMNS", "100").output().expect("starts");
        let help = String::from_utf8(ran.stdout).expect("text");
        let name = if command.is_empty() {
            "supcon".to_owned()
        } else {
            command.replace(' ', "-")
        };
        let path = folder.join(format!("{name}.txt"));
        if update {
            std::fs::write(&path, &help).expect("the golden file");
        }
        let golden = std::fs::read_to_string(&path).unwrap_or_default();
        assert_eq!(
            help, golden,
            "`supcon {command} --help` changed; if meant, run this test with SUPCON_UPDATE_GOLDEN=1"
        );
    }
}
