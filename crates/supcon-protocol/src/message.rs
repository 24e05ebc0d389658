use crate::{ErrorReport, ResultRow, StagePlan, WatchConfig};
use serde::{Deserialize, Serialize};

/// Version of the messages. A page and a worker of different versions say so instead of guessing.
pub const PROTOCOL_VERSION: u32 = 1;

/// Names a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunId(pub String);

/// What every message travels in, in memory, through `postMessage` and in `events.jsonl`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Envelope<M> {
    /// [`PROTOCOL_VERSION`] of the sender.
    pub protocol_version: u32,
    /// The run it belongs to.
    pub run: RunId,
    /// Position in the run's log, from 0, without gaps.
    pub seq: u64,
    /// The message.
    pub msg: M,
}

/// What a front end asks of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Command {
    /// Hold after the present step.
    Pause,
    /// Go on after a pause.
    Continue,
    /// Checkpoint after the present step and end; `resume` goes on from there.
    Stop,
    /// Checkpoint after the present step and go on.
    SaveCheckpoint,
    /// Probe the validation split after the present step.
    EvaluateNow,
    /// Change the experiment from the next step on; logged as [`Event::ConfigChanged`].
    Patch(Patch),
    /// Watch with these settings from the next step on. While frames are recorded, the number of
    /// images stays.
    Watch(WatchConfig),
}

/// A change of a running experiment. `None` leaves a value as it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Patch {
    /// τ of the stage's contrastive loss.
    pub temperature: Option<f32>,
    /// What the scheduled learning rate is multiplied by.
    pub learning_rate_factor: Option<f64>,
}

/// What the engine reports. The log of these is the truth about a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// The state changed.
    State(RunState),
    /// The run began, or went on after a resume.
    Started(Box<RunInfo>),
    /// A stage began.
    StageStarted(StageInfo),
    /// Steps were taken.
    Step(StepMetrics),
    /// The validation split was probed.
    Probe(ProbeMetrics),
    /// A finished network was evaluated on the test split.
    Evaluated(Box<ResultRow>),
    /// A checkpoint was written.
    Checkpoint {
        /// Stage index.
        stage: usize,
        /// Steps done in it.
        step: u64,
    },
    /// Something a person should know, with what to do about it.
    Warning {
        /// Stage index.
        stage: usize,
        /// Steps done in it.
        step: u64,
        /// One or two sentences.
        message: String,
    },
    /// The experiment was changed while it ran: part of what defines it from here on.
    ConfigChanged {
        /// Stage index.
        stage: usize,
        /// Steps done in it before the change.
        step: u64,
        /// The change.
        patch: Patch,
    },
    /// The run ended with an error.
    Failed(ErrorReport),
}

/// Where a run stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunState {
    /// Steps are being taken.
    Running,
    /// Held by [`Command::Pause`].
    Paused,
    /// Ended by [`Command::Stop`], to be resumed.
    Stopped,
    /// All stages done.
    Finished,
}

/// The facts that bits depend on, and what a reader wants to know first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunInfo {
    /// Version of supcon.
    pub version: String,
    /// [`RunConfig::hash`](crate::RunConfig::hash).
    pub config_hash: String,
    /// Backend, adapter and driver in words.
    pub device: String,
    /// CPU threads.
    pub threads: usize,
    /// Processor and operating system.
    pub host: String,
    /// Vector instructions that the processor offers, e.g. "avx512f": CPU kernels choose by them.
    #[serde(default)]
    pub simd: String,
    /// Name of the data set.
    pub dataset: String,
    /// Hash of all images and labels, 16 hex digits.
    pub data_fingerprint: String,
    /// Names of the classes.
    pub classes: Vec<String>,
    /// Images in the training, validation and test split.
    pub images: [usize; 3],
    /// Parameters of the encoder.
    pub encoder_parameters: u64,
    /// Multiply-adds of the encoder for one image.
    pub encoder_multiply_adds: u64,
}

/// A stage that began.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StageInfo {
    /// Which.
    pub plan: StagePlan,
    /// Steps it will take.
    pub steps: u64,
    /// Images a step takes, before views.
    pub batch_size: usize,
    /// Reference lines of the loss, where it has them.
    pub landmarks: Option<Landmarks>,
}

/// Reference lines of a loss, in nats.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Landmarks {
    /// The loss of a collapsed (or ignorant) network.
    pub chance: f64,
    /// The lowest value this batch size and temperature allow.
    pub floor: f64,
}

/// Averages over the steps since the last report.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StepMetrics {
    /// Stage index.
    pub stage: usize,
    /// Steps done in the stage.
    pub step: u64,
    /// Mean loss, nats, unscaled.
    pub loss: f64,
    /// Training accuracy of the batch where there is a classifier.
    pub accuracy: Option<f64>,
    /// Learning rate of the last step.
    pub learning_rate: f64,
    /// Share of anchors that had no positive (contrastive stages).
    pub anchors_without_positives: Option<f64>,
    /// Mean cosine between an anchor and its image's next view (contrastive stages with views).
    pub view_similarity: Option<f64>,
    /// Lower bound on the mutual information of two views, nats: ln(n − 1) − NT-Xent of the same
    /// logits (van den Oord et al. 2018). Contrastive stages with views.
    #[serde(default)]
    pub mutual_information_bound: Option<f64>,
    /// Images a second, before views, since the last report; for people, not for repeating.
    pub images_per_second: f64,
    /// Memory of the process that trains, as the system counts it; for people too. `None` where the system
    /// does not say, as in a browser.
    #[serde(default)]
    pub memory_bytes: Option<u64>,
}

/// An online probe of the validation split.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProbeMetrics {
    /// Stage index.
    pub stage: usize,
    /// Steps done in the stage.
    pub step: u64,
    /// Weighted kNN top-1 of the features, in [0, 1].
    pub knn_top1: f64,
    /// Images probed.
    pub images: usize,
}
