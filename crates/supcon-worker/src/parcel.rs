//! A run as one file to carry: a tar of its directory, as the desktop has it.

use std::collections::BTreeMap;
use supcon_data::{Archive, ArchiveLimits, BlobSource, DataError};
use supcon_train::{SavedRun, SavedRunError, files};
use thiserror::Error;

/// Files of a run by name.
pub type RunFiles = BTreeMap<String, Vec<u8>>;

/// A run that came in one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parcel {
    /// Name of its folder; of the file where there is none.
    pub name: String,
    /// What is in it.
    pub files: RunFiles,
}

/// Why a file is no run.
#[derive(Debug, Error)]
pub enum ParcelError {
    /// No archive, or a damaged one.
    #[error(transparent)]
    Archive(#[from] DataError),
    /// No configuration in it.
    #[error(
        "{file} holds no run: a run's archive has a {config}; make one with `tar cf run.tar RUN` of a directory under runs/, or by exporting a run of the browser", config = files::CONFIG
    )]
    NoRun {
        /// The archive.
        file: String,
    },
    /// More than one.
    #[error("{file} holds several runs ({runs}): pack one at a time")]
    Several {
        /// The archive.
        file: String,
        /// Their folders.
        runs: String,
    },
    /// A configuration or a checkpoint that is none.
    #[error(transparent)]
    Run(#[from] SavedRunError),
}

/// A tar of the files, in a folder of that name.
///
/// # Errors
/// A name too long for a tar.
pub fn pack(name: &str, files: &RunFiles) -> std::io::Result<Vec<u8>> {
    let mut tar = tar::Builder::new(Vec::new());
    for (file, bytes) in files {
        let mut header = tar::Header::new_ustar();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        tar.append_data(&mut header, format!("{name}/{file}"), bytes.as_slice())?;
    }
    tar.into_inner()
}

/// The run in the archive `file` of `source`; its configuration and its last checkpoint are read to see
/// that it is one.
///
/// # Errors
/// A file that is no archive, or whose contents are no run.
pub fn unpack(source: &dyn BlobSource, file: &str) -> Result<Parcel, ParcelError> {
    unpack_within(source, file, ArchiveLimits::default())
}

pub(crate) fn unpack_within(
    source: &dyn BlobSource,
    file: &str,
    limits: ArchiveLimits,
) -> Result<Parcel, ParcelError> {
    let archive = Archive::open(source, file, limits)?;
    let names = archive.names()?;
    let mut folders = folders_of_runs(&names);
    let no_run = || ParcelError::NoRun {
        file: file.to_owned(),
    };
    let folder = folders.next().ok_or_else(no_run)?;
    if let Some(other) = folders.next() {
        return Err(ParcelError::Several {
            file: file.to_owned(),
            runs: format!("{folder}, {other}"),
        });
    }
    let mut found = RunFiles::new();
    for name in names.iter().filter(|name| !name.ends_with('/')) {
        // Locks and what a killed writer left are no part of a run.
        let inside = name
            .strip_prefix(folder)
            .filter(|name| !name.starts_with('.'));
        if let Some(inside) = inside.filter(|name| !name.ends_with(".tmp")) {
            found.insert(inside.to_owned(), archive.read(name)?);
        }
    }
    let stem = file.split('.').next().unwrap_or_default();
    let name = folder.trim_end_matches('/').rsplit('/').next();
    let name = name.filter(|name| !name.is_empty()).unwrap_or(stem);
    check(file, &found)?;
    Ok(Parcel {
        name: name.to_owned(),
        files: found,
    })
}

/// Whether an archive holds a run, and not images.
#[must_use]
pub fn holds_run(source: &dyn BlobSource, file: &str) -> bool {
    let archive = Archive::open(source, file, ArchiveLimits::default());
    let names = archive.and_then(|archive| archive.names());
    names.is_ok_and(|names| folders_of_runs(&names).next().is_some())
}

/// With a slash at their end; empty where a run lies in none.
fn folders_of_runs(names: &[String]) -> impl Iterator<Item = &str> {
    let folders = names
        .iter()
        .filter_map(|name| name.strip_suffix(files::CONFIG));
    folders.filter(|folder| folder.is_empty() || folder.ends_with('/'))
}

fn check(place: &str, found: &RunFiles) -> Result<(), SavedRunError> {
    let files = found.clone();
    let read = move |name: &str| Ok(files.get(name).cloned());
    let run = SavedRun::open(place.to_owned(), Box::new(read))?;
    run.events()?;
    run.checkpoint()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use supcon_data::Memory;
    use supcon_protocol::preset;

    fn run() -> RunFiles {
        let config = preset("browser-smoke").unwrap().config().to_toml();
        RunFiles::from([
            (files::CONFIG.to_owned(), config.into_bytes()),
            (files::EVENTS.to_owned(), Vec::new()),
            ("frames/00000.bin".to_owned(), vec![7; 1_500]),
        ])
    }

    fn unpacked(file: &str, bytes: Vec<u8>) -> Result<Parcel, String> {
        let source = Memory(BTreeMap::from([(file.to_owned(), bytes)]));
        unpack(&source, file).map_err(|error| error.to_string())
    }

    #[test]
    fn a_run_comes_out_as_it_went_in() {
        let packed = pack("shapes-3", &run()).unwrap();
        let parcel = unpacked("download (1).tar", packed).unwrap();
        assert_eq!((parcel.name.as_str(), parcel.files), ("shapes-3", run()));
        let images = RunFiles::from([("rose/1.png".to_owned(), vec![1])]);
        for (files, is_run) in [(&run(), true), (&images, false)] {
            let bytes = pack("shapes-3", files).unwrap();
            let source = Memory(BTreeMap::from([("x.tar".to_owned(), bytes)]));
            assert_eq!(holds_run(&source, "x.tar"), is_run);
        }
    }

    #[test]
    fn a_directory_of_the_desktop_loses_its_lock() {
        let mut files = run();
        files.insert(".lock".to_owned(), Vec::new());
        files.insert("report.tmp".to_owned(), vec![1]);
        let parcel = unpacked("x.tar", pack("runs/a-1", &files).unwrap()).unwrap();
        assert_eq!((parcel.name.as_str(), parcel.files), ("a-1", run()));
    }

    #[test]
    fn what_is_no_run_is_refused_in_a_sentence() {
        let refused = |bytes| unpacked("x.tar", bytes).unwrap_err();
        assert!(refused(b"nothing of the kind".to_vec()).contains("x.tar"));
        let mut files = run();
        files.remove(files::CONFIG);
        assert!(refused(pack("a", &files).unwrap()).contains("holds no run"));
        let mut two = tar::Builder::new(Vec::new());
        for folder in ["a", "b"] {
            let mut header = tar::Header::new_ustar();
            header.set_size(1);
            let name = format!("{folder}/{}", files::CONFIG);
            two.append_data(&mut header, name, &b"x"[..]).unwrap();
        }
        assert!(refused(two.into_inner().unwrap()).contains("several runs"));
        let mut files = run();
        files.insert(files::CHECKPOINT.to_owned(), vec![1; 100]);
        assert!(refused(pack("a", &files).unwrap()).contains("checkpoint"));
        let mut files = run();
        files.insert(files::CONFIG.to_owned(), b"schema = ".to_vec());
        assert!(refused(pack("a", &files).unwrap()).contains("config.toml"));
    }
}
