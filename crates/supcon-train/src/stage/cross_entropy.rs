use super::classification::{self, BatchCrossEntropy};
use super::{StepFacts, stream};
use crate::batch::{Loader, Normalisation};
use crate::error::TrainError;
use crate::learner::Learner;
use crate::meter::Meter;
use crate::model::{Classifier, Encoder, Initializer, Pass, feature_len};
use burn::tensor::Device;
use std::sync::Arc;
use supcon_data::ImageSet;
use supcon_protocol::{RunConfig, ViewsConfig};

/// The baseline: encoder and classifier together, one augmented view of each image.
pub(crate) struct CrossEntropyStage {
    pub(super) learner: Learner<Classifier>,
    pub(super) meter: Meter,
    loader: Loader,
    smoothing: f32,
    device: Device,
}

impl CrossEntropyStage {
    pub(crate) fn new(
        config: &RunConfig,
        seed: u64,
        train: &Arc<ImageSet>,
        normalisation: Normalisation,
        device: &Device,
    ) -> Self {
        let device = device.clone().autodiff();
        let encoder = Encoder::new(
            config.network(),
            &mut Initializer::new(seed, stream::ENCODER, &device),
        );
        let linear = Initializer::new(seed, stream::CLASSIFIER, &device)
            .linear(feature_len(config.network()), train.n_classes());
        let cross_entropy = &config.cross_entropy;
        Self {
            learner: Learner::new(Classifier { encoder, linear }, &cross_entropy.optimizer),
            meter: Meter::default(),
            loader: Loader::new(
                Arc::clone(train),
                cross_entropy.batch_size.min(train.len()),
                ViewsConfig {
                    n_views: 1,
                    ..config.views.clone()
                },
                normalisation,
                seed,
                stream::CROSS_ENTROPY_BATCHES,
            ),
            smoothing: cross_entropy.label_smoothing,
            device,
        }
    }

    pub(super) fn step(&mut self, step: u64, learning_rate: f64) {
        let batch = self.loader.batch(step);
        let labels = batch.labels.clone();
        let images = batch.into_images(&self.device); // [b, c, h, w]
        let mut pass = Pass::training();
        let features = self.learner.model.encoder.forward(images, &mut pass); // [b, f]
        let logits = self.learner.model.linear.forward(features); // [b, k]
        let batch = BatchCrossEntropy::new(logits, &labels, self.smoothing);
        batch.record(&mut self.meter);
        self.learner.learn(&batch.loss, pass, learning_rate);
    }

    pub(super) async fn facts(&mut self) -> Result<StepFacts, TrainError> {
        classification::facts(&mut self.meter).await
    }
}
