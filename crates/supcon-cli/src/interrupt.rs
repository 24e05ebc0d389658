//! Ctrl-C in commands that make one thing: what is unfinished goes away.

use anyhow::anyhow;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What is being written under a temporary name.
static UNFINISHED: Mutex<Option<PathBuf>> = Mutex::new(None);

fn unfinished() -> MutexGuard<'static, Option<PathBuf>> {
    UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// From now on Ctrl-C removes what is unfinished, says `farewell` and ends with 130.
pub fn listen(farewell: &'static str) -> anyhow::Result<()> {
    ctrlc::set_handler(move || {
        if let Some(path) = unfinished().take() {
            remove(&path);
        }
        eprintln!("\n{farewell}");
        std::process::exit(130);
    })
    .map_err(|error| anyhow!("Ctrl-C cannot be listened for: {error}"))
}

/// Something unfinished, removed when dropped unless it was finished.
#[derive(Debug)]
pub struct Unfinished(PathBuf);

impl Unfinished {
    pub fn new(path: &Path) -> Self {
        *unfinished() = Some(path.to_owned());
        Self(path.to_owned())
    }

    /// Gives it its name.
    pub fn finish(self, path: &Path) -> std::io::Result<()> {
        std::fs::rename(&self.0, path)?;
        self.keep();
        Ok(())
    }

    /// Leaves it where it is.
    pub fn keep(self) {
        *unfinished() = None;
        std::mem::forget(self);
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        *unfinished() = None;
        remove(&self.0);
    }
}

fn remove(path: &Path) {
    // What is gone already is as wanted.
    let _ = match path.is_dir() {
        true => std::fs::remove_dir_all(path),
        false => std::fs::remove_file(path),
    };
}
