use super::{StepFacts, stream};
use crate::batch::{Loader, Normalisation};
use crate::error::TrainError;
use crate::learner::Learner;
use crate::meter::Meter;
use crate::model::{Contrastive, Encoder, Initializer, Pass, ProjectionHead, feature_len};
use burn::tensor::Device;
use std::sync::Arc;
use supcon_data::ImageSet;
use supcon_loss::{BatchFacts, Identity, contrastive_loss};
use supcon_math::{Objective, Positives, landmarks};
use supcon_protocol::{Landmarks, Method, RunConfig};

/// Contrastive pre-training (Khosla et al. 2020 §3): encoder and projection head on views.
pub(crate) struct ContrastiveStage {
    pub(super) learner: Learner<Contrastive>,
    pub(super) meter: Meter,
    loader: Loader,
    objective: Objective,
    /// Gradients flow from loss × scale; the loss shown is unscaled.
    scale: f32,
    device: Device,
    n_rows: usize,
    n_views: usize,
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
            config.network(),
            &mut Initializer::new(seed, stream::ENCODER, &device),
        );
        let head = ProjectionHead::new(
            &config.projection_head,
            feature_len(config.network()),
            &mut Initializer::new(seed, stream::HEAD, &device),
        );
        let contrastive = &config.contrastive;
        let tau = contrastive.temperature_of(method);
        let batch_size = contrastive.batch_size.min(train.len());
        Self {
            learner: Learner::new(Contrastive { encoder, head }, &contrastive.optimizer),
            meter: Meter::default(),
            loader: Loader::new(
                Arc::clone(train),
                batch_size,
                config.views.clone(),
                normalisation,
                seed,
                stream::CONTRASTIVE_BATCHES,
            ),
            objective: objective(method, tau),
            scale: contrastive.loss_scale.factor(tau),
            n_rows: batch_size * config.views.n_views,
            n_views: config.views.n_views,
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
        let z = self.learner.model.head.forward(features, &mut pass); // [v·b, d], unit rows
        let loss = contrastive_loss(z, &identity, &self.objective)?; // [1], nats
        self.meter.add(loss.facts);
        self.learner
            .learn(&loss.loss.mul_scalar(self.scale), pass, learning_rate);
        Ok(())
    }

    pub(super) async fn facts(&mut self) -> Result<StepFacts, TrainError> {
        let facts = BatchFacts::from_slice(&self.meter.take().await?);
        Ok(StepFacts {
            loss: facts.loss,
            accuracy: None,
            anchors_without_positives: Some(1.0 - facts.valid_anchors / self.n_rows as f64),
            view_similarity: (self.n_views > 1).then_some(facts.view_similarity),
            mutual_information_bound: (self.n_views > 1).then(|| {
                let loss = facts.self_supervised_loss(self.objective.temperature);
                landmarks::mutual_information_bound(loss, self.n_rows - 1)
            }),
        })
    }

    /// Chance line and floor of this batch size and temperature.
    pub(super) fn landmarks(&self) -> Landmarks {
        let tau = self.objective.temperature;
        let floor = match self.objective.positives {
            Positives::SameLabel => landmarks::simplex_floor(self.n_rows, self.n_classes, tau),
            Positives::OtherView => landmarks::nt_xent_floor(self.n_rows, self.n_views, tau),
        };
        Landmarks {
            chance: landmarks::chance(self.n_rows),
            floor,
        }
    }
}

fn objective(method: Method, tau: f32) -> Objective {
    let tau = f64::from(tau);
    match method {
        Method::SupconIn => Objective::supcon_in(tau),
        Method::Simclr => Objective::nt_xent(tau),
        Method::Supcon | Method::CrossEntropy => Objective::supcon(tau),
    }
}
