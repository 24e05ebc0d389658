//! What the two stages with a classifier share.

use super::StepFacts;
use crate::error::{TrainError, read_back};
use crate::evaluate::{Features, Scores};
use crate::meter::Meter;
use burn::module::Module;
use burn::nn::Linear;
use burn::tensor::{Device, Int, Tensor, TensorData, activation::log_softmax};

/// Rows classified at a time.
const BATCH: usize = 4096;

/// Softmax cross-entropy of a batch.
pub(super) struct BatchCrossEntropy {
    /// `[1]`, nats, differentiable.
    pub(super) loss: Tensor<1>,
    /// `[2]`: loss and accuracy, detached.
    facts: Tensor<1>,
}

impl BatchCrossEntropy {
    /// Of logits `[b, k]`; `smoothing` ε spreads ε of the target evenly over the k classes
    /// (Szegedy et al. 2016).
    pub(super) fn new(logits: Tensor<2>, labels: &[u32], smoothing: f32) -> Self {
        let [b, k] = logits.dims();
        let device = logits.device();
        let mut targets = vec![smoothing / k as f32; b * k];
        for (row, &label) in labels.iter().enumerate() {
            targets[row * k + label as usize] += 1.0 - smoothing;
        }
        let targets = Tensor::<2>::from_data(TensorData::new(targets, [b, k]), &device);
        let loss = (log_softmax(logits.clone(), 1) * targets).sum().neg() / b as f32;
        let ids: Vec<i32> = labels.iter().map(|&label| label as i32).collect();
        let ids = Tensor::<2, Int>::from_data(TensorData::new(ids, [b, 1]), &device);
        let accuracy = logits.detach().argmax(1).equal(ids).float().mean();
        let facts = Tensor::cat(vec![loss.clone().detach(), accuracy], 0);
        Self { loss, facts }
    }

    /// Adds the facts to a meter.
    pub(super) fn record(&self, meter: &mut Meter) {
        meter.add(self.facts.clone());
    }
}

/// The means of a meter fed by [`BatchCrossEntropy::record`].
pub(super) async fn facts(meter: &mut Meter) -> Result<StepFacts, TrainError> {
    let [loss, accuracy] = meter.take().await?.map(f64::from);
    Ok(StepFacts {
        loss,
        accuracy: Some(accuracy),
        ..StepFacts::default()
    })
}

/// A classifier's logits for features.
pub(super) async fn scores(
    linear: &Linear,
    features: &Features,
    device: &Device,
) -> Result<Scores, TrainError> {
    let linear = linear.valid();
    let device = device.clone().inner();
    let all = features.to_tensor(&device);
    let n = features.rows();
    let mut values = Vec::new();
    let mut n_classes = 1;
    for first in (0..n).step_by(BATCH) {
        let logits = linear.forward(all.clone().slice(first..n.min(first + BATCH)));
        n_classes = logits.dims()[1];
        values.extend(read_back(logits).await?);
    }
    Ok(Scores { values, n_classes })
}
