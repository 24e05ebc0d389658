//! Similarities other than the scaled dot product (the talk: "this could be any kernel").

use crate::batch::dot;

/// Similarity `k(a, b)` of two embeddings; the logit is `k / temperature`. All are symmetric.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kernel {
    /// `a · b`, the paper's choice on unit rows.
    Dot,
    /// `a · b / (‖a‖ ‖b‖)`, lengths no shorter than 1e-12; the gradient of a shorter row is 0.
    Cosine,
    /// `−‖a − b‖² / (2 width²)`, logarithm of the Gaussian kernel.
    Rbf {
        /// Length scale, positive.
        width: f64,
    },
    /// `−‖a − b‖₁ / width`, logarithm of the Laplacian kernel; gradient 0 along equal coordinates.
    Laplacian {
        /// Length scale, positive.
        width: f64,
    },
    /// `(a · b + offset)^degree`.
    Polynomial {
        /// Added to the dot product.
        offset: f64,
        /// Exponent, at least 1.
        degree: u16,
    },
    /// `−(ν + 1)/2 · ln(1 + ‖a − b‖² / ν)`, logarithm of the Student-t kernel (t-SNE: ν = 1).
    StudentT {
        /// Degrees of freedom ν, positive.
        freedom: f64,
    },
}

const MIN_NORM: f64 = 1e-12;

impl Kernel {
    /// `k(a, b)`. Both `[d]`.
    #[must_use]
    pub fn value(&self, a: &[f64], b: &[f64]) -> f64 {
        match *self {
            Self::Dot => dot(a, b),
            Self::Cosine => dot(a, b) / (norm(a) * norm(b)),
            Self::Rbf { width } => -squared_distance(a, b) / (2.0 * width * width),
            Self::Laplacian { width } => {
                let distances = a.iter().zip(b).map(|(x, y)| (x - y).abs());
                -distances.sum::<f64>() / width
            }
            Self::Polynomial { offset, degree } => (dot(a, b) + offset).powi(i32::from(degree)),
            Self::StudentT { freedom } => {
                -(freedom + 1.0) / 2.0 * (squared_distance(a, b) / freedom).ln_1p()
            }
        }
    }

    /// `∂k/∂a`. Both `[d]`, returns `[d]`.
    #[must_use]
    pub fn gradient(&self, a: &[f64], b: &[f64]) -> Vec<f64> {
        let mut sum = vec![0.0; a.len()];
        self.add_gradient(1.0, a, b, &mut sum);
        sum
    }

    /// `sum += weight · ∂k/∂a`, without the allocation.
    pub(crate) fn add_gradient(&self, weight: f64, a: &[f64], b: &[f64], sum: &mut [f64]) {
        // All but the Laplacian are combinations of the two vectors.
        let mut add = |of_a: f64, of_b: f64| {
            for (total, (x, y)) in sum.iter_mut().zip(a.iter().zip(b)) {
                *total += weight * (of_a * x + of_b * y);
            }
        };
        match *self {
            Self::Dot => add(0.0, 1.0),
            Self::Cosine if dot(a, a).sqrt() < MIN_NORM => {}
            Self::Cosine => {
                let length = norm(a);
                add(
                    -self.value(a, b) / (length * length),
                    1.0 / (length * norm(b)),
                );
            }
            Self::Rbf { width } => add(-1.0 / (width * width), 1.0 / (width * width)),
            Self::Polynomial { offset, degree } => {
                let power = (dot(a, b) + offset).powi(i32::from(degree) - 1);
                add(0.0, f64::from(degree) * power);
            }
            Self::StudentT { freedom } => {
                let pull = (freedom + 1.0) / (freedom + squared_distance(a, b));
                add(-pull, pull);
            }
            Self::Laplacian { width } => {
                for (total, (x, y)) in sum.iter_mut().zip(a.iter().zip(b)) {
                    *total -= weight * sign(x - y) / width;
                }
            }
        }
    }
}

fn norm(a: &[f64]) -> f64 {
    dot(a, a).sqrt().max(MIN_NORM)
}

fn squared_distance(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| (x - y).powi(2)).sum()
}

/// Sign with 0 at 0, where `f64::signum` says 1.
fn sign(value: f64) -> f64 {
    if value == 0.0 { 0.0 } else { value.signum() }
}
