use super::{StageLoss, StepFacts, stream};
use crate::batch::{Loader, Normalisation};
use crate::error::TrainError;
use crate::learner::Learner;
use crate::meter::Meter;
use crate::model::{Contrastive, Encoder, Initializer, Pass, ProjectionHead, feature_len};
use burn::tensor::Device;
use std::sync::Arc;
use supcon_data::ImageSet;
use supcon_loss::{BatchFacts, Identity};
use supcon_math::landmarks;
use supcon_protocol::{Landmarks, LossScale, Method, RunConfig, ViewsConfig};

/// Contrastive pre-training (Khosla et al. 2020 §3): encoder and projection head on views.
pub(crate) struct ContrastiveStage {
    pub(super) learner: Learner<Contrastive>,
    pub(super) meter: Meter,
    loader: Loader,
    loss: StageLoss,
    /// Gradients flow from loss × scale; the loss shown is unscaled.
    scale: f32,
    loss_scale: LossScale,
    device: Device,
    n_rows: usize,
    n_classes: usize,
}

impl ContrastiveStage {
    pub(crate) fn new(
        config: &RunConfig,
        method: Method,
        seed: u64,
        train: &Arc<ImageSet>,
        normalisation: Normalisation,
        device: &Device,
    ) -> Self {
        let device = device.clone().autodiff();
        let encoder = Encoder::new(
            config.encoder,
            &mut Initializer::new(seed, stream::ENCODER, &device),
        );
        let head = ProjectionHead::new(
            &config.projection_head,
            feature_len(config.encoder),
            &mut Initializer::new(seed, stream::HEAD, &device),
        );
        let contrastive = &config.contrastive;
        let loss = StageLoss::new(config, method);
        let views = ViewsConfig {
            n_views: loss.n_views,
            ..config.views.clone()
        };
        let batch_size = contrastive.batch_size.min(train.len());
        Self {
            learner: Learner::new(Contrastive { encoder, head }, &contrastive.optimizer),
            meter: Meter::default(),
            loader: Loader::new(
                Arc::clone(train),
                batch_size,
                views,
                normalisation,
                seed,
                stream::CONTRASTIVE_BATCHES,
            ),
            scale: contrastive
                .loss_scale
                .factor(contrastive.temperature_of(method)),
            loss_scale: contrastive.loss_scale,
            n_rows: batch_size * loss.n_views,
            loss,
            n_classes: train.n_classes(),
            device,
        }
    }

    /// The loop reads like the paper.
    pub(super) fn step(&mut self, step: u64, learning_rate: f64) -> Result<(), TrainError> {
        let batch = self.loader.batch(step);
        let identity = Identity::of_views(&batch.labels, batch.n_views);
        let images = batch.into_images(&self.device); // [v·b, c, h, w]
        let mut pass = Pass::training();
        let features = self.learner.model.encoder.forward(images, &mut pass); // [v·b, f]
        let head = &self.learner.model.head;
        let z = if self.loss.unit_rows {
            head.forward(features, &mut pass) // [v·b, d], unit rows
        } else {
            head.project(features, &mut pass) // [v·b, d], rows of any length
        };
        let loss = self.loss.loss.fused(z, &identity, None)?.mean(); // [1], nats
        self.meter.add(loss.facts);
        self.learner
            .learn(&loss.loss.mul_scalar(self.scale), pass, learning_rate);
        Ok(())
    }

    /// Another τ from the next step on.
    pub(super) fn set_temperature(&mut self, temperature: f32) {
        self.loss.loss.objective.temperature = f64::from(temperature);
        self.scale = self.loss_scale.factor(temperature);
    }

    pub(super) async fn facts(&mut self) -> Result<StepFacts, TrainError> {
        let facts = BatchFacts::from_slice(&self.meter.take().await?);
        Ok(StepFacts {
            loss: facts.loss,
            accuracy: None,
            anchors_without_positives: Some(1.0 - facts.valid_anchors / self.n_rows as f64),
            view_similarity: self.loss.has_view_cosine().then_some(facts.view_similarity),
            mutual_information_bound: self.loss.bounds_mutual_information().then(|| {
                let loss = facts.self_supervised_loss(self.loss.temperature());
                landmarks::mutual_information_bound(loss, self.n_rows - 1)
            }),
        })
    }

    /// Chance line and floor of this batch size and temperature, where they hold.
    pub(super) fn landmarks(&self) -> Option<Landmarks> {
        self.loss.landmarks(self.n_rows, self.n_classes)
    }
}
