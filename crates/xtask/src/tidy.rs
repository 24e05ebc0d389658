//! `cargo xtask tidy`: fast checks of the sources, without compiling.

mod edges;
mod features;
mod lockfile;
mod shaders;
mod sources;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::shell;

/// Folders that a walk without git leaves out.
const GENERATED: [&str; 5] = [".git", "target", "runs", "node_modules", "dist"];

/// A text file of the repository; its path is relative to the root, with `/`.
struct SourceFile {
    path: String,
    text: String,
}

/// Runs every check, prints every problem, and fails if there is one.
pub(crate) fn run() -> Result<()> {
    let files = source_files()?;
    let mut problems = edges::check(&shell::metadata()?)?;
    problems.extend(features::check()?);
    problems.extend(sources::check(&files));
    problems.extend(shaders::check(&files));
    let lock = files.iter().find(|file| file.path == "Cargo.lock");
    let lock = lock.context("there is no Cargo.lock: run `cargo metadata` once and commit it")?;
    problems.extend(lockfile::check(&lock.text));
    for problem in &problems {
        println!("{problem}");
    }
    if problems.is_empty() {
        println!("tidy: {} files, no problem", files.len());
        return Ok(());
    }
    bail!(
        "tidy found {} problems, listed above with the way out of each",
        problems.len()
    )
}

/// Every text file of the repository, also those not yet added to git.
fn source_files() -> Result<Vec<SourceFile>> {
    let list = [
        "ls-files",
        "-z",
        "--cached",
        "--others",
        "--exclude-standard",
    ];
    let paths = match shell::output(shell::program("git", &list)) {
        Ok(listed) => listed.split_terminator('\0').map(str::to_owned).collect(),
        Err(_) => walk(Path::new("."))?, // an unpacked archive, or no git
    };
    let mut files = Vec::new();
    for path in paths {
        // Links and files deleted but still in git's index have nothing to check.
        if !fs::symlink_metadata(&path).is_ok_and(|entry| entry.is_file()) {
            continue;
        }
        let bytes = fs::read(&path).with_context(|| format!("cannot read {path}"))?;
        if let Ok(text) = String::from_utf8(bytes) {
            files.push(SourceFile { path, text });
        }
    }
    Ok(files)
}

fn walk(folder: &Path) -> Result<Vec<String>> {
    let mut paths = Vec::new();
    let fail = || format!("cannot read the folder {}", folder.display());
    for entry in fs::read_dir(folder).with_context(fail)? {
        let path: PathBuf = entry.with_context(fail)?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if path.is_symlink() || GENERATED.contains(&name.as_ref()) {
            continue;
        }
        if path.is_dir() {
            paths.extend(walk(&path)?);
        } else {
            let shown = path.to_string_lossy().replace('\\', "/");
            paths.push(shown.trim_start_matches("./").to_owned());
        }
    }
    paths.sort();
    Ok(paths)
}

#[cfg(test)]
fn file(path: &str, text: &str) -> SourceFile {
    SourceFile {
        path: path.to_owned(),
        text: text.to_owned(),
    }
}
