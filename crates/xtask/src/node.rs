//! Programs from npm, at the versions of `web/tests/package-lock.json`.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::{setup, shell};

/// Where the packages are named and installed.
pub(crate) const FOLDER: &str = "web/tests";

/// A command for a program of one of the packages.
pub(crate) fn program(name: &str) -> Result<Command> {
    let path = install()?.join(".bin").join(name);
    Ok(shell::program(&path.to_string_lossy(), &[]))
}

/// Installs the packages, unless they are there, and returns their folder.
pub(crate) fn install() -> Result<PathBuf> {
    if !shell::succeeds(shell::program("npm", &["--version"])) {
        setup::apt_install(&["nodejs", "npm"])
            .context("there is no npm: install Node.js 20 or newer, which brings it")?;
    }
    let modules = Path::new(FOLDER).join("node_modules");
    // npm leaves a copy of the lock there; of another version, or absent, the folder is out of date.
    let installed = std::fs::metadata(modules.join(".package-lock.json"));
    let locked = std::fs::metadata(Path::new(FOLDER).join("package-lock.json"));
    let is_current = match (installed, locked) {
        (Ok(installed), Ok(locked)) => installed.modified()? >= locked.modified()?,
        _ => false,
    };
    if !is_current {
        let mut npm = shell::program("npm", &["ci", "--no-audit", "--no-fund"]);
        npm.current_dir(FOLDER);
        shell::run(npm)?;
    }
    Ok(modules)
}
