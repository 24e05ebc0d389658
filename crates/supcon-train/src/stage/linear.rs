use super::classification::{self, BatchCrossEntropy};
use super::{StepFacts, stream};
use crate::batch::{Loader, Normalisation};
use crate::error::TrainError;
use crate::evaluate::{Features, embed};
use crate::learner::Learner;
use crate::meter::Meter;
use crate::model::{Encoder, Initializer, Pass, feature_len};
use burn::module::Module;
use burn::nn::Linear;
use burn::tensor::{Device, Tensor, TensorData};
use std::sync::Arc;
use supcon_data::{ImageSet, Sampler};
use supcon_protocol::{RunConfig, ViewsConfig};

/// Linear evaluation: a classifier on the frozen encoder, which stays in evaluation mode, so that
/// its batch-normalisation statistics do not move.
pub(crate) struct LinearStage {
    pub(super) learner: Learner<Linear>,
    pub(super) meter: Meter,
    /// Without autodiff: nothing here can change it.
    encoder: Encoder,
    inputs: Inputs,
    smoothing: f32,
    device: Device,
}

/// Where a batch of features comes from.
enum Inputs {
    /// Computed once, from the images as they are.
    Cached {
        features: Features,
        labels: Vec<u32>,
        sampler: Sampler,
    },
    /// Computed from new views each step.
    Augmented(Box<Loader>),
}

impl LinearStage {
    pub(crate) async fn new(
        config: &RunConfig,
        seed: u64,
        encoder: &Encoder,
        train: &Arc<ImageSet>,
        normalisation: Normalisation,
        device: &Device,
    ) -> Result<Self, TrainError> {
        let encoder = encoder.valid();
        let linear = &config.linear;
        let batch_size = linear.batch_size.min(train.len());
        let inputs = if linear.augment {
            let views = if linear.augment_fully {
                ViewsConfig {
                    n_views: 1,
                    ..config.views.clone()
                }
            } else {
                crop_and_flip(&config.views)
            };
            let stream = stream::LINEAR_BATCHES;
            let loader = Loader::new(
                Arc::clone(train),
                batch_size,
                views,
                normalisation,
                seed,
                stream,
            );
            Inputs::Augmented(Box::new(loader))
        } else {
            Inputs::Cached {
                features: embed(&encoder, train, None, &normalisation, device).await?,
                labels: train.labels().to_vec(),
                sampler: Sampler::new(train.len(), batch_size, seed, stream::LINEAR_BATCHES),
            }
        };
        let device = device.clone().autodiff();
        let classifier = Initializer::new(seed, stream::CLASSIFIER, &device)
            .linear(feature_len(config.network()), train.n_classes());
        Ok(Self {
            learner: Learner::new(classifier, &linear.optimizer),
            meter: Meter::default(),
            encoder,
            inputs,
            smoothing: linear.label_smoothing,
            device,
        })
    }

    pub(super) fn encoder(&self) -> &Encoder {
        &self.encoder
    }

    pub(super) fn step(&mut self, step: u64, learning_rate: f64) {
        let (features, labels) = self.inputs.batch(step, &self.encoder, &self.device);
        let logits = self.learner.model.forward(features); // [b, k]
        let batch = BatchCrossEntropy::new(logits, &labels, self.smoothing);
        batch.record(&mut self.meter);
        self.learner
            .learn(&batch.loss, Pass::evaluation(), learning_rate);
    }

    pub(super) async fn facts(&mut self) -> Result<StepFacts, TrainError> {
        classification::facts(&mut self.meter).await
    }
}

impl Inputs {
    /// Features `[b, f]` on the training device, and labels.
    fn batch(&mut self, step: u64, encoder: &Encoder, device: &Device) -> (Tensor<2>, Vec<u32>) {
        match self {
            Self::Cached {
                features,
                labels,
                sampler,
            } => {
                let (_, ids) = sampler.batch(step);
                let values: Vec<f32> = ids
                    .iter()
                    .flat_map(|&id| features.row(id))
                    .copied()
                    .collect();
                let shape = [ids.len(), features.len];
                let features = Tensor::from_data(TensorData::new(values, shape), device);
                (features, ids.iter().map(|&id| labels[id]).collect())
            }
            Self::Augmented(loader) => {
                let batch = loader.batch(step);
                let labels = batch.labels.clone();
                let images = batch.into_images(&device.clone().inner());
                let features = encoder.forward(images, &mut Pass::evaluation());
                (Tensor::from_inner(features), labels)
            }
        }
    }
}

/// The views of linear evaluation in Khosla et al.'s release: crop and flip, nothing else.
fn crop_and_flip(views: &ViewsConfig) -> ViewsConfig {
    ViewsConfig {
        crop: views.crop.clone(),
        flip_probability: views.flip_probability,
        ..ViewsConfig::identity()
    }
}
