//! A run in a line of a list: what is known of it without looking into its weights.

use super::{SavedRun, SavedRunError};
use crate::directory::{RunDirectory, size_of};
use crate::files;
use std::path::{Path, PathBuf};
use std::time::SystemTime;
use supcon_protocol::{ResultRow, RunHistory, RunState, Subject};

/// What a list of runs says of one.
#[derive(Clone, Debug, PartialEq)]
pub struct RunSummary {
    /// Its directory.
    pub path: PathBuf,
    /// What a person would say of it: "finished", "stopped", "cut off" …
    pub state: &'static str,
    /// Why it cannot be read.
    pub error: Option<String>,
    /// Name in its configuration.
    pub name: String,
    /// What it trains.
    pub methods: Vec<String>,
    /// The trained network with the best linear top-1, and that share.
    pub best: Option<(String, f64)>,
    /// When its log was last written.
    pub changed: Option<SystemTime>,
    /// Bytes of its files.
    pub bytes: u64,
}

impl RunSummary {
    /// Of the run in a directory; one that cannot be read says why.
    #[must_use]
    pub fn at(path: PathBuf) -> Self {
        let read = SavedRun::at(&path).and_then(|run| Ok((run.history()?, run)));
        let changed = [files::EVENTS, files::CONFIG]
            .iter()
            .find_map(|name| path.join(name).metadata().ok()?.modified().ok());
        let bytes = size_of(&path);
        let mut summary = Self {
            state: "unreadable",
            error: None,
            name: String::new(),
            methods: Vec::new(),
            best: None,
            changed,
            bytes,
            path,
        };
        summary.tell(read);
        summary
    }

    fn tell(&mut self, read: Result<(RunHistory, SavedRun), SavedRunError>) {
        match read {
            Err(error) => self.error = Some(error.to_string()),
            Ok((history, run)) => {
                let config = run.plan().config();
                self.name = config.name.clone();
                self.methods = config.methods.iter().map(ToString::to_string).collect();
                self.best = best(&history.results);
                self.state = state(&history, RunDirectory::is_in_use(&self.path));
            }
        }
    }
}

/// The directories of runs in a folder, unsorted; none in a folder that is not there.
///
/// # Errors
/// What the system said.
pub fn run_folders(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut runs = Vec::new();
    let entries = match std::fs::read_dir(folder) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(runs),
        entries => entries?,
    };
    for entry in entries {
        let path = entry?.path();
        if path.join(files::CONFIG).is_file() {
            runs.push(path);
        }
    }
    Ok(runs)
}

fn state(history: &RunHistory, in_use: bool) -> &'static str {
    match (history.state, in_use) {
        (Some(RunState::Finished), _) => "finished",
        (Some(RunState::Paused), true) => "paused",
        (_, true) => "running",
        _ if history.failure.is_some() => "failed",
        (Some(RunState::Stopped), false) => "stopped",
        (None, false) => "not begun",
        // It neither ended nor runs: killed, or the machine went down.
        (Some(RunState::Running | RunState::Paused), false) => "cut off",
    }
}

fn best(results: &[ResultRow]) -> Option<(String, f64)> {
    let trained = results
        .iter()
        .filter(|r| r.subject != Subject::RandomEncoder);
    let best = trained.max_by(|a, b| a.linear.top1.value.total_cmp(&b.linear.top1.value))?;
    Some((best.subject.to_string(), best.linear.top1.value))
}
