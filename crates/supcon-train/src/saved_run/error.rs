use crate::checkpoint::CheckpointError;
use crate::error::SinkError;
use crate::state::StateError;
use supcon_protocol::ConfigError;
use thiserror::Error;

/// Why a run cannot be read back: the fact, the place and the way out.
#[derive(Debug, Error)]
pub enum SavedRunError {
    /// No configuration, so no run.
    #[error(
        "{place} is not a run: it has no config.toml; give the directory that `supcon train` named, or see `supcon runs`"
    )]
    NotARun {
        /// The directory.
        place: String,
    },
    /// A file that is not text.
    #[error("{place} is not text: it was damaged; restore it, or start the run again")]
    NotText {
        /// The file.
        place: String,
    },
    /// A configuration that is refused.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// A file that cannot be read.
    #[error(transparent)]
    File(#[from] SinkError),
    /// A log with a line that is none.
    #[error(
        "{place}, line {line}: not an event of supcon; the log was changed by hand or by another version"
    )]
    Log {
        /// The file.
        place: String,
        /// From 1.
        line: usize,
    },
    /// A log that ends before its checkpoint.
    #[error(
        "{place} is shorter than its checkpoint says: it was changed by hand; start the run again"
    )]
    ShortLog {
        /// The file.
        place: String,
    },
    /// A recorded frame, its index or the samples, damaged.
    #[error("{place} cannot be replayed")]
    Recording {
        /// The file.
        place: String,
        /// What is wrong with it.
        source: supcon_protocol::recording::RecordingError,
    },
    /// An `invocation.json` that is none.
    #[error(
        "{place} is not what supcon wrote ({reason}): delete it and say with --data where the images are"
    )]
    Invocation {
        /// The file.
        place: String,
        /// What the reader said.
        reason: String,
    },
    /// Weights that cannot be read.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// Weights of another configuration.
    #[error(
        "{place} belongs to configuration {found}, config.toml is {expected}: put back the config.toml it was trained with, or train again"
    )]
    OtherConfig {
        /// The file.
        place: String,
        /// Hash in the file.
        found: String,
        /// Hash of `config.toml`.
        expected: String,
    },
    /// Weights of another network.
    #[error("{place} does not fit config.toml")]
    Weights {
        /// The file.
        place: String,
        /// Which tensor.
        source: StateError,
    },
    /// Weights that do not say what the network expects.
    #[error(
        "{place} was written by an earlier supcon and does not say what its network expects: train again"
    )]
    NoInput {
        /// The file.
        place: String,
    },
    /// A name that names no network of the run.
    #[error("{place} has no network \"{choice}\": it trains {}", known.join(", "))]
    UnknownNetwork {
        /// The run.
        place: String,
        /// What was asked for.
        choice: String,
        /// Names that would do.
        known: Vec<String>,
    },
    /// A network whose training has not ended.
    #[error(
        "{place}: {network} is not trained yet ({}); `supcon resume {place}` goes on with the run",
        finished(ready)
    )]
    Unfinished {
        /// The run.
        place: String,
        /// What was asked for.
        network: String,
        /// Names of those that are.
        ready: Vec<String>,
    },
}

fn finished(ready: &[String]) -> String {
    match ready {
        [] => "no network of the run is".to_owned(),
        ready => format!("ready are {}", ready.join(", ")),
    }
}
