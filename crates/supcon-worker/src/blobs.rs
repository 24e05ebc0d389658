//! Files of the browser, read piece by piece and never whole into the page.

use crate::container::Disk;
use crate::host::{Blob, FileReaderSync, exception};
use js_sys::Uint8Array;
use std::io::{self, Read};

/// What is read at a time.
const PIECE: u64 = 1 << 20;

/// Bytes `at..at + bytes.len()` of a blob.
fn read_at(blob: &Blob, at: u64, bytes: &mut [u8]) -> io::Result<()> {
    let piece = blob.slice(at as f64, (at + bytes.len() as u64) as f64);
    let reader = FileReaderSync::new().map_err(|error| failed(&error))?;
    let buffer = reader.read_as_array_buffer(&piece);
    let found = Uint8Array::new(&buffer.map_err(|error| failed(&error))?);
    if found.length() as usize != bytes.len() {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    found.copy_to(bytes);
    Ok(())
}

fn failed(error: &wasm_bindgen::JsValue) -> io::Error {
    match exception(error) {
        (name, _) if name == "NotReadableError" => io::Error::other(
            "the browser cannot read it any more: it was changed or moved since; choose it again",
        ),
        (name, message) => io::Error::other(format!("{name}: {message}")),
    }
}

/// A blob from its beginning to its end.
pub(crate) struct BlobReader {
    blob: Blob,
    at: u64,
    piece: io::Cursor<Vec<u8>>,
}

impl BlobReader {
    pub(crate) fn new(blob: &Blob) -> Self {
        Self {
            blob: blob.clone(),
            at: 0,
            piece: io::Cursor::default(),
        }
    }
}

impl Read for BlobReader {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let left = self.blob.size() as u64 - self.at;
        if self.piece.position() == self.piece.get_ref().len() as u64 && left > 0 {
            let mut piece = vec![0; left.min(PIECE) as usize];
            read_at(&self.blob, self.at, &mut piece)?;
            self.at += piece.len() as u64;
            self.piece = io::Cursor::new(piece);
        }
        self.piece.read(bytes)
    }
}

/// A blob as a disk that cannot be written.
pub(crate) struct BlobDisk(pub(crate) Blob);

impl Disk for BlobDisk {
    fn size(&self) -> io::Result<u64> {
        Ok(self.0.size() as u64)
    }

    fn read_at(&self, at: u64, bytes: &mut [u8]) -> io::Result<()> {
        read_at(&self.0, at, bytes)
    }

    fn write_at(&mut self, _: u64, _: &[u8]) -> io::Result<()> {
        Err(io::ErrorKind::ReadOnlyFilesystem.into())
    }

    fn set_len(&mut self, _: u64) -> io::Result<()> {
        Err(io::ErrorKind::ReadOnlyFilesystem.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
