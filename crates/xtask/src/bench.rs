//! `cargo xtask bench NAME`: the measurements behind the figures in the documents.

use anyhow::Result;

use crate::shell;

/// Builds with the features of every other command, so that Burn is not compiled anew, and runs.
pub(crate) fn run(name: &str) -> Result<()> {
    run_part(name, &[])
}

/// Runs a part of a benchmark.
pub(crate) fn run_part(name: &str, part: &[&str]) -> Result<()> {
    let mut command = vec!["bench", "--workspace", "--bench", name, "--"];
    command.extend(part);
    shell::run(shell::cargo(&command))
}
