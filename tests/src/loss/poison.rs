//! Poisoned inputs never become silently finite, in any mode.

use super::family::queue;
use super::modes::{DIM, Mode, full, halves};
use super::oracles::assert_two_times_rule_on;
use super::{Batch, Fused, Outcome};
use crate::devices;
use burn::tensor::{Device, Tensor, TensorData};
use supcon_loss::{ContrastiveLoss, Identity, LossError, unit_rows};
use supcon_math::{Kernel, Objective};

const POISONS: [f32; 3] = [f32::NAN, f32::INFINITY, f32::NEG_INFINITY];

fn every_mode() -> impl Iterator<Item = Mode> {
    full(0.1).into_iter().chain(halves(0.1))
}

/// z with one number spoiled, in row 1.
fn spoil(batch: &mut Batch, poison: f32) {
    batch.z[batch.dim + 2] = poison;
}

fn assert_shows(outcome: &Outcome, place: &str) {
    let loss = outcome.facts.loss;
    assert!(!loss.is_finite(), "{place}: loss {loss}");
    let finite = outcome.gradient.iter().filter(|g| g.is_finite()).count();
    assert_eq!(finite, 0, "{place}: finite numbers in the gradient");
}

#[test]
fn a_poisoned_row_shows_in_the_loss_and_in_every_row_of_the_gradient() {
    let one_class = |mut batch: Batch| {
        batch.labels.fill(3);
        batch
    };
    let no_positives = |mut batch: Batch| {
        batch.labels = (0..batch.labels.len() as u32).collect();
        batch.instances.clone_from(&batch.labels);
        batch
    };
    let random = || Batch::random(12, DIM, 3, 4);
    let batches = [
        ("24 rows", random(), &POISONS[..]),
        ("one class", one_class(random()), &POISONS[..1]),
        ("no positives", no_positives(random()), &POISONS[..1]),
        ("two rows", Batch::random(1, DIM, 1, 4), &POISONS[..1]),
    ];
    for mode in every_mode() {
        for (what, batch, poisons) in &batches {
            for &poison in *poisons {
                let mut batch = mode.batch(batch.clone());
                spoil(&mut batch, poison);
                for (device_name, device) in mode.devices(false) {
                    let place = format!("{} on {device_name}, {what}, {poison}", mode.name);
                    assert_shows(&batch.run(Fused, &mode.loss, &device), &place);
                }
            }
        }
    }
}

#[test]
fn a_poisoned_column_shows_in_the_loss_and_in_every_row_of_the_gradient() {
    for mode in every_mode() {
        for poison in POISONS {
            let mut columns = mode.batch(queue(DIM));
            spoil(&mut columns, poison);
            let batch = mode.batch(Batch::random(10, DIM, 5, 9)).against(columns);
            for (device_name, device) in mode.devices(true) {
                let place = format!("{} on {device_name}, {poison}", mode.name);
                assert_shows(&batch.run(Fused, &mode.loss, &device), &place);
            }
        }
    }
}

#[test]
fn a_poisoned_row_against_separate_columns_shows_in_the_loss_and_in_its_gradient() {
    for mode in every_mode() {
        for poison in POISONS {
            let mut rows = mode.batch(Batch::random(10, DIM, 5, 9));
            spoil(&mut rows, poison);
            let batch = rows.against(mode.batch(queue(DIM)));
            for (device_name, device) in mode.devices(true) {
                let place = format!("{} on {device_name}, {poison}", mode.name);
                let mut outcome = batch.run(Fused, &mode.loss, &device);
                // No other row's loss depends on it.
                outcome.gradient.drain(2 * DIM..);
                outcome.gradient.drain(..DIM);
                assert_shows(&outcome, &place);
            }
        }
    }
}

#[test]
fn poisoned_anchor_weights_show() {
    let batch = Batch::random(12, DIM, 3, 4);
    let loss = ContrastiveLoss::new(Objective::supcon(0.1));
    for poison in POISONS {
        let mut weights = vec![1.0_f32; 24];
        weights[5] = poison;
        for (device_name, device) in devices::all() {
            let device = device.autodiff();
            let z = TensorData::new(batch.z.clone(), [24, DIM]);
            let z = Tensor::<2>::from_data(z, &device).require_grad();
            let weights = Tensor::from_data(TensorData::new(weights.clone(), [24]), &device);
            let rows = loss.fused(z.clone(), &batch.identity(), None);
            let value = rows.expect("sound").weighted_mean(weights);
            let value = value.expect("24 weights").loss;
            let gradient = z.grad(&value.backward()).expect("z has a gradient");
            let gradient: Vec<f32> = gradient.into_data().try_to_vec().expect("f32");
            let found: f32 = value.into_scalar();
            assert!(!found.is_finite(), "{device_name}, {poison}: loss {found}");
            // An infinite total leaves the other rows a weight of 0.
            let of_row = &gradient[5 * DIM..][..DIM];
            assert!(
                of_row.iter().all(|g| !g.is_finite()),
                "{device_name}, {poison}"
            );
        }
    }
}

#[test]
fn poisoned_soft_labels_and_constants_are_refused() {
    let identity = Identity::of_views(&[0, 1], 2);
    for poison in POISONS {
        let soft = vec![0.5, 0.5, poison, 0.5];
        let refused = identity.clone().with_soft_labels(soft, 1);
        let refused = refused.expect_err("not finite").to_string();
        assert!(refused.contains("of row 2 is not a finite"), "{refused}");
    }
    let z = Tensor::<2>::ones([4, 2], &Device::flex());
    let refuse = |loss: ContrastiveLoss| loss.fused(z.clone(), &identity, None).map(|_| ());
    for poison in POISONS.map(f64::from) {
        let supcon = ContrastiveLoss::new(Objective::supcon(0.1));
        for kernel in [
            Kernel::Rbf { width: poison },
            Kernel::Laplacian { width: poison },
            Kernel::StudentT { freedom: poison },
            Kernel::Polynomial {
                offset: poison,
                degree: 2,
            },
        ] {
            let refused = refuse(supcon.with_kernel(kernel));
            assert!(
                matches!(
                    refused,
                    Err(LossError::Kernel { .. } | LossError::Offset { .. })
                ),
                "{kernel:?}: {refused:?}"
            );
        }
        let refused = refuse(ContrastiveLoss::new(Objective::supcon(poison)));
        assert!(matches!(refused, Err(LossError::Temperature { .. })));
    }
}

#[test]
fn a_zero_row_is_finite_and_right() {
    for mode in full(0.1) {
        let mut batch = mode.batch(Batch::random(20, DIM, 3, 4));
        batch.z[5 * DIM..6 * DIM].fill(0.0);
        for (device_name, device) in mode.devices(false) {
            let outcome = batch.run(Fused, &mode.loss, &device);
            let finite = outcome.gradient.iter().all(|g| g.is_finite());
            assert!(finite, "{} on {device_name}", mode.name);
        }
        let devices = mode.devices(false);
        assert_two_times_rule_on(&devices, &batch, &mode.name, &mode.loss, "a zero row");
    }
}

#[test]
fn a_row_whose_length_is_beyond_f32_is_not_silently_zero() {
    for (device_name, device) in devices::all() {
        let rows = [[3.0e19_f32, 4.0e19], [3.0, 4.0], [0.0, 0.0]];
        let unit = unit_rows(Tensor::<2>::from_data(rows, &device));
        let unit: Vec<f32> = unit.into_data().try_to_vec().expect("f32");
        assert!(
            unit[..2].iter().all(|x| x.is_nan()),
            "{device_name}: {unit:?}"
        );
        assert_eq!(unit[2..], [0.6, 0.8, 0.0, 0.0], "{device_name}");
    }
}
