//! Packages from npm, at the versions of a folder's `package-lock.json`.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::{setup, shell};

/// A command for a program of one of the packages that `folder` names.
pub(crate) fn program(folder: &str, name: &str) -> Result<Command> {
    let path = install(folder)?.join(".bin").join(name);
    Ok(shell::program(&path.to_string_lossy(), &[]))
}

/// Installs the packages that `folder` names, unless they are there, and returns where they are.
pub(crate) fn install(folder: &str) -> Result<PathBuf> {
    if !shell::succeeds(shell::program("npm", &["--version"])) {
        setup::apt_install(&["nodejs", "npm"])
            .context("there is no npm: install Node.js 20 or newer, which brings it")?;
    }
    let modules = Path::new(folder).join("node_modules");
    // npm leaves a copy of the lock there; of another version, or absent, the folder is out of date.
    let installed = std::fs::metadata(modules.join(".package-lock.json"));
    let locked = std::fs::metadata(Path::new(folder).join("package-lock.json"));
    let is_current = match (installed, locked) {
        (Ok(installed), Ok(locked)) => installed.modified()? >= locked.modified()?,
        _ => false,
    };
    if !is_current {
        let mut npm = shell::program("npm", &["ci", "--no-audit", "--no-fund"]);
        npm.current_dir(folder);
        shell::run(npm)?;
    }
    Ok(modules)
}
