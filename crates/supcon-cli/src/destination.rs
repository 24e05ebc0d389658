//! Files and folders that a command makes: whole or not at all, and never over another one unasked.

use crate::interrupt::Unfinished;
use anyhow::{Context as _, bail};
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// Where a result goes, known to be free before the work begins.
#[derive(Debug)]
pub struct Destination {
    path: PathBuf,
}

impl Destination {
    /// A file that is not there yet, or may be replaced.
    pub fn file(path: &Path, overwrite: bool) -> anyhow::Result<Self> {
        if path.is_dir() {
            bail!("{} is a directory: name a file", path.display());
        }
        if path.exists() && !overwrite {
            bail!(
                "{} exists: name another file, or replace it with --overwrite",
                path.display()
            );
        }
        Ok(Self {
            path: path.to_owned(),
        })
    }

    /// A folder that is not there yet, or is empty.
    pub fn folder(path: &Path) -> anyhow::Result<Self> {
        let is_taken =
            path.exists() && !fs::read_dir(path).is_ok_and(|mut entries| entries.next().is_none());
        if is_taken {
            bail!(
                "{} exists and is no empty folder: name another one",
                path.display()
            );
        }
        Ok(Self {
            path: path.to_owned(),
        })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Another one beside it: `labels.npy` of `a.npy` is `a_labels.npy`.
    pub fn beside(&self, suffix: &str, overwrite: bool) -> anyhow::Result<Self> {
        let stem = self.path.file_stem().unwrap_or_default().to_string_lossy();
        Self::file(
            &self.path.with_file_name(format!("{stem}_{suffix}")),
            overwrite,
        )
    }

    /// Writes the file.
    pub fn write(
        &self,
        content: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> anyhow::Result<()> {
        let write = || -> io::Result<()> {
            fs::create_dir_all(self.parent())?;
            let temporary = self.temporary();
            let unfinished = Unfinished::new(&temporary);
            write_file(&temporary, content)?;
            unfinished.finish(&self.path)
        };
        write().with_context(|| self.cannot_be_written())
    }

    /// Writes the folder: what `fill` puts into the folder it is given.
    pub fn write_folder(&self, fill: impl FnOnce(&Path) -> io::Result<()>) -> anyhow::Result<()> {
        let write = || -> io::Result<()> {
            fs::create_dir_all(self.parent())?;
            let temporary = self.temporary();
            let unfinished = Unfinished::new(&temporary);
            fs::create_dir(&temporary)?;
            fill(&temporary)?;
            unfinished.finish(&self.path)
        };
        write().with_context(|| self.cannot_be_written())
    }

    fn parent(&self) -> &Path {
        match self.path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        }
    }

    fn temporary(&self) -> PathBuf {
        let name = self.path.file_name().unwrap_or_default().to_string_lossy();
        self.parent()
            .join(format!(".{name}.{}.tmp", std::process::id()))
    }

    fn cannot_be_written(&self) -> String {
        format!(
            "{} cannot be written: name another place, or make room and try again",
            self.path.display()
        )
    }
}

/// A file with this content, on the disk when this returns.
pub fn write_file(
    path: &Path,
    content: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    let mut writer = BufWriter::new(File::create(path)?);
    content(&mut writer)?;
    writer
        .into_inner()
        .map_err(io::IntoInnerError::into_error)?
        .sync_all()
}
