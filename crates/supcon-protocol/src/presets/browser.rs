//! Presets sized for a browser's tab.

use super::shapes as shapes_of_the_desktop;
use crate::{
    ContrastiveConfig, DataConfig, EvaluationConfig, Length, LinearConfig, Method, OptimizerConfig,
    RunConfig,
};

/// The desktop's, with one method, so that nothing but the encoder in view trains.
pub(super) fn shapes() -> RunConfig {
    let base = shapes_of_the_desktop();
    RunConfig {
        methods: vec![Method::Supcon],
        evaluation: EvaluationConfig {
            probe_every: 50,
            ..base.evaluation
        },
        ..base
    }
}

/// For adapters made of software, which take a few steps a second at best: below a quarter of a million
/// multiply-adds an image.
pub(super) fn smoke() -> RunConfig {
    let base = shapes();
    RunConfig {
        data: DataConfig {
            shapes_train: 600,
            shapes_test: 200,
            shapes_classes: 4,
            shapes_side: 16,
            // Enough for a map of 200 points.
            validation_fraction: 0.35,
            ..base.data
        },
        contrastive: ContrastiveConfig {
            length: Length::Steps(60),
            batch_size: 32,
            temperature: 0.3,
            optimizer: OptimizerConfig::sgd(0.3, 1e-4, Length::Steps(5)),
            ..base.contrastive
        },
        linear: LinearConfig {
            length: Length::Steps(10),
            batch_size: 64,
            ..base.linear
        },
        evaluation: EvaluationConfig {
            bootstrap_resamples: 200,
            probe_every: 20,
            probe_images: 100,
            ..base.evaluation
        },
        ..base
    }
}
