//! What every column does to one anchor: the view behind the pair inspector.

use crate::batch::{Anchors, Batch, Columns, dot};
use crate::kernel::Kernel;
use crate::objective::Objective;
use crate::row::{Role, Row, is_valid_row};

/// One column as an anchor sees it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pair {
    /// Index of the column.
    pub column: usize,
    /// What the column is to the anchor.
    pub role: Role,
    /// Cosine; `None` where a vector is zero or not finite.
    pub similarity: Option<f64>,
    /// `s_ij`, the kernel's value over the temperature (of the unnormalised vectors, if they are).
    pub logit: f64,
    /// `P_ij`, the column's part of the denominator.
    pub probability: f64,
    /// `X_ij`, the part it should have.
    pub target: f64,
    /// `G_ij = (P_ij − X_ij) / (temperature · valid anchors)`: descent moves the anchor by
    /// `−G_ij z_j`, towards the column if negative.
    pub gradient_weight: f64,
    /// `√(1 − cos²) · |P_ij − X_ij|`: how strongly the pair pulls once the normalisation has removed
    /// the radial part (paper eqs. 19 to 24). Large for hard pairs, 0 for easy positives. Of another
    /// kernel than the dot product, the length of its gradient's tangential part takes the root's place.
    pub hardness: f64,
}

/// All columns of anchor `row`, in column order. Probabilities, targets and weights are 0 if the
/// anchor is invalid, NaN if a logit is not finite.
///
/// `gradient_weight` is the anchor's own part of [`gradient`](crate::gradient()), which adds the
/// part that row i plays as a column of the others.
///
/// # Panics
/// If the slices' lengths do not fit each other or `row` is not a row.
#[must_use]
pub fn pairs(
    objective: &Objective,
    anchors: &Anchors<'_>,
    columns: Option<&Columns<'_>>,
    row: usize,
) -> Vec<Pair> {
    kernel_pairs(objective, Kernel::Dot, anchors, columns, row)
}

/// [`pairs`] with logits `kernel(z_i, k_j) / temperature`.
///
/// # Panics
/// As [`pairs`].
#[must_use]
pub fn kernel_pairs(
    objective: &Objective,
    kernel: Kernel,
    anchors: &Anchors<'_>,
    columns: Option<&Columns<'_>>,
    row: usize,
) -> Vec<Pair> {
    let batch = Batch::new(anchors, columns).with_kernel(kernel);
    assert!(row < batch.n_rows(), "row {row} of {}", batch.n_rows());
    let this = Row::new(objective, &batch, row);
    let (probability, target) = weights(&this);
    let scale = 1.0 / (objective.temperature * valid_anchors(objective, &batch).max(1) as f64);
    let pair = |column: usize| {
        let similarity = batch.cosine(row, column);
        let difference = probability[column] - target[column];
        Pair {
            column,
            role: this.roles[column],
            similarity,
            logit: this.logits[column],
            probability: probability[column],
            target: target[column],
            gradient_weight: difference * scale,
            hardness: similarity.map_or(0.0, |s| leverage(&batch, row, column, s))
                * difference.abs(),
        }
    };
    (0..batch.n_columns()).map(pair).collect()
}

/// How far the anchor's direction turns for a unit of weight.
fn leverage(batch: &Batch<'_>, row: usize, column: usize, cosine: f64) -> f64 {
    if *batch.kernel() == Kernel::Dot {
        return (1.0 - cosine * cosine).sqrt();
    }
    let anchor = batch.row(row);
    let gradient = batch.kernel().gradient(anchor, batch.column(column));
    let radial = dot(&gradient, anchor) / dot(anchor, anchor).sqrt();
    (dot(&gradient, &gradient) - radial * radial)
        .max(0.0)
        .sqrt()
}

fn weights(row: &Row<'_>) -> (Vec<f64>, Vec<f64>) {
    let n_columns = row.logits.len();
    match (row.is_valid(), row.is_finite()) {
        (false, _) => (vec![0.0; n_columns], vec![0.0; n_columns]),
        (true, false) => (vec![f64::NAN; n_columns], vec![f64::NAN; n_columns]),
        (true, true) => {
            let both = row.distributions();
            (both.probability, both.target)
        }
    }
}

fn valid_anchors(objective: &Objective, batch: &Batch<'_>) -> usize {
    let valid = |&row: &usize| is_valid_row(objective, batch, row);
    (0..batch.n_rows()).filter(valid).count()
}
