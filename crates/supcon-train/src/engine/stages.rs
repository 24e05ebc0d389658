//! Builds the stages of a plan, and rebuilds finished ones from what they saved.

use super::Engine;
use crate::checkpoint::Checkpoint;
use crate::error::TrainError;
use crate::evaluate::with_settled_statistics;
use crate::files;
use crate::learner::{MODEL, load_part};
use crate::model::{Encoder, Initializer};
use crate::stage::{ContrastiveStage, CrossEntropyStage, LinearStage, Stage, stream};
use supcon_protocol::{StageKind, StagePlan, Subject};

impl Engine<'_> {
    pub(super) async fn build_stage(&self, plan: &StagePlan) -> Result<Stage, TrainError> {
        let (config, seed) = (self.plan.config(), plan.seed);
        let (train, normalisation, device) = (&self.train, self.normalisation, &self.device.device);
        Ok(match (plan.kind, plan.subject) {
            (StageKind::Contrastive, Subject::Trained(method)) => Stage::Contrastive(
                ContrastiveStage::new(config, method, seed, train, normalisation, device),
            ),
            (StageKind::CrossEntropy, _) => Stage::CrossEntropy(CrossEntropyStage::new(
                config,
                seed,
                train,
                normalisation,
                device,
            )),
            (StageKind::Linear, _) | (StageKind::Contrastive, Subject::RandomEncoder) => {
                let encoder = self.encoder_before(plan)?;
                let stage = LinearStage::new(config, seed, &encoder, train, normalisation, device);
                Stage::Linear(stage.await?)
            }
        })
    }

    /// The encoder a linear stage stands on: as initialised, but for the statistics of batch
    /// normalisation, or as its pre-training left it.
    fn encoder_before(&self, plan: &StagePlan) -> Result<Encoder, TrainError> {
        match plan.subject {
            Subject::RandomEncoder => Ok(with_settled_statistics(
                &self.random_encoder(plan.seed),
                &self.train,
                &self.normalisation,
                &self.device.device,
            )),
            Subject::Trained(_) => {
                let stages = self.plan.stages().iter();
                let same = |s: &&StagePlan| {
                    s.seed == plan.seed
                        && s.subject == plan.subject
                        && s.kind == StageKind::Contrastive
                };
                stages.clone().find(same).map_or_else(
                    || Ok(self.random_encoder(plan.seed)),
                    |pretraining| self.saved_encoder(pretraining),
                )
            }
        }
    }

    fn random_encoder(&self, seed: u64) -> Encoder {
        let device = &self.device.device;
        Encoder::new(
            self.plan.config().network(),
            &mut Initializer::new(seed, stream::ENCODER, device),
        )
    }

    /// The encoder that a finished stage saved.
    pub(crate) fn saved_encoder(&self, plan: &StagePlan) -> Result<Encoder, TrainError> {
        let checkpoint = self.saved(plan)?;
        let prefix = format!("{MODEL}.encoder");
        Ok(load_part(
            self.random_encoder(plan.seed),
            &checkpoint.tensors,
            &prefix,
            &self.device.device,
        )?)
    }

    /// A finished stage with the weights it saved.
    pub(crate) async fn rebuild(&self, plan: &StagePlan) -> Result<Stage, TrainError> {
        let mut stage = self.build_stage(plan).await?;
        stage.load_weights(&self.saved(plan)?.tensors, &self.device.device)?;
        Ok(stage)
    }

    /// What a finished stage saved.
    pub(crate) fn saved(&self, plan: &StagePlan) -> Result<Checkpoint, TrainError> {
        let name = files::weights(plan);
        let bytes = self.sink.read(&name)?.ok_or_else(|| {
            TrainError::Mismatch(format!("{name} is missing from the run directory, so \"{plan}\" cannot be used; start the run again"))
        })?;
        Ok(Checkpoint::from_bytes(&name, &bytes)?)
    }
}
