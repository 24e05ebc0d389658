//! How fast a device trains an encoder: measured, for the estimate before a run.

use crate::error::{TrainError, read_back};
use crate::model::{self, Encoder, Initializer, Pass};
use burn::tensor::{Device, Tensor};
use supcon_protocol::Network;
use web_time::Instant;

/// A pass this long says enough; a shorter one is repeated with more rows.
const ENOUGH_SECS: f64 = 0.2;
/// Batch normalisation wants two rows.
const FEWEST_ROWS: usize = 2;
const MOST_ROWS: usize = 512;
/// Forward and backward cost about three times forward alone.
pub const TRAINING_FACTOR: u64 = 3;

/// Multiply-adds a second that `device` reaches forward and backward through an encoder, on images of
/// `side` × `side` pixels.
///
/// # Errors
/// A device that fails.
pub async fn training_speed(
    network: Network,
    side: usize,
    device: &Device,
) -> Result<f64, TrainError> {
    let device = device.clone().autodiff();
    let encoder = Encoder::new(network, &mut Initializer::new(0, 0, &device));
    let cost = model::cost(network, side).multiply_adds * TRAINING_FACTOR;
    let mut rows = FEWEST_ROWS;
    loop {
        let images = Tensor::<4>::ones([rows, 3, side, side], &device);
        // The first pass compiles kernels and finds its memory.
        pass(&encoder, images.clone()).await?;
        let secs = pass(&encoder, images).await?;
        if secs >= ENOUGH_SECS || rows >= MOST_ROWS {
            return Ok((rows as u64 * cost) as f64 / secs.max(1e-9));
        }
        rows *= 4;
    }
}

/// Seconds of forward and backward.
async fn pass(encoder: &Encoder, images: Tensor<4>) -> Result<f64, TrainError> {
    let started = Instant::now();
    let objective = encoder.forward(images, &mut Pass::training()).mean();
    let gradients = objective.backward();
    // Devices work in order: when the objective is read, the gradients are made.
    read_back(objective.inner()).await?;
    drop(gradients);
    Ok(started.elapsed().as_secs_f64())
}
