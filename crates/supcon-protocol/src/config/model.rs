use serde::{Deserialize, Serialize};
use std::fmt;

/// The encoders, all for 32×32 images.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EncoderName {
    /// Four strided convolutions, about 1 M multiply-adds: trains on a laptop's CPU.
    Tiny,
    /// CIFAR ResNet of He et al. 2016 §4.2 with one block a stage (6n+2, n = 1).
    #[serde(rename = "resnet-8")]
    Resnet8,
    /// … with two blocks a stage.
    #[serde(rename = "resnet-14")]
    Resnet14,
    /// … with three blocks a stage.
    #[serde(rename = "resnet-20")]
    Resnet20,
    /// ResNet-18 with the 3×3 CIFAR stem of Khosla et al.'s PyTorch release, 512 features.
    #[serde(rename = "resnet-18")]
    Resnet18,
    /// ResNet-34, 512 features.
    #[serde(rename = "resnet-34")]
    Resnet34,
    /// ResNet-50, 2048 features: the paper's CIFAR network.
    #[serde(rename = "resnet-50")]
    Resnet50,
    /// ResNet-101, 2048 features.
    #[serde(rename = "resnet-101")]
    Resnet101,
}

impl EncoderName {
    /// All encoders, cheapest first.
    pub const ALL: [Self; 8] = [
        Self::Tiny,
        Self::Resnet8,
        Self::Resnet14,
        Self::Resnet20,
        Self::Resnet18,
        Self::Resnet34,
        Self::Resnet50,
        Self::Resnet101,
    ];
}

impl fmt::Display for EncoderName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Tiny => "tiny",
            Self::Resnet8 => "resnet-8",
            Self::Resnet14 => "resnet-14",
            Self::Resnet20 => "resnet-20",
            Self::Resnet18 => "resnet-18",
            Self::Resnet34 => "resnet-34",
            Self::Resnet50 => "resnet-50",
            Self::Resnet101 => "resnet-101",
        })
    }
}

/// The projection head: features `[n, f]` → z `[n, d]`, unit rows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeadConfig {
    /// Its form.
    pub kind: HeadKind,
    /// Width of the hidden layer of `mlp`.
    pub hidden: usize,
    /// Dimensions of z; ignored by `none`.
    pub out: usize,
}

/// Form of the projection head.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HeadKind {
    /// z are the normalised features.
    None,
    /// One linear layer.
    Linear,
    /// Linear → ReLU → linear (Khosla et al. 2020 §3.1).
    Mlp,
    /// Linear → BatchNorm → ReLU → linear → BatchNorm, as SimCLR's released code has it. The last
    /// one keeps z from collapsing into one point before the classes can be told apart.
    MlpBn,
}
