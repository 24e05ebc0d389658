//! Sizes at which an n×n matrix would hurt: a sample of rows against f64, and the CPU twin.

use super::oracles::relative_error;
use super::sampled::l_out;
use super::{Batch, Fused};
use crate::devices;
use supcon_loss::ContrastiveLoss;
use supcon_math::Objective;

/// A number from the environment: `SUPCON_LARGE_ROWS=16384` takes software Vulkan many minutes,
/// `SUPCON_LARGE_ROWS=65536` with `SUPCON_LARGE_DIM=16` an hour.
fn named(variable: &str, default: usize) -> usize {
    let value = std::env::var(variable).ok();
    value.map_or(default, |value| {
        value
            .parse()
            .unwrap_or_else(|_| panic!("{variable}={value} is no number"))
    })
}

#[test]
fn large_batches_are_right_in_a_sample_of_rows() {
    let rows = named("SUPCON_LARGE_ROWS", 2_048);
    let dim = named("SUPCON_LARGE_DIM", 128);
    let batch = Batch::random(rows / 2, dim, 10, 13);
    let sampled = l_out(&batch, 0.1, 16);
    let loss = ContrastiveLoss::new(Objective::supcon(0.1));
    for (device_name, device) in devices::all() {
        let outcome = batch.run(Fused, &loss, &device);
        let place = format!("{rows}×{dim} on {device_name}");
        let error = (outcome.facts.loss - sampled.loss).abs() / sampled.loss;
        eprintln!("{place}: loss error {error:e}");
        assert!(error < 1e-6, "{place}: loss error {error:e}");
        let found = sampled.of(&outcome.gradient, dim);
        let error = relative_error(&found, &sampled.gradient);
        eprintln!("{place}: gradient error {error:e}");
        assert!(error < 1e-5, "{place}: gradient error {error:e}");
    }
}
