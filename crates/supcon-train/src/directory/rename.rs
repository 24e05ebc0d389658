//! Another name for a run.

use super::{DirectoryError, RunDirectory, file_name, words};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// Why a run keeps its name.
#[derive(Debug, Error)]
pub enum RenameError {
    /// Characters that no file system is sure to take.
    #[error(
        "\"{name}\" cannot name a run: take letters, digits, '-', '_' and '.', for example {example}"
    )]
    Name {
        /// What was asked for.
        name: String,
        /// What would do.
        example: String,
    },
    /// There is something of that name.
    #[error("{place} exists: choose another name")]
    Taken {
        /// Where.
        place: String,
    },
    /// The system refuses.
    #[error("{place} cannot be renamed")]
    System {
        /// The run.
        place: String,
        /// In the system's words.
        source: io::Error,
    },
    /// No run, or one in use.
    #[error(transparent)]
    Directory(#[from] DirectoryError),
}

/// Gives the run in `path` another name in the same folder and returns where it is now.
///
/// # Errors
/// A name that is none or is taken, a run in use, or what the system said.
pub fn rename_run(path: &Path, name: &str) -> Result<PathBuf, RenameError> {
    let example = file_name(name);
    if example != name {
        return Err(RenameError::Name {
            name: name.to_owned(),
            example,
        });
    }
    let run = RunDirectory::open(path)?;
    let refused = |source| RenameError::System {
        place: words(path),
        source,
    };
    // A path like `.` or `runs/a/..` has no name of its own.
    let place = run.path().canonicalize().map_err(refused)?;
    let target = place.with_file_name(name);
    if target.exists() {
        return Err(RenameError::Taken {
            place: words(&path.with_file_name(name)),
        });
    }
    fs::rename(&place, &target).map_err(refused)?;
    Ok(path.with_file_name(name))
}
