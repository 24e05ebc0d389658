//! Batches for tests.

use supcon_math::statistics::SplitMix64;
use supcon_math::{Anchors, Candidates, Columns, Denominator, Objective, Positives, Summation};

/// Embeddings that own their data.
#[derive(Clone, Debug)]
pub(crate) struct Embeddings {
    pub(crate) z: Vec<f64>,
    pub(crate) dim: usize,
    pub(crate) labels: Vec<u32>,
    pub(crate) instances: Vec<u32>,
}

impl Embeddings {
    pub(crate) fn anchors(&self) -> Anchors<'_> {
        Anchors {
            z: &self.z,
            dim: self.dim,
            labels: &self.labels,
            instances: &self.instances,
        }
    }

    pub(crate) fn columns(&self) -> Columns<'_> {
        Columns {
            z: &self.z,
            labels: &self.labels,
            instances: &self.instances,
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.labels.len()
    }

    pub(crate) fn row(&self, row: usize) -> &[f64] {
        &self.z[row * self.dim..][..self.dim]
    }

    /// Rows in the order of `order`, which may repeat or drop some.
    pub(crate) fn select(&self, order: &[usize]) -> Self {
        Self {
            z: order
                .iter()
                .flat_map(|&row| self.row(row).to_vec())
                .collect(),
            dim: self.dim,
            labels: order.iter().map(|&row| self.labels[row]).collect(),
            instances: order.iter().map(|&row| self.instances[row]).collect(),
        }
    }
}

/// The batch of `reference/golden.py`: view-major, rows a and a + m/2 are views of one image.
pub(crate) fn golden_batch(n_rows: usize, dim: usize, labels: &[u32]) -> Embeddings {
    let mut z = Vec::new();
    for a in 0..n_rows {
        let angle = |d: usize| 1.0 + 0.7 * a as f64 + 1.3 * d as f64 + 0.11 * (a * d) as f64;
        z.extend((0..dim).map(|d| angle(d).sin()));
    }
    normalize(&mut z, dim);
    Embeddings {
        z,
        dim,
        labels: labels.to_vec(),
        instances: (0..n_rows).map(|a| (a % (n_rows / 2)) as u32).collect(),
    }
}

pub(crate) const GOLDEN_LABELS: [u32; 8] = [0, 1, 0, 2, 0, 1, 0, 2];

/// Random unit rows, view-major, with labels below `n_classes`.
pub(crate) fn random_batch(
    seed: u64,
    n_images: usize,
    n_views: usize,
    dim: usize,
    n_classes: usize,
) -> Embeddings {
    let mut generator = SplitMix64::new(seed);
    let image_labels: Vec<u32> = (0..n_images)
        .map(|_| (generator.next_u64() % n_classes as u64) as u32)
        .collect();
    let n_rows = n_images * n_views;
    let mut z: Vec<f64> = (0..n_rows * dim)
        .map(|_| gaussian(&mut generator))
        .collect();
    normalize(&mut z, dim);
    Embeddings {
        z,
        dim,
        labels: (0..n_rows)
            .map(|row| image_labels[row % n_images])
            .collect(),
        instances: (0..n_rows).map(|row| (row % n_images) as u32).collect(),
    }
}

pub(crate) fn uniform(generator: &mut SplitMix64) -> f64 {
    (generator.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
}

pub(crate) fn gaussian(generator: &mut SplitMix64) -> f64 {
    let radius = (-2.0 * (1.0 - uniform(generator)).ln()).sqrt();
    radius * (std::f64::consts::TAU * uniform(generator)).cos()
}

pub(crate) fn normalize(z: &mut [f64], dim: usize) {
    for row in z.chunks_mut(dim) {
        let norm = row.iter().map(|value| value * value).sum::<f64>().sqrt();
        row.iter_mut().for_each(|value| *value /= norm);
    }
}

/// Every combination of switches.
pub(crate) fn all_objectives(temperature: f64) -> Vec<Objective> {
    let mut all = Vec::new();
    for summation in [Summation::Out, Summation::In] {
        for positives in [Positives::SameLabel, Positives::OtherView] {
            for candidates in [Candidates::All, Candidates::DropSameClass] {
                for denominator in [
                    Denominator::All,
                    Denominator::OnePositive,
                    Denominator::OnlyNegatives,
                ] {
                    for positives_cap in [None, Some(0), Some(2)] {
                        all.push(Objective {
                            temperature,
                            summation,
                            positives,
                            candidates,
                            denominator,
                            positives_cap,
                        });
                    }
                }
            }
        }
    }
    all
}

/// `max|x − y| / max|y|`; the plain maximum where y is 0.
pub(crate) fn relative_error(actual: &[f64], expected: &[f64]) -> f64 {
    assert_eq!(actual.len(), expected.len());
    let differences = actual.iter().zip(expected).map(|(x, y)| (x - y).abs());
    let error = differences.fold(0.0, f64::max);
    let size = expected.iter().map(|y| y.abs()).fold(0.0, f64::max);
    if size == 0.0 { error } else { error / size }
}

pub(crate) fn assert_close(actual: f64, expected: f64, tolerance: f64) {
    let error = (actual - expected).abs();
    assert!(
        error <= tolerance,
        "{actual} is not {expected} (off by {error:e})"
    );
}
