//! How fast a device trains an encoder: measured, for the estimate before a run.

use crate::error::{TrainError, read_back};
use crate::model::{self, Encoder, Initializer, Pass};
use burn::tensor::{Device, Tensor};
use supcon_protocol::Network;
use web_time::Instant;

/// Multiply-adds of the measured pass: a fraction of a second on two cores, and on a GPU.
const ON_CPU: u64 = 1 << 30;
const ON_GPU: u64 = 64 << 30;
/// Rows of the measured pass: two, for batch normalisation, to what a batch may be.
const ROWS: std::ops::RangeInclusive<u64> = 2..=256;
/// Backward takes about twice as much as forward.
pub const TRAINING_FACTOR: u64 = 3;

/// Multiply-adds a second that `device` reaches forward and backward through an encoder, on images of
/// `side` × `side` pixels. The first pass, in which kernels are compiled, does not count.
///
/// # Errors
/// A device that fails.
pub async fn training_speed(
    network: Network,
    side: usize,
    device: &Device,
    is_cpu: bool,
) -> Result<f64, TrainError> {
    let device = device.clone().autodiff();
    let encoder = Encoder::new(network, &mut Initializer::new(0, 0, &device));
    let cost = model::cost(network, side).multiply_adds * TRAINING_FACTOR;
    let budget = if is_cpu { ON_CPU } else { ON_GPU };
    let rows = (budget / cost.max(1)).clamp(*ROWS.start(), *ROWS.end());
    let mut secs = 0.0;
    for _ in 0..2 {
        let started = Instant::now();
        let images = Tensor::<4>::ones([rows as usize, 3, side, side], &device);
        let features = encoder.forward(images, &mut Pass::training());
        let objective = features.mean();
        let gradients = objective.backward();
        // Waits for the device: the gradients are made by then, in order.
        read_back(objective.inner()).await?;
        drop(gradients);
        secs = started.elapsed().as_secs_f64();
    }
    Ok((rows * cost) as f64 / secs.max(1e-9))
}
