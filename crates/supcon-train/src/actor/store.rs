use crate::error::SinkError;
use crate::sink::ArtifactSink;
use supcon_protocol::{ErrorReport, RunId};

/// Where runs are kept: a folder of directories natively, a file system of the browser's own there.
pub trait RunStore: Clone + 'static {
    /// Makes room for a run of a configuration of that name.
    ///
    /// # Errors
    /// What the system said, with the way out.
    fn create(&self, name: &str) -> Result<(RunId, Box<dyn ArtifactSink>), ErrorReport>;

    /// Takes hold of a run.
    ///
    /// # Errors
    /// A run that is not there or is in use.
    fn open(&self, run: &RunId) -> Result<Box<dyn ArtifactSink>, ErrorReport>;

    /// Reads a file of a run without taking hold of it; `None` if there is none.
    ///
    /// # Errors
    /// What the system said.
    fn read(&self, run: &RunId, name: &str) -> Result<Option<Vec<u8>>, SinkError>;

    /// The runs that are there, by name.
    ///
    /// # Errors
    /// What the system said.
    fn list(&self) -> Result<Vec<RunId>, ErrorReport>;

    /// Where a run is, for messages.
    fn place(&self, run: &RunId) -> String;
}

#[cfg(not(target_family = "wasm"))]
pub use native::Runs;

#[cfg(not(target_family = "wasm"))]
mod native {
    use super::{ArtifactSink, ErrorReport, RunId, RunStore, SinkError};
    use crate::directory::{DirectoryError, RunDirectory};
    use crate::files;
    use std::io::ErrorKind;
    use std::path::{Path, PathBuf};

    /// A folder with a directory a run; a run is named after its directory.
    #[derive(Clone, Debug)]
    pub struct Runs {
        folder: PathBuf,
    }

    impl Runs {
        /// The runs in `folder`, which is made with the first of them.
        #[must_use]
        pub fn new(folder: PathBuf) -> Self {
            Self { folder }
        }

        /// The directory of a run.
        #[must_use]
        pub fn path(&self, run: &RunId) -> PathBuf {
            self.folder.join(&run.0)
        }
    }

    impl RunStore for Runs {
        fn create(&self, name: &str) -> Result<(RunId, Box<dyn ArtifactSink>), ErrorReport> {
            let directory = RunDirectory::create(&self.folder, None, name).map_err(report)?;
            let name = directory.path().file_name();
            let name = name.map_or_else(String::new, |name| name.to_string_lossy().into_owned());
            Ok((RunId(name), Box::new(directory)))
        }

        fn open(&self, run: &RunId) -> Result<Box<dyn ArtifactSink>, ErrorReport> {
            let directory = RunDirectory::open(&self.path(run)).map_err(report)?;
            Ok(Box::new(directory))
        }

        fn read(&self, run: &RunId, name: &str) -> Result<Option<Vec<u8>>, SinkError> {
            read_file(&self.path(run), name)
        }

        fn list(&self) -> Result<Vec<RunId>, ErrorReport> {
            let entries = match std::fs::read_dir(&self.folder) {
                Ok(entries) => entries,
                Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
                Err(source) => {
                    let place = self.folder.display().to_string();
                    return Err(report(DirectoryError::NotReadable { place, source }));
                }
            };
            let is_run = |path: &PathBuf| path.join(files::CONFIG).is_file();
            let paths = entries.flatten().map(|entry| entry.path());
            let mut runs: Vec<RunId> = paths
                .filter(is_run)
                .filter_map(|path| Some(RunId(path.file_name()?.to_str()?.to_owned())))
                .collect();
            runs.sort_by(|a, b| a.0.cmp(&b.0));
            Ok(runs)
        }

        fn place(&self, run: &RunId) -> String {
            self.path(run).display().to_string()
        }
    }

    fn read_file(folder: &Path, name: &str) -> Result<Option<Vec<u8>>, SinkError> {
        let path = folder.join(name);
        match std::fs::read(&path) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(SinkError {
                action: "reading",
                place: path.display().to_string(),
                reason: error.to_string(),
            }),
        }
    }

    #[allow(
        clippy::needless_pass_by_value,
        reason = "it ends here, and reads better in map_err"
    )]
    fn report(error: DirectoryError) -> ErrorReport {
        ErrorReport::new(&error, None)
    }
}
