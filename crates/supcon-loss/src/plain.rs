use crate::op::{KernelSpec, Stat};
use crate::{BatchLoss, Identity, LossError};
use burn::tensor::{Bool, Tensor};
use supcon_math::{Candidates, Objective, Positives, Summation};

/// Stands for −∞ in masked logits: e^x is 0 and no NaN arises.
const MASKED: f32 = -1.0e30;

/// [`contrastive_loss`](crate::contrastive_loss) in plain tensor operations, with several n×n
/// matrices: the oracle and the baseline.
///
/// # Shapes
/// As [`contrastive_loss`](crate::contrastive_loss).
///
/// # Errors
/// As [`contrastive_loss`](crate::contrastive_loss).
pub fn plain_loss(
    z: Tensor<2>,
    identity: &Identity,
    objective: &Objective,
) -> Result<BatchLoss, LossError> {
    let spec = KernelSpec::new(objective)?;
    let n = z.dims()[0];
    if n != identity.len() {
        return Err(LossError::Rows {
            rows: n,
            identities: identity.len(),
        });
    }
    let cosines = z.clone().matmul(z.transpose());
    let masks = Masks::new(n, identity, &spec, &cosines);
    let logits = cosines.clone().mul_scalar(spec.inv_tau);
    let count = masks.positives.clone().sum_dim(1);
    let divisor = count.clone().clamp_min(1.0);
    let log_denominator = log_sum_exp(logits.clone().mask_fill(masks.outside, MASKED));
    let positive_mean = (logits.clone() * masks.positives.clone()).sum_dim(1) / divisor.clone();
    let log_positive_sum =
        log_sum_exp(logits.mask_fill(masks.positives.clone().equal_elem(0.0), MASKED));
    let target = match spec.summation {
        Summation::Out => positive_mean.clone(),
        Summation::In => log_positive_sum.clone() - divisor.log(),
    };
    let valid = count.clone().clamp_max(1.0);
    let loss = (log_denominator.clone() - target) * valid;
    let views = masks.views.clone().sum_dim(1).clamp_min(1.0);
    let view_similarity = (cosines * masks.views).sum_dim(1) / views;
    let (zeros, ones) = (count.zeros_like(), count.ones_like());
    let columns = [
        (Stat::Loss, loss),
        (Stat::Peak, log_denominator),
        (Stat::Sum, ones.clone()),
        (Stat::PositivePeak, zeros),
        (Stat::PositiveSum, ones),
        (Stat::PositiveCount, count),
        (Stat::PositiveMean, positive_mean),
        (Stat::ViewSimilarity, view_similarity),
    ];
    let stats = Tensor::cat(columns.into_iter().map(|(_, column)| column).collect(), 1);
    Ok(BatchLoss::from_stats(&stats))
}

/// Who is what to whom, `[n, n]`.
struct Masks {
    /// 1 where the column is a positive of the row.
    positives: Tensor<2>,
    /// 1 where the column is another view of the row's image.
    views: Tensor<2>,
    /// Columns that do not stand in the denominator: the row itself, and what the objective drops.
    outside: Tensor<2, Bool>,
}

impl Masks {
    fn new(n: usize, identity: &Identity, spec: &KernelSpec, like: &Tensor<2>) -> Self {
        let same = |column: usize| {
            let ids = identity.tensor.clone().slice([0..n, column..column + 1]);
            let rows = ids.clone().expand([n, n]);
            rows.equal(ids.transpose().expand([n, n]))
        };
        let itself = Tensor::<2>::eye(n, &like.device());
        let (same_label, same_instance) = (same(0), same(1));
        let but_itself = |mask: Tensor<2, Bool>| mask.float() - itself.clone();
        let positives = but_itself(match spec.positives {
            Positives::SameLabel => same_label.clone(),
            Positives::OtherView => same_instance.clone(),
        });
        let outside = match spec.candidates {
            Candidates::All => itself.clone(),
            Candidates::DropSameClass => same_label.float() - positives.clone(),
        };
        Self {
            positives,
            views: but_itself(same_instance),
            outside: outside.greater_elem(0.5),
        }
    }
}

/// `[n, n]` → `[n, 1]`.
fn log_sum_exp(logits: Tensor<2>) -> Tensor<2> {
    let peak = logits.clone().max_dim(1).detach();
    (logits - peak.clone()).exp().sum_dim(1).log() + peak
}
