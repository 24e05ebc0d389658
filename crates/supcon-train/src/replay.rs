//! A recorded run, looked at again: its history, the watched images and the frames, read when they are
//! asked for. No trainer, no device and no lock: the run may be training meanwhile.

use crate::saved_run::{self, SavedRun, SavedRunError};
use serde::Serialize;
use supcon_map::{Points, silhouette};
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

/// A network of the run and the frames recorded while it trained.
pub struct Film<'a> {
    /// Its name within the run, like `supcon-s0`.
    pub network: String,
    /// In order.
    pub frames: Vec<&'a FrameEntry>,
}

/// How well the classes of the watched images lie apart in a frame.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct FrameMeasures {
    /// Share of images whose nearest other watched images say the right class.
    pub knn_top1: f64,
    /// Mean silhouette of z by class (Rousseeuw 1987), in [−1, 1]; `None` for fewer than two classes.
    pub silhouette: Option<f64>,
    /// The same of the map, where there is one.
    pub map_silhouette: Option<f64>,
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

    /// The frames of one network, named as for [`SavedRun::network`].
    ///
    /// # Errors
    /// No such network.
    pub fn film(&self, choice: Option<&str>) -> Result<Film<'_>, SavedRunError> {
        let (subject, seed) = self.run.chosen(choice)?;
        let stages: Vec<usize> = self
            .run
            .stages_of(subject, seed)
            .map(|stage| stage.index)
            .collect();
        let frames = self.frames.iter();
        Ok(Film {
            network: saved_run::name(subject, seed),
            frames: frames
                .filter(|frame| stages.contains(&frame.stage))
                .collect(),
        })
    }

    /// Measures a frame by the labels of its images.
    #[must_use]
    pub fn measures(&self, frame: &RecordedFrame) -> FrameMeasures {
        let labels = self.samples().map_or(&[][..], |samples| &samples.labels);
        let predictions = &frame.embedding.predictions;
        let right = predictions.iter().zip(labels).filter(|(a, b)| a == b);
        let silhouette_of = |values: &[f32], dim| {
            let points = Points::new(values, dim).ok()?;
            silhouette(points, labels).ok()
        };
        let dim = frame.embedding.dim;
        let one_view = frame.embedding.z.get(..labels.len() * dim);
        FrameMeasures {
            knn_top1: right.count() as f64 / labels.len().max(1) as f64,
            silhouette: one_view.and_then(|z| silhouette_of(z, dim)),
            map_silhouette: frame
                .map
                .as_ref()
                .and_then(|map| silhouette_of(&map.points, map.dim)),
        }
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
