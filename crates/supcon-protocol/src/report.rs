use crate::{RunConfig, RunHistory, Subject};
use serde::{Deserialize, Serialize};

/// A value with its 95 % bootstrap interval over test images.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// The estimate.
    pub value: f64,
    /// 2.5 % quantile.
    pub low: f64,
    /// 97.5 % quantile.
    pub high: f64,
}

/// Top-1 and top-5 accuracy in [0, 1].
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Accuracy {
    /// Share of images whose first guess is right.
    pub top1: Interval,
    /// Share of images whose label is among the first five guesses.
    pub top5: Interval,
}

/// One network's results on the test split.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ResultRow {
    /// Whose encoder.
    pub subject: Subject,
    /// Its seed.
    pub seed: u64,
    /// Of the linear classifier on frozen features, or of the network's own classifier
    /// (cross-entropy).
    pub linear: Accuracy,
    /// Of weighted kNN on the features.
    pub knn: Accuracy,
    /// Of the classifier.
    pub confusion: ConfusionMatrix,
    /// Whether the classifier was right, image by image, as '1' and '0': pairs runs for intervals.
    pub outcomes: String,
    /// Test images.
    pub images: usize,
}

/// Counts of test images by label (rows) and prediction (columns).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfusionMatrix {
    /// `counts[label][prediction]`.
    pub counts: Vec<Vec<u32>>,
}

/// How much better one subject's classifier is than another's on the same images and seeds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PairedDifference {
    /// The one.
    pub subject: Subject,
    /// The other.
    pub baseline: Subject,
    /// Difference of top-1, with a paired bootstrap interval over images (and seeds pooled).
    pub difference: Interval,
    /// Seeds that went into it.
    pub seeds: usize,
}

/// A 2-D map of the test embeddings of one network.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EmbeddingMap {
    /// Whose features.
    pub subject: Subject,
    /// Its seed.
    pub seed: u64,
    /// How it was made, e.g. "PCA of the features".
    pub method: String,
    /// Share of the variance that the two axes show.
    pub explained_variance: f64,
    /// `[x, y]` of each sampled image, scaled into [−1, 1].
    pub points: Vec<[f32; 2]>,
    /// What the classifier said of each.
    pub predictions: Vec<u32>,
}

/// The sampled test images that the maps show: same images in every map.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct MapSamples {
    /// Index in the test split.
    pub images: Vec<usize>,
    /// Labels.
    pub labels: Vec<u32>,
    /// One PNG with all thumbnails side by side in rows, base64.
    pub sprite_png: String,
    /// Thumbnails in a row of the sprite.
    pub columns: usize,
    /// Side of a thumbnail in pixels.
    pub side: usize,
}

/// Everything the report shows: `report.json`, and what `report.html` embeds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunReport {
    /// The experiment.
    pub config: RunConfig,
    /// The command that repeats it.
    pub repeat_command: String,
    /// Curves, results and warnings.
    pub history: RunHistory,
    /// Every pair of methods of the run, seeds pooled.
    pub differences: Vec<PairedDifference>,
    /// Thumbnails.
    pub samples: MapSamples,
    /// Maps, one per network.
    pub maps: Vec<EmbeddingMap>,
    /// Wall time of all sessions of the run in seconds.
    pub duration_secs: f64,
}
