//! Running other programs: announced, without stdin, with errors that name the command.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use serde_json::Value;

/// A command for this workspace's own cargo, the one that started this program.
pub(crate) fn cargo(arguments: &[&str]) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(arguments);
    command
}

/// A command for any other program.
pub(crate) fn program(name: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(name);
    command.args(arguments);
    command
}

/// Prints the command, runs it with its output passed through, and fails when it fails.
pub(crate) fn run(mut command: Command) -> Result<()> {
    let shown = show(&command);
    println!("$ {shown}");
    let status = command
        .stdin(Stdio::null())
        .status()
        .with_context(|| format!("cannot start `{shown}`: is it installed and on PATH?"))?;
    if !status.success() {
        bail!("`{shown}` failed ({status}); its own messages are above");
    }
    Ok(())
}

/// Runs the command silently and returns its standard output.
pub(crate) fn output(mut command: Command) -> Result<String> {
    let shown = show(&command);
    let output = command
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("cannot start `{shown}`: is it installed and on PATH?"))?;
    if !output.status.success() {
        let stderr = String::from_utf8_lossy(&output.stderr);
        bail!("`{shown}` failed ({}): {}", output.status, stderr.trim());
    }
    String::from_utf8(output.stdout).with_context(|| format!("`{shown}` did not print UTF-8"))
}

/// Whether the command runs and succeeds, silently.
pub(crate) fn succeeds(command: Command) -> bool {
    output(command).is_ok()
}

/// What cargo knows of this workspace's own packages (fast: no dependency is resolved).
pub(crate) fn metadata() -> Result<Value> {
    let text = output(cargo(&["metadata", "--no-deps", "--format-version", "1"]))?;
    serde_json::from_str(&text).context("`cargo metadata` did not print JSON")
}

/// Where cargo builds, as an absolute path.
pub(crate) fn target_directory() -> Result<PathBuf> {
    let metadata = metadata()?;
    let directory = metadata["target_directory"].as_str();
    Ok(directory
        .context("`cargo metadata` names no target directory: is cargo too old?")?
        .into())
}

/// Where tools are kept that are built or downloaded once: `<cache>/supcon`.
pub(crate) fn cache_folder() -> Result<PathBuf> {
    let cache = match std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from) {
        Some(cache) if cache.is_absolute() => cache,
        _ => std::env::home_dir()
            .context("no home folder: set XDG_CACHE_HOME")?
            .join(".cache"),
    };
    Ok(cache.join("supcon"))
}

/// The command as one would type it: set variables, program (without its folder), arguments.
fn show(command: &Command) -> String {
    let mut words = Vec::new();
    for (name, value) in command.get_envs() {
        if let Some(value) = value {
            words.push(format!(
                "{}={}",
                name.display(),
                quote(&value.to_string_lossy())
            ));
        }
    }
    let program = PathBuf::from(command.get_program());
    let is_our_cargo = std::env::var_os("CARGO").is_some_and(|cargo| program == cargo);
    words.push(if is_our_cargo {
        "cargo".to_owned()
    } else {
        program.display().to_string()
    });
    words.extend(
        command
            .get_args()
            .map(|argument| quote(&argument.to_string_lossy())),
    );
    words.join(" ")
}

fn quote(word: &str) -> String {
    if word.is_empty() || word.contains([' ', '"', '$', ';', '*']) {
        format!("'{word}'")
    } else {
        word.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_shown_as_typed() {
        let mut command = program("/usr/bin/cargo", &["check", "--cfg", "a b"]);
        command
            .env("RUSTC", "/x/rustc")
            .env_remove("RUSTUP_TOOLCHAIN");
        assert_eq!(
            show(&command),
            "RUSTC=/x/rustc /usr/bin/cargo check --cfg 'a b'"
        );
    }
}
