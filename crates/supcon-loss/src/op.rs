//! The fused op as Burn sees it: what every backend implements.

use crate::LossError;
use burn::backend::{
    Backend, backend_extension,
    tensor::{FloatTensor, IntTensor},
};
use supcon_math::{Candidates, Denominator, Objective, Positives, Summation};

/// Statistics the forward pass writes for each row, in this order.
///
/// Log-sum-exps stand as peak and sum, ln Σ e^{s} = peak + ln sum: the backward pass then forms
/// e^{s − peak} / sum, where the difference of two logits is nearly exact. A rounded logarithm in
/// its place costs a digit wherever P and X cancel.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Stat {
    /// Loss of the anchor, nats; 0 if it has no positive.
    Loss,
    /// Largest logit of the denominator.
    Peak,
    /// Σ e^{s_ij − peak} over the denominator.
    Sum,
    /// Largest logit of the positives, where the objective sums inside the logarithm; else 0.
    PositivePeak,
    /// Σ e^{s_ip − positive peak}, where the objective sums inside the logarithm; else 1.
    PositiveSum,
    /// Number of positives.
    PositiveCount,
    /// Mean of s_ip over positives.
    PositiveMean,
    /// Mean dot product with the other views of the same image; 0 without any.
    ViewSimilarity,
}

impl Stat {
    /// Columns of the statistics.
    pub(crate) const COUNT: usize = 8;
}

/// What the kernels need of an [`Objective`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct KernelSpec {
    pub(crate) inv_tau: f32,
    pub(crate) summation: Summation,
    pub(crate) positives: Positives,
    pub(crate) candidates: Candidates,
}

impl KernelSpec {
    /// Longest embedding the kernels take: bounded by the registers of the backward shader.
    pub(crate) const MAX_DIM: usize = 512;

    pub(crate) fn new(objective: &Objective) -> Result<Self, LossError> {
        let Objective {
            temperature,
            summation,
            positives,
            candidates,
            denominator,
            positives_cap,
        } = *objective;
        if denominator != Denominator::All {
            return Err(LossError::Unsupported {
                feature: format!("denominator {denominator:?}"),
            });
        }
        if let Some(cap) = positives_cap {
            return Err(LossError::Unsupported {
                feature: format!("a cap of {cap} positives"),
            });
        }
        if !(temperature.is_finite() && temperature > 0.0) {
            return Err(LossError::Temperature { temperature });
        }
        Ok(Self {
            inv_tau: (1.0 / temperature) as f32,
            summation,
            positives,
            candidates,
        })
    }

    /// The flags of the shaders.
    pub(crate) fn flags(&self) -> u32 {
        u32::from(self.summation == Summation::In)
            | u32::from(self.positives == Positives::OtherView) << 1
            | u32::from(self.candidates == Candidates::DropSameClass) << 2
    }
}

/// The contrastive losses as an operation of a backend.
#[backend_extension(Cube, Flex, Autodiff)]
pub(crate) trait ContrastiveOp: Backend {
    /// Row statistics: z `[n, d]`, identity `[n, 2]` → `[n, Stat::COUNT]`. The gradient flows from
    /// the column [`Stat::Loss`] alone.
    fn contrastive_forward(
        z: FloatTensor<Self>,
        identity: IntTensor<Self>,
        spec: KernelSpec,
    ) -> FloatTensor<Self>;

    /// Gradient with respect to z `[n, d]` of Σ_i row_weight_i · loss_i.
    fn contrastive_backward(
        z: FloatTensor<Self>,
        identity: IntTensor<Self>,
        stats: FloatTensor<Self>,
        row_weight: FloatTensor<Self>,
        spec: KernelSpec,
    ) -> FloatTensor<Self>;
}
