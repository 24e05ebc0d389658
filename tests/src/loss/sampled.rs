//! Batches too large for the reference's n×n pairs: L_out of all rows and the gradient of some, in f64
//! row by row.

use super::Batch;
use rayon::prelude::*;

/// What [`l_out`] found.
pub struct Sampled {
    /// Mean over all anchors.
    pub loss: f64,
    /// Rows whose gradient is known, ascending.
    pub rows: Vec<usize>,
    /// Their gradients, `[rows, dim]`.
    pub gradient: Vec<f64>,
}

/// L_out (Khosla et al. 2020, eq. 2) of a batch in which every anchor has a positive, and
/// ∂L/∂z_i = Σ_j (G_ij + G_ji) z_j with G_ij = (P_ij − X_ij)/(τ·n) for `samples` evenly spread rows.
pub fn l_out(batch: &Batch, tau: f64, samples: usize) -> Sampled {
    let (n, dim) = (batch.labels.len(), batch.dim);
    let z: Vec<f64> = batch.z.iter().map(|&x| f64::from(x)).collect();
    let row = |i: usize| &z[i * dim..][..dim];
    let logit = |i: usize, j: usize| {
        let products = row(i).iter().zip(row(j)).map(|(a, b)| a * b);
        products.sum::<f64>() / tau
    };
    let is_positive = |i: usize, j: usize| j != i && batch.labels[i] == batch.labels[j];
    // ln of the denominator, number of positives, their mean logit.
    let anchor = |i: usize| {
        let logits: Vec<f64> = (0..n).map(|j| logit(i, j)).collect();
        let others = (0..n).filter(|&j| j != i).map(|j| logits[j]);
        let peak = others.clone().fold(f64::NEG_INFINITY, f64::max);
        let log_denominator = peak + others.map(|s| (s - peak).exp()).sum::<f64>().ln();
        let positives = (0..n).filter(|&j| is_positive(i, j));
        let count = positives.clone().count() as f64;
        (
            log_denominator,
            count,
            positives.map(|j| logits[j]).sum::<f64>() / count,
        )
    };
    let anchors: Vec<(f64, f64, f64)> = (0..n).into_par_iter().map(anchor).collect();
    let loss = anchors.iter().map(|(log, _, mean)| log - mean).sum::<f64>() / n as f64;
    let pull = |i: usize, j: usize, s: f64| {
        let (log_denominator, count, _) = anchors[i];
        let target = if is_positive(i, j) { 1.0 / count } else { 0.0 };
        ((s - log_denominator).exp() - target) / (tau * n as f64)
    };
    let rows: Vec<usize> = (0..samples).map(|k| k * (n - 1) / (samples - 1)).collect();
    let gradient = rows.par_iter().flat_map_iter(|&i| {
        let mut sum = vec![0.0; dim];
        for j in (0..n).filter(|&j| j != i) {
            let s = logit(i, j);
            let weight = pull(i, j, s) + pull(j, i, s);
            sum.iter_mut()
                .zip(row(j))
                .for_each(|(sum, x)| *sum += weight * x);
        }
        sum
    });
    Sampled {
        loss,
        gradient: gradient.collect(),
        rows,
    }
}

impl Sampled {
    /// The same rows of a whole gradient `[n, dim]`.
    pub fn of(&self, gradient: &[f32], dim: usize) -> Vec<f32> {
        let rows = self.rows.iter();
        rows.flat_map(|&row| gradient[row * dim..][..dim].to_vec())
            .collect()
    }
}

#[test]
fn samples_are_the_reference() {
    use supcon_loss::ContrastiveLoss;
    let batch = Batch::random(20, 7, 4, 1);
    let (loss, gradient) =
        batch.reference(&ContrastiveLoss::new(supcon_math::Objective::supcon(0.1)));
    let sampled = l_out(&batch, 0.1, 5);
    assert!((sampled.loss - loss).abs() < 1e-12 * loss);
    for (k, &row) in sampled.rows.iter().enumerate() {
        for d in 0..7 {
            let (found, exact) = (sampled.gradient[k * 7 + d], gradient[row * 7 + d]);
            assert!((found - exact).abs() < 1e-12, "{found} vs {exact}");
        }
    }
}
