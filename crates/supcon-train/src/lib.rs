//! Encoders, training, evaluation, checkpoints and the engine that takes a run through its stages.
//!
//! The engine is described by messages: front ends send [`supcon_protocol::Command`]s and read
//! [`supcon_protocol::Event`]s from an [`EventLog`]; files leave through an [`ArtifactSink`]. All
//! work of one engine stays on one thread: CubeCL's streams are per thread.

mod batch;
mod checkpoint;
mod device;
mod engine;
mod error;
mod evaluate;
pub mod files;
mod learner;
mod log;
mod memory;
mod meter;
pub mod model;
mod optimizer;
mod pace;
mod probe;
mod report;
mod schedule;
pub mod selftest;
mod sink;
mod speed;
mod stage;
mod state;

pub use batch::{HostBatch, Loader, Normalisation};
pub use checkpoint::{Checkpoint, CheckpointError, Position};
pub use device::{Adapter, ComputeDevice, adapters};
pub use engine::{Engine, Job};
pub use error::{SinkError, TrainError};
pub use evaluate::{Features, Ranking, embed, knn_ranking};
pub use log::{EventLog, parse_events};
pub use memory::{DataShape, StepMemory, largest_batch};
pub use optimizer::Optimizer;
pub use report::report_page;
pub use schedule::LearningRate;
pub use sink::{ArtifactSink, MemorySink};
pub use speed::{TRAINING_FACTOR, training_speed};
pub use state::{HostTensor, HostTensors, StateError, StateTensors};
