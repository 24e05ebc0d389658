//! Targets that are degrees instead of yes and no: mixed labels, neighbouring frames, super-classes.

use crate::batch::{Anchors, Batch, Columns};
use crate::gradient::accumulate;
use crate::loss::{LossValue, RowStats};
use crate::row::log_sum_exp;

/// Soft-label contrastive loss: mean over anchors of `−Σ_j Ŵ_ij ln P_ij`, with `P_i` the softmax
/// of row i over all its candidates and `Ŵ` the row-normalised `weights`.
///
/// Weights that are 1 for equal labels and 0 otherwise give `L_out` (eq. 2 of Khosla et al. 2020);
/// products of mixed label vectors give `GenSCL` (Kim et al. 2021, arXiv:2106.00486).
/// The diagonal is ignored when the rows are their own columns, and every row is divided by the
/// sum of what remains; a row of zeros is an invalid anchor.
///
/// # Shapes
/// - `anchors.z`: `[m, d]`  - `columns.z`: `[c, d]`  - `weights`: `[m, c]`, row-major, `c = m`
///   without columns
///
/// # Panics
/// If the slices' lengths do not fit those shapes or a weight is negative.
#[must_use]
pub fn soft_loss(
    temperature: f64,
    anchors: &Anchors<'_>,
    columns: Option<&Columns<'_>>,
    weights: &[f64],
) -> LossValue {
    let batch = Batch::new(anchors, columns);
    check_weights(&batch, weights);
    let rows = (0..batch.n_rows())
        .map(|row| SoftRow::new(&batch, temperature, weights, row).stats(&batch, row))
        .collect();
    LossValue::from_rows(rows, is_sound(&batch, temperature, weights))
}

/// `∂L/∂z` of [`soft_loss`]: as [`gradient`](crate::gradient()) with `X_ij = Ŵ_ij`.
///
/// # Shapes
/// As [`soft_loss`]; returns `[m, d]`.
///
/// # Panics
/// As [`soft_loss`].
#[must_use]
pub fn soft_gradient(
    temperature: f64,
    anchors: &Anchors<'_>,
    columns: Option<&Columns<'_>>,
    weights: &[f64],
) -> Vec<f64> {
    let batch = Batch::new(anchors, columns);
    check_weights(&batch, weights);
    let gradient = accumulate(&batch, temperature, |row| {
        SoftRow::new(&batch, temperature, weights, row).logit_gradient()
    });
    if is_sound(&batch, temperature, weights) {
        gradient
    } else {
        vec![f64::NAN; gradient.len()]
    }
}

fn check_weights(batch: &Batch<'_>, weights: &[f64]) {
    let (m, c) = (batch.n_rows(), batch.n_columns());
    assert_eq!(weights.len(), m * c, "weights are not [m = {m}, c = {c}]");
    // A NaN passes here and comes out as NaN.
    assert!(
        !weights.iter().any(|&weight| weight < 0.0),
        "a weight is negative"
    );
}

fn is_sound(batch: &Batch<'_>, temperature: f64, weights: &[f64]) -> bool {
    batch.is_sound(temperature) && weights.iter().all(|weight| weight.is_finite())
}

/// One anchor's candidates; the anchor itself has target 0 and logit `−∞`, hence probability 0.
struct SoftRow {
    logits: Vec<f64>,
    targets: Vec<f64>,
    valid: bool,
}

impl SoftRow {
    fn new(batch: &Batch<'_>, temperature: f64, weights: &[f64], row: usize) -> Self {
        let mut logits = batch.logits(row, temperature);
        let mut targets = weights[row * batch.n_columns()..][..batch.n_columns()].to_vec();
        if !logits.iter().all(|logit| logit.is_finite()) {
            // An overflow to −∞ would vanish in the softmax.
            logits.fill(f64::NAN);
        }
        if batch.columns_are_rows() {
            logits[row] = f64::NEG_INFINITY;
            targets[row] = 0.0;
        }
        let sum: f64 = targets.iter().sum();
        let valid = sum != 0.0;
        if valid {
            targets.iter_mut().for_each(|target| *target /= sum);
        }
        Self {
            logits,
            targets,
            valid,
        }
    }

    fn log_denominator(&self) -> f64 {
        log_sum_exp(self.logits.iter().copied())
    }

    /// Pairs of (logit, target) with a target; the anchor's own `−∞ · 0` must not enter a sum.
    fn positives(&self) -> impl Iterator<Item = (f64, f64)> + Clone {
        let pairs = self
            .logits
            .iter()
            .copied()
            .zip(self.targets.iter().copied());
        pairs.filter(|&(_, target)| target != 0.0)
    }

    fn stats(&self, batch: &Batch<'_>, row: usize) -> RowStats {
        let log_denominator = self.log_denominator();
        let target_logit: f64 = self.positives().map(|(logit, target)| logit * target).sum();
        RowStats {
            loss: if self.valid {
                log_denominator - target_logit
            } else {
                0.0
            },
            log_denominator,
            log_positive_sum: log_sum_exp(self.positives().map(|(logit, _)| logit)),
            positive_count: self.positives().count(),
            positive_mean_logit: target_logit,
            other_view_similarity: batch.other_view_similarity(row),
            valid: self.valid,
        }
    }

    fn logit_gradient(&self) -> Option<Vec<f64>> {
        let log_denominator = self.log_denominator();
        let columns = self.logits.iter().zip(&self.targets);
        let difference = columns.map(|(logit, target)| (logit - log_denominator).exp() - target);
        self.valid.then(|| difference.collect())
    }
}
