//! Named configurations: small ones of our own, and the published recipes.

mod browser;
mod google;
mod khosla;

use crate::{
    ContrastiveConfig, CrossEntropyConfig, DataConfig, DataSource, DenominatorMode, EncoderName,
    EvaluationConfig, HeadConfig, HeadKind, KernelConfig, Length, LinearConfig, LossPrecision,
    LossScale, Method, OptimizerConfig, PositivesCap, RunConfig, SCHEMA, Stem, ViewsConfig,
};

/// A named configuration.
pub struct Preset {
    /// What `--preset` takes.
    pub name: &'static str,
    /// What it is, and for a published recipe what of it is missing here.
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
        name: "browser-shapes",
        summary: "SupCon on the built-in shapes for a browser on a real GPU, or a patient CPU: the first points move within seconds",
        build: browser::shapes,
    },
    Preset {
        name: "browser-smoke",
        summary: "four classes of shapes at 16×16, batches of 32: for browsers whose GPU is software",
        build: browser::smoke,
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
        name: "r18-cifar-200",
        summary: "one-GPU reproduction on CIFAR: ResNet-18, 200 epochs of 512 images, Khosla et al.'s rates scaled to that batch, SupCon in both forms, SimCLR and cross-entropy (which sees the contrastive augmentation), three seeds; needs a GPU",
        build: khosla::r18_cifar_200,
    },
    Preset {
        name: "khosla-cifar-supcon",
        summary: "SupCon on CIFAR as in Khosla et al.'s PyTorch release: ResNet-50, 1000 epochs of 1024, rate 0.5, τ 0.1, linear rate 5; a large GPU and days. 2 % of the training images are held out; the last epoch is reported, not the best on the test set",
        build: khosla::cifar_supcon,
    },
    Preset {
        name: "khosla-cifar-simclr",
        summary: "SimCLR on CIFAR as in Khosla et al.'s PyTorch release: as khosla-cifar-supcon with τ 0.5, linear rate 1",
        build: khosla::cifar_simclr,
    },
    Preset {
        name: "khosla-cifar-ce",
        summary: "cross-entropy on CIFAR as in Khosla et al.'s PyTorch release: ResNet-50, 500 epochs of 1024, rate 0.8, crops and flips alone",
        build: khosla::cifar_ce,
    },
    Preset {
        name: "google-cifar10-supcon",
        summary: "SupCon on CIFAR-10 as in Google's release: ResNet-50, 1000 epochs of 4096, rate 0.5 per 256 images; batch statistics are of the whole batch, where Google's are of one TPU core's share",
        build: google::cifar10_supcon,
    },
    Preset {
        name: "google-cifar10-simclr",
        summary: "SimCLR on CIFAR-10 as in Google's release: ResNet-50, 400 epochs of 1024, three-layer head; the classifier starts at random weights, where Google's starts at 0",
        build: google::cifar10_simclr,
    },
    Preset {
        name: "google-cifar10-ce",
        summary: "cross-entropy on CIFAR-10 as in Google's release: ResNet-50, 1000 epochs of 1024, Nesterov, rate 0.1 per 256 images",
        build: google::cifar10_ce,
    },
    Preset {
        name: "google-imagenet-supcon-r50",
        summary: "SupCon on ImageNet as in Google's release: ResNet-50, 350 epochs of 6144, LARS, then RMSProp, with the AutoAugment of Google's code. The normalised features under head and classifier are missing here, and so is bf16",
        build: google::imagenet_supcon_r50,
    },
    Preset {
        name: "google-imagenet-supcon-r200",
        summary: "SupCon on ImageNet as in Google's release: ResNet-200, 700 epochs of 4096, LARS, then RMSProp, with Stacked RandAugment in the order of Google's code; brightness is multiplied, where Google's is added to. The normalised features under head and classifier are missing here, and so is bf16",
        build: google::imagenet_supcon_r200,
    },
    Preset {
        name: "google-imagenet-simclr-r50",
        summary: "SimCLR on ImageNet as in Google's release: ResNet-50, 100 epochs of 6144, LARS, then Nesterov; brightness is multiplied, where Google's is added to; the classifier starts at random weights, where Google's starts at 0; no bf16",
        build: google::imagenet_simclr_r50,
    },
    Preset {
        name: "google-imagenet-ce-r50",
        summary: "cross-entropy on ImageNet as in Google's release: ResNet-50, 200 epochs of 6144, Nesterov, rate 0.1 per 256 images, with the AutoAugment of Google's code; no bf16",
        build: google::imagenet_ce_r50,
    },
];

/// The preset of that name.
#[must_use]
pub fn preset(name: &str) -> Option<&'static Preset> {
    PRESETS.iter().find(|preset| preset.name == name)
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
            shapes_classes: 10,
            shapes_side: 32,
            seed: 0,
        },
        views: ViewsConfig::shapes(),
        encoder: EncoderName::Tiny,
        encoder_stem: Stem::Cifar,
        encoder_width: 1,
        projection_head: HeadConfig {
            kind: HeadKind::MlpBn,
            hidden: 128,
            hidden_layers: 1,
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
            precision: LossPrecision::default(),
            optimizer: OptimizerConfig::sgd(0.3, 1e-4, Length::Steps(30)),
        },
        linear: LinearConfig {
            length: Length::Steps(1000),
            batch_size: 256,
            augment: false,
            augment_fully: false,
            label_smoothing: 0.0,
            optimizer: OptimizerConfig::sgd(0.1, 0.0, Length::Steps(0)),
            simclr_learning_rate: 0.0,
        },
        cross_entropy: CrossEntropyConfig {
            length: Length::Steps(600),
            batch_size: 256,
            label_smoothing: 0.0,
            optimizer: OptimizerConfig::sgd(0.2, 5e-4, Length::Steps(60)),
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
