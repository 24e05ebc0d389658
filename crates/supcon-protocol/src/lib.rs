//! What the engine and its front ends say to each other, and the configuration of a run.
//!
//! No I/O, no tensors, no threads: the same types travel between threads, through `postMessage`
//! and into `events.jsonl`.

mod comparison;
mod config;
mod did_you_mean;
mod duration;
mod error_report;
mod history;
mod live;
mod measures;
mod message;
mod plan;
mod presets;
pub mod recording;
mod report;
pub mod wire;

pub use comparison::{
    ClassChange, ComparedCurve, ComparedResult, ComparedRun, CurveKind, DifferenceBetweenRuns,
    MeanOverSeeds, Pairing, RunComparison, SettingDifference,
};
pub use config::{
    BlurConfig, ConfigError, ContrastiveConfig, CropConfig, CrossEntropyConfig, DataConfig,
    DataSource, DenominatorMode, DeviceChoice, EncoderName, EvaluationConfig, Exclusion,
    ExecutionConfig, HeadConfig, HeadKind, JitterConfig, KernelConfig, KernelKind, Length,
    LinearConfig, LossPrecision, LossScale, MapConfig, Method, Network, OptimizerConfig,
    OptimizerKind, PolicyConfig, PolicyKind, PolicyOrder, PositivesCap, RateScaling, RunConfig,
    SCHEMA, Schedule, ScheduleClock, Stem, TsneConfig, UmapConfig, ViewsConfig,
};
pub use did_you_mean::did_you_mean;
pub use duration::human_duration;
pub use error_report::ErrorReport;
pub use history::{RunHistory, StageHistory};
pub use live::{
    DataInfo, DataRequest, EmbeddingFrame, MapFrame, Notice, PreviewRequest, PreviewSheet, Request,
    Samples, Split, StartRequest, WatchConfig,
};
pub use measures::{
    Calibration, EmbeddingSpace, Geometry, Histogram, Mistake, Mistakes, ReliabilityBin,
};
pub use message::{
    Command, Envelope, Event, Landmarks, PROTOCOL_VERSION, Patch, ProbeMetrics, RunId, RunInfo,
    RunState, StageInfo, StepMetrics,
};
pub use plan::{RunPlan, StageKind, StagePlan, Subject, steps_per_epoch};
pub use presets::{PRESETS, Preset, preset};
pub use report::{
    Accuracy, ConfusionMatrix, EmbeddingMap, Interval, MapSamples, PairedDifference,
    PermutationResult, ResultRow, RunReport,
};
