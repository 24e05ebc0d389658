//! The loss and what each anchor contributed to it.

use crate::batch::{Anchors, Batch, Columns};
use crate::kernel::Kernel;
use crate::objective::Objective;
use crate::row::Row;

/// What one anchor's logits amount to.
#[derive(Clone, Debug, PartialEq)]
pub struct RowStats {
    /// `L_i` in nats; 0 for an invalid anchor.
    pub loss: f64,
    /// Logarithm of the denominator, `−∞` if it is empty. With
    /// [`Denominator::OnePositive`](crate::Denominator::OnePositive) the mean over the positives.
    pub log_denominator: f64,
    /// `ln Σ_p e^{s_ip}`, `−∞` without positives.
    pub log_positive_sum: f64,
    /// `|P(i)|`; for soft targets the number of columns with a weight above 0.
    pub positive_count: usize,
    /// `Σ_p s_ip / |P(i)|`; for soft targets `Σ_j Ŵ_ij s_ij`. 0 without positives.
    pub positive_mean_logit: f64,
    /// Cosine with the first other row (or column) of the same instance, if there is one and
    /// neither vector is zero.
    pub other_view_similarity: Option<f64>,
    /// Whether the anchor counts in the mean.
    pub valid: bool,
}

/// A loss and its rows.
#[derive(Clone, Debug, PartialEq)]
pub struct LossValue {
    /// Mean over the valid anchors, nats; 0 if there is none, NaN if an input is not finite.
    pub loss: f64,
    /// How many anchors the mean runs over.
    pub valid_anchors: usize,
    /// One entry per anchor, valid or not.
    pub rows: Vec<RowStats>,
}

impl LossValue {
    pub(crate) fn from_rows(rows: Vec<RowStats>, sound: bool) -> Self {
        let valid_anchors = rows.iter().filter(|row| row.valid).count();
        let sum: f64 = rows
            .iter()
            .filter(|row| row.valid)
            .map(|row| row.loss)
            .sum();
        Self {
            loss: if sound {
                sum / valid_anchors.max(1) as f64
            } else {
                f64::NAN
            },
            valid_anchors,
            rows,
        }
    }
}

/// The contrastive loss of a batch: eqs. 1 to 3 of Khosla et al. 2020 (arXiv:2004.11362) and their
/// relatives, as the mean over valid anchors, unscaled.
///
/// # Shapes
/// - `anchors.z`: `[m, d]`  - `columns.z`: `[c, d]`; `None` contrasts the rows with each other
///
/// # Panics
/// If the slices' lengths do not fit those shapes.
#[must_use]
pub fn loss(
    objective: &Objective,
    anchors: &Anchors<'_>,
    columns: Option<&Columns<'_>>,
) -> LossValue {
    kernel_loss(objective, Kernel::Dot, anchors, columns)
}

/// [`loss`](crate::loss()) with logits `kernel(z_i, k_j) / temperature`.
///
/// # Shapes
/// As [`loss`](crate::loss()).
///
/// # Panics
/// As [`loss`](crate::loss()).
#[must_use]
pub fn kernel_loss(
    objective: &Objective,
    kernel: Kernel,
    anchors: &Anchors<'_>,
    columns: Option<&Columns<'_>>,
) -> LossValue {
    let batch = Batch::new(anchors, columns).with_kernel(kernel);
    let stats = |row| {
        row_stats(
            &Row::new(objective, &batch, row),
            batch.other_view_similarity(row),
        )
    };
    let rows = (0..batch.n_rows()).map(stats).collect();
    LossValue::from_rows(rows, batch.is_sound(objective.temperature))
}

fn row_stats(row: &Row<'_>, other_view_similarity: Option<f64>) -> RowStats {
    let valid = row.is_valid();
    let loss = match (valid, row.is_finite()) {
        (false, _) => 0.0,
        (true, false) => f64::NAN,
        (true, true) => row.loss(),
    };
    RowStats {
        loss,
        log_denominator: row.log_denominator(),
        log_positive_sum: row.log_positive_sum(),
        positive_count: row.positive_count,
        positive_mean_logit: row.positive_mean_logit(),
        other_view_similarity,
        valid,
    }
}

/// What row `anchor` of [`kernel_loss`] amounts to, by itself, where the rows are contrasted with each other.
///
/// # Panics
/// As [`loss`](crate::loss()), or if `anchor` is not a row.
#[must_use]
pub fn anchor_loss(
    objective: &Objective,
    kernel: Kernel,
    anchors: &Anchors<'_>,
    anchor: usize,
) -> RowStats {
    let batch = Batch::new(anchors, None).with_kernel(kernel);
    row_stats(
        &Row::new(objective, &batch, anchor),
        batch.other_view_similarity(anchor),
    )
}
