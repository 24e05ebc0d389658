//! Sizes at which an n×n matrix would hurt: a sample of rows against f64, and the CPU twin.

use super::oracles::relative_error;
use super::sampled::l_out;
use super::{Batch, Fused};
use crate::devices;
use supcon_loss::ContrastiveLoss;
use supcon_math::Objective;

/// Rows on wgpu: `SUPCON_LARGE_ROWS=16384` or more takes software Vulkan minutes.
fn rows() -> usize {
    let named = std::env::var("SUPCON_LARGE_ROWS").ok();
    named.and_then(|rows| rows.parse().ok()).unwrap_or(2_048)
}

#[test]
fn large_batches_are_right_in_a_sample_of_rows() {
    let batch = Batch::random(rows() / 2, 128, 10, 13);
    let sampled = l_out(&batch, 0.1, 16);
    let loss = ContrastiveLoss::new(Objective::supcon(0.1));
    for (device_name, device) in devices::all() {
        let outcome = batch.run(Fused, &loss, &device);
        let place = format!("{} rows on {device_name}", rows());
        let error = (outcome.facts.loss - sampled.loss).abs() / sampled.loss;
        assert!(error < 1e-6, "{place}: loss error {error:e}");
        let found = sampled.of(&outcome.gradient, 128);
        let error = relative_error(&found, &sampled.gradient);
        eprintln!("{place}: gradient error {error:e}");
        assert!(error < 1e-5, "{place}: gradient error {error:e}");
    }
}
