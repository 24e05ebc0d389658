//! A recorded run, looked at again: its history, the watched images and the frames, read when they are
//! asked for. No trainer, no device and no lock: the run may be training meanwhile.

use crate::saved_run::{SavedRun, SavedRunError};
use supcon_protocol::recording::{
    FRAME_INDEX, FrameEntry, FrameIndex, RecordedFrame, RecordingError, SAMPLES, decode_frame,
    decode_samples, frame_file,
};
use supcon_protocol::{Envelope, Event, RunConfig, RunHistory, Samples};

/// A run to replay.
pub struct Replay {
    run: SavedRun,
    events: Vec<Envelope<Event>>,
    samples: Option<Samples>,
    frames: Vec<FrameEntry>,
}

impl Replay {
    /// The run in a directory.
    ///
    /// # Errors
    /// A directory that holds no run, or a damaged one.
    #[cfg(not(target_family = "wasm"))]
    pub fn at(path: &std::path::Path) -> Result<Self, SavedRunError> {
        Self::of(SavedRun::at(path)?)
    }

    /// A run wherever its files are.
    ///
    /// # Errors
    /// A damaged log, index or samples file. A run that recorded nothing is none.
    pub fn of(run: SavedRun) -> Result<Self, SavedRunError> {
        let samples = read(&run, SAMPLES, decode_samples)?;
        let index = read(&run, FRAME_INDEX, FrameIndex::from_json)?.unwrap_or_default();
        Ok(Self {
            events: run.events()?,
            // Frames without their images are points without names.
            frames: samples.as_ref().map_or_else(Vec::new, |_| index.frames),
            samples,
            run,
        })
    }

    /// Where it is.
    #[must_use]
    pub fn place(&self) -> &str {
        self.run.place()
    }

    /// The experiment.
    #[must_use]
    pub fn config(&self) -> &RunConfig {
        self.run.plan().config()
    }

    /// The log.
    #[must_use]
    pub fn events(&self) -> &[Envelope<Event>] {
        &self.events
    }

    /// The fold of the log.
    #[must_use]
    pub fn history(&self) -> RunHistory {
        let events = self.events.iter().map(|envelope| &envelope.msg);
        events.collect()
    }

    /// The images behind the frames.
    #[must_use]
    pub fn samples(&self) -> Option<&Samples> {
        self.samples.as_ref()
    }

    /// The recorded frames, in order.
    #[must_use]
    pub fn frames(&self) -> &[FrameEntry] {
        &self.frames
    }

    /// Reads a frame.
    ///
    /// # Errors
    /// A file that is missing or damaged, or holds a frame of other images.
    pub fn frame(&self, entry: &FrameEntry) -> Result<RecordedFrame, SavedRunError> {
        let file = frame_file(entry.file);
        let wrong = |reason: String| SavedRunError::Recording {
            place: self.run.place_of(&file),
            source: RecordingError::Header {
                what: "recorded frame",
                reason,
            },
        };
        let frame = read(&self.run, &file, decode_frame)?;
        let frame = frame.ok_or_else(|| wrong("there is no such file".to_owned()))?;
        let images = self.samples().map_or(0, |samples| samples.images.len());
        let found = frame.embedding.predictions.len();
        if found != 0 && found != images {
            return Err(wrong(format!(
                "it shows {found} images where the samples file has {images}"
            )));
        }
        Ok(frame)
    }
}

fn read<T>(
    run: &SavedRun,
    file: &str,
    decode: impl Fn(&[u8]) -> Result<T, RecordingError>,
) -> Result<Option<T>, SavedRunError> {
    let Some(bytes) = run.file(file)? else {
        return Ok(None);
    };
    let decoded = decode(&bytes).map_err(|source| SavedRunError::Recording {
        place: run.place_of(file),
        source,
    });
    decoded.map(Some)
}
