use crate::{Interval, Landmarks, PermutationResult, Subject};
use serde::{Deserialize, Serialize};

/// Any number of runs side by side: what `supcon report A B …` shows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunComparison {
    /// The runs, in the order given.
    pub runs: Vec<ComparedRun>,
    /// Every network of every run, seeds together.
    pub results: Vec<ComparedResult>,
    /// The same method in two runs; where two runs share none, each method of the one against each
    /// of the other.
    pub differences: Vec<DifferenceBetweenRuns>,
    /// Configuration keys that are not the same in all runs.
    pub settings: Vec<SettingDifference>,
    /// Loss and probe curves.
    pub curves: Vec<ComparedCurve>,
}

/// Facts of one run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ComparedRun {
    /// How the comparison calls it: its directory.
    pub label: String,
    /// Name in its configuration.
    pub name: String,
    /// Data set.
    pub dataset: String,
    /// Names of the classes.
    pub classes: Vec<String>,
    /// Test images.
    pub test_images: usize,
    /// Hash of the test images and labels; empty in reports of older versions.
    pub test_fingerprint: String,
    /// Hash of all images and labels.
    pub data_fingerprint: String,
    /// Seeds.
    pub seeds: Vec<u64>,
    /// Version of supcon.
    pub version: String,
    /// Where it ran.
    pub device: String,
    /// Wall time in seconds.
    pub duration_secs: f64,
    /// The command that repeats it.
    pub repeat_command: String,
    /// Warnings it gave.
    pub warnings: usize,
    /// Whether every network of its configuration was evaluated.
    pub is_complete: bool,
}

/// Mean and spread of a number over seeds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct MeanOverSeeds {
    /// The mean.
    pub mean: f64,
    /// Sample standard deviation (divisor n − 1); `None` of one seed.
    pub standard_deviation: Option<f64>,
}

/// One network of one run, seeds together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ComparedResult {
    /// Position in [`RunComparison::runs`].
    pub run: usize,
    /// Whose encoder.
    pub subject: Subject,
    /// Seeds evaluated.
    pub seeds: Vec<u64>,
    /// Top-1 of the classifier.
    pub linear: MeanOverSeeds,
    /// Top-1 of kNN.
    pub knn: MeanOverSeeds,
    /// Top-1 of the nearest class mean.
    pub class_mean: Option<MeanOverSeeds>,
    /// Expected calibration error.
    pub calibration_error: Option<MeanOverSeeds>,
    /// Negative log-likelihood, nats.
    pub negative_log_likelihood: Option<MeanOverSeeds>,
}

/// How the classifier of `subject` in `run` does against that of `baseline` in `baseline_run`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DifferenceBetweenRuns {
    /// Position of the one run.
    pub run: usize,
    /// Its network.
    pub subject: Subject,
    /// Position of the other run.
    pub baseline_run: usize,
    /// Its network.
    pub baseline: Subject,
    /// The comparison image by image, or why there is none.
    pub pairing: Pairing,
}

/// Whether two results could be compared image by image.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pairing {
    /// They were tested on the same images.
    SameImages {
        /// Difference of top-1 with a paired 95 % bootstrap interval over images.
        difference: Interval,
        /// Permutation test over images.
        image_test: PermutationResult,
        /// Permutation test over the seeds that both have, if those are two or more.
        seed_test: Option<PermutationResult>,
        /// Seeds that went into it. Where the two share none, all of both, as `None`.
        seeds: Option<Vec<u64>>,
        /// Change of each class's share recognised, largest first.
        classes: Vec<ClassChange>,
    },
    /// They were not; the reason in one sentence.
    Impossible(String),
}

/// How the share of a class's test images that is recognised differs.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClassChange {
    /// Position of the class.
    pub class: usize,
    /// Of `subject`, mean over seeds.
    pub subject: f64,
    /// Of `baseline`.
    pub baseline: f64,
}

/// A configuration key that the runs do not agree on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SettingDifference {
    /// Dotted, as `--set` takes it.
    pub key: String,
    /// Its value in each run; `None` where a run's configuration has no such key.
    pub values: Vec<Option<String>>,
}

/// What a curve shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CurveKind {
    /// Loss of a contrastive stage, nats.
    ContrastiveLoss,
    /// Loss of cross-entropy training, nats.
    CrossEntropyLoss,
    /// kNN top-1 on validation images while an encoder trains.
    KnnProbe,
}

/// One curve of one network.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ComparedCurve {
    /// Position of the run.
    pub run: usize,
    /// Whose.
    pub subject: Subject,
    /// Its seed.
    pub seed: u64,
    /// What it shows.
    pub kind: CurveKind,
    /// `(step, value)`.
    pub points: Vec<(u64, f64)>,
    /// Reference lines of the loss.
    pub landmarks: Option<Landmarks>,
}
