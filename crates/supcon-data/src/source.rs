use std::collections::BTreeMap;
use std::io;

use crate::DataError;

/// Where the files of a data set come from: a folder, dropped files, browser storage, memory.
pub trait BlobSource {
    /// Names of the files, with `/` between folders.
    ///
    /// # Errors
    /// When the place cannot be listed.
    fn names(&self) -> Result<Vec<String>, DataError>;

    /// All bytes of a file.
    ///
    /// # Errors
    /// When there is no such file or it cannot be read.
    fn read(&self, name: &str) -> Result<Vec<u8>, DataError>;

    /// The place, for messages.
    fn describe(&self) -> String;
}

/// Files held in memory, by name.
#[derive(Clone, Debug, Default)]
pub struct Memory(pub BTreeMap<String, Vec<u8>>);

impl BlobSource for Memory {
    fn names(&self) -> Result<Vec<String>, DataError> {
        Ok(self.0.keys().cloned().collect())
    }

    fn read(&self, name: &str) -> Result<Vec<u8>, DataError> {
        self.0.get(name).cloned().ok_or_else(|| DataError::Read {
            name: name.to_owned(),
            place: self.describe(),
            source: io::Error::from(io::ErrorKind::NotFound),
        })
    }

    fn describe(&self) -> String {
        "memory".to_owned()
    }
}

#[cfg(not(target_family = "wasm"))]
pub use directory::Directory;

#[cfg(not(target_family = "wasm"))]
mod directory {
    use std::path::{Path, PathBuf};
    use std::{fs, io};

    use super::{BlobSource, DataError};

    /// A folder of the file system; its files and those of its direct subfolders.
    #[derive(Clone, Debug)]
    pub struct Directory(PathBuf);

    impl Directory {
        /// The folder at `path`, which need not exist yet.
        #[must_use]
        pub fn new(path: impl Into<PathBuf>) -> Self {
            Self(path.into())
        }

        fn unreadable(&self, name: &str, source: io::Error) -> DataError {
            DataError::Read {
                name: name.to_owned(),
                place: self.describe(),
                source,
            }
        }
    }

    impl BlobSource for Directory {
        fn names(&self) -> Result<Vec<String>, DataError> {
            let list = |folder: &Path| entries(folder).map_err(|e| self.unreadable("file list", e));
            let mut names = Vec::new();
            for (name, path) in list(&self.0)? {
                if path.is_dir() {
                    // A subfolder without permission is no reason to refuse the files beside it.
                    for (inner, _) in list(&path).unwrap_or_default() {
                        names.push(format!("{name}/{inner}"));
                    }
                } else {
                    names.push(name);
                }
            }
            names.sort_unstable();
            Ok(names)
        }

        fn read(&self, name: &str) -> Result<Vec<u8>, DataError> {
            fs::read(self.0.join(name)).map_err(|error| self.unreadable(name, error))
        }

        fn describe(&self) -> String {
            self.0.display().to_string()
        }
    }

    fn entries(folder: &Path) -> io::Result<Vec<(String, PathBuf)>> {
        let named = |entry: fs::DirEntry| {
            (
                entry.file_name().to_string_lossy().into_owned(),
                entry.path(),
            )
        };
        fs::read_dir(folder)?
            .map(|entry| entry.map(named))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_says_what_is_missing() {
        let error = Memory::default().read("a.bin").unwrap_err();
        assert_eq!(error.to_string(), "cannot read a.bin in memory");
    }

    #[test]
    fn a_missing_directory_is_an_error() {
        let error = Directory::new("/nowhere/at/all").names().unwrap_err();
        assert_eq!(
            error.to_string(),
            "cannot read file list in /nowhere/at/all"
        );
    }

    #[test]
    fn a_directory_lists_its_subfolders() {
        let names = Directory::new(env!("CARGO_MANIFEST_DIR")).names().unwrap();
        assert!(names.contains(&"Cargo.toml".to_owned()));
        assert!(names.contains(&"src/lib.rs".to_owned()));
        let bytes = Directory::new(env!("CARGO_MANIFEST_DIR"))
            .read("src/lib.rs")
            .unwrap();
        assert!(bytes.starts_with(b"//!"));
    }
}
