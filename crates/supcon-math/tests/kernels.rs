//! Kernels against their definitions and against each other.

use supcon_math::{Kernel, Objective, gradient, kernel_gradient, kernel_loss, loss};

use crate::finite_differences::{TOLERANCE, differences, with_z};
use crate::support::{Embeddings, all_objectives, assert_close, random_batch, relative_error};

const KERNELS: [Kernel; 6] = [
    Kernel::Dot,
    Kernel::Cosine,
    Kernel::Rbf { width: 0.7 },
    Kernel::Laplacian { width: 0.9 },
    Kernel::Polynomial {
        offset: 0.5,
        degree: 3,
    },
    Kernel::StudentT { freedom: 1.0 },
];

#[test]
fn values_by_hand() {
    let (a, b) = ([3.0, 4.0], [1.0, 2.0]);
    let value = |kernel: Kernel| kernel.value(&a, &b);
    assert_close(value(Kernel::Dot), 11.0, 0.0);
    assert_close(value(Kernel::Cosine), 11.0 / (5.0 * 5_f64.sqrt()), 1e-15);
    assert_close(value(Kernel::Rbf { width: 2.0 }), -1.0, 0.0);
    assert_close(value(Kernel::Laplacian { width: 2.0 }), -2.0, 0.0);
    assert_close(
        value(Kernel::Polynomial {
            offset: -1.0,
            degree: 2,
        }),
        100.0,
        0.0,
    );
    assert_close(value(Kernel::StudentT { freedom: 1.0 }), -9_f64.ln(), 1e-15);
}

/// Least difference of one coordinate between two rows, or a row and a column.
fn nearest_coordinates(rows: &Embeddings, columns: &Embeddings) -> f64 {
    let all: Vec<&[f64]> = rows.z.chunks(4).chain(columns.z.chunks(4)).collect();
    let mut nearest = f64::INFINITY;
    for (i, a) in all.iter().enumerate().take(rows.len()) {
        for b in &all[i + 1..] {
            nearest = a
                .iter()
                .zip(*b)
                .map(|(x, y)| (x - y).abs())
                .fold(nearest, f64::min);
        }
    }
    nearest
}

#[test]
fn gradients_of_every_kernel() {
    let rows = random_batch(16, 3, 2, 4, 2);
    // Lengths other than 1, so that the kernels differ.
    let long: Vec<f64> = rows
        .z
        .iter()
        .enumerate()
        .map(|(i, z)| z * (0.5 + 0.2 * (i / 4) as f64))
        .collect();
    let rows = with_z(&rows, &long);
    let queue = random_batch(12, 5, 1, 4, 2);
    // The Laplacian has kinks where coordinates meet; no difference may straddle one.
    let nearest = nearest_coordinates(&rows, &queue);
    assert!(nearest > 1e-3, "{nearest:e}");
    let mut worst: f64 = 0.0;
    for kernel in KERNELS {
        for objective in all_objectives(0.5) {
            for columns in [None, Some(queue.columns())] {
                let analytic =
                    kernel_gradient(&objective, kernel, &rows.anchors(), columns.as_ref());
                let numeric = differences(&rows.z, |z| {
                    kernel_loss(
                        &objective,
                        kernel,
                        &with_z(&rows, z).anchors(),
                        columns.as_ref(),
                    )
                    .loss
                });
                let error = relative_error(&analytic, &numeric);
                assert!(error <= TOLERANCE, "{kernel:?} {objective:?}: {error:e}");
                worst = worst.max(error);
            }
        }
    }
    println!("kernels, worst relative error {worst:e}");
}

/// `‖a − b‖² = 2 − 2 a·b` on unit rows: the Gaussian kernel is the dot product at another temperature.
#[test]
fn on_unit_rows_the_gaussian_kernel_is_the_paper() {
    let rows = random_batch(13, 4, 2, 5, 2);
    let width = 0.5;
    for objective in all_objectives(0.4) {
        let paper = Objective {
            temperature: 0.4 * width * width,
            ..objective
        };
        let actual = kernel_loss(&objective, Kernel::Rbf { width }, &rows.anchors(), None).loss;
        let expected = loss(&paper, &rows.anchors(), None).loss;
        assert_close(actual, expected, 1e-11);
    }
}

#[test]
fn the_dot_kernel_is_the_default() {
    let rows = random_batch(14, 4, 2, 5, 2);
    let objective = Objective::supcon(0.1);
    let actual = kernel_gradient(&objective, Kernel::Dot, &rows.anchors(), None);
    assert_eq!(actual, gradient(&objective, &rows.anchors(), None));
}

#[test]
fn degenerate_widths_come_out_as_nan_and_zero_rows_as_zero() {
    let rows = random_batch(15, 3, 2, 3, 2);
    for width in [0.0, f64::NAN] {
        let value = kernel_loss(
            &Objective::supcon(0.1),
            Kernel::Rbf { width },
            &rows.anchors(),
            None,
        );
        assert!(value.loss.is_nan());
    }
    assert_eq!(
        Kernel::Cosine.gradient(&[0.0, 0.0], &[1.0, 0.0]),
        [0.0, 0.0]
    );
    assert_eq!(
        Kernel::Laplacian { width: 1.0 }.gradient(&[1.0, 2.0], &[1.0, 0.0]),
        [0.0, -1.0]
    );
}
