//! Checkpoints: safetensors with the run's position in the metadata.

use crate::batch::Normalisation;
use crate::state::{HostTensor, HostTensors};
use safetensors::{Dtype, SafeTensors, tensor::TensorView};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use thiserror::Error;

/// Where a run stands, beside the tensors.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// Hash of the configuration.
    pub config_hash: String,
    /// Hash of the data.
    pub data_fingerprint: String,
    /// Stage index.
    pub stage: usize,
    /// Steps done in the stage.
    pub step: u64,
    /// Events in the log when it was written.
    pub log_events: u64,
    /// Bytes of the log when it was written.
    pub log_bytes: u64,
}

/// What a network expects and answers, so that its weights are of use without the data they were
/// trained on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct InputFormat {
    /// Rows of an image.
    pub height: usize,
    /// Columns of an image.
    pub width: usize,
    /// Of the training images.
    pub normalisation: Normalisation,
    /// Names of the classes, in the order of the labels.
    pub classes: Vec<String>,
}

/// Named tensors, a position and what the network expects.
#[derive(Clone, Debug, PartialEq)]
pub struct Checkpoint {
    /// Weights under `model.…`, optimiser state under `velocity.…`, `square.…` and `optimizer.…`.
    pub tensors: HostTensors,
    /// Where the run stood.
    pub position: Position,
    /// What the network expects; `None` in files of the first versions.
    pub input: Option<InputFormat>,
}

/// Why bytes are not a checkpoint of this program.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum CheckpointError {
    /// Not safetensors, or cut short.
    #[error(
        "{place} is not a readable checkpoint ({reason}): restore it from a copy, or start the run again"
    )]
    Unreadable {
        /// The file.
        place: String,
        /// What the reader said.
        reason: String,
    },
    /// Safetensors, but not ours.
    #[error("{place} has no \"supcon\" metadata: it was not written by supcon")]
    Foreign {
        /// The file.
        place: String,
    },
    /// A tensor type that supcon does not write.
    #[error("tensor \"{name}\" in {place} is {dtype}, not F32")]
    Dtype {
        /// The file.
        place: String,
        /// The tensor.
        name: String,
        /// Its type.
        dtype: String,
    },
}

/// The key of the position in the metadata.
const POSITION: &str = "supcon";
/// The key of the input format in the metadata.
const INPUT: &str = "input";

impl Checkpoint {
    /// As a safetensors file.
    ///
    /// # Panics
    /// Never: shapes and lengths agree by construction.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let views = self.tensors.iter().map(|(name, tensor)| {
            let bytes = bytemuck::cast_slice(&tensor.values);
            let view = TensorView::new(Dtype::F32, tensor.shape.clone(), bytes);
            (name.as_str(), view.expect("the shape matches the values"))
        });
        let position = serde_json::to_string(&self.position).expect("a position is plain data");
        let mut metadata = HashMap::from([(POSITION.to_owned(), position)]);
        if let Some(input) = &self.input {
            let input = serde_json::to_string(input).expect("an input format is plain data");
            metadata.insert(INPUT.to_owned(), input);
        }
        safetensors::serialize(views, Some(metadata)).expect("the views are valid")
    }

    /// From a safetensors file.
    ///
    /// # Errors
    /// Whatever is wrong with it.
    pub fn from_bytes(place: &str, bytes: &[u8]) -> Result<Self, CheckpointError> {
        let unreadable = |reason: String| CheckpointError::Unreadable {
            place: place.to_owned(),
            reason,
        };
        let (_, header) =
            SafeTensors::read_metadata(bytes).map_err(|e| unreadable(e.to_string()))?;
        let entry = |key: &str| header.metadata().as_ref()?.get(key);
        let position = entry(POSITION).ok_or_else(|| CheckpointError::Foreign {
            place: place.to_owned(),
        })?;
        let position = serde_json::from_str(position).map_err(|e| unreadable(e.to_string()))?;
        let input = entry(INPUT).map(|input| serde_json::from_str(input));
        let input = input.transpose().map_err(|e| unreadable(e.to_string()))?;
        let file = SafeTensors::deserialize(bytes).map_err(|e| unreadable(e.to_string()))?;
        let mut tensors = HostTensors::new();
        for (name, view) in file.tensors() {
            if view.dtype() != Dtype::F32 {
                let dtype = format!("{:?}", view.dtype());
                return Err(CheckpointError::Dtype {
                    place: place.to_owned(),
                    name,
                    dtype,
                });
            }
            let values = view
                .data()
                .chunks_exact(4)
                .map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]));
            let tensor = HostTensor {
                values: values.collect(),
                shape: view.shape().to_vec(),
            };
            tensors.insert(name, tensor);
        }
        Ok(Self {
            tensors,
            position,
            input,
        })
    }
}

/// Puts tensors under a prefix.
pub(crate) fn put_part(all: &mut HostTensors, prefix: &str, part: HostTensors) {
    all.extend(
        part.into_iter()
            .map(|(name, tensor)| (format!("{prefix}.{name}"), tensor)),
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example() -> Checkpoint {
        let mut tensors = HostTensors::new();
        let tensor = HostTensor {
            values: vec![1.0, -0.0, f32::MIN_POSITIVE, 3.5, 0.1, 7.0],
            shape: vec![2, 3],
        };
        put_part(
            &mut tensors,
            "model",
            HostTensors::from([("encoder.weight".to_owned(), tensor)]),
        );
        let position = Position {
            config_hash: "c".to_owned(),
            data_fingerprint: "d".to_owned(),
            stage: 2,
            step: 70,
            log_events: 9,
            log_bytes: 1234,
        };
        let pixels = vec![0, 51, 255, 20, 102, 255];
        let classes = vec!["a".to_owned(), "b".to_owned()];
        let images = supcon_data::ImageSet::new(1, 1, pixels, vec![0, 1], classes.clone());
        let input = InputFormat {
            height: 1,
            width: 1,
            normalisation: Normalisation::of(&images.expect("two images")),
            classes,
        };
        Checkpoint {
            tensors,
            position,
            input: Some(input),
        }
    }

    #[test]
    fn decoding_inverts_encoding() {
        let checkpoint = example();
        assert_eq!(
            Checkpoint::from_bytes("x", &checkpoint.to_bytes()).as_ref(),
            Ok(&checkpoint)
        );
    }

    #[test]
    fn a_truncated_checkpoint_is_refused_at_every_length() {
        let bytes = example().to_bytes();
        for len in 0..bytes.len() {
            assert!(
                Checkpoint::from_bytes("x", &bytes[..len]).is_err(),
                "{len} bytes"
            );
        }
    }
}
