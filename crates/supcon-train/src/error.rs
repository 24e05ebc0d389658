use crate::checkpoint::CheckpointError;
use crate::state::StateError;
use burn::tensor::Tensor;
use supcon_data::DataError;
use supcon_loss::LossError;
use supcon_protocol::ErrorReport;
use thiserror::Error;

/// Why training stopped.
#[derive(Debug, Error)]
pub enum TrainError {
    /// The loss or a weight became NaN or infinite.
    #[error(
        "the loss or a weight became {value} at step {step} of stage {stage}; the last good checkpoint is kept"
    )]
    NonFinite {
        /// Stage in words.
        stage: String,
        /// Steps done.
        step: u64,
        /// NaN, inf or −inf.
        value: f64,
    },
    /// The device failed.
    #[error("the device failed: {0}")]
    Device(String),
    /// No adapter of the kind asked for.
    #[error("{0}")]
    NoDevice(String),
    /// The data do not suit the configuration.
    #[error("{0}")]
    Mismatch(String),
    /// The images could not be read.
    #[error(transparent)]
    Data(#[from] DataError),
    /// The loss was refused.
    #[error(transparent)]
    Loss(#[from] LossError),
    /// Weights that do not fit.
    #[error(transparent)]
    State(#[from] StateError),
    /// A checkpoint that could not be read.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// A result could not be written.
    #[error(transparent)]
    Sink(#[from] SinkError),
}

/// A file of the run directory that could not be written or read.
#[derive(Debug, Error)]
#[error("{action} {place} failed: {reason}")]
pub struct SinkError {
    /// "writing", "reading" …
    pub action: &'static str,
    /// The file.
    pub place: String,
    /// In the system's words.
    pub reason: String,
}

impl TrainError {
    /// As a person meets it, with the way out.
    #[must_use]
    pub fn report(&self) -> ErrorReport {
        ErrorReport::new(self, self.hint())
    }

    fn hint(&self) -> Option<&'static str> {
        match self {
            Self::NonFinite { .. } => Some(
                "Lower the learning rate (for example --set contrastive.optimizer.learning_rate=0.1) or lengthen the warm-up, and start again.",
            ),
            Self::Device(_) => Some(
                "`supcon resume` goes on from the last checkpoint; --device cpu does without the GPU.",
            ),
            Self::Sink(_) => Some(
                "Free some space or name another place with --out; what was written before is intact.",
            ),
            _ => None,
        }
    }
}

/// The values of a tensor, waiting for the device without blocking the browser.
pub(crate) async fn read_back<const D: usize>(tensor: Tensor<D>) -> Result<Vec<f32>, TrainError> {
    let data = tensor
        .into_data_async()
        .await
        .map_err(|error| TrainError::Device(format!("{error:?}")))?;
    data.try_to_vec::<f32>()
        .map_err(|error| TrainError::Device(format!("{error:?}")))
}
