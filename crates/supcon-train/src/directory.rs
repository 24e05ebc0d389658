//! A run's directory: files written whole or not at all, one writer at a time.

mod rename;

pub use rename::{RenameError, rename_run};

use crate::error::SinkError;
use crate::files;
use crate::sink::ArtifactSink;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use thiserror::Error;

const LOCK: &str = ".lock";
/// Runs of one name tried before giving up on finding a free directory.
const MOST_RUNS: u32 = 100_000;

/// Why a run directory cannot be had: the fact, the place and the way out.
#[derive(Debug, Error)]
pub enum DirectoryError {
    /// There is a run.
    #[error(
        "{place} already holds a run: go on with `supcon resume {place}`, or name another directory with --out"
    )]
    HoldsRun {
        /// The directory.
        place: String,
    },
    /// There is a file.
    #[error("{place} is a file: name a directory with --out")]
    IsFile {
        /// The file.
        place: String,
    },
    /// There is something else.
    #[error("{place} holds other files ({file}): name a new directory with --out")]
    HoldsFiles {
        /// The directory.
        place: String,
        /// One of them.
        file: String,
    },
    /// The system refuses.
    #[error("the directory {place} cannot be made: name another place with --out")]
    CannotMake {
        /// The directory.
        place: String,
        /// In the system's words.
        source: io::Error,
    },
    /// All numbers are taken.
    #[error("{place} holds too many runs named {name}: name a directory with --out")]
    TooMany {
        /// Where the runs are.
        place: String,
        /// Name of the configuration.
        name: String,
    },
    /// No configuration, so no run.
    #[error(
        "{place} is not a run: it has no config.toml; give the directory that `supcon train` named, or see `supcon runs`"
    )]
    NotARun {
        /// The directory.
        place: String,
    },
    /// The system refuses.
    #[error("{place} cannot be written: make it writable, or go on with a copy of it")]
    NotWritable {
        /// The directory.
        place: String,
        /// In the system's words.
        source: io::Error,
    },
    /// Another process has it.
    #[error("{place} is in use by another supcon: wait for it or stop it")]
    InUse {
        /// The directory.
        place: String,
    },
    /// A file system without locks.
    #[error("{place} cannot be locked: take a directory on a local disk")]
    NotLockable {
        /// The directory.
        place: String,
        /// In the system's words.
        source: io::Error,
    },
    /// The system refuses.
    #[error("{place} cannot be read")]
    NotReadable {
        /// The file.
        place: String,
        /// In the system's words.
        source: io::Error,
    },
}

/// A run directory, held by this process until dropped.
#[derive(Debug)]
pub struct RunDirectory {
    path: PathBuf,
    /// Locked by the system, which lets go of it even if the process is killed.
    _lock: File,
}

impl RunDirectory {
    /// Makes `out`, or the first free `NAME-N` among the `runs`.
    ///
    /// # Errors
    /// A place that is taken, or where nothing can be made.
    pub fn create(runs: &Path, out: Option<&Path>, name: &str) -> Result<Self, DirectoryError> {
        if let Some(out) = out {
            check_free(out)?;
            fs::create_dir_all(out).map_err(|error| cannot_make(out, error))?;
            return Self::hold(out.to_owned());
        }
        fs::create_dir_all(runs).map_err(|error| cannot_make(runs, error))?;
        for n in 1..MOST_RUNS {
            let path = runs.join(format!("{}-{n}", file_name(name)));
            match fs::create_dir(&path) {
                Ok(()) => return Self::hold(path),
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                Err(error) => return Err(cannot_make(&path, error)),
            }
        }
        Err(DirectoryError::TooMany {
            place: words(runs),
            name: name.to_owned(),
        })
    }

    /// Opens an existing run.
    ///
    /// # Errors
    /// A directory that is none, or is in use.
    pub fn open(path: &Path) -> Result<Self, DirectoryError> {
        if !path.join(files::CONFIG).is_file() {
            return Err(DirectoryError::NotARun { place: words(path) });
        }
        Self::hold(path.to_owned())
    }

    /// Whether another process holds the run.
    pub fn is_in_use(path: &Path) -> bool {
        let lock = File::open(path.join(LOCK));
        lock.is_ok_and(|lock| matches!(lock.try_lock(), Err(TryLockError::WouldBlock)))
    }

    fn hold(path: PathBuf) -> Result<Self, DirectoryError> {
        let lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(path.join(LOCK));
        let place = words(&path);
        let lock = match lock {
            Ok(lock) => lock,
            Err(source) => return Err(DirectoryError::NotWritable { place, source }),
        };
        match lock.try_lock() {
            Ok(()) => Ok(Self { path, _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(DirectoryError::InUse { place }),
            Err(TryLockError::Error(source)) => Err(DirectoryError::NotLockable { place, source }),
        }
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A file as text.
    ///
    /// # Errors
    /// What the system said.
    pub fn text(&self, name: &str) -> Result<String, DirectoryError> {
        read_text(&self.path.join(name))
    }
}

/// Refuses a place that holds something already.
fn check_free(out: &Path) -> Result<(), DirectoryError> {
    let place = words(out);
    if out.join(files::CONFIG).exists() {
        return Err(DirectoryError::HoldsRun { place });
    }
    if out.exists() && !out.is_dir() {
        return Err(DirectoryError::IsFile { place });
    }
    let Ok(entries) = fs::read_dir(out) else {
        return Ok(());
    };
    // A lock alone is what a start that failed leaves.
    let other = entries.flatten().find(|entry| entry.file_name() != LOCK);
    other.map_or(Ok(()), |entry| {
        let file = entry.file_name().to_string_lossy().into_owned();
        Err(DirectoryError::HoldsFiles { place, file })
    })
}

/// Bytes of all files of a folder; what cannot be looked at counts nothing.
#[must_use]
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
///
/// # Errors
/// What the system said.
pub fn read_text(path: &Path) -> Result<String, DirectoryError> {
    fs::read_to_string(path).map_err(|source| DirectoryError::NotReadable {
        place: words(path),
        source,
    })
}

fn words(path: &Path) -> String {
    path.display().to_string()
}

fn cannot_make(path: &Path, source: io::Error) -> DirectoryError {
    DirectoryError::CannotMake {
        place: words(path),
        source,
    }
}

/// A name of letters, digits, `-`, `_` and `.`.
#[must_use]
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
        let write = || -> io::Result<()> {
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
        let append = || -> io::Result<()> {
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

fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

fn failed(action: &'static str, path: &Path, error: &io::Error) -> SinkError {
    SinkError {
        action,
        place: path.display().to_string(),
        reason: error.to_string(),
    }
}
