//! The fused op as Burn sees it: what every backend implements.

use crate::LossError;
use crate::definition::{ContrastiveLoss, Precision, Similarity, Subgroups, Targets};
use burn::backend::{
    Backend, backend_extension,
    tensor::{FloatTensor, IntTensor},
};
use supcon_math::{Candidates, Denominator, Objective, Positives, Summation};

/// Statistics the forward pass writes for each row, in this order.
///
/// Log-sum-exps stand as peak and excess, ln Σ e^{s} = peak + ln(1 + excess), where the excess is
/// Σ e^{s − peak} without the peak's own term: P − X of a pair that takes nearly all of its
/// denominator then keeps the digits of the small remainder.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Stat {
    /// Loss of the anchor, nats; 0 if it is not valid.
    Loss,
    /// Largest logit of the denominator; NaN if an input of the row is not finite.
    Peak,
    /// Excess of the denominator.
    Excess,
    /// Largest logit of the positives (one denominator a positive: largest log-share), where the
    /// objective sums inside the logarithm; else 0.
    PositivePeak,
    /// Excess of the same.
    PositiveExcess,
    /// Number of positives.
    PositiveCount,
    /// Mean logit of the positives, by their targets.
    PositiveMean,
    /// Mean similarity with the other views of the same image; 0 without any.
    ViewSimilarity,
    /// Soft targets: their sum before normalisation. One denominator a positive: what the negatives
    /// take of it, by the positives' targets.
    Share,
    /// 1 if the anchor counts in the mean, else 0.
    Valid,
    /// Logarithm of the denominator (one a positive: their mean); very low if it is empty.
    LogDenominator,
}

impl Stat {
    /// Columns of the statistics.
    pub(crate) const COUNT: usize = 11;
}

/// Which positives of other images an anchor keeps besides its own views.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Others {
    /// No cap.
    All,
    /// Those up to the thresholds of `pair_hash` in the identities.
    First,
    /// A cap of 0.
    None,
}

impl Others {
    fn new(positives: Positives, cap: Option<usize>) -> Self {
        match (positives, cap) {
            // Own views are all the positives there are.
            (Positives::OtherView, _) | (_, None) => Self::All,
            (Positives::SameLabel, Some(0)) => Self::None,
            (Positives::SameLabel, Some(_)) => Self::First,
        }
    }
}

/// What the kernels need of a [`ContrastiveLoss`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct KernelSpec {
    pub(crate) inv_tau: f32,
    pub(crate) summation: Summation,
    pub(crate) positives: Positives,
    pub(crate) candidates: Candidates,
    pub(crate) denominator: Denominator,
    pub(crate) others: Others,
    pub(crate) targets: Targets,
    /// Length of a soft label.
    pub(crate) soft_dim: usize,
    pub(crate) similarity: Similarity,
    pub(crate) precision: Precision,
    pub(crate) subgroups: Subgroups,
    /// Whether the columns are a set of their own.
    pub(crate) separate: bool,
}

impl KernelSpec {
    /// Longest embedding the kernels take: bounded by the registers of the backward shader.
    pub(crate) const MAX_DIM: usize = 512;

    pub(crate) fn new(
        loss: &ContrastiveLoss,
        soft_dim: usize,
        separate: bool,
    ) -> Result<Self, LossError> {
        let Objective {
            temperature,
            summation,
            positives,
            candidates,
            denominator,
            positives_cap,
        } = loss.objective;
        if !(temperature.is_finite() && temperature > 0.0) {
            return Err(LossError::Temperature { temperature });
        }
        if loss.targets != Targets::Roles {
            let softened = Objective::supcon(temperature);
            if loss.objective != softened {
                return Err(LossError::SoftObjective);
            }
            if soft_dim == 0 {
                return Err(LossError::NoSoftLabels);
            }
        }
        Ok(Self {
            inv_tau: (1.0 / temperature) as f32,
            summation,
            positives,
            candidates,
            denominator,
            others: Others::new(positives, positives_cap),
            targets: loss.targets,
            soft_dim,
            similarity: Similarity::new(loss.kernel)?,
            precision: loss.precision,
            subgroups: loss.subgroups,
            separate,
        })
    }

    /// Whether roles and sums are those of the paper's equations, which the CPU twin vectorises.
    pub(crate) fn is_plain(&self) -> bool {
        self.denominator == Denominator::All
            && self.others == Others::All
            && self.targets == Targets::Roles
    }
}

/// The contrastive losses as an operation of a backend.
#[backend_extension(Cube, Flex, Autodiff)]
pub(crate) trait ContrastiveOp: Backend {
    /// Row statistics: z `[n, d]`, columns `[c, d]`, identities as `Identity::packed` →
    /// `[n, Stat::COUNT]`. The gradient flows from the column [`Stat::Loss`] to z alone. Where the
    /// spec is not `separate`, the columns are z and their identities are ignored.
    fn contrastive_forward(
        z: FloatTensor<Self>,
        columns: FloatTensor<Self>,
        identity: IntTensor<Self>,
        column_identity: IntTensor<Self>,
        spec: KernelSpec,
    ) -> FloatTensor<Self>;

    /// Gradient with respect to z `[n, d]` of Σ_i row_weight_i · loss_i.
    fn contrastive_backward(
        z: FloatTensor<Self>,
        columns: FloatTensor<Self>,
        identity: IntTensor<Self>,
        column_identity: IntTensor<Self>,
        stats: FloatTensor<Self>,
        row_weight: FloatTensor<Self>,
        spec: KernelSpec,
    ) -> FloatTensor<Self>;
}
