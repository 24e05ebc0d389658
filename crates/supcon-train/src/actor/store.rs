use crate::error::SinkError;
use crate::sink::ArtifactSink;
use std::future::Future;
use supcon_protocol::{ErrorReport, RunId};

/// Where runs are kept: a folder of directories natively, a file system of the browser's own there,
/// which opens files only behind one's back.
pub trait RunStore: Clone + 'static {
    /// Makes room for a run of a configuration of that name.
    ///
    /// # Errors
    /// What the system said, with the way out.
    fn create(
        &self,
        name: &str,
    ) -> impl Future<Output = Result<(RunId, Box<dyn ArtifactSink>), ErrorReport>>;

    /// Takes hold of a run.
    ///
    /// # Errors
    /// A run that is not there or is in use.
    fn open(&self, run: &RunId)
    -> impl Future<Output = Result<Box<dyn ArtifactSink>, ErrorReport>>;

    /// Reads a file of a run that is open; `None` if there is none.
    ///
    /// # Errors
    /// What the system said.
    fn read(&self, run: &RunId, name: &str) -> Result<Option<Vec<u8>>, SinkError>;

    /// Where a run is, for messages.
    fn place(&self, run: &RunId) -> String;
}

#[cfg(not(target_family = "wasm"))]
pub use native::Runs;

#[cfg(not(target_family = "wasm"))]
mod native {
    use super::{ArtifactSink, ErrorReport, RunId, RunStore, SinkError};
    use crate::directory::{DirectoryError, RunDirectory};
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
        async fn create(&self, name: &str) -> Result<(RunId, Box<dyn ArtifactSink>), ErrorReport> {
            let directory = RunDirectory::create(&self.folder, None, name).map_err(report)?;
            let name = directory.path().file_name();
            let name = name.map_or_else(String::new, |name| name.to_string_lossy().into_owned());
            Ok((RunId(name), Box::new(directory)))
        }

        async fn open(&self, run: &RunId) -> Result<Box<dyn ArtifactSink>, ErrorReport> {
            let directory = RunDirectory::open(&self.path(run)).map_err(report)?;
            Ok(Box::new(directory))
        }

        fn read(&self, run: &RunId, name: &str) -> Result<Option<Vec<u8>>, SinkError> {
            read_file(&self.path(run), name)
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
