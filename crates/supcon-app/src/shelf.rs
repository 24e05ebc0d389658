//! The runs of the runs folder: listed, put away, and brought back.
//!
//! *Invariant:* putting a run away moves its directory into `.deleted` beside it; its files go when the
//! window closes, so that until then it can be brought back.

use std::path::{Path, PathBuf};
use std::time::SystemTime;
use supcon_protocol::{ErrorReport, RunId};
use supcon_train::directory::{RunDirectory, rename_run};
use supcon_train::{RunSummary, run_folders};

/// Where runs go that were put away.
const DELETED: &str = ".deleted";

/// A folder of runs.
#[derive(Clone, Debug)]
pub struct Shelf {
    folder: PathBuf,
    /// Runs put away, latest last.
    deleted: Vec<RunId>,
}

impl Shelf {
    /// Of a folder, which need not be there yet.
    #[must_use]
    pub fn new(folder: PathBuf) -> Self {
        Self {
            folder,
            deleted: Vec::new(),
        }
    }

    /// The folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The directory of a run.
    #[must_use]
    pub fn path(&self, run: &RunId) -> PathBuf {
        self.folder.join(&run.0)
    }

    /// The run put away last.
    #[must_use]
    pub fn last_deleted(&self) -> Option<&RunId> {
        self.deleted.last()
    }

    /// Puts a run away.
    ///
    /// # Errors
    /// A run in use, or what the system said.
    pub fn delete(&mut self, run: &RunId) -> Result<(), ErrorReport> {
        let path = self.path(run);
        if RunDirectory::is_in_use(&path) {
            return Err(ErrorReport {
                message: format!("{} is training, so it cannot be deleted", path.display()),
                causes: Vec::new(),
                hint: Some("Stop it first.".to_owned()),
            });
        }
        let away = self.folder.join(DELETED);
        let moved = std::fs::create_dir_all(&away)
            .and_then(|()| remove(&away.join(&run.0)))
            .and_then(|()| std::fs::rename(&path, away.join(&run.0)));
        moved.map_err(|error| could_not("be put away", &path, &error))?;
        self.deleted.push(run.clone());
        Ok(())
    }

    /// Brings back the run put away last.
    ///
    /// # Errors
    /// What the system said.
    pub fn undo(&mut self) -> Result<Option<RunId>, ErrorReport> {
        let Some(run) = self.deleted.last().cloned() else {
            return Ok(None);
        };
        let path = self.path(&run);
        std::fs::rename(self.folder.join(DELETED).join(&run.0), &path)
            .map_err(|error| could_not("be brought back", &path, &error))?;
        self.deleted.pop();
        Ok(Some(run))
    }

    /// Gives a run another name.
    ///
    /// # Errors
    /// What is wrong with the name, or what the system said, in a sentence.
    pub fn rename(&self, run: &RunId, name: &str) -> Result<RunId, String> {
        match rename_run(&self.path(run), name) {
            Ok(_) => Ok(RunId(name.to_owned())),
            Err(error) => Err(ErrorReport::new(&error, None).to_string()),
        }
    }

    /// Deletes for good what was put away.
    pub fn empty(&mut self) {
        for run in self.deleted.drain(..) {
            // What cannot be deleted now stays where it is; nothing is lost by that.
            let _ = remove(&self.folder.join(DELETED).join(run.0));
        }
        // Only an empty folder goes.
        let _ = std::fs::remove_dir(self.folder.join(DELETED));
    }
}

/// The runs of a folder, the latest first. Reads their logs: not for the window's thread.
///
/// # Errors
/// A folder that cannot be listed.
pub fn list(folder: &Path) -> Result<Vec<ListedRun>, ErrorReport> {
    let folders = run_folders(folder).map_err(|error| could_not("be listed", folder, &error))?;
    let mut runs: Vec<ListedRun> = folders.into_iter().filter_map(ListedRun::at).collect();
    runs.sort_by(|a, b| b.changed.cmp(&a.changed).then_with(|| a.id.0.cmp(&b.id.0)));
    Ok(runs)
}

/// A run in the list.
#[derive(Clone, Debug, PartialEq)]
pub struct ListedRun {
    /// Named after its directory.
    pub id: RunId,
    /// Whether it ended: "finished", "stopped", "cut off" …
    pub state: &'static str,
    /// What it trains, or why it cannot be read.
    pub facts: String,
    /// The best linear top-1 and whose it is.
    pub best: Option<(String, f64)>,
    /// When its log was last written.
    pub changed: Option<SystemTime>,
    /// Bytes of its files.
    pub bytes: u64,
}

impl ListedRun {
    fn at(path: PathBuf) -> Option<Self> {
        let id = RunId(path.file_name()?.to_str()?.to_owned());
        let summary = RunSummary::at(path);
        let methods = summary.methods.join(", ");
        Some(Self {
            id,
            state: summary.state,
            facts: summary.error.unwrap_or(methods),
            best: summary.best,
            changed: summary.changed,
            bytes: summary.bytes,
        })
    }
}

fn remove(path: &Path) -> std::io::Result<()> {
    match std::fs::remove_dir_all(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        result => result,
    }
}

fn could_not(what: &str, path: &Path, error: &std::io::Error) -> ErrorReport {
    ErrorReport {
        message: format!("{} could not {what}: {error}", path.display()),
        causes: Vec::new(),
        hint: Some("Look whether another program holds it, and try again.".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(name: &str) -> PathBuf {
        let folder =
            std::env::temp_dir().join(format!("supcon-shelf-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        for run in ["a-1", "b-1"] {
            std::fs::create_dir_all(folder.join(run)).unwrap();
            let config = supcon_protocol::PRESETS[0].config().to_toml();
            std::fs::write(folder.join(run).join("config.toml"), config).unwrap();
        }
        folder
    }

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> = list(folder)
            .unwrap()
            .into_iter()
            .map(|run| run.id.0)
            .collect();
        names.sort();
        names
    }

    #[test]
    fn a_deleted_run_comes_back_whole_until_the_window_closes() {
        let folder = folder("undo");
        let mut shelf = Shelf::new(folder.clone());
        let run = RunId("a-1".into());
        let before = std::fs::read(folder.join("a-1/config.toml")).unwrap();
        shelf.delete(&run).unwrap();
        assert_eq!(names(&folder), ["b-1"]);
        assert_eq!(shelf.undo().unwrap(), Some(run.clone()));
        assert_eq!(names(&folder), ["a-1", "b-1"]);
        assert_eq!(
            std::fs::read(folder.join("a-1/config.toml")).unwrap(),
            before
        );
        assert_eq!(shelf.undo().unwrap(), None);
        shelf.delete(&run).unwrap();
        shelf.empty();
        assert_eq!(shelf.undo().unwrap(), None);
        assert_eq!(names(&folder), ["b-1"]);
        assert!(!folder.join(DELETED).exists());
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_run_gets_another_name_unless_it_is_taken_or_none() {
        let folder = folder("rename");
        let shelf = Shelf::new(folder.clone());
        let run = RunId("a-1".into());
        assert!(shelf.rename(&run, "b-1").unwrap_err().contains("exists"));
        assert!(
            shelf
                .rename(&run, "../c")
                .unwrap_err()
                .contains("for example")
        );
        assert_eq!(names(&folder), ["a-1", "b-1"]);
        assert_eq!(shelf.rename(&run, "c-1"), Ok(RunId("c-1".into())));
        assert_eq!(names(&folder), ["b-1", "c-1"]);
        let held = RunDirectory::open(&folder.join("c-1")).unwrap();
        let error = shelf.rename(&RunId("c-1".into()), "d-1").unwrap_err();
        assert!(error.contains("in use"), "{error}");
        drop(held);
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_run_that_trains_is_not_deleted() {
        let folder = folder("in-use");
        let held = RunDirectory::open(&folder.join("a-1")).unwrap();
        let error = Shelf::new(folder.clone()).delete(&RunId("a-1".into()));
        assert!(error.unwrap_err().message.contains("is training"));
        drop(held);
        std::fs::remove_dir_all(folder).unwrap();
    }
}
