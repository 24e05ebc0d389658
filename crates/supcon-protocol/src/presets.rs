use crate::{
    ContrastiveConfig, CrossEntropyConfig, DataConfig, DataSource, DenominatorMode, EncoderName,
    EvaluationConfig, HeadConfig, HeadKind, KernelConfig, Length, LinearConfig, LossScale, Method,
    OptimizerConfig, PositivesCap, RunConfig, SCHEMA, Schedule, ViewsConfig,
};

/// A named configuration.
pub struct Preset {
    /// What `--preset` takes.
    pub name: &'static str,
    /// One sentence.
    pub summary: &'static str,
    build: fn() -> RunConfig,
}

impl Preset {
    /// The configuration.
    #[must_use]
    pub fn config(&self) -> RunConfig {
        RunConfig {
            name: self.name.to_owned(),
            ..(self.build)()
        }
    }
}

/// All presets; the first is the default.
pub const PRESETS: &[Preset] = &[
    Preset {
        name: "shapes",
        summary: "SupCon and cross-entropy on the built-in shapes; no data, no GPU, under 5 minutes on two cores",
        build: shapes,
    },
    Preset {
        name: "images",
        summary: "SupCon and cross-entropy on your own images with the tiny encoder; what --data alone takes",
        build: images,
    },
    Preset {
        name: "cifar10-tiny",
        summary: "SupCon, SimCLR and cross-entropy on CIFAR (or a subset) with the tiny encoder, three seeds",
        build: cifar10_tiny,
    },
    Preset {
        name: "cifar10-resnet18",
        summary: "one-GPU reproduction: ResNet-18, 200 epochs, batch 512, the paper's recipe scaled; needs a GPU",
        build: cifar10_resnet18,
    },
    Preset {
        name: "cifar10-paper",
        summary: "the CIFAR recipe of Khosla et al. 2020: ResNet-50, 1000 epochs, batch 1024; needs a large GPU and days",
        build: cifar10_paper,
    },
];

/// The preset of that name.
#[must_use]
pub fn preset(name: &str) -> Option<&'static Preset> {
    PRESETS.iter().find(|preset| preset.name == name)
}

fn sgd(learning_rate: f64, weight_decay: f64, warmup: Length) -> OptimizerConfig {
    OptimizerConfig {
        learning_rate,
        momentum: 0.9,
        weight_decay,
        schedule: Schedule::Cosine,
        warmup,
    }
}

fn shapes() -> RunConfig {
    RunConfig {
        schema: SCHEMA,
        name: String::new(),
        seeds: vec![0],
        methods: vec![Method::Supcon, Method::CrossEntropy],
        data: DataConfig {
            source: DataSource::Shapes,
            validation_fraction: 0.1,
            test_fraction: 0.2,
            side: 32,
            skip_unreadable: false,
            shapes_train: 10_000,
            shapes_test: 2_000,
            seed: 0,
        },
        views: ViewsConfig::shapes(),
        encoder: EncoderName::Tiny,
        projection_head: HeadConfig {
            kind: HeadKind::MlpBn,
            hidden: 128,
            out: 64,
        },
        contrastive: ContrastiveConfig {
            length: Length::Steps(600),
            batch_size: 256,
            temperature: 0.1,
            simclr_temperature: 0.5,
            loss_scale: LossScale::None,
            denominator: DenominatorMode::default(),
            positives_cap: PositivesCap::default(),
            kernel: KernelConfig::default(),
            optimizer: sgd(0.3, 1e-4, Length::Steps(30)),
        },
        linear: LinearConfig {
            length: Length::Steps(1000),
            batch_size: 256,
            augment: false,
            optimizer: sgd(0.1, 0.0, Length::Steps(0)),
        },
        cross_entropy: CrossEntropyConfig {
            length: Length::Steps(600),
            batch_size: 256,
            label_smoothing: 0.0,
            optimizer: sgd(0.2, 5e-4, Length::Steps(60)),
        },
        evaluation: EvaluationConfig {
            knn_neighbors: 20,
            knn_temperature: 0.1,
            bootstrap_resamples: 2000,
            probe_every: 100,
            probe_images: 1000,
        },
    }
}

fn images() -> RunConfig {
    RunConfig {
        seeds: vec![0],
        methods: vec![Method::Supcon, Method::CrossEntropy],
        ..cifar10_tiny()
    }
}

fn cifar10_tiny() -> RunConfig {
    RunConfig {
        seeds: vec![0, 1, 2],
        methods: vec![Method::Supcon, Method::Simclr, Method::CrossEntropy],
        data: DataConfig {
            source: DataSource::Images,
            ..shapes().data
        },
        views: ViewsConfig::cifar(),
        ..shapes()
    }
}

fn cifar10_resnet18() -> RunConfig {
    let base = shapes();
    RunConfig {
        methods: vec![Method::Supcon, Method::Simclr, Method::CrossEntropy],
        data: DataConfig {
            source: DataSource::Images,
            validation_fraction: 0.02,
            ..base.data
        },
        views: ViewsConfig::cifar(),
        encoder: EncoderName::Resnet18,
        projection_head: HeadConfig {
            kind: HeadKind::Mlp,
            hidden: 512,
            out: 128,
        },
        contrastive: ContrastiveConfig {
            length: Length::Epochs(200),
            batch_size: 512,
            temperature: 0.1,
            simclr_temperature: 0.5,
            loss_scale: LossScale::TemperatureOverBase,
            optimizer: sgd(0.25, 1e-4, Length::Epochs(10)),
            ..base.contrastive
        },
        linear: LinearConfig {
            length: Length::Epochs(100),
            batch_size: 512,
            augment: true,
            optimizer: sgd(5.0, 0.0, Length::Steps(0)),
        },
        cross_entropy: CrossEntropyConfig {
            length: Length::Epochs(200),
            batch_size: 512,
            label_smoothing: 0.0,
            optimizer: sgd(0.4, 1e-4, Length::Epochs(10)),
        },
        evaluation: EvaluationConfig {
            knn_neighbors: 200,
            probe_every: 500,
            ..base.evaluation
        },
        ..base
    }
}

fn cifar10_paper() -> RunConfig {
    let base = cifar10_resnet18();
    RunConfig {
        encoder: EncoderName::Resnet50,
        projection_head: HeadConfig {
            kind: HeadKind::Mlp,
            hidden: 2048,
            out: 128,
        },
        contrastive: ContrastiveConfig {
            length: Length::Epochs(1000),
            batch_size: 1024,
            optimizer: sgd(0.5, 1e-4, Length::Epochs(10)),
            ..base.contrastive
        },
        cross_entropy: CrossEntropyConfig {
            length: Length::Epochs(500),
            batch_size: 1024,
            optimizer: sgd(0.8, 1e-4, Length::Epochs(10)),
            ..base.cross_entropy
        },
        ..base
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_preset_is_valid_and_survives_toml() {
        for preset in PRESETS {
            let config = preset.config();
            config
                .check()
                .unwrap_or_else(|error| panic!("{}: {error}", preset.name));
            assert_eq!(
                RunConfig::from_toml(preset.name, &config.to_toml()).as_ref(),
                Ok(&config)
            );
        }
    }
}
