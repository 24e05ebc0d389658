//! Tiles of pairs: similarities through matrix products of the `gemm` crate, and their gradients.

#![allow(
    unsafe_code,
    reason = "gemm's interface is raw pointers; lengths are asserted here"
)]

use crate::definition::Similarity;
use gemm::Parallelism;

impl Similarity {
    /// out `[m, n]` = the sums over dimensions that the similarity of a `[m, k]` and b `[n, k]` is a
    /// function of; of a dot product, times `scale`.
    pub(super) fn sums(self, out: &mut [f32], a: &[f32], b: &[f32], k: usize, scale: f32) {
        match self {
            Self::Dot => a_bt(out, a, b, k, scale),
            Self::Polynomial { .. } => a_bt(out, a, b, k, 1.0),
            Self::Rbf { .. } | Self::StudentT { .. } => squared_distances(out, a, b, k),
            Self::Laplacian { .. } => absolute_distances(out, a, b, k),
        }
    }

    /// Turns sums into logits; those of a dot product are scaled already.
    pub(super) fn logits(self, sums: &mut [f32], inv_tau: f32) {
        let turn = |sums: &mut [f32], f: &dyn Fn(f32) -> f32| {
            sums.iter_mut().for_each(|sum| *sum = f(*sum) * inv_tau);
        };
        match self {
            Self::Dot => {}
            Self::Rbf { scale } | Self::Laplacian { scale } => turn(sums, &|sum| -scale * sum),
            Self::Polynomial { offset, degree } => {
                turn(sums, &|sum| (sum + offset).powi(i32::from(degree)));
            }
            Self::StudentT { freedom } => {
                turn(sums, &|sum| {
                    -0.5 * (freedom + 1.0) * (sum / freedom).ln_1p()
                });
            }
        }
    }

    /// ∂similarity/∂(sum), up to the sign that `add_gradient` gives it.
    pub(super) fn slope(self, sum: f32) -> f32 {
        match self {
            Self::Dot => 1.0,
            Self::Rbf { scale } => 2.0 * scale,
            Self::Laplacian { scale } => scale,
            Self::Polynomial { offset, degree } => {
                f32::from(degree) * (sum + offset).powi(i32::from(degree) - 1)
            }
            Self::StudentT { freedom } => (freedom + 1.0) / (freedom + sum),
        }
    }

    /// out `[m, k]` += scale · Σ_j w_ij · (where the similarity draws a_i towards b_j), for w `[m, n]`
    /// times slope.
    pub(super) fn add_gradient(
        self,
        out: &mut [f32],
        w: &[f32],
        a: &[f32],
        b: &[f32],
        k: usize,
        scale: f32,
    ) {
        match self {
            Self::Dot | Self::Polynomial { .. } => add_w_b(out, w, b, k, scale),
            Self::Rbf { .. } | Self::StudentT { .. } => {
                add_w_b(out, w, b, k, scale);
                let n = b.len() / k;
                let rows = out
                    .chunks_exact_mut(k)
                    .zip(a.chunks_exact(k))
                    .zip(w.chunks(n));
                for ((out, a), w) in rows {
                    let total = scale * w.iter().sum::<f32>();
                    out.iter_mut().zip(a).for_each(|(out, a)| *out -= total * a);
                }
            }
            Self::Laplacian { .. } => {
                let n = b.len() / k;
                let rows = out
                    .chunks_exact_mut(k)
                    .zip(a.chunks_exact(k))
                    .zip(w.chunks(n));
                for ((out, a), w) in rows {
                    for (b, w) in b.chunks_exact(k).zip(w) {
                        add_signs(out, a, b, scale * w);
                    }
                }
            }
        }
    }
}

/// out += w · sign(b − a), with sign 0 at 0.
fn add_signs(out: &mut [f32], a: &[f32], b: &[f32], w: f32) {
    for (out, (a, b)) in out.iter_mut().zip(a.iter().zip(b)) {
        let sign = f32::from(i8::from(b > a) - i8::from(b < a));
        // NaN compares with nothing, and must not vanish.
        *out += w * (sign + 0.0 * (b - a));
    }
}

fn squared_distances(out: &mut [f32], a: &[f32], b: &[f32], k: usize) {
    a_bt(out, a, b, k, -2.0);
    let squares = |x: &[f32]| -> Vec<f32> {
        x.chunks_exact(k)
            .map(|row| row.iter().map(|x| x * x).sum())
            .collect()
    };
    let (of_a, of_b) = (squares(a), squares(b));
    for (row, of_a) in out.chunks_exact_mut(of_b.len()).zip(&of_a) {
        for (sum, of_b) in row.iter_mut().zip(&of_b) {
            let distance = *sum + (of_a + of_b);
            // Rounding may leave less than nothing; NaN stays.
            *sum = if distance < 0.0 { 0.0 } else { distance };
        }
    }
}

fn absolute_distances(out: &mut [f32], a: &[f32], b: &[f32], k: usize) {
    for (row, a) in out.chunks_exact_mut(b.len() / k).zip(a.chunks_exact(k)) {
        for (sum, b) in row.iter_mut().zip(b.chunks_exact(k)) {
            *sum = absolute_distance(a, b);
        }
    }
}

/// In independent sums, which vectorise and round less than one long one.
fn absolute_distance(a: &[f32], b: &[f32]) -> f32 {
    const LANES: usize = 16;
    let mut lanes = [0.0; LANES];
    let (whole_a, rest_a) = a.as_chunks::<LANES>();
    let (whole_b, rest_b) = b.as_chunks::<LANES>();
    for (a, b) in whole_a.iter().zip(whole_b) {
        for lane in 0..LANES {
            lanes[lane] += (a[lane] - b[lane]).abs();
        }
    }
    let rest = rest_a.iter().zip(rest_b).map(|(a, b)| (a - b).abs());
    lanes.iter().sum::<f32>() + rest.sum::<f32>()
}

/// out `[m, n]` = scale · a `[m, k]` · b `[n, k]`ᵀ.
fn a_bt(out: &mut [f32], a: &[f32], b: &[f32], k: usize, scale: f32) {
    let (m, n) = (a.len() / k, b.len() / k);
    assert!(a.len() == m * k && b.len() == n * k && out.len() >= m * n);
    // SAFETY: the assertion bounds all three matrices; out aliases neither (it is borrowed mutably).
    unsafe {
        gemm::gemm(
            m,
            n,
            k,
            out.as_mut_ptr(),
            1,
            n as isize,
            false,
            a.as_ptr(),
            1,
            k as isize,
            b.as_ptr(),
            k as isize,
            1,
            0.0,
            scale,
            false,
            false,
            false,
            Parallelism::None,
        );
    }
}

/// out `[m, k]` += scale · w `[m, n]` · b `[n, k]`.
fn add_w_b(out: &mut [f32], w: &[f32], b: &[f32], k: usize, scale: f32) {
    let (m, n) = (out.len() / k, b.len() / k);
    assert!(out.len() == m * k && b.len() == n * k && w.len() >= m * n);
    // SAFETY: as above.
    unsafe {
        gemm::gemm(
            m,
            k,
            n,
            out.as_mut_ptr(),
            1,
            k as isize,
            true,
            w.as_ptr(),
            1,
            n as isize,
            b.as_ptr(),
            1,
            k as isize,
            1.0,
            scale,
            false,
            false,
            false,
            Parallelism::None,
        );
    }
}
