//! The ways of training: one type a stage kind, behind one face.

mod classification;
mod contrastive;
mod cross_entropy;
mod linear;
mod objective;

pub(crate) use contrastive::ContrastiveStage;
pub(crate) use cross_entropy::CrossEntropyStage;
pub(crate) use linear::LinearStage;
pub(crate) use objective::StageLoss;

use crate::error::TrainError;
use crate::evaluate::{Features, Ranking};
use crate::model::{Contrastive, Encoder};
use crate::state::HostTensors;
use crate::watch::Network;
use burn::module::Module;
use burn::tensor::Device;
use supcon_protocol::Landmarks;

/// Streams of random numbers within a seed. All methods of a seed start from the same encoder.
pub(crate) mod stream {
    pub(crate) const ENCODER: u32 = 0;
    pub(crate) const HEAD: u32 = 1;
    pub(crate) const CLASSIFIER: u32 = 2;
    pub(crate) const CONTRASTIVE_BATCHES: u32 = 3;
    pub(crate) const LINEAR_BATCHES: u32 = 4;
    pub(crate) const CROSS_ENTROPY_BATCHES: u32 = 5;
}

/// Means over the steps since the last report.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct StepFacts {
    /// Nats.
    pub(crate) loss: f64,
    pub(crate) accuracy: Option<f64>,
    pub(crate) anchors_without_positives: Option<f64>,
    pub(crate) view_similarity: Option<f64>,
    pub(crate) mutual_information_bound: Option<f64>,
}

/// One stage at work.
#[allow(
    clippy::large_enum_variant,
    reason = "one exists at a time, and it is never moved in bulk"
)]
pub(crate) enum Stage {
    Contrastive(ContrastiveStage),
    Linear(LinearStage),
    CrossEntropy(CrossEntropyStage),
}

/// Forwards a call to whichever stage it is.
macro_rules! each {
    ($self:expr, $stage:ident => $call:expr) => {
        match $self {
            Stage::Contrastive($stage) => $call,
            Stage::Linear($stage) => $call,
            Stage::CrossEntropy($stage) => $call,
        }
    };
}

impl Stage {
    /// Trains on the batch of `step`.
    pub(crate) fn step(&mut self, step: u64, learning_rate: f64) -> Result<(), TrainError> {
        match self {
            Self::Contrastive(stage) => stage.step(step, learning_rate)?,
            Self::Linear(stage) => stage.step(step, learning_rate),
            Self::CrossEntropy(stage) => stage.step(step, learning_rate),
        }
        Ok(())
    }

    /// Steps since the last [`Stage::facts`].
    pub(crate) fn unread_steps(&self) -> u64 {
        each!(self, stage => stage.meter.steps())
    }

    /// What happened since the last call; waits for the device.
    pub(crate) async fn facts(&mut self) -> Result<StepFacts, TrainError> {
        each!(self, stage => stage.facts().await)
    }

    /// Everything a resume needs.
    pub(crate) async fn state(&self) -> Result<HostTensors, TrainError> {
        Ok(each!(self, stage => stage.learner.state().await)?)
    }

    /// What later stages and reports need.
    pub(crate) async fn weights(&self) -> Result<HostTensors, TrainError> {
        Ok(each!(self, stage => stage.learner.weights().await)?)
    }

    /// Goes on from [`Stage::state`].
    pub(crate) fn load(
        &mut self,
        tensors: &HostTensors,
        device: &Device,
    ) -> Result<(), TrainError> {
        Ok(each!(self, stage => stage.learner.load(tensors, device))?)
    }

    /// Reference lines of the loss.
    pub(crate) fn landmarks(&self) -> Option<Landmarks> {
        match self {
            Self::Contrastive(stage) => stage.landmarks(),
            Self::Linear(_) | Self::CrossEntropy(_) => None,
        }
    }

    /// Another τ from the next step on; says whether the stage's loss has one.
    pub(crate) fn set_temperature(&mut self, temperature: f32) -> bool {
        let Self::Contrastive(stage) = self else {
            return false;
        };
        stage.set_temperature(temperature);
        true
    }

    /// What one sees the watched images through, as it is now; none in a linear stage, which does not
    /// change it.
    pub(crate) fn network(&self) -> Option<Network> {
        let (encoder, head) = match self {
            Self::Contrastive(stage) => {
                let Contrastive { encoder, head } = &stage.learner.model;
                (encoder, Some(head.valid()))
            }
            Self::CrossEntropy(stage) => (&stage.learner.model.encoder, None),
            Self::Linear(_) => return None,
        };
        Some(Network {
            encoder: encoder.valid(),
            head,
        })
    }

    /// The encoder that trains; none in a linear stage.
    pub(crate) fn training_encoder(&self) -> Option<&Encoder> {
        match self {
            Self::Contrastive(stage) => Some(&stage.learner.model.encoder),
            Self::CrossEntropy(stage) => Some(&stage.learner.model.encoder),
            Self::Linear(_) => None,
        }
    }

    /// The encoder whose features are evaluated.
    pub(crate) fn encoder(&self) -> &Encoder {
        match self {
            Self::Contrastive(stage) => &stage.learner.model.encoder,
            Self::Linear(stage) => stage.encoder(),
            Self::CrossEntropy(stage) => &stage.learner.model.encoder,
        }
    }

    /// The classifier's guesses for features; none in a contrastive stage, which has no classifier.
    pub(crate) async fn classify(
        &self,
        features: &Features,
        device: &Device,
    ) -> Result<Option<Ranking>, TrainError> {
        let linear = match self {
            Self::Contrastive(_) => return Ok(None),
            Self::Linear(stage) => &stage.learner.model,
            Self::CrossEntropy(stage) => &stage.learner.model.linear,
        };
        classification::rank(linear, features, device)
            .await
            .map(Some)
    }
}
