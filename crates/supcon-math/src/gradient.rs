//! The exact gradient of the mean loss with respect to the embeddings.

use crate::batch::{Anchors, Batch, Columns, dot};
use crate::kernel::Kernel;
use crate::objective::Objective;
use crate::row::Row;

/// `∂L/∂z` of [`loss`](crate::loss()): `Σ_j (G_ij + G_ji) z_j` with
/// `G_ij = (P_ij − X_ij) / (temperature · valid anchors)`, paper eq. 4 summed over the batch; for
/// separate columns, which carry no gradient, `Σ_j G_ij k_j`.
///
/// The rows are treated as free vectors; see [`gradient_through_normalization`].
///
/// # Shapes
/// - `anchors.z`: `[m, d]`  - `columns.z`: `[c, d]`  - returns `[m, d]`
///
/// # Panics
/// If the slices' lengths do not fit those shapes.
#[must_use]
pub fn gradient(
    objective: &Objective,
    anchors: &Anchors<'_>,
    columns: Option<&Columns<'_>>,
) -> Vec<f64> {
    kernel_gradient(objective, Kernel::Dot, anchors, columns)
}

/// `∂L/∂z` of [`kernel_loss`](crate::kernel_loss): as [`gradient`](crate::gradient()), with
/// `∂kernel(z_i, z_j)/∂z_i` in the place of `z_j`.
///
/// # Shapes
/// As [`gradient`](crate::gradient()).
///
/// # Panics
/// As [`gradient`](crate::gradient()).
#[must_use]
pub fn kernel_gradient(
    objective: &Objective,
    kernel: Kernel,
    anchors: &Anchors<'_>,
    columns: Option<&Columns<'_>>,
) -> Vec<f64> {
    let batch = Batch::new(anchors, columns).with_kernel(kernel);
    accumulate(&batch, objective.temperature, |index| {
        let row = Row::new(objective, &batch, index);
        if !row.is_valid() {
            return None;
        }
        if !row.is_finite() {
            return Some(vec![f64::NAN; row.logits.len()]);
        }
        let both = row.distributions();
        let difference = both
            .probability
            .iter()
            .zip(&both.target)
            .map(|(p, x)| p - x);
        Some(difference.collect())
    })
}

/// Gradient of the mean loss from each anchor's `∂L_i/∂s_i`, `None` for invalid anchors.
pub(crate) fn accumulate(
    batch: &Batch<'_>,
    temperature: f64,
    logit_gradient: impl Fn(usize) -> Option<Vec<f64>>,
) -> Vec<f64> {
    let (dim, kernel) = (batch.dim(), batch.kernel());
    let mut sum = vec![0.0; batch.n_rows() * dim];
    let mut valid_anchors = 0;
    for row in 0..batch.n_rows() {
        let Some(weights) = logit_gradient(row) else {
            continue;
        };
        valid_anchors += 1;
        for (column, &weight) in weights.iter().enumerate() {
            if batch.is_itself(row, column) {
                continue;
            }
            let (a, b) = (batch.row(row), batch.column(column));
            kernel.add_gradient(weight, a, b, &mut sum[row * dim..][..dim]);
            if batch.columns_are_rows() {
                kernel.add_gradient(weight, b, a, &mut sum[column * dim..][..dim]);
            }
        }
    }
    // One non-finite value makes the mean loss NaN, and a NaN loss has no finite gradient anywhere.
    if !batch.is_sound(temperature) || sum.iter().any(|value| value.is_nan()) {
        return vec![f64::NAN; sum.len()];
    }
    let scale = 1.0 / (temperature * f64::from(valid_anchors.max(1)));
    sum.iter().map(|value| value * scale).collect()
}

/// Length below which the normalisation divides by this constant instead.
const MIN_NORM: f64 = 1e-12;

/// Carries a gradient through `z = w / max(‖w‖, 1e-12)`: `∂L/∂w = (I − z zᵀ) ∂L/∂z / ‖w‖`, eq. 17
/// of the paper. 0 for rows shorter than the bound.
///
/// # Shapes
/// - `raw` (the `w`), `gradient`: `[m, dim]`  - returns `[m, dim]`
///
/// # Panics
/// If the lengths differ or are no multiple of `dim`.
#[must_use]
pub fn gradient_through_normalization(raw: &[f64], gradient: &[f64], dim: usize) -> Vec<f64> {
    assert_eq!(
        raw.len(),
        gradient.len(),
        "raw and gradient differ in length"
    );
    assert!(
        dim > 0 && raw.len().is_multiple_of(dim),
        "raw is not [m, dim = {dim}]"
    );
    let rows = raw.chunks(dim).zip(gradient.chunks(dim));
    rows.flat_map(|(w, g)| normalized_row(w, g)).collect()
}

fn normalized_row(raw: &[f64], gradient: &[f64]) -> Vec<f64> {
    let norm = dot(raw, raw).sqrt();
    if norm < MIN_NORM {
        return vec![0.0; raw.len()];
    }
    let radial = dot(raw, gradient) / (norm * norm);
    let tangential = raw
        .iter()
        .zip(gradient)
        .map(|(w, g)| (g - radial * w) / norm);
    tangential.collect()
}
