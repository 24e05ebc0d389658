//! CIFAR-10 and ImageNet as in Google's release (google-research/supcon): its scripts, and the
//! defaults of hparams_flags.py for what they leave out.

use super::shapes;
use crate::{
    BlurConfig, ContrastiveConfig, CrossEntropyConfig, DataConfig, DataSource, EncoderName,
    EvaluationConfig, Exclusion, HeadConfig, HeadKind, JitterConfig, Length, LinearConfig,
    LossScale, Method, OptimizerConfig, OptimizerKind, PolicyConfig, PolicyKind, PolicyOrder,
    RateScaling, RunConfig, Schedule, Stem, ViewsConfig,
};

/// Momentum with a rate per 256 images, a warm-up from 0 and a cosine to 0.
fn momentum(learning_rate: f64, weight_decay: f64, warmup_epochs: u64) -> OptimizerConfig {
    OptimizerConfig {
        scaling: RateScaling::Per256Images,
        floor: 0.0,
        warmup_start: 0.0,
        ..OptimizerConfig::sgd(learning_rate, weight_decay, Length::Epochs(warmup_epochs))
    }
}

fn nesterov(learning_rate: f64, weight_decay: f64, warmup_epochs: u64) -> OptimizerConfig {
    OptimizerConfig {
        nesterov: true,
        ..momentum(learning_rate, weight_decay, warmup_epochs)
    }
}

fn lars(learning_rate: f64, weight_decay: f64) -> OptimizerConfig {
    OptimizerConfig {
        kind: OptimizerKind::Lars,
        exclude: Exclusion::BatchNorm,
        trust_coefficient: 0.001,
        ..momentum(learning_rate, weight_decay, 12)
    }
}

/// The second stage of SupCon on ImageNet.
fn rmsprop() -> OptimizerConfig {
    OptimizerConfig {
        kind: OptimizerKind::Rmsprop,
        square_decay: 0.9,
        epsilon: 0.001,
        schedule: Schedule::Exponential,
        decay_factor: 0.97,
        decay_every: 0.5,
        ..momentum(0.05, 1e-6, 12)
    }
}

fn head(kind: HeadKind, hidden_layers: usize) -> HeadConfig {
    HeadConfig {
        kind,
        hidden: 2048,
        hidden_layers,
        out: 128,
    }
}

pub(super) fn cifar10_supcon() -> RunConfig {
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
        projection_head: head(HeadKind::Mlp, 1),
        contrastive: ContrastiveConfig {
            length: Length::Epochs(1000),
            batch_size: 4096,
            temperature: 0.1,
            simclr_temperature: 0.5,
            loss_scale: LossScale::Temperature,
            optimizer: momentum(0.5, 1e-4, 10),
            ..base.contrastive
        },
        linear: LinearConfig {
            length: Length::Epochs(100),
            batch_size: 4096,
            augment: true,
            augment_fully: true,
            label_smoothing: 0.0,
            optimizer: OptimizerConfig {
                schedule: Schedule::Step,
                milestones: vec![60, 75, 90],
                decay_factor: 0.2,
                ..momentum(2.5, 0.0, 0)
            },
            simclr_learning_rate: 0.0,
        },
        cross_entropy: CrossEntropyConfig {
            length: Length::Epochs(1000),
            batch_size: 1024,
            label_smoothing: 0.0,
            optimizer: nesterov(0.1, 5e-4, 12),
        },
        evaluation: EvaluationConfig {
            knn_neighbors: 200,
            probe_every: 500,
            ..base.evaluation
        },
        ..base
    }
}

pub(super) fn cifar10_simclr() -> RunConfig {
    let base = cifar10_supcon();
    RunConfig {
        methods: vec![Method::Simclr],
        projection_head: head(HeadKind::MlpBn, 2),
        contrastive: ContrastiveConfig {
            length: Length::Epochs(400),
            batch_size: 1024,
            loss_scale: LossScale::None,
            ..base.contrastive
        },
        linear: LinearConfig {
            length: Length::Epochs(90),
            batch_size: 1024,
            optimizer: momentum(0.25, 0.0, 0),
            ..base.linear
        },
        ..base
    }
}

pub(super) fn cifar10_ce() -> RunConfig {
    RunConfig {
        methods: vec![Method::CrossEntropy],
        ..cifar10_supcon()
    }
}

pub(super) fn imagenet_supcon_r50() -> RunConfig {
    let base = cifar10_supcon();
    RunConfig {
        data: DataConfig {
            side: 224,
            ..base.data
        },
        views: auto_augment_views(),
        encoder_stem: Stem::Imagenet,
        projection_head: head(HeadKind::Linear, 1),
        contrastive: ContrastiveConfig {
            length: Length::Epochs(350),
            batch_size: 6144,
            optimizer: lars(0.4, 1e-3),
            ..base.contrastive
        },
        linear: LinearConfig {
            length: Length::Epochs(90),
            batch_size: 6144,
            label_smoothing: 0.05,
            optimizer: rmsprop(),
            ..base.linear
        },
        ..base
    }
}

pub(super) fn imagenet_supcon_r200() -> RunConfig {
    let base = imagenet_supcon_r50();
    RunConfig {
        views: stacked_views(),
        encoder: EncoderName::Resnet200,
        contrastive: ContrastiveConfig {
            length: Length::Epochs(700),
            batch_size: 4096,
            optimizer: lars(0.2, 1e-4),
            ..base.contrastive
        },
        linear: LinearConfig {
            batch_size: 4096,
            ..base.linear
        },
        ..base
    }
}

pub(super) fn imagenet_simclr_r50() -> RunConfig {
    let base = imagenet_supcon_r50();
    RunConfig {
        methods: vec![Method::Simclr],
        views: simclr_views(),
        projection_head: head(HeadKind::MlpBn, 2),
        contrastive: ContrastiveConfig {
            length: Length::Epochs(100),
            simclr_temperature: 0.1,
            loss_scale: LossScale::None,
            optimizer: lars(0.3, 1e-4),
            ..base.contrastive
        },
        linear: LinearConfig {
            optimizer: nesterov(0.1, 1e-6, 12),
            ..base.linear
        },
        ..base
    }
}

pub(super) fn imagenet_ce_r50() -> RunConfig {
    RunConfig {
        methods: vec![Method::CrossEntropy],
        cross_entropy: CrossEntropyConfig {
            length: Length::Epochs(200),
            batch_size: 6144,
            label_smoothing: 0.05,
            optimizer: nesterov(0.1, 1e-4, 12),
        },
        ..imagenet_supcon_r50()
    }
}

/// SimCLR's augmentation at strength 1.
fn simclr_views() -> ViewsConfig {
    let cifar = ViewsConfig::cifar();
    ViewsConfig {
        crop: crate::CropConfig {
            scale: [0.08, 1.0],
            ..cifar.crop
        },
        jitter: JitterConfig {
            probability: 0.8,
            brightness: 0.8,
            contrast: 0.8,
            saturation: 0.8,
            hue: 0.2,
        },
        blur: BlurConfig {
            probability: 0.5,
            ..cifar.blur
        },
        ..cifar
    }
}

/// Crop, flip and the AutoAugment that Google's code calls, nothing else.
fn auto_augment_views() -> ViewsConfig {
    let simclr = simclr_views();
    ViewsConfig {
        jitter: JitterConfig {
            probability: 0.0,
            ..simclr.jitter
        },
        grayscale_probability: 0.0,
        blur: BlurConfig {
            probability: 0.0,
            ..simclr.blur
        },
        policy: PolicyConfig::of(PolicyKind::AutoAugmentGoogle),
        ..simclr
    }
}

/// Stacked RandAugment: SimCLR's augmentation at strength 1 with RandAugment(2, 10) after the jitter.
fn stacked_views() -> ViewsConfig {
    ViewsConfig {
        policy: PolicyConfig {
            order: PolicyOrder::Google,
            ..PolicyConfig::of(PolicyKind::RandAugment)
        },
        ..simclr_views()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stage(o: &OptimizerConfig) -> (f64, f64, f64, Length) {
        assert_eq!(o.scaling, RateScaling::Per256Images);
        assert_eq!(o.warmup_start, 0.0);
        (o.learning_rate, o.weight_decay, o.momentum, o.warmup)
    }

    /// The numbers of supcon_cifar10_resnet50.sh, simclr_… and cross_entropy_….
    #[test]
    fn the_published_numbers_on_cifar() {
        let run = cifar10_supcon();
        let c = &run.contrastive;
        assert_eq!((c.length, c.batch_size), (Length::Epochs(1000), 4096));
        assert_eq!((c.temperature, c.loss_scale), (0.1, LossScale::Temperature));
        assert_eq!(stage(&c.optimizer), (0.5, 1e-4, 0.9, Length::Epochs(10)));
        assert_eq!(c.optimizer.peak(c.batch_size), 8.0);
        assert_eq!(
            (c.optimizer.schedule, c.optimizer.floor),
            (Schedule::Cosine, 0.0)
        );
        assert_eq!(run.projection_head, head(HeadKind::Mlp, 1));
        let l = &run.linear;
        assert_eq!((l.length, l.batch_size), (Length::Epochs(100), 4096));
        assert!(l.augment && l.augment_fully);
        assert_eq!(stage(&l.optimizer), (2.5, 0.0, 0.9, Length::Epochs(0)));
        assert_eq!(l.optimizer.schedule, Schedule::Step);
        assert_eq!(l.optimizer.decay_factor, 0.2);
        assert_eq!(l.optimizer.milestones, [60, 75, 90]);

        let run = cifar10_simclr();
        let c = &run.contrastive;
        assert_eq!((c.length, c.batch_size), (Length::Epochs(400), 1024));
        assert_eq!((c.simclr_temperature, c.loss_scale), (0.5, LossScale::None));
        assert_eq!(stage(&c.optimizer), (0.5, 1e-4, 0.9, Length::Epochs(10)));
        assert_eq!(run.projection_head, head(HeadKind::MlpBn, 2));
        assert_eq!(run.linear.length, Length::Epochs(90));
        assert_eq!(run.linear.batch_size, 1024);
        assert_eq!(run.linear.optimizer.schedule, Schedule::Cosine);
        assert_eq!(run.linear.optimizer.learning_rate, 0.25);

        let ce = &cifar10_ce().cross_entropy;
        assert_eq!((ce.length, ce.batch_size), (Length::Epochs(1000), 1024));
        assert_eq!(stage(&ce.optimizer), (0.1, 5e-4, 0.9, Length::Epochs(12)));
        assert!(ce.optimizer.nesterov);
    }

    /// The numbers of supcon_imagenet_resnet50.sh, …200.sh and simclr_imagenet_resnet50.sh.
    #[test]
    fn the_published_numbers_on_imagenet() {
        let run = imagenet_supcon_r50();
        assert_eq!((run.data.side, run.encoder_stem), (224, Stem::Imagenet));
        assert_eq!(run.projection_head, head(HeadKind::Linear, 1));
        let c = &run.contrastive;
        assert_eq!((c.length, c.batch_size), (Length::Epochs(350), 6144));
        assert_eq!(c.temperature, 0.1);
        assert_eq!(stage(&c.optimizer), (0.4, 1e-3, 0.9, Length::Epochs(12)));
        let o = &c.optimizer;
        assert_eq!(
            (o.kind, o.exclude),
            (OptimizerKind::Lars, Exclusion::BatchNorm)
        );
        assert_eq!(
            (o.trust_coefficient, o.peak(c.batch_size)),
            (0.001, 0.4 * 24.0)
        );
        let l = &run.linear;
        assert_eq!((l.length, l.label_smoothing), (Length::Epochs(90), 0.05));
        let o = &l.optimizer;
        assert_eq!(stage(o), (0.05, 1e-6, 0.9, Length::Epochs(12)));
        assert_eq!(
            (o.kind, o.schedule),
            (OptimizerKind::Rmsprop, Schedule::Exponential)
        );
        assert_eq!((o.square_decay, o.epsilon), (0.9, 0.001));
        assert_eq!((o.decay_factor, o.decay_every), (0.97, 0.5));

        let views = &run.views;
        assert_eq!(views.policy.kind, PolicyKind::AutoAugmentGoogle);
        assert_eq!(views.crop.scale, [0.08, 1.0]);
        let others = [
            views.jitter.probability,
            views.grayscale_probability,
            views.blur.probability,
        ];
        assert_eq!(others, [0.0; 3]);

        let run = imagenet_supcon_r200();
        let policy = &run.views.policy;
        assert_eq!(
            (policy.kind, policy.order),
            (PolicyKind::RandAugment, PolicyOrder::Google)
        );
        assert_eq!((policy.layers, policy.magnitude), (2, 10.0));
        assert_eq!(run.views.jitter.brightness, 0.8);
        let c = &run.contrastive;
        assert_eq!((c.length, c.batch_size), (Length::Epochs(700), 4096));
        assert_eq!(stage(&c.optimizer), (0.2, 1e-4, 0.9, Length::Epochs(12)));
        assert_eq!(run.encoder, EncoderName::Resnet200);

        let ce = &imagenet_ce_r50().cross_entropy;
        assert_eq!((ce.length, ce.batch_size), (Length::Epochs(200), 6144));
        assert_eq!(stage(&ce.optimizer), (0.1, 1e-4, 0.9, Length::Epochs(12)));
        assert_eq!((ce.label_smoothing, ce.optimizer.nesterov), (0.05, true));

        let run = imagenet_simclr_r50();
        let c = &run.contrastive;
        assert_eq!((c.length, c.batch_size), (Length::Epochs(100), 6144));
        assert_eq!((c.simclr_temperature, c.loss_scale), (0.1, LossScale::None));
        assert_eq!(stage(&c.optimizer), (0.3, 1e-4, 0.9, Length::Epochs(12)));
        assert!(run.linear.optimizer.nesterov);
        assert_eq!(run.linear.optimizer.learning_rate, 0.1);
        let views = simclr_views();
        assert_eq!(
            (views.crop.scale, views.blur.probability),
            ([0.08, 1.0], 0.5)
        );
        let jitter = views.jitter;
        assert_eq!(
            [
                jitter.brightness,
                jitter.contrast,
                jitter.saturation,
                jitter.hue
            ],
            [0.8, 0.8, 0.8, 0.2]
        );
    }
}
