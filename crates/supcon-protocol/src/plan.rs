use crate::{Method, OptimizerConfig, RunConfig};
use serde::{Deserialize, Serialize};
use std::fmt;

/// A checked configuration, laid out as the stages it consists of.
#[derive(Clone, Debug, PartialEq)]
pub struct RunPlan {
    config: RunConfig,
    stages: Vec<StagePlan>,
}

/// One stage of a run: one network, trained in one way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StagePlan {
    /// Position in the run, from 0.
    pub index: usize,
    /// Seed of weights, batches and views.
    pub seed: u64,
    /// Whose encoder.
    pub subject: Subject,
    /// What happens to it.
    pub kind: StageKind,
}

/// Whose encoder a stage or a row of results is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// The encoder as initialised, never trained: the floor every table shows.
    RandomEncoder,
    /// An encoder trained by a method.
    Trained(Method),
}

/// What a stage trains.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StageKind {
    /// Encoder and projection head, with a contrastive loss.
    Contrastive,
    /// A linear classifier on the frozen encoder.
    Linear,
    /// Encoder and classifier together, with cross-entropy.
    CrossEntropy,
}

impl RunPlan {
    /// Lays out the stages: for every seed the random encoder's probe, then each method.
    #[must_use]
    pub fn new(config: RunConfig) -> Self {
        let mut stages = Vec::new();
        let mut push = |seed, subject, kind| {
            stages.push(StagePlan {
                index: stages.len(),
                seed,
                subject,
                kind,
            });
        };
        for &seed in &config.seeds {
            push(seed, Subject::RandomEncoder, StageKind::Linear);
            for &method in &config.methods {
                let subject = Subject::Trained(method);
                if method.is_contrastive() {
                    push(seed, subject, StageKind::Contrastive);
                    push(seed, subject, StageKind::Linear);
                } else {
                    push(seed, subject, StageKind::CrossEntropy);
                }
            }
        }
        Self { config, stages }
    }

    /// The configuration.
    #[must_use]
    pub fn config(&self) -> &RunConfig {
        &self.config
    }

    /// All stages in order.
    #[must_use]
    pub fn stages(&self) -> &[StagePlan] {
        &self.stages
    }

    /// Whether the stage's network is evaluated when it ends (its last stage).
    #[must_use]
    pub fn is_evaluated_after(stage: &StagePlan) -> bool {
        stage.kind != StageKind::Contrastive
    }

    /// The optimiser of a stage.
    #[must_use]
    pub fn optimizer(&self, stage: &StagePlan) -> OptimizerConfig {
        let config = &self.config;
        match (stage.kind, stage.subject) {
            (StageKind::Contrastive, _) => config.contrastive.optimizer.clone(),
            (StageKind::CrossEntropy, _) => config.cross_entropy.optimizer.clone(),
            (StageKind::Linear, Subject::Trained(Method::Simclr))
                if config.linear.simclr_learning_rate > 0.0 =>
            {
                OptimizerConfig {
                    learning_rate: config.linear.simclr_learning_rate,
                    ..config.linear.optimizer.clone()
                }
            }
            (StageKind::Linear, _) => config.linear.optimizer.clone(),
        }
    }

    /// Optimiser steps of a stage, given the number of training images.
    #[must_use]
    pub fn steps(&self, stage: &StagePlan, train_images: usize) -> u64 {
        let length = match stage.kind {
            StageKind::Contrastive => self.config.contrastive.length,
            StageKind::Linear => self.config.linear.length,
            StageKind::CrossEntropy => self.config.cross_entropy.length,
        };
        length.steps(steps_per_epoch(train_images, self.batch_size(stage)))
    }

    /// Images in a batch of a stage, before views; fewer where there are not as many.
    #[must_use]
    pub fn batch_size(&self, stage: &StagePlan) -> usize {
        match stage.kind {
            StageKind::Contrastive => self.config.contrastive.batch_size,
            StageKind::Linear => self.config.linear.batch_size,
            StageKind::CrossEntropy => self.config.cross_entropy.batch_size,
        }
    }
}

/// Full batches in a pass over the images; at least one.
#[must_use]
pub fn steps_per_epoch(images: usize, batch_size: usize) -> u64 {
    (images / batch_size.max(1)).max(1) as u64
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RandomEncoder => f.write_str("Random encoder"),
            Self::Trained(method) => method.fmt(f),
        }
    }
}

impl StagePlan {
    /// A file-name-safe name, unique within the run, e.g. `2-supcon-linear-s0`.
    #[must_use]
    pub fn slug(&self) -> String {
        let subject = match self.subject {
            Subject::RandomEncoder => "random",
            Subject::Trained(method) => method.key(),
        };
        let kind = match self.kind {
            StageKind::Contrastive => "-contrastive",
            StageKind::Linear => "-linear",
            StageKind::CrossEntropy => "",
        };
        format!("{}-{subject}{kind}-s{}", self.index, self.seed)
    }
}

impl fmt::Display for StagePlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.kind {
            StageKind::Contrastive => ", contrastive pre-training",
            StageKind::Linear => ", linear classifier on frozen features",
            StageKind::CrossEntropy => ", end to end",
        };
        write!(f, "{}{kind} (seed {})", self.subject, self.seed)
    }
}
