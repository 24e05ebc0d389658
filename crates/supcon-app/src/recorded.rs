//! A recorded run from the bytes of its files, wherever they were read: natively `replay` reads a
//! directory, the page reads what was dropped or what the browser keeps.

use crate::film::Film;
use crate::session::Run;
use std::collections::HashMap;
use supcon_protocol::recording::{
    FRAME_INDEX, FrameIndex, RecordingError, SAMPLES, decode_frame, decode_samples, frame_file,
};
use supcon_protocol::{Envelope, ErrorReport, Event, RunConfig, RunHistory, RunId};

const CONFIG: &str = "config.toml";
const EVENTS: &str = "events.jsonl";

/// Files to read first; [`frames`] names the others.
pub const FIRST: [&str; 4] = [CONFIG, EVENTS, SAMPLES, FRAME_INDEX];

/// Files of a run by their names, as far as they exist.
pub type Files = HashMap<String, Option<Vec<u8>>>;

/// Whether a folder is the directory of a run, by what it holds.
#[must_use]
pub fn is_run(holds: impl Fn(&str) -> bool) -> bool {
    holds(CONFIG) && holds(EVENTS)
}

/// The files of the recorded frames; none where the index is missing or damaged.
#[must_use]
pub fn frames(first: &Files) -> Vec<String> {
    let index = bytes(first, FRAME_INDEX).and_then(|bytes| FrameIndex::from_json(bytes).ok());
    let frames = index.unwrap_or_default().frames;
    frames.iter().map(|entry| frame_file(entry.file)).collect()
}

/// The run in these files, with its frames. A torn last line of its log is left out.
///
/// # Errors
/// No configuration, or a damaged file, by its name.
pub fn run(name: &str, files: &Files) -> Result<Run, ErrorReport> {
    let place = |file: &str| format!("{name}/{file}");
    let config = bytes(files, CONFIG).ok_or_else(|| ErrorReport {
        message: format!("{name} holds no run: it has no {CONFIG}"),
        causes: Vec::new(),
        hint: Some("Choose the directory of a run, which supcon wrote.".to_owned()),
    })?;
    let config = RunConfig::from_toml(&place(CONFIG), &String::from_utf8_lossy(config))
        .map_err(|error| ErrorReport::new(&error, None))?;
    let damaged = |file: &str, error: &RecordingError| ErrorReport {
        message: format!("{} cannot be read", place(file)),
        causes: vec![error.to_string()],
        hint: None,
    };
    let mut film = Film::default();
    if let Some(samples) = bytes(files, SAMPLES) {
        film.show(decode_samples(samples).map_err(|error| damaged(SAMPLES, &error))?);
        for file in frames(files) {
            let Some(frame) = bytes(files, &file) else {
                continue;
            };
            let frame = decode_frame(frame).map_err(|error| damaged(&file, &error))?;
            film.push(frame.embedding);
            frame.map.into_iter().for_each(|map| film.map(map));
        }
    }
    let events = bytes(files, EVENTS).unwrap_or_default();
    Ok(Run {
        id: RunId(name.to_owned()),
        config: Some(config),
        history: history(&place(EVENTS), &String::from_utf8_lossy(events))?,
        film,
        is_recorded: true,
    })
}

fn bytes<'a>(files: &'a Files, name: &str) -> Option<&'a [u8]> {
    files.get(name)?.as_deref()
}

/// The fold of a log. Its last line may be torn, by a crash or because it is still being written.
fn history(place: &str, log: &str) -> Result<RunHistory, ErrorReport> {
    let mut history = RunHistory::default();
    let lines: Vec<&str> = log.lines().collect();
    for (i, line) in lines.iter().enumerate() {
        match serde_json::from_str::<Envelope<Event>>(line) {
            Ok(envelope) => history.apply(&envelope.msg),
            Err(_) if i + 1 == lines.len() => {}
            Err(error) => {
                return Err(ErrorReport {
                    message: format!("line {} of {place} is no event", i + 1),
                    causes: vec![error.to_string()],
                    hint: Some(
                        "The log was changed or is of another version of supcon.".to_owned(),
                    ),
                });
            }
        }
    }
    Ok(history)
}

#[cfg(test)]
mod tests {
    use super::*;
    use supcon_protocol::{PRESETS, PROTOCOL_VERSION, RunState};

    fn line(state: RunState) -> String {
        let envelope = Envelope {
            protocol_version: PROTOCOL_VERSION,
            run: RunId("r".to_owned()),
            seq: 0,
            msg: Event::State(state),
        };
        serde_json::to_string(&envelope).unwrap()
    }

    fn files(log: &str) -> Files {
        let config = PRESETS[0].config().to_toml();
        Files::from([
            (CONFIG.to_owned(), Some(config.into_bytes())),
            (EVENTS.to_owned(), Some(log.as_bytes().to_vec())),
        ])
    }

    #[test]
    fn a_torn_last_line_is_left_out_and_a_torn_middle_one_is_named() {
        let (running, stopped) = (line(RunState::Running), line(RunState::Stopped));
        let torn = &stopped[..stopped.len() / 2];
        let run = super::run("r", &files(&format!("{running}\n{torn}"))).unwrap();
        assert_eq!(run.history.state, Some(RunState::Running));
        assert_eq!(run.config, Some(PRESETS[0].config()));
        let error = super::run("r", &files(&format!("{torn}\n{running}\n"))).unwrap_err();
        assert!(
            error.message.contains("line 1 of r/events.jsonl"),
            "{error}"
        );
    }

    #[test]
    fn a_folder_without_a_configuration_is_no_run() {
        let error = super::run("pictures", &Files::new()).unwrap_err();
        assert!(error.message.contains("pictures holds no run"), "{error}");
        assert!(!is_run(|name| name == CONFIG));
    }

    #[test]
    fn a_damaged_samples_file_is_named() {
        let mut files = files("");
        files.insert(SAMPLES.to_owned(), Some(vec![1, 2, 3]));
        let error = super::run("r", &files).unwrap_err();
        assert!(error.message.contains("r/samples.bin"), "{error}");
    }
}
