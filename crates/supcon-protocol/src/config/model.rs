use serde::{Deserialize, Serialize};
use std::fmt;

/// The encoders.
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
    /// ResNet-18 of He et al. 2016 §4.1, 512 features. The stem of this and the larger ones is
    /// [`Stem`].
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
    /// ResNet-152, 2048 features.
    #[serde(rename = "resnet-152")]
    Resnet152,
    /// ResNet-200 (3, 24, 36, 3 bottleneck blocks), 2048 features: the paper's largest.
    #[serde(rename = "resnet-200")]
    Resnet200,
}

impl EncoderName {
    /// All encoders, cheapest first.
    pub const ALL: [Self; 10] = [
        Self::Tiny,
        Self::Resnet8,
        Self::Resnet14,
        Self::Resnet20,
        Self::Resnet18,
        Self::Resnet34,
        Self::Resnet50,
        Self::Resnet101,
        Self::Resnet152,
        Self::Resnet200,
    ];

    /// Whether it is of the family of ResNet-18 … ResNet-200, which has stems and widths.
    #[must_use]
    pub fn is_wide(self) -> bool {
        !matches!(
            self,
            Self::Tiny | Self::Resnet8 | Self::Resnet14 | Self::Resnet20
        )
    }
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
            Self::Resnet152 => "resnet-152",
            Self::Resnet200 => "resnet-200",
        })
    }
}

/// What the images meet first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stem {
    /// A 3×3 convolution of stride 1, for images of about 32 pixels (Khosla et al.'s PyTorch release).
    #[default]
    Cifar,
    /// A 7×7 convolution of stride 2 and 3×3 max-pooling of stride 2, for images of about 224 pixels.
    Imagenet,
}

/// An encoder with its options.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    /// Its layout.
    pub encoder: EncoderName,
    /// What the images meet first.
    pub stem: Stem,
    /// Factor on all channels.
    pub width: usize,
}

impl From<EncoderName> for Network {
    fn from(encoder: EncoderName) -> Self {
        Self {
            encoder,
            stem: Stem::default(),
            width: 1,
        }
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.encoder)?;
        if self.width != 1 {
            write!(f, " {}×", self.width)?;
        }
        match self.stem {
            Stem::Cifar => Ok(()),
            Stem::Imagenet => f.write_str(" with the ImageNet stem"),
        }
    }
}

/// The projection head: features `[n, f]` → z `[n, d]`, unit rows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeadConfig {
    /// Its form.
    pub kind: HeadKind,
    /// Width of the hidden layers of `mlp` and `mlp_bn`.
    pub hidden: usize,
    /// How many there are.
    #[serde(default = "one")]
    pub hidden_layers: usize,
    /// Dimensions of z; ignored by `none`.
    pub out: usize,
}

fn one() -> usize {
    1
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
