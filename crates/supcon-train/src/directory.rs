//! A run's directory: files written whole or not at all, one writer at a time.

use anyhow::{Context as _, bail};
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use supcon_train::{ArtifactSink, SavedRunError, SinkError, files};

const LOCK: &str = ".lock";
/// Runs of one name tried before giving up on finding a free directory.
const MOST_RUNS: u32 = 100_000;

/// A run directory, held by this process until dropped.
#[derive(Debug)]
pub struct RunDirectory {
    path: PathBuf,
    /// Locked by the system, which lets go of it even if the process is killed.
    _lock: File,
}

impl RunDirectory {
    /// Makes `out`, or the first free `runs/NAME-N`.
    pub fn create(out: Option<&Path>, name: &str) -> anyhow::Result<Self> {
        if let Some(out) = out {
            check_free(out)?;
            fs::create_dir_all(out).with_context(|| cannot_make(out))?;
            return Self::hold(out.to_owned());
        }
        let parent = Path::new("runs");
        fs::create_dir_all(parent).with_context(|| cannot_make(parent))?;
        for n in 1..MOST_RUNS {
            let path = parent.join(format!("{}-{n}", file_name(name)));
            match fs::create_dir(&path) {
                Ok(()) => return Self::hold(path),
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error).with_context(|| cannot_make(&path)),
            }
        }
        bail!(
            "{} holds too many runs named {name}: name a directory with --out",
            parent.display()
        )
    }

    /// Opens an existing run.
    pub fn open(path: &Path) -> anyhow::Result<Self> {
        if !path.join(files::CONFIG).is_file() {
            let place = path.display().to_string();
            return Err(SavedRunError::NotARun { place }.into());
        }
        Self::hold(path.to_owned())
    }

    /// Whether another process holds the run.
    pub fn is_in_use(path: &Path) -> bool {
        let lock = File::open(path.join(LOCK));
        lock.is_ok_and(|lock| matches!(lock.try_lock(), Err(TryLockError::WouldBlock)))
    }

    fn hold(path: PathBuf) -> anyhow::Result<Self> {
        let lock_path = path.join(LOCK);
        let lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&lock_path)
            .with_context(|| {
                format!(
                    "{} cannot be written: make it writable, or go on with a copy of it",
                    path.display()
                )
            })?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { path, _lock: lock }),
            Err(TryLockError::WouldBlock) => bail!(
                "{} is in use by another supcon: wait for it or stop it",
                path.display()
            ),
            Err(TryLockError::Error(error)) => Err(error).with_context(|| {
                format!(
                    "{} cannot be locked: take a directory on a local disk",
                    path.display()
                )
            }),
        }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A file as text.
    pub fn text(&self, name: &str) -> anyhow::Result<String> {
        read_text(&self.path.join(name))
    }
}

/// Refuses a place that holds something already.
fn check_free(out: &Path) -> anyhow::Result<()> {
    if out.join(files::CONFIG).exists() {
        bail!(
            "{} already holds a run: go on with `supcon resume {0}`, or name another directory with --out",
            out.display()
        );
    }
    if out.exists() && !out.is_dir() {
        bail!("{} is a file: name a directory with --out", out.display());
    }
    let Ok(entries) = fs::read_dir(out) else {
        return Ok(());
    };
    // A lock alone is what a start that failed leaves.
    let other = entries.flatten().find(|entry| entry.file_name() != LOCK);
    match other {
        None => Ok(()),
        Some(entry) => bail!(
            "{} holds other files ({}): name a new directory with --out",
            out.display(),
            entry.file_name().to_string_lossy()
        ),
    }
}

/// Bytes of all files of a folder; what cannot be looked at counts nothing.
pub fn size_of(folder: &Path) -> u64 {
    let Ok(entries) = fs::read_dir(folder) else {
        return 0;
    };
    let size = |entry: fs::DirEntry| match entry.metadata() {
        Ok(metadata) if metadata.is_dir() => size_of(&entry.path()),
        Ok(metadata) => metadata.len(),
        Err(_) => 0,
    };
    entries.flatten().map(size).sum()
}

/// A file as text, without holding the run.
pub fn read_text(path: &Path) -> anyhow::Result<String> {
    fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))
}

fn cannot_make(path: &Path) -> String {
    format!(
        "the directory {} cannot be made: name another place with --out",
        path.display()
    )
}

/// A name of letters, digits, `-`, `_` and `.`.
pub fn file_name(name: &str) -> String {
    let safe = |c: char| {
        if c.is_ascii_alphanumeric() || "-_.".contains(c) {
            c
        } else {
            '-'
        }
    };
    let name: String = name.chars().map(safe).collect();
    let name = name.trim_matches(['.', '-']).to_owned();
    if name.is_empty() {
        "run".to_owned()
    } else {
        name
    }
}

impl ArtifactSink for RunDirectory {
    fn put(&mut self, name: &str, bytes: &[u8]) -> Result<(), SinkError> {
        let path = self.path.join(name);
        let write = || -> std::io::Result<()> {
            let parent = path.parent().unwrap_or(&self.path);
            fs::create_dir_all(parent)?;
            let temporary = path.with_extension("tmp");
            let whole = write_whole(&temporary, bytes).and_then(|()| fs::rename(&temporary, &path));
            if whole.is_err() {
                // The old file stays; of the new one nothing does.
                let _ = fs::remove_file(&temporary);
            }
            whole?;
            // The new name is safe only once the directory is.
            #[cfg(unix)]
            File::open(parent)?.sync_all()?;
            Ok(())
        };
        write().map_err(|error| failed("writing", &path, &error))
    }

    fn append(&mut self, name: &str, bytes: &[u8]) -> Result<(), SinkError> {
        let path = self.path.join(name);
        let append = || -> std::io::Result<()> {
            let mut file = OpenOptions::new().create(true).append(true).open(&path)?;
            let before = file.metadata()?.len();
            let written = file.write_all(bytes);
            if written.is_err() {
                // On a full disk a part may have fitted: the log would go on in the middle of a line.
                let _ = file.set_len(before);
            }
            written
        };
        append().map_err(|error| failed("writing", &path, &error))
    }

    fn truncate(&mut self, name: &str, len: u64) -> Result<(), SinkError> {
        let path = self.path.join(name);
        let file = OpenOptions::new().write(true).open(&path);
        file.and_then(|file| file.set_len(len))
            .map_err(|error| failed("shortening", &path, &error))
    }

    fn read(&self, name: &str) -> Result<Option<Vec<u8>>, SinkError> {
        let path = self.path.join(name);
        match fs::read(&path) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(failed("reading", &path, &error)),
        }
    }
}

fn write_whole(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

fn failed(action: &'static str, path: &Path, error: &std::io::Error) -> SinkError {
    SinkError {
        action,
        place: path.display().to_string(),
        reason: error.to_string(),
    }
}
