//! A run's directory: files written whole or not at all, one writer at a time.

use anyhow::{Context as _, bail};
use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use supcon_train::{ArtifactSink, SinkError};

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
            if out.join(supcon_train::files::CONFIG).exists() {
                bail!(
                    "{} already holds a run: go on with `supcon resume {0}`, or name another directory with --out",
                    out.display()
                );
            }
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
        if !path.join(supcon_train::files::CONFIG).is_file() {
            bail!(
                "{} is not a run: it has no {}",
                path.display(),
                supcon_train::files::CONFIG
            );
        }
        Self::hold(path.to_owned())
    }

    fn hold(path: PathBuf) -> anyhow::Result<Self> {
        let lock_path = path.join(LOCK);
        let lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&lock_path)
            .with_context(|| format!("{} cannot be written", path.display()))?;
        if lock.try_lock().is_err() {
            bail!(
                "{} is in use by another supcon: wait for it or stop it",
                path.display()
            );
        }
        Ok(Self { path, _lock: lock })
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

/// A file as text, without holding the run.
pub fn read_text(path: &Path) -> anyhow::Result<String> {
    fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))
}

/// Writes a file of the user's choice whole or not at all.
pub fn write_whole(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    replace(path, bytes).with_context(|| format!("{} cannot be written", path.display()))
}

fn replace(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let parent = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    fs::create_dir_all(parent)?;
    let temporary = path.with_extension("tmp");
    let mut file = File::create(&temporary)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&temporary, path)?;
    // The new name is safe only once the directory is.
    #[cfg(unix)]
    File::open(parent)?.sync_all()?;
    Ok(())
}

fn cannot_make(path: &Path) -> String {
    format!(
        "the directory {} cannot be made: name another place with --out",
        path.display()
    )
}

/// Letters, digits, `-`, `_` and `.` of a name.
fn file_name(name: &str) -> String {
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
        replace(&path, bytes).map_err(|error| failed("writing", &path, &error))
    }

    fn append(&mut self, name: &str, bytes: &[u8]) -> Result<(), SinkError> {
        let path = self.path.join(name);
        let file = OpenOptions::new().create(true).append(true).open(&path);
        file.and_then(|mut file| file.write_all(bytes))
            .map_err(|error| failed("writing", &path, &error))
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

fn failed(action: &'static str, path: &Path, error: &std::io::Error) -> SinkError {
    SinkError {
        action,
        place: path.display().to_string(),
        reason: error.to_string(),
    }
}
