//! The compiler for wasm32: rustup's target where there is one, else Debian's own compiler.

use std::fmt;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

use crate::{setup, shell, sysroot};

/// The one wasm target of this workspace.
pub(crate) const TARGET: &str = "wasm32-unknown-unknown";

/// Debian's compiler, its cargo, the sources of std, the matching clippy and the linker.
const DEBIAN_PACKAGES: [&str; 5] = [
    "rustc-web",
    "cargo-web",
    "rust-web-src",
    "rust-web-clippy",
    "lld-22",
];

/// A compiler that can build for wasm32.
pub(crate) enum Toolchain {
    /// The workspace's own toolchain, with its wasm32 target installed.
    Rustup,
    /// Debian's compiler with a std that this program built into the named folder.
    Debian(PathBuf),
}

impl Toolchain {
    /// The wasm32 compiler of this machine, if it has one already.
    fn find() -> Option<Self> {
        if rustup_target_is_installed() {
            return Some(Self::Rustup);
        }
        sysroot::built().map(Self::Debian)
    }

    /// The wasm32 compiler of this machine, installed now if need be.
    pub(crate) fn find_or_install() -> Result<Self> {
        if let Some(toolchain) = Self::find() {
            return Ok(toolchain);
        }
        let rustup = shell::output(shell::program("rustup", &["target", "add", TARGET]));
        match rustup {
            Ok(_) if rustup_target_is_installed() => return Ok(Self::Rustup),
            Ok(_) => println!("`rustup target add` added the target to another toolchain"),
            Err(error) => {
                let text = format!("{error:#}");
                println!(
                    "no wasm32 from rustup, trying Debian's compiler ({})",
                    main_line(&text)
                );
            }
        }
        let by_hand = "there is no wasm32 compiler: run `rustup target add \
                       wasm32-unknown-unknown` while online";
        setup::apt_install(&DEBIAN_PACKAGES).context(by_hand)?;
        Ok(Self::Debian(sysroot::build().context(by_hand)?))
    }

    /// Where it builds, as an absolute path.
    pub(crate) fn target_directory(&self) -> Result<PathBuf> {
        let folder = shell::target_directory()?;
        match self {
            Self::Rustup => Ok(folder),
            // Another rustc: in the common folder its build scripts and macros would push
            // those of the native build out of the cache, and the other way round.
            Self::Debian(_) => Ok(folder.join("wasm")),
        }
    }

    /// A cargo command that compiles with this toolchain, after `arguments`.
    pub(crate) fn cargo(&self, arguments: &[&str]) -> Result<Command> {
        match self {
            Self::Rustup => Ok(shell::cargo(arguments)),
            Self::Debian(folder) => {
                let mut cargo = sysroot::debian_cargo();
                cargo.args(arguments).env("RUSTC", folder.join("bin/rustc"));
                cargo.env("CARGO_TARGET_DIR", self.target_directory()?);
                Ok(cargo)
            }
        }
    }
}

impl fmt::Display for Toolchain {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rustup => write!(out, "the {TARGET} target of this workspace's toolchain"),
            Self::Debian(folder) => write!(out, "Debian's rustc with std in {}", folder.display()),
        }
    }
}

/// Asks the compiler instead of rustup, so that a toolchain from elsewhere counts as well.
fn rustup_target_is_installed() -> bool {
    let print = ["--print", "target-libdir", "--target", TARGET];
    shell::output(shell::program("rustc", &print))
        .is_ok_and(|folder| PathBuf::from(folder.trim()).is_dir())
}

/// The line of a tool's messages that says what failed, without its progress and backtrace.
fn main_line(messages: &str) -> &str {
    let mut lines = messages.lines();
    let first = lines.next().unwrap_or_default();
    lines
        .find(|line| line.starts_with("error"))
        .unwrap_or(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_main_line_is_the_error() {
        let messages = "`rustup` failed: info: downloading\nerror: no network\n\nStack backtrace:";
        assert_eq!(main_line(messages), "error: no network");
        assert_eq!(main_line("cannot start `rustup`"), "cannot start `rustup`");
    }
}
