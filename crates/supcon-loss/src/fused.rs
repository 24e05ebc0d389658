use crate::op::{ContrastiveOp, KernelSpec};
use crate::{BatchLoss, Identity, LossError};
use burn::backend::Dispatch;
use burn::tensor::Tensor;
use supcon_math::Objective;

/// A contrastive loss of unit rows, fused: Khosla et al. 2020 (arXiv:2004.11362), eqs. 1–3.
///
/// Memory O(n·d) in both directions; the same input gives the same bits on the same device.
///
/// # Shapes
/// - `z`: `[n, d]`, unit rows, 1 ≤ d ≤ 512
/// - `identity`: n rows
/// - returns the mean over anchors with a positive, nats
///
/// # Errors
/// Shapes that disagree, and objectives the kernels do not know.
pub fn contrastive_loss(
    z: Tensor<2>,
    identity: &Identity,
    objective: &Objective,
) -> Result<BatchLoss, LossError> {
    let spec = KernelSpec::new(objective)?;
    let [rows, dim] = z.dims();
    if rows != identity.len() {
        return Err(LossError::Rows {
            rows,
            identities: identity.len(),
        });
    }
    if !(1..=KernelSpec::MAX_DIM).contains(&dim) {
        return Err(LossError::Dim {
            dim,
            max: KernelSpec::MAX_DIM,
        });
    }
    let stats = Dispatch::contrastive_forward(
        z.into_dispatch(),
        identity.tensor.clone().into_dispatch(),
        spec,
    );
    Ok(BatchLoss::from_stats(&Tensor::from_dispatch(stats)))
}
