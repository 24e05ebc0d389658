use crate::{Calibration, Geometry, Mistakes, RunConfig, RunHistory, Subject};
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
    /// Of the nearest class mean: no training at all, each class is the mean of its unit-length
    /// training features. Absent from older logs, like all that follows.
    #[serde(default)]
    pub class_mean: Option<Accuracy>,
    /// Whether the classifier's probabilities can be believed.
    #[serde(default)]
    pub calibration: Option<Calibration>,
    /// How the embeddings lie on the sphere: of the features and, for contrastive methods, of z.
    #[serde(default)]
    pub geometry: Vec<Geometry>,
    /// What the classifier got wrong with most conviction.
    #[serde(default)]
    pub mistakes: Option<Mistakes>,
}

/// Counts of test images by label (rows) and prediction (columns).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfusionMatrix {
    /// `counts[label][prediction]`.
    pub counts: Vec<Vec<u32>>,
}

impl ConfusionMatrix {
    /// Share of each class's test images that were recognised; `None` for a class without any.
    #[must_use]
    pub fn recalls(&self) -> Vec<Option<f64>> {
        let recall = |(label, row): (usize, &Vec<u32>)| {
            let total: u32 = row.iter().sum();
            (total > 0).then(|| f64::from(row[label]) / f64::from(total))
        };
        self.counts.iter().enumerate().map(recall).collect()
    }
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
    /// Permutation test over the test images. Absent from older reports, like the next.
    #[serde(default)]
    pub image_test: Option<PermutationResult>,
    /// Permutation test over the seeds, where there are two or more.
    #[serde(default)]
    pub seed_test: Option<PermutationResult>,
}

/// What a two-sided paired permutation (sign-flip) test found.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct PermutationResult {
    /// How often exchanging the two members of each pair at random gives a mean difference at least
    /// as large as the one found.
    pub p_value: f64,
    /// The least it can be with so many pairs: 2^{1−n} where every exchange is counted.
    pub least: f64,
    /// Whether every exchange was counted, rather than a sample of them.
    pub exact: bool,
    /// Pairs that went into it.
    pub pairs: usize,
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
    /// Share of the variance that the two axes show, where axes mean something (PCA).
    #[serde(default)]
    pub explained_variance: Option<f64>,
    /// In [0, 1]: 1 where the nearest neighbours on the map are neighbours among the features too
    /// (Venna and Kaski 2001).
    #[serde(default)]
    pub trustworthiness: Option<f64>,
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
    /// Hash of the test images and their labels: two runs with the same are compared image by image.
    /// Empty in older reports.
    #[serde(default)]
    pub test_fingerprint: String,
}
