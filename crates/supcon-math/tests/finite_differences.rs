//! Every analytic gradient against five-point differences of its loss.

use supcon_math::statistics::SplitMix64;
use supcon_math::{gradient, gradient_through_normalization, loss, soft_gradient, soft_loss};

use crate::support::{
    Embeddings, GOLDEN_LABELS, all_objectives, golden_batch, normalize, random_batch,
    relative_error, uniform,
};

pub(crate) const TOLERANCE: f64 = 1e-7;
/// Gradients below this are noise: the numeric ones carry an error of about 1e-11.
const VANISHING: f64 = 1e-9;

/// Fourth-order central differences of `f` at `at`; the step balances truncation and rounding for
/// temperatures down to 0.05.
pub(crate) fn differences(at: &[f64], f: impl Fn(&[f64]) -> f64) -> Vec<f64> {
    let step = 1e-4;
    let shifted = |index: usize, steps: f64| {
        let mut moved = at.to_vec();
        moved[index] += steps * step;
        f(&moved)
    };
    let derivative = |index| {
        let near = shifted(index, 1.0) - shifted(index, -1.0);
        let far = shifted(index, 2.0) - shifted(index, -2.0);
        (8.0 * near - far) / (12.0 * step)
    };
    (0..at.len()).map(derivative).collect()
}

pub(crate) fn with_z(batch: &Embeddings, z: &[f64]) -> Embeddings {
    Embeddings {
        z: z.to_vec(),
        ..batch.clone()
    }
}

#[test]
fn every_mode() {
    let (mut worst, mut skipped) = (0.0_f64, 0);
    let batches = [
        golden_batch(8, 4, &GOLDEN_LABELS),
        random_batch(1, 4, 3, 5, 2),
        random_batch(2, 7, 1, 3, 3),
    ];
    for batch in &batches {
        let queue = random_batch(9, 6, 1, batch.dim, 3);
        for temperature in [0.05, 0.1, 0.5, 1.0] {
            for objective in all_objectives(temperature) {
                for columns in [None, Some(queue.columns())] {
                    let analytic = gradient(&objective, &batch.anchors(), columns.as_ref());
                    let numeric = differences(&batch.z, |z| {
                        loss(&objective, &with_z(batch, z).anchors(), columns.as_ref()).loss
                    });
                    // Where the gradient all but vanishes (positives without negatives) only the
                    // rounding of the numeric one is left, and a relative error means nothing.
                    if numeric.iter().all(|value| value.abs() < VANISHING) {
                        assert!(analytic.iter().all(|value| value.abs() < 2.0 * VANISHING));
                        skipped += 1;
                        continue;
                    }
                    let error = relative_error(&analytic, &numeric);
                    assert!(error <= TOLERANCE, "{objective:?}: {error:e}");
                    worst = worst.max(error);
                }
            }
        }
    }
    println!("worst relative error {worst:e}, {skipped} vanishing");
}

#[test]
fn soft_targets() {
    let batch = random_batch(3, 4, 2, 4, 3);
    let queue = random_batch(4, 5, 1, 4, 3);
    let mut generator = SplitMix64::new(5);
    let mut weights =
        |count: usize| -> Vec<f64> { (0..count).map(|_| uniform(&mut generator)).collect() };
    for (columns, weights) in [(None, weights(64)), (Some(queue.columns()), weights(40))] {
        let anchors = batch.anchors();
        let analytic = soft_gradient(0.1, &anchors, columns.as_ref(), &weights);
        let numeric = differences(&batch.z, |z| {
            soft_loss(
                0.1,
                &with_z(&batch, z).anchors(),
                columns.as_ref(),
                &weights,
            )
            .loss
        });
        let error = relative_error(&analytic, &numeric);
        println!("soft {error:e}");
        assert!(error <= TOLERANCE, "{error:e}");
    }
}

#[test]
fn through_the_normalization() {
    let unit = random_batch(6, 4, 2, 4, 2);
    let raw: Vec<f64> = unit
        .z
        .iter()
        .enumerate()
        .map(|(i, z)| z * (1.0 + (i / 4) as f64))
        .collect();
    let objective = supcon_math::Objective::supcon(0.1);
    let of_z = gradient(&objective, &unit.anchors(), None);
    let analytic = gradient_through_normalization(&raw, &of_z, 4);
    let numeric = differences(&raw, |raw| {
        let mut z = raw.to_vec();
        normalize(&mut z, 4);
        loss(&objective, &with_z(&unit, &z).anchors(), None).loss
    });
    let error = relative_error(&analytic, &numeric);
    println!("normalization {error:e}");
    assert!(error <= TOLERANCE, "{error:e}");
}
