use super::{DenominatorMode, KernelConfig, Length, LossPrecision, OptimizerConfig, PositivesCap};
use serde::{Deserialize, Serialize};
use std::fmt;

/// What trains the encoder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// Supervised contrastive, L_out (Khosla et al. 2020, eq. 2).
    Supcon,
    /// Supervised contrastive, L_in (eq. 3).
    SupconIn,
    /// Self-supervised NT-Xent (eq. 1; SimCLR): labels are not used.
    Simclr,
    /// NT-Xent with the anchor's class left out of the negatives: labels only remove false
    /// negatives (the control experiment of the SupCon talk).
    DropSameClass,
    /// N-pairs (Sohn 2016; Khosla et al. 2020, eq. 27): one view, one positive of the class, τ = 1.
    NPairs,
    /// End-to-end cross-entropy, the baseline.
    CrossEntropy,
}

impl Method {
    /// All methods.
    pub const ALL: [Self; 6] = [
        Self::Supcon,
        Self::SupconIn,
        Self::Simclr,
        Self::DropSameClass,
        Self::NPairs,
        Self::CrossEntropy,
    ];

    /// Whether the method trains with a contrastive loss and is followed by a linear stage.
    #[must_use]
    pub fn is_contrastive(self) -> bool {
        self != Self::CrossEntropy
    }

    /// The name in configurations and file names.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Supcon => "supcon",
            Self::SupconIn => "supcon_in",
            Self::Simclr => "simclr",
            Self::DropSameClass => "drop_same_class",
            Self::NPairs => "n_pairs",
            Self::CrossEntropy => "cross_entropy",
        }
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Supcon => "SupCon",
            Self::SupconIn => "SupCon (L_in)",
            Self::Simclr => "SimCLR",
            Self::DropSameClass => "SimCLR less same-class negatives",
            Self::NPairs => "N-pairs",
            Self::CrossEntropy => "Cross-entropy",
        })
    }
}

/// Contrastive pre-training, shared by all contrastive methods of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContrastiveConfig {
    /// How long.
    pub length: Length,
    /// Images in a batch, before views.
    pub batch_size: usize,
    /// τ of the supervised losses.
    pub temperature: f32,
    /// τ of NT-Xent (SimCLR, with and without same-class negatives), which wants a softer one on
    /// small images.
    pub simclr_temperature: f32,
    /// What the loss is multiplied by before the gradient; displayed losses are always in nats.
    pub loss_scale: LossScale,
    /// What the denominator sums over.
    #[serde(default)]
    pub denominator: DenominatorMode,
    /// Most positives besides own views, of the methods whose positives are the class.
    #[serde(default)]
    pub positives_cap: PositivesCap,
    /// The similarity.
    #[serde(default)]
    pub kernel: KernelConfig,
    /// How embeddings are held.
    #[serde(default)]
    pub precision: LossPrecision,
    /// The optimiser.
    pub optimizer: OptimizerConfig,
}

impl ContrastiveConfig {
    /// τ for a method.
    #[must_use]
    pub fn temperature_of(&self, method: Method) -> f32 {
        match method {
            Method::Simclr | Method::DropSameClass => self.simclr_temperature,
            Method::NPairs => 1.0,
            Method::Supcon | Method::SupconIn | Method::CrossEntropy => self.temperature,
        }
    }
}

/// Scale of the contrastive loss. Published learning rates assume one of them: the paper multiplies
/// by τ (§4.5), its PyTorch release by τ/0.07.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LossScale {
    /// Nats as they are.
    None,
    /// × τ.
    Temperature,
    /// × τ/0.07.
    TemperatureOverBase,
}

impl LossScale {
    /// The factor at temperature τ.
    #[must_use]
    pub fn factor(self, temperature: f32) -> f32 {
        match self {
            Self::None => 1.0,
            Self::Temperature => temperature,
            Self::TemperatureOverBase => temperature / 0.07,
        }
    }
}

/// Linear classifier on frozen features (the encoder is in evaluation mode; BatchNorm statistics
/// do not move).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LinearConfig {
    /// How long.
    pub length: Length,
    /// Rows in a batch.
    pub batch_size: usize,
    /// Whether each epoch draws new crops and flips. `false` computes the features once.
    pub augment: bool,
    /// Whether those views are drawn as the encoder's were, jitter, policy and all (Google's release),
    /// and not crops and flips alone (Khosla et al.'s).
    #[serde(default)]
    pub augment_fully: bool,
    /// Label smoothing ε in [0, 1).
    #[serde(default)]
    pub label_smoothing: f32,
    /// The optimiser.
    pub optimizer: OptimizerConfig,
    /// η on SimCLR's features, which want a smaller one; 0 takes the optimiser's.
    #[serde(default)]
    pub simclr_learning_rate: f64,
}

/// End-to-end training with cross-entropy; one view of each image, drawn like the contrastive ones.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CrossEntropyConfig {
    /// How long.
    pub length: Length,
    /// Images in a batch.
    pub batch_size: usize,
    /// Label smoothing ε in [0, 1).
    pub label_smoothing: f32,
    /// The optimiser.
    pub optimizer: OptimizerConfig,
}

/// What is measured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EvaluationConfig {
    /// Neighbours of the weighted kNN.
    pub knn_neighbors: usize,
    /// Its temperature: neighbours vote with weight e^{cos/τ}.
    pub knn_temperature: f32,
    /// Bootstrap resamples of an interval.
    pub bootstrap_resamples: usize,
    /// Steps between online kNN probes on the validation split; 0 for none.
    pub probe_every: u64,
    /// Images the online probe looks at, at most.
    pub probe_images: usize,
}
