//! Fused and plain against f64 by the 2× rule (after flash-attention's tests), closed forms, bits.

use super::{Batch, Fused, Plain, objectives};
use crate::devices;
use burn::tensor::Device;
use supcon_loss::{ContrastiveLoss, Precision};
use supcon_math::{Candidates, Denominator, Objective};

/// What a fused kernel may add to twice the plain version's error.
pub const SLACK: f64 = 1e-6;
/// The same for a gradient row's direction: a cosine of 1 − 1e-6.
const TURN_SLACK: f64 = 1.414e-3;

/// The larger error; one that is not a number is the largest of all.
fn larger(a: f64, b: f64) -> f64 {
    if b.is_nan() { f64::INFINITY } else { a.max(b) }
}

/// Largest difference over the largest number.
pub fn relative_error(x: &[f32], exact: &[f64]) -> f64 {
    let largest = exact.iter().fold(0.0_f64, |m, e| m.max(e.abs()));
    let worst = x
        .iter()
        .zip(exact)
        .fold(0.0, |m, (x, e)| larger(m, (f64::from(*x) - e).abs()));
    // A gradient that cancels to rounding noise has no scale of its own: compare absolutely.
    if largest < 1e-9 {
        worst
    } else {
        worst / largest
    }
}

/// How far the worst row's direction is off: the distance between the rows at length 1, which is their
/// angle where that is small. An error like the others, so the same rule holds for it (1 − cosine is
/// half its square). Rows that vanish count as 0.
fn largest_turn(x: &[f32], exact: &[f64], dim: usize) -> f64 {
    let largest = exact.iter().fold(0.0_f64, |m, e| m.max(e.abs()));
    let rows = x.chunks_exact(dim).zip(exact.chunks_exact(dim));
    rows.map(|(x, e)| {
        let norm_x = x.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>().sqrt();
        let norm_e = e.iter().map(|e| e * e).sum::<f64>().sqrt();
        // A row far below the others is rounding noise of their scale.
        if norm_e < 1e-4 * largest || largest < 1e-9 {
            return 0.0;
        }
        let norm_x = norm_x.max(f64::MIN_POSITIVE);
        let apart = |(x, e): (&f32, &f64)| (f64::from(*x) / norm_x - e / norm_e).powi(2);
        x.iter().zip(e).map(apart).sum::<f64>().sqrt()
    })
    .fold(0.0, larger)
}

/// What rounding the logits alone may do to a pair's weight, relative. Where nothing but the dropped
/// rows is alike, the denominator is one positive and a remainder that nearly vanishes: "twice
/// plain's error" is then twice a lucky number.
pub fn rounding_floor(loss: &ContrastiveLoss) -> f64 {
    let one_pair_rules = loss.objective.candidates == Candidates::DropSameClass
        || loss.objective.denominator != Denominator::All;
    let ulps = 8.0 * f64::from(f32::EPSILON) / loss.objective.temperature;
    if one_pair_rules { ulps } else { 0.0 }
}

/// Loss, gradient and the direction of each gradient row, on every device.
pub fn assert_two_times_rule(batch: &Batch, name: &str, loss: &ContrastiveLoss, what: &str) {
    assert_two_times_rule_on(&devices::all(), batch, name, loss, what);
}

/// The same on some devices.
pub fn assert_two_times_rule_on(
    devices: &[(&'static str, Device)],
    batch: &Batch,
    name: &str,
    loss: &ContrastiveLoss,
    what: &str,
) {
    let held = batch.held(loss.precision);
    let (exact_loss, exact_gradient) = held.reference(loss);
    let floor = rounding_floor(loss);
    for (device_name, device) in devices {
        let plain = held.run(Plain, &loss.with_precision(Precision::Full), device);
        let fused = batch.run(Fused, loss, device);
        let place = format!("{name} on {device_name}, {what}");
        let loss_error = |found: f64| (found - exact_loss).abs() / exact_loss.abs().max(1e-30);
        let (error, bar) = (
            loss_error(fused.facts.loss),
            2.0 * loss_error(plain.facts.loss) + SLACK + floor,
        );
        assert!(
            error <= bar,
            "{place}: loss {} vs {exact_loss}, error {error:e} > {bar:e}",
            fused.facts.loss
        );
        let error = relative_error(&fused.gradient, &exact_gradient);
        let bar = 2.0 * relative_error(&plain.gradient, &exact_gradient) + SLACK + floor;
        assert!(error <= bar, "{place}: gradient error {error:e} > {bar:e}");
        let turn = |gradient: &[f32]| largest_turn(gradient, &exact_gradient, batch.dim);
        // Where P and X cancel to the last digits of f32, plain loses the direction too.
        let (found, bar) = (
            turn(&fused.gradient),
            2.0 * turn(&plain.gradient) + TURN_SLACK,
        );
        assert!(
            found <= bar,
            "{place}: a gradient row's direction is off by {found:e} > {bar:e}"
        );
        assert_eq!(
            fused.facts.valid_anchors, plain.facts.valid_anchors,
            "{place}"
        );
        for (fused, plain) in [
            (fused.facts.view_similarity, plain.facts.view_similarity),
            (fused.facts.log_denominator, plain.facts.log_denominator),
        ] {
            let scale = plain.abs().max(1.0);
            assert!(
                (fused - plain).abs() < 1e-5 * scale,
                "{place}: {fused} vs {plain}"
            );
        }
    }
}

fn assert_objectives(batch: &Batch, tau: f64, what: &str) {
    for (name, loss) in objectives(tau) {
        assert_two_times_rule(batch, name, &loss, &format!("{what}, tau {tau}"));
    }
}

#[test]
fn two_times_rule_across_shapes() {
    // Rows not divisible by tiles, n = 2, embeddings of odd length, longer than a panel, of length 1.
    for (images, dim, classes) in [
        (1, 3, 1),
        (2, 1, 2),
        (5, 7, 3),
        (16, 16, 4),
        (33, 64, 5),
        (150, 17, 10),
        (67, 130, 10),
        (40, 512, 7),
    ] {
        let batch = Batch::random(images, dim, classes, images as u64);
        assert_objectives(
            &batch,
            0.1,
            &format!("{images} images, d = {dim}, {classes} classes"),
        );
    }
}

#[test]
fn two_times_rule_across_temperatures() {
    for tau in [0.01, 0.05, 0.5, 1.0] {
        assert_objectives(&Batch::random(50, 32, 6, 3), tau, "50 images, d = 32");
    }
}

#[test]
fn two_times_rule_with_one_class_and_with_all_distinct() {
    assert_objectives(&Batch::random(37, 24, 1, 5), 0.1, "one class");
    let mut distinct = Batch::random(37, 24, 1, 6);
    distinct.labels = distinct.instances.iter().map(|i| u32::MAX - i).collect();
    assert_objectives(&distinct, 0.1, "all distinct, labels near 2^32");
}

#[test]
fn collapse_is_ln_of_the_other_rows() {
    let mut batch = Batch::random(64, 8, 4, 1);
    let first: Vec<f32> = batch.z[..8].to_vec();
    batch.z = first.repeat(128);
    for (device_name, device) in devices::all() {
        let loss = batch
            .run(
                Fused,
                &ContrastiveLoss::new(Objective::supcon(0.1)),
                &device,
            )
            .facts
            .loss;
        assert!(
            (loss - 127.0_f64.ln()).abs() < 1e-5,
            "{device_name}: {loss}"
        );
    }
}

#[test]
fn anchors_without_positives_leave_the_mean() {
    // The published one-view example: labels [0, 1, 1, 3], two valid anchors.
    let golden = Batch::golden();
    let batch = Batch {
        z: golden.z[..16].to_vec(),
        dim: 4,
        labels: vec![0, 1, 1, 3],
        instances: vec![0, 1, 2, 3],
        ..golden.clone()
    };
    for (device_name, device) in devices::all() {
        let outcome = batch.run(
            Fused,
            &ContrastiveLoss::new(Objective::supcon(0.5)),
            &device,
        );
        assert!(
            (outcome.facts.loss - 0.905_838_076).abs() < 1e-6,
            "{device_name}: {}",
            outcome.facts.loss
        );
        assert_eq!(outcome.facts.valid_anchors, 2.0);
    }
}

#[test]
fn a_batch_without_positives_is_zero_with_zero_gradient() {
    let golden = Batch::golden();
    let batch = Batch {
        labels: (0..8).collect(),
        instances: (0..8).collect(),
        ..golden
    };
    for (device_name, device) in devices::all() {
        let outcome = batch.run(
            Fused,
            &ContrastiveLoss::new(Objective::supcon(0.1)),
            &device,
        );
        assert_eq!(outcome.facts.loss, 0.0, "{device_name}");
        assert!(outcome.gradient.iter().all(|g| *g == 0.0), "{device_name}");
    }
}

#[test]
fn same_input_twice_gives_the_same_bits() {
    let batch = Batch::random(200, 64, 10, 9);
    for (device_name, device) in devices::all() {
        let run = || {
            batch.run(
                Fused,
                &ContrastiveLoss::new(Objective::supcon_in(0.1)),
                &device,
            )
        };
        let (first, second) = (run(), run());
        assert_eq!(
            first.facts.loss.to_bits(),
            second.facts.loss.to_bits(),
            "{device_name}"
        );
        let bits = |g: &[f32]| g.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
        assert_eq!(
            bits(&first.gradient),
            bits(&second.gradient),
            "{device_name}"
        );
    }
}

#[test]
fn many_dispatches_equal_one() {
    // Rows of 512 dimensions that need several dispatches in both passes on wgpu: llvmpipe leaves a
    // dispatch's loops after 65 535 iterations.
    let Some(device) = devices::gpu() else { return };
    let batch = Batch::random(600, 512, 10, 11);
    let (exact_loss, exact_gradient) =
        batch.reference(&ContrastiveLoss::new(Objective::supcon(0.1)));
    let outcome = batch.run(
        Fused,
        &ContrastiveLoss::new(Objective::supcon(0.1)),
        &device,
    );
    assert!((outcome.facts.loss - exact_loss).abs() / exact_loss < 1e-5);
    let error = relative_error(&outcome.gradient, &exact_gradient);
    assert!(error < 1e-4, "gradient error {error:e}");
}
