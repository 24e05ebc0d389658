//! Our step as `stage/contrastive.rs` takes it, with a clock between its parts.

use burn::optim::GradientsParams;
use burn::tensor::{Device, Tensor};
use std::sync::Arc;
use std::time::Instant;
use supcon_loss::{Identity, contrastive_loss};
use supcon_math::Objective;
use supcon_protocol::{EncoderName, HeadConfig, HeadKind, Length, OptimizerConfig, ViewsConfig};
use supcon_train::model::{
    Contrastive, Encoder, Initializer, Pass, ProjectionHead, absorb, feature_len,
};
use supcon_train::{Loader, Normalisation, Optimizer};

/// Parts of a step, in order. Views are what waiting for them costs: the next batch is made meanwhile.
pub const PARTS: [&str; 7] = [
    "views",
    "upload",
    "forward",
    "loss",
    "backward",
    "optimiser",
    "sync",
];
/// Length of z.
pub const DIM: usize = 128;
pub const RATE: f64 = 0.01;

pub struct OurStep {
    model: Contrastive,
    optimizer: Optimizer,
    loader: Loader,
    device: Device,
    done: u64,
}

impl OurStep {
    pub fn new(encoder: EncoderName, images: usize, device: &Device) -> Self {
        let splits = supcon_data::shapes::generate(2000, 10, 10, 0);
        let normalisation = Normalisation::of(&splits.train);
        let head = HeadConfig {
            kind: HeadKind::Linear,
            hidden: 1,
            hidden_layers: 1,
            out: DIM,
        };
        let mut init = Initializer::new(0, 0, device);
        Self {
            model: Contrastive {
                encoder: Encoder::new(encoder.into(), &mut init),
                head: ProjectionHead::new(&head, feature_len(encoder.into()), &mut init),
            },
            optimizer: Optimizer::new(&OptimizerConfig::sgd(RATE, 1e-4, Length::Steps(0))),
            loader: Loader::new(
                Arc::new(splits.train),
                images,
                ViewsConfig::cifar(),
                normalisation,
                0,
                0,
            ),
            device: device.clone(),
            done: 0,
        }
    }

    /// Seconds of each part.
    pub fn step(&mut self) -> [f64; PARTS.len()] {
        let mut clock = Instant::now();
        let mut lap = || {
            std::mem::replace(&mut clock, Instant::now())
                .elapsed()
                .as_secs_f64()
        };
        let batch = self.loader.batch(self.done);
        let views = lap();
        let identity = Identity::of_views(&batch.labels, batch.n_views);
        let images: Tensor<4> = batch.into_images(&self.device);
        let upload = lap();
        let mut pass = Pass::training();
        let features = self.model.encoder.forward(images, &mut pass);
        let z = self.model.head.forward(features, &mut pass);
        let forward = lap();
        let loss = contrastive_loss(z, &identity, &Objective::supcon(0.1)).expect("sound");
        let loss_secs = lap();
        let gradients = GradientsParams::from_grads(loss.loss.backward(), &self.model);
        let backward = lap();
        let stepped = self.optimizer.step(RATE, self.model.clone(), gradients);
        self.model = absorb(stepped, pass);
        let optimizer = lap();
        let facts = loss.facts.into_data().try_to_vec::<f32>().expect("f32");
        assert!(facts.iter().all(|fact| fact.is_finite()));
        let sync = lap();
        self.done += 1;
        [views, upload, forward, loss_secs, backward, optimizer, sync]
    }
}
