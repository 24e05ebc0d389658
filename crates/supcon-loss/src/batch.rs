use crate::op::Stat;
use burn::tensor::Tensor;

/// The loss of a batch, on the device.
#[derive(Clone, Debug)]
pub struct BatchLoss {
    /// `[1]`: mean over the anchors that have a positive, nats, unscaled; differentiable.
    pub loss: Tensor<1>,
    /// `[3]`, detached: what [`BatchFacts::from_slice`] reads. Facts of several steps may be added
    /// up on the device and read back once.
    pub facts: Tensor<1>,
}

/// The loss of a batch and what else its forward pass knew.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BatchFacts {
    /// Mean loss in nats, unscaled.
    pub loss: f64,
    /// Anchors that have a positive; only they count.
    pub valid_anchors: f64,
    /// Mean dot product of a row with the other views of its image (cosine on unit rows).
    pub view_similarity: f64,
}

impl BatchFacts {
    /// From [`BatchLoss::facts`], read back.
    #[must_use]
    pub fn from_slice(facts: &[f32; 3]) -> Self {
        let [loss, valid_anchors, view_similarity] = facts.map(f64::from);
        Self {
            loss,
            valid_anchors,
            view_similarity,
        }
    }
}

impl BatchLoss {
    /// From the row statistics `[n, Stat::COUNT]`.
    pub(crate) fn from_stats(stats: &Tensor<2>) -> Self {
        let n = stats.dims()[0];
        let column = |stat: Stat| {
            let at = stat as usize;
            stats.clone().slice([0..n, at..at + 1]).reshape([n])
        };
        let valid_anchors = column(Stat::PositiveCount).detach().clamp_max(1.0).sum();
        let loss = column(Stat::Loss).sum() / valid_anchors.clone().clamp_min(1.0);
        let view_similarity = column(Stat::ViewSimilarity).detach().mean();
        let facts = Tensor::cat(
            vec![loss.clone().detach(), valid_anchors, view_similarity],
            0,
        );
        Self { loss, facts }
    }
}
