//! Half storage: the 2× rule against the f64 reference on rows rounded to f16, and how far that is
//! from the rows as they came.

use super::family::{KERNELS, is_among_the_pairs, objectives, queue};
use super::oracles::{assert_two_times_rule, relative_error};
use super::{Batch, Fused, nearest_half};
use crate::devices;
use burn::tensor::{Device, Tensor, TensorData};
use supcon_loss::{Columns, ContrastiveLoss, Identity, LossError, Precision, Targets};
use supcon_math::{Kernel, Objective};

fn half(loss: ContrastiveLoss) -> ContrastiveLoss {
    loss.with_precision(Precision::HalfStorage)
}

fn supcon(tau: f64) -> ContrastiveLoss {
    half(ContrastiveLoss::new(Objective::supcon(tau)))
}

#[test]
fn two_times_rule_on_rounded_rows() {
    let batch = Batch::random(35, 19, 5, 35);
    for (name, loss) in objectives(0.1) {
        // Rounding is the same for all: twelve hold every pair of values of two switches.
        if is_among_the_pairs(&loss) {
            assert_two_times_rule(&batch, &name, &half(loss), "70 rows in halves");
        }
    }
    // A cosine would be of rounded rows, not rounded from it.
    for kernel in KERNELS
        .into_iter()
        .filter(|&kernel| kernel != Kernel::Cosine)
    {
        let loss = half(ContrastiveLoss::new(Objective::supcon(0.5)).with_kernel(kernel));
        assert_two_times_rule(&batch, &format!("{kernel:?}"), &loss, "70 rows in halves");
    }
    let separate = Batch::random(20, 19, 5, 12).against(queue(19));
    assert_two_times_rule(&separate, "supcon", &supcon(0.1), "82 columns in halves");
    let soft = Batch::random(35, 19, 5, 3).with_soft_labels(5);
    let loss = supcon(0.1).with_targets(Targets::LabelProduct);
    assert_two_times_rule(&soft, "soft targets", &loss, "70 rows in halves");
}

#[test]
fn two_times_rule_on_rounded_rows_across_shapes() {
    for (images, dim, classes) in [
        (1, 3, 1),
        (2, 1, 2),
        (16, 16, 4),
        (33, 64, 5),
        (150, 17, 10),
        (67, 130, 10),
        (40, 511, 7),
    ] {
        let batch = Batch::random(images, dim, classes, images as u64);
        let what = format!("{images} images in halves, d = {dim}");
        assert_two_times_rule(&batch, "supcon", &supcon(0.1), &what);
    }
}

#[test]
fn every_device_rounds_as_binary16_is_defined() {
    let mut values = vec![
        0.0,
        1.000_488_3,
        1.001_464_8,
        65_504.0,
        65_519.99,
        6.103_515e-5,
    ];
    let mut x = 1.0e-6_f32;
    while x < 6.0e4 {
        values.extend([x, -x]);
        x *= 1.05;
    }
    // Each value in one of three dimensions, its own key 1 there: their similarity is the value.
    let n = values.len();
    let at_own_dimension = |value: &dyn Fn(usize) -> f32| -> Vec<f32> {
        let row = |i: usize| (0..3).map(move |k| (i, k == i % 3));
        let entries = (0..n).flat_map(row);
        entries
            .map(|(i, own)| if own { value(i) } else { 0.0 })
            .collect()
    };
    let (z, keys) = (at_own_dimension(&|i| values[i]), at_own_dimension(&|_| 1.0));
    let identity = Identity::of_rows((0..n as u32).map(|i| (i, i)));
    for (device_name, device) in devices::all() {
        let on_device =
            |x: &[f32]| Tensor::<2>::from_data(TensorData::new(x.to_vec(), [n, 3]), &device);
        let columns = Columns {
            z: on_device(&keys),
            identity: &identity,
        };
        let rows = supcon(1.0).fused(on_device(&z), &identity, Some(columns));
        let found = rows.expect("sound").view_similarities().into_data();
        let found: Vec<f32> = found.try_to_vec().expect("f32");
        for (found, value) in found.iter().zip(&values) {
            assert_eq!(*found, nearest_half(*value), "{value} on {device_name}");
        }
    }
}

#[test]
fn rounding_moves_the_loss_within_its_bound() {
    for tau in [0.07, 0.1, 0.5] {
        let full = ContrastiveLoss::new(Objective::supcon(tau));
        let batch = Batch::random(100, 128, 10, 5);
        let (exact, exact_gradient) = batch.reference(&full);
        for (device_name, device) in devices::all() {
            let found = batch.run(Fused, &half(full), &device);
            let moved = (found.facts.loss - exact).abs();
            let gradient = relative_error(&found.gradient, &exact_gradient);
            eprintln!(
                "{device_name}, tau {tau}: loss moved by {moved:.1e}, gradient by {gradient:.1e}"
            );
            // A log-sum and a positive, each moved by less than 2⁻⁸/τ; in fact far less.
            assert!(
                moved < 2.0 * 2.0_f64.powi(-8) / tau,
                "{device_name}: {moved:e}"
            );
            assert!(moved < 1e-3 * exact, "{device_name}: {moved:e}");
            assert!(gradient < 1e-2, "{device_name}: {gradient:e}");
        }
    }
}

#[test]
fn same_rows_in_halves_twice_give_the_same_bits() {
    let batch = Batch::random(100, 63, 10, 9);
    for (device_name, device) in devices::all() {
        let run = || {
            let outcome = batch.run(Fused, &supcon(0.1), &device);
            let bits = outcome.gradient.iter().map(|x| x.to_bits());
            (outcome.facts.loss.to_bits(), bits.collect::<Vec<_>>())
        };
        assert_eq!(run(), run(), "{device_name}");
    }
}

#[test]
fn what_is_not_finite_in_f16_shows() {
    for poison in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 65_520.0] {
        let mut batch = Batch::random(20, 9, 3, 4);
        batch.z[5 * 9 + 8] = poison;
        for (device_name, device) in devices::all() {
            let outcome = batch.run(Fused, &supcon(0.1), &device);
            let place = format!("{device_name} with {poison}");
            assert!(!outcome.facts.loss.is_finite(), "{place}");
            assert!(outcome.gradient.iter().all(|g| !g.is_finite()), "{place}");
        }
    }
}

#[test]
fn plain_operations_refuse_half_storage() {
    let device = Device::flex();
    let identity = Identity::of_views(&[0, 1], 2);
    let refused = supcon(0.1).plain(Tensor::ones([4, 2], &device), &identity, None);
    assert_eq!(refused.map(|_| ()), Err(LossError::PlainPrecision));
}
