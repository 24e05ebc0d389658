mod check;

use super::Length;
use serde::{Deserialize, Serialize};

/// How weights move: the rule, its constants, and the learning rate over time.
///
/// Written out, with w a parameter, g its gradient, η the learning rate, μ `momentum`, λ
/// `weight_decay`, ρ `square_decay`, ε `epsilon`; m, v and s are kept for every parameter.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OptimizerConfig {
    /// The rule.
    #[serde(default)]
    pub kind: OptimizerKind,
    /// η at its peak, before [`scaling`](Self::scaling).
    pub learning_rate: f64,
    /// What the learning rate is multiplied by.
    #[serde(default)]
    pub scaling: RateScaling,
    /// μ; the decay β₁ of the mean gradient in AdamW.
    pub momentum: f64,
    /// Looks ahead by one step of the momentum (`sgd`, `lars`, `lars_solo`).
    #[serde(default)]
    pub nesterov: bool,
    /// λ. The published SGD recipes decay BatchNorm and biases too: see [`exclude`](Self::exclude).
    pub weight_decay: f64,
    /// Parameters without weight decay and, under LARS, without trust ratio.
    #[serde(default)]
    pub exclude: Exclusion,
    /// η_trust of LARS.
    #[serde(default = "default::trust_coefficient")]
    pub trust_coefficient: f64,
    /// Whether `lars_solo` limits its step to that of SGD: trust = min(trust/η, 1).
    #[serde(default)]
    pub trust_clip: bool,
    /// ρ of RMSProp, β₂ of AdamW: the decay of the mean squared gradient.
    #[serde(default = "default::square_decay")]
    pub square_decay: f64,
    /// ε of AdamW, RMSProp and `lars_solo`.
    #[serde(default = "default::epsilon")]
    pub epsilon: f64,
    /// Shape of the learning rate.
    pub schedule: Schedule,
    /// What the schedule counts.
    #[serde(default)]
    pub schedule_clock: ScheduleClock,
    /// Where `cosine` and `linear` end, as a share of the peak.
    #[serde(default = "default::floor")]
    pub floor: f64,
    /// Factor of `step` at each milestone, and of `exponential` at each period.
    #[serde(default = "default::decay_factor")]
    pub decay_factor: f64,
    /// Epochs after which `step` multiplies by the factor.
    #[serde(default)]
    pub milestones: Vec<u64>,
    /// Epochs between the factors of `exponential`.
    #[serde(default = "default::decay_every")]
    pub decay_every: f64,
    /// Linear rise to the peak; 0 for none.
    pub warmup: Length,
    /// Where the rise starts, as a share of the peak.
    #[serde(default = "default::warmup_start")]
    pub warmup_start: f64,
}

/// Values of keys that a file may leave out.
mod default {
    pub(super) fn trust_coefficient() -> f64 {
        0.001
    }
    pub(super) fn square_decay() -> f64 {
        0.999
    }
    pub(super) fn epsilon() -> f64 {
        1e-8
    }
    pub(super) fn floor() -> f64 {
        1e-3
    }
    pub(super) fn decay_factor() -> f64 {
        0.1
    }
    pub(super) fn decay_every() -> f64 {
        1.0
    }
    pub(super) fn warmup_start() -> f64 {
        0.01
    }
}

impl OptimizerConfig {
    /// SGD with momentum 0.9 and a cosine to 0.1 % of the peak after a warm-up from 1 %.
    #[must_use]
    pub fn sgd(learning_rate: f64, weight_decay: f64, warmup: Length) -> Self {
        Self {
            kind: OptimizerKind::Sgd,
            learning_rate,
            scaling: RateScaling::Absolute,
            momentum: 0.9,
            nesterov: false,
            weight_decay,
            exclude: Exclusion::None,
            trust_coefficient: default::trust_coefficient(),
            trust_clip: false,
            square_decay: default::square_decay(),
            epsilon: default::epsilon(),
            schedule: Schedule::Cosine,
            schedule_clock: ScheduleClock::Step,
            floor: default::floor(),
            decay_factor: default::decay_factor(),
            milestones: Vec::new(),
            decay_every: default::decay_every(),
            warmup,
            warmup_start: default::warmup_start(),
        }
    }

    /// η at its peak for batches of `batch_size` images.
    #[must_use]
    pub fn peak(&self, batch_size: usize) -> f64 {
        match self.scaling {
            RateScaling::Absolute => self.learning_rate,
            RateScaling::Per256Images => self.learning_rate * batch_size as f64 / 256.0,
        }
    }
}

/// The rule by which weights move.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OptimizerKind {
    /// g += λw; v ← μv + g; w ← w − ηv, with `nesterov` w − η(g + μv): PyTorch's form, dampening 0
    /// (Sutskever et al. 2013).
    #[default]
    Sgd,
    /// w ← (1 − ηλ)w; m, s the bias-corrected means of g and g²; w ← w − η·m/(√s + ε)
    /// (Loshchilov & Hutter 2019).
    AdamW,
    /// Layer-wise rates (You et al. 2017) as Google's release of SupCon has them: g += λw, trust
    /// η_trust‖w‖/‖g‖ (1 if a norm is 0), v ← μv + η·trust·g; w ← w − v.
    Lars,
    /// … as solo-learn and lightly have them: trust η_trust‖w‖/(‖g‖ + λ‖w‖ + ε), the rate outside
    /// the momentum: v ← μv + trust·(g + λw); w ← w − ηv.
    LarsSolo,
    /// TensorFlow's RMSProp: g += λw; s ← ρs + (1 − ρ)g², s starting at 1; v ← μv + ηg/√(s + ε);
    /// w ← w − v.
    Rmsprop,
}

/// Which parameters are spared weight decay and trust ratio.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Exclusion {
    /// None.
    #[default]
    None,
    /// Scale and shift of batch normalisation (Google's release).
    BatchNorm,
    /// All one-dimensional parameters: batch normalisation and biases (solo-learn).
    OneDimensional,
}

/// What a learning rate is stated for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RateScaling {
    /// The rate as it is (Khosla et al.'s PyTorch release).
    #[default]
    Absolute,
    /// × batch size / 256 (Google's release; Goyal et al. 2017).
    #[serde(rename = "per_256_images")]
    Per256Images,
}

/// Shape of the learning rate after the warm-up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Schedule {
    /// Half a cosine down to `floor`.
    Cosine,
    /// A straight line down to `floor`.
    Linear,
    /// × `decay_factor` after each of the `milestones`.
    Step,
    /// × `decay_factor` every `decay_every` epochs, in a staircase.
    Exponential,
    /// Flat.
    Constant,
}

/// What a schedule counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScheduleClock {
    /// Steps since the end of the warm-up (Google's release).
    #[default]
    Step,
    /// Epochs since the start, the first being 1: the rate changes once an epoch, and the warm-up
    /// leads to the rate of its last epoch (Khosla et al.'s PyTorch release).
    Epoch,
}
