//! Encoders, training, evaluation, checkpoints and the engine that takes a run through its stages.
//!
//! The engine is described by messages: front ends send [`supcon_protocol::Command`]s and read
//! [`supcon_protocol::Event`]s from an [`EventLog`]; files leave through an [`ArtifactSink`]. All
//! work of one engine stays on one thread: CubeCL's streams are per thread.

mod actor;
mod batch;
mod board;
#[cfg(target_family = "wasm")]
mod browser;
mod checkpoint;
mod device;
#[cfg(not(target_family = "wasm"))]
pub mod directory;
mod engine;
mod error;
mod evaluate;
pub mod files;
mod images;
mod learner;
mod log;
mod memory;
mod meter;
pub mod model;
mod optimizer;
mod pace;
mod probe;
pub mod replay;
mod report;
mod resident;
mod samples;
mod saved_run;
mod schedule;
pub mod selftest;
mod sink;
mod speed;
mod sprite;
mod stage;
mod state;
mod watch;

pub use actor::{Actor, LoadedImages, Mail, OpenImages, RunStore, open_images_with};
#[cfg(not(target_family = "wasm"))]
pub use actor::{ActorHandle, Runs};
pub use batch::{HostBatch, Loader, Normalisation};
pub use checkpoint::{Checkpoint, CheckpointError, InputFormat, Position};
pub use device::{Adapter, ComputeDevice, adapters};
pub use engine::{Engine, Job};
pub use error::{SinkError, TrainError};
pub use evaluate::{Features, Ranking, Scores, class_mean_ranking, embed, knn_ranking};
pub use images::{ImagesError, RunImages, generate_images, images_sentence, open_source};
#[cfg(not(target_family = "wasm"))]
pub use images::{load_images, open_images};
pub use log::{EventLog, parse_events};
pub use memory::{DataShape, StepMemory, largest_batch};
pub use optimizer::Optimizer;
pub use report::{check_report, compare_runs, comparison_page, report_page};
pub use saved_run::{
    Invocation, Neighbor, SavedNetwork, SavedRun, SavedRunError, map_features, nearest_neighbors,
};
#[cfg(not(target_family = "wasm"))]
pub use saved_run::{RunSummary, run_folders};
pub use schedule::LearningRate;
pub use sink::{ArtifactSink, MemorySink};
pub use speed::{TRAINING_FACTOR, training_speed};
pub use state::{HostTensor, HostTensors, StateError, StateTensors};
