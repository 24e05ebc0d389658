//! Recorded runs: read from their directory, and then looked at like one that trains.

use crate::film::Film;
use crate::session::Run;
use std::path::Path;
use supcon_protocol::{ErrorReport, RunId};
use supcon_train::SavedRunError;
use supcon_train::replay::Replay;

/// Whether a folder is the directory of a run.
#[must_use]
pub fn is_run(path: &Path) -> bool {
    path.join("config.toml").is_file() && path.join("events.jsonl").is_file()
}

/// The run in a directory, with its frames.
///
/// # Errors
/// A directory that holds no run, or a damaged one.
pub fn recorded_run(path: &Path) -> Result<Run, ErrorReport> {
    read(path).map_err(|error| ErrorReport::new(&error, None))
}

fn read(path: &Path) -> Result<Run, SavedRunError> {
    let replay = Replay::at(path)?;
    let mut film = Film::default();
    if let Some(samples) = replay.samples() {
        film.show(samples.clone());
    }
    for entry in replay.frames() {
        let frame = replay.frame(entry)?;
        film.push(frame.embedding);
        frame.map.into_iter().for_each(|map| film.map(map));
    }
    let name = path.file_name().unwrap_or(path.as_os_str());
    Ok(Run {
        id: RunId(name.to_string_lossy().into_owned()),
        config: Some(replay.config().clone()),
        history: replay.history(),
        film,
        is_recorded: true,
    })
}
