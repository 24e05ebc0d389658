use crate::error::SinkError;
use std::collections::BTreeMap;

/// Where a run's files are: a directory natively, a file system of the browser's own there.
///
/// The engine does no I/O but through it.
pub trait ArtifactSink {
    /// Writes a file whole or not at all.
    ///
    /// # Errors
    /// What the system said.
    fn put(&mut self, name: &str, bytes: &[u8]) -> Result<(), SinkError>;

    /// Appends to a file.
    ///
    /// # Errors
    /// What the system said.
    fn append(&mut self, name: &str, bytes: &[u8]) -> Result<(), SinkError>;

    /// Cuts a file to `len` bytes.
    ///
    /// # Errors
    /// What the system said.
    fn truncate(&mut self, name: &str, len: u64) -> Result<(), SinkError>;

    /// Reads a file; `None` if there is none.
    ///
    /// # Errors
    /// What the system said.
    fn read(&self, name: &str) -> Result<Option<Vec<u8>>, SinkError>;
}

impl<S: ArtifactSink + ?Sized> ArtifactSink for &mut S {
    fn put(&mut self, name: &str, bytes: &[u8]) -> Result<(), SinkError> {
        (**self).put(name, bytes)
    }

    fn append(&mut self, name: &str, bytes: &[u8]) -> Result<(), SinkError> {
        (**self).append(name, bytes)
    }

    fn truncate(&mut self, name: &str, len: u64) -> Result<(), SinkError> {
        (**self).truncate(name, len)
    }

    fn read(&self, name: &str) -> Result<Option<Vec<u8>>, SinkError> {
        (**self).read(name)
    }
}

impl<S: ArtifactSink + ?Sized> ArtifactSink for Box<S> {
    fn put(&mut self, name: &str, bytes: &[u8]) -> Result<(), SinkError> {
        (**self).put(name, bytes)
    }

    fn append(&mut self, name: &str, bytes: &[u8]) -> Result<(), SinkError> {
        (**self).append(name, bytes)
    }

    fn truncate(&mut self, name: &str, len: u64) -> Result<(), SinkError> {
        (**self).truncate(name, len)
    }

    fn read(&self, name: &str) -> Result<Option<Vec<u8>>, SinkError> {
        (**self).read(name)
    }
}

/// Files in memory: for tests, and for runs that leave nothing behind.
#[derive(Clone, Debug, Default)]
pub struct MemorySink(pub BTreeMap<String, Vec<u8>>);

impl ArtifactSink for MemorySink {
    fn put(&mut self, name: &str, bytes: &[u8]) -> Result<(), SinkError> {
        self.0.insert(name.to_owned(), bytes.to_vec());
        Ok(())
    }

    fn append(&mut self, name: &str, bytes: &[u8]) -> Result<(), SinkError> {
        self.0
            .entry(name.to_owned())
            .or_default()
            .extend_from_slice(bytes);
        Ok(())
    }

    fn truncate(&mut self, name: &str, len: u64) -> Result<(), SinkError> {
        self.0
            .entry(name.to_owned())
            .or_default()
            .truncate(len as usize);
        Ok(())
    }

    fn read(&self, name: &str) -> Result<Option<Vec<u8>>, SinkError> {
        Ok(self.0.get(name).cloned())
    }
}
