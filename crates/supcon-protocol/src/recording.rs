//! The recorded frames of a run: `frames/NNNNN.bin`, their index and `samples.bin`, as bytes.
//!
//! Pure functions, so that a page replays a run without a trainer. Bytes may come from anywhere:
//! lengths in a header are held against the bytes that are there before anything is made of them.

mod bytes;
mod frame;
#[doc(hidden)]
pub mod fuzzing;
mod half;
mod samples;

pub use frame::{RecordedFrame, decode_frame, encode_frame};
pub use half::{f16_from_f32, f32_from_f16};
pub use samples::{decode_samples, encode_samples};

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// The list of recorded frames, as JSON.
pub const FRAME_INDEX: &str = "frames/index.json";
/// The images behind the recorded frames.
pub const SAMPLES: &str = "samples.bin";

/// Where a recorded frame lies in the run directory.
#[must_use]
pub fn frame_file(file: u32) -> String {
    format!("frames/{file:05}.bin")
}

/// The recorded frames of a run, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FrameIndex {
    /// One entry a frame.
    pub frames: Vec<FrameEntry>,
}

/// A recorded frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FrameEntry {
    /// Number of its [`frame_file`]; the file of a dropped frame is used again.
    pub file: u32,
    /// Stage index.
    pub stage: usize,
    /// Steps done in it.
    pub step: u64,
    /// [`EmbeddingFrame::index`](crate::EmbeddingFrame::index).
    pub index: u64,
}

impl FrameIndex {
    /// From the bytes of [`FRAME_INDEX`].
    ///
    /// # Errors
    /// Bytes that are no index.
    pub fn from_json(bytes: &[u8]) -> Result<Self, RecordingError> {
        serde_json::from_slice(bytes).map_err(|error| RecordingError::Header {
            what: "frame index",
            reason: error.to_string(),
        })
    }
}

/// Why bytes are not a recorded frame or samples.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum RecordingError {
    /// Something else, or another version's.
    #[error(
        "this is not a {what} of this version of supcon (it begins with {found:02x?}); open the run with the version that wrote it"
    )]
    Foreign {
        /// "recorded frame" or "samples file".
        what: &'static str,
        /// The first bytes.
        found: Vec<u8>,
    },
    /// Bytes are missing or too many.
    #[error(
        "the {what} has {found} bytes where its header promises {expected}: it was cut short or changed; copy it again, or go without it"
    )]
    Length {
        /// "recorded frame" or "samples file".
        what: &'static str,
        /// Bytes there.
        found: usize,
        /// Bytes promised.
        expected: u128,
    },
    /// A header that no writer makes.
    #[error("the header of the {what} contradicts itself: {reason}; it was changed or damaged")]
    Header {
        /// "recorded frame" or "samples file".
        what: &'static str,
        /// What is wrong.
        reason: String,
    },
}

#[cfg(test)]
mod tests;
