use serde::{Deserialize, Serialize};

/// How far a classifier's probabilities can be believed, on the test split.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Calibration {
    /// Mean −ln of the probability given to the right class, nats.
    pub negative_log_likelihood: f64,
    /// Expected calibration error, Σ_b n_b/n · |accuracy_b − confidence_b|, in [0, 1] (Guo et al.
    /// 2017, arXiv:1706.04599, eq. 5). The confidence is the largest probability.
    pub expected_error: f64,
    /// Reliability diagram: bins of equal width over confidences from 0 to 1.
    pub bins: Vec<ReliabilityBin>,
}

/// One bar of a reliability diagram.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ReliabilityBin {
    /// Images whose confidence falls into the bin.
    pub count: usize,
    /// Their mean confidence; 0 for an empty bin.
    pub confidence: f64,
    /// Share of them that was classified rightly; 0 for an empty bin.
    pub accuracy: f64,
}

/// Which vectors a [`Geometry`] is about; both are brought to unit length.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EmbeddingSpace {
    /// The encoder's output, which every method has.
    Features,
    /// The projection head's, which a contrastive loss acts on.
    Z,
}

/// How test images lie on the unit sphere (Wang & Isola 2020, arXiv:2005.10242).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Geometry {
    /// Of which vectors.
    pub space: EmbeddingSpace,
    /// Test images looked at: a fixed sample, the same for every network.
    pub images: usize,
    /// Mean ‖x − y‖² of two augmented views of an image, from 0 (alike) to 4 (opposite).
    pub view_alignment: f64,
    /// Mean ‖x − y‖² of two images of one class, unaugmented; `None` where no class has two.
    pub class_alignment: Option<f64>,
    /// ln of the mean e^{−2‖x − y‖²} over pairs of different images, unaugmented, nats: 0 where all
    /// are in one point, towards −4 where they fill a high-dimensional sphere evenly.
    pub uniformity: f64,
    /// Cosines of two augmented views of an image.
    pub own_view: Histogram,
    /// Cosines of two images of one class.
    pub same_class: Histogram,
    /// Cosines of two images of different classes.
    pub other_class: Histogram,
}

/// Counts of values in bins of equal width.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Histogram {
    /// Lower end of the first bin.
    pub low: f64,
    /// Upper end of the last bin.
    pub high: f64,
    /// Values in each bin; one at an inner edge is in the upper bin.
    pub counts: Vec<u64>,
    /// Mean of the values; `None` of none.
    pub mean: Option<f64>,
}

impl Histogram {
    /// Values counted.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.counts.iter().sum()
    }
}

/// The wrong answers of which a classifier was surest.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Mistakes {
    /// Wrong answers in all.
    pub count: usize,
    /// The surest first; a few of them.
    pub worst: Vec<Mistake>,
    /// Their pictures side by side in rows: one PNG, base64.
    pub sprite_png: String,
    /// Pictures in a row of it.
    pub columns: usize,
    /// Height and width of a picture in pixels.
    pub side: usize,
}

/// A wrong answer.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Mistake {
    /// Index in the test split.
    pub image: u32,
    /// What it is.
    pub label: u32,
    /// What the classifier said.
    pub prediction: u32,
    /// The probability it gave to that, in [0, 1].
    pub confidence: f64,
}
