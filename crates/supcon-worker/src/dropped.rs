//! Images that a person dropped on the page or picked.

use crate::blobs::BlobReader;
use crate::host::{Blob, get};
use js_sys::Array;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::{self, Read};
use supcon_data::{BlobSource, DataError};
use supcon_protocol::{DataRequest, ErrorReport};
use supcon_train::{ImagesError, LoadedImages, open_images_with, open_source};
use thiserror::Error;
use wasm_bindgen::{JsCast as _, JsValue};

thread_local! {
    /// What was dropped, by the place that the page named. Files are handles: they take no memory.
    static PLACES: RefCell<BTreeMap<String, Dropped>> = RefCell::default();
}

/// Dropped files by name.
#[derive(Clone)]
struct Dropped {
    place: String,
    files: BTreeMap<String, Blob>,
}

#[derive(Debug, Error)]
enum DroppedError {
    #[error(
        "the images \"{place}\" were given to this page before it was opened anew: give them again, then go on"
    )]
    Gone { place: String },
    #[error(transparent)]
    Images(#[from] ImagesError),
}

/// Keeps the files of a message `{place, files: [{path, file}]}`.
pub(crate) fn keep(message: &JsValue) {
    let place = get(message, "place").as_string().unwrap_or_default();
    let files = Array::from(&get(message, "files"));
    let file = |entry: JsValue| {
        let path = get(&entry, "path").as_string().unwrap_or_default();
        (path, get(&entry, "file").unchecked_into::<Blob>())
    };
    let dropped = Dropped {
        place: place.clone(),
        files: files.iter().map(file).collect(),
    };
    PLACES.with_borrow_mut(|places| places.insert(place, dropped));
}

/// Generates images, or reads those that were dropped.
pub(crate) fn open_images(request: &DataRequest) -> Result<LoadedImages, ErrorReport> {
    open_images_with(request, |place| -> Result<_, DroppedError> {
        let dropped = PLACES.with_borrow(|places| places.get(place).cloned());
        let dropped = dropped.ok_or_else(|| DroppedError::Gone {
            place: place.to_owned(),
        })?;
        Ok(open_source(&dropped, &request.config)?)
    })
}

/// A single file with the name it has, for [`supcon_data::Archive`].
pub(crate) struct OneFile(pub(crate) String, pub(crate) Blob);

impl BlobSource for OneFile {
    fn names(&self) -> Result<Vec<String>, DataError> {
        Ok(vec![self.0.clone()])
    }

    fn read(&self, name: &str) -> Result<Vec<u8>, DataError> {
        read_all(self, name)
    }

    fn describe(&self) -> String {
        self.0.clone()
    }

    fn open<'a>(&'a self, _: &str) -> Result<Box<dyn Read + 'a>, DataError> {
        Ok(Box::new(BlobReader::new(&self.1)))
    }
}

impl BlobSource for Dropped {
    fn names(&self) -> Result<Vec<String>, DataError> {
        Ok(self.files.keys().cloned().collect())
    }

    fn read(&self, name: &str) -> Result<Vec<u8>, DataError> {
        read_all(self, name)
    }

    fn describe(&self) -> String {
        self.place.clone()
    }

    fn open<'a>(&'a self, name: &str) -> Result<Box<dyn Read + 'a>, DataError> {
        match self.files.get(name) {
            Some(file) => Ok(Box::new(BlobReader::new(file))),
            None => Err(unreadable(self, name, io::ErrorKind::NotFound.into())),
        }
    }
}

fn read_all(source: &dyn BlobSource, name: &str) -> Result<Vec<u8>, DataError> {
    let mut bytes = Vec::new();
    let read = source.open(name)?.read_to_end(&mut bytes);
    read.map_err(|error| unreadable(source, name, error))?;
    Ok(bytes)
}

fn unreadable(source: &dyn BlobSource, name: &str, error: io::Error) -> DataError {
    DataError::Read {
        name: name.to_owned(),
        place: source.describe(),
        source: error,
    }
}
