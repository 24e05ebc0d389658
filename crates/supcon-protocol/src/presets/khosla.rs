//! CIFAR as in Khosla et al.'s PyTorch release (github.com/HobbitLong/SupContrast), the source of
//! the paper's CIFAR numbers: main_supcon.py, main_linear.py, main_ce.py and its README's commands.

use super::shapes;
use crate::{
    ContrastiveConfig, CrossEntropyConfig, DataConfig, DataSource, EncoderName, EvaluationConfig,
    HeadConfig, HeadKind, JitterConfig, Length, LinearConfig, LossScale, Method, OptimizerConfig,
    RunConfig, Schedule, ScheduleClock, ViewsConfig,
};

/// Where its warm-up starts, whatever the peak.
const WARMUP_FROM: f64 = 0.01;

/// SGD with a cosine by epochs to 0.1³ of the peak, after ten epochs of warm-up.
fn cosine(learning_rate: f64) -> OptimizerConfig {
    OptimizerConfig {
        schedule_clock: ScheduleClock::Epoch,
        warmup_start: WARMUP_FROM / learning_rate,
        ..OptimizerConfig::sgd(learning_rate, 1e-4, Length::Epochs(10))
    }
}

/// A hundred epochs with the rate × 0.2 after epochs 60, 75 and 90, on new crops and flips.
fn linear(learning_rate: f64) -> LinearConfig {
    LinearConfig {
        length: Length::Epochs(100),
        batch_size: 512,
        augment: true,
        augment_fully: false,
        label_smoothing: 0.0,
        optimizer: OptimizerConfig {
            schedule: Schedule::Step,
            schedule_clock: ScheduleClock::Epoch,
            milestones: vec![60, 75, 90],
            decay_factor: 0.2,
            ..OptimizerConfig::sgd(learning_rate, 0.0, Length::Epochs(0))
        },
        simclr_learning_rate: 1.0,
    }
}

pub(super) fn cifar_supcon() -> RunConfig {
    let base = shapes();
    RunConfig {
        methods: vec![Method::Supcon],
        data: DataConfig {
            source: DataSource::Images,
            validation_fraction: 0.02,
            ..base.data
        },
        views: ViewsConfig::cifar(),
        encoder: EncoderName::Resnet50,
        projection_head: HeadConfig {
            kind: HeadKind::Mlp,
            hidden: 2048,
            hidden_layers: 1,
            out: 128,
        },
        contrastive: ContrastiveConfig {
            length: Length::Epochs(1000),
            batch_size: 1024,
            temperature: 0.1,
            simclr_temperature: 0.5,
            loss_scale: LossScale::TemperatureOverBase,
            optimizer: cosine(0.5),
            ..base.contrastive
        },
        linear: linear(5.0),
        cross_entropy: CrossEntropyConfig {
            length: Length::Epochs(500),
            batch_size: 1024,
            label_smoothing: 0.0,
            optimizer: cosine(0.8),
        },
        evaluation: EvaluationConfig {
            knn_neighbors: 200,
            probe_every: 500,
            ..base.evaluation
        },
        ..base
    }
}

pub(super) fn cifar_simclr() -> RunConfig {
    RunConfig {
        methods: vec![Method::Simclr],
        ..cifar_supcon()
    }
}

pub(super) fn cifar_ce() -> RunConfig {
    let base = cifar_supcon();
    RunConfig {
        methods: vec![Method::CrossEntropy],
        views: ViewsConfig {
            jitter: JitterConfig {
                probability: 0.0,
                ..base.views.jitter
            },
            grayscale_probability: 0.0,
            ..base.views
        },
        ..base
    }
}

/// The recipes brought to one GPU: ResNet-18, half the batch and so half the rates, 200 epochs.
pub(super) fn r18_cifar_200() -> RunConfig {
    let base = cifar_supcon();
    RunConfig {
        seeds: vec![0, 1, 2],
        methods: vec![
            Method::Supcon,
            Method::SupconIn,
            Method::Simclr,
            Method::CrossEntropy,
        ],
        encoder: EncoderName::Resnet18,
        projection_head: HeadConfig {
            hidden: 512,
            ..base.projection_head
        },
        contrastive: ContrastiveConfig {
            length: Length::Epochs(200),
            batch_size: 512,
            optimizer: cosine(0.25),
            ..base.contrastive
        },
        cross_entropy: CrossEntropyConfig {
            length: Length::Epochs(200),
            batch_size: 512,
            optimizer: cosine(0.4),
            ..base.cross_entropy
        },
        ..base
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every number of the table in the release's README and of its option defaults.
    #[test]
    fn the_published_numbers() {
        let run = cifar_supcon();
        assert_eq!(run.encoder, EncoderName::Resnet50);
        let head = &run.projection_head;
        assert_eq!(
            (head.kind, head.hidden, head.hidden_layers, head.out),
            (HeadKind::Mlp, 2048, 1, 128)
        );
        let c = &run.contrastive;
        assert_eq!((c.length, c.batch_size), (Length::Epochs(1000), 1024));
        assert_eq!((c.temperature, c.simclr_temperature), (0.1, 0.5));
        assert_eq!(c.loss_scale, LossScale::TemperatureOverBase);
        assert_stage(&c.optimizer, 0.5);
        let views = &run.views;
        assert_eq!((views.n_views, views.crop.scale), (2, [0.2, 1.0]));
        assert_eq!(views.flip_probability, 0.5);
        let jitter = &views.jitter;
        assert_eq!(jitter.probability, 0.8);
        assert_eq!(
            [
                jitter.brightness,
                jitter.contrast,
                jitter.saturation,
                jitter.hue
            ],
            [0.4, 0.4, 0.4, 0.1]
        );
        assert_eq!(
            (views.grayscale_probability, views.blur.probability),
            (0.2, 0.0)
        );
        let l = &run.linear;
        assert_eq!((l.length, l.batch_size), (Length::Epochs(100), 512));
        assert!(l.augment && !l.augment_fully);
        let o = &l.optimizer;
        assert_eq!((o.learning_rate, l.simclr_learning_rate), (5.0, 1.0));
        assert_eq!((o.momentum, o.weight_decay), (0.9, 0.0));
        assert_eq!(o.schedule, Schedule::Step);
        assert_eq!(
            (o.decay_factor, &o.milestones[..]),
            (0.2, &[60, 75, 90][..])
        );
        assert_eq!(cifar_simclr().methods, [Method::Simclr]);
        assert_eq!(cifar_simclr().contrastive, *c);
        let ce = cifar_ce();
        assert_eq!(
            (ce.cross_entropy.length, ce.cross_entropy.batch_size),
            (Length::Epochs(500), 1024)
        );
        assert_stage(&ce.cross_entropy.optimizer, 0.8);
        assert_eq!(ce.views.crop.scale, [0.2, 1.0]);
        assert_eq!(
            (ce.views.jitter.probability, ce.views.grayscale_probability),
            (0.0, 0.0)
        );
    }

    fn assert_stage(o: &OptimizerConfig, rate: f64) {
        assert_eq!((o.learning_rate, o.weight_decay), (rate, 1e-4));
        assert_eq!((o.momentum, o.nesterov), (0.9, false));
        assert_eq!(o.schedule, Schedule::Cosine);
        assert_eq!((o.schedule_clock, o.floor), (ScheduleClock::Epoch, 1e-3));
        assert_eq!(o.warmup, Length::Epochs(10));
        assert!((o.warmup_start * rate - 0.01).abs() < 1e-15);
    }

    #[test]
    fn one_gpu_keeps_rate_per_image() {
        let (small, full) = (r18_cifar_200(), cifar_supcon());
        let per_image = |c: &ContrastiveConfig| c.optimizer.learning_rate / c.batch_size as f64;
        assert_eq!(per_image(&small.contrastive), per_image(&full.contrastive));
        assert_eq!(small.contrastive.length, Length::Epochs(200));
        assert_eq!(small.contrastive.batch_size, 512);
        assert_eq!(small.contrastive.optimizer.warmup, Length::Epochs(10));
        assert_eq!(small.seeds.len(), 3);
    }
}
