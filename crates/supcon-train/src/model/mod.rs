//! Encoders and heads: images `[n, 3, h, w]` → features `[n, f]` → z `[n, d]`.

mod init;
mod norm;
mod projection_head;
mod resnet;
mod shape;
mod tiny;

pub use init::Initializer;
pub use norm::{BatchNorm, Pass, absorb};
pub use projection_head::ProjectionHead;
pub use resnet::ResNet;
pub(crate) use shape::ConvShape;
pub use shape::Cost;
pub use tiny::Tiny;

use burn::module::Module;
use burn::nn::Linear;
use burn::tensor::Tensor;
use resnet::Layout;
use supcon_protocol::{EncoderName, Network};

/// The network whose features are evaluated.
#[allow(
    clippy::large_enum_variant,
    reason = "one exists at a time, and it is never moved in bulk"
)]
#[derive(Module, Debug)]
pub enum Encoder {
    /// Four strided convolutions.
    Tiny(Tiny),
    /// Any of the residual networks.
    ResNet(ResNet),
}

fn layout(network: Network) -> Option<Layout> {
    let layout = match network.encoder {
        EncoderName::Tiny => return None,
        EncoderName::Resnet8 => Layout::RESNET_8,
        EncoderName::Resnet14 => Layout::RESNET_14,
        EncoderName::Resnet20 => Layout::RESNET_20,
        EncoderName::Resnet18 => Layout::RESNET_18,
        EncoderName::Resnet34 => Layout::RESNET_34,
        EncoderName::Resnet50 => Layout::RESNET_50,
        EncoderName::Resnet101 => Layout::RESNET_101,
        EncoderName::Resnet152 => Layout::RESNET_152,
        EncoderName::Resnet200 => Layout::RESNET_200,
    };
    Some(Layout {
        stem: network.stem,
        width: network.width,
        ..layout
    })
}

/// Length of an encoder's features.
#[must_use]
pub fn feature_len(network: Network) -> usize {
    layout(network).map_or(Tiny::FEATURES, Layout::features)
}

/// Parameters and multiply-adds of an encoder for one image of `side` × `side` pixels.
#[must_use]
pub fn cost(network: Network, side: usize) -> Cost {
    Cost::of(&conv_shapes(network, side))
}

/// Every convolution of an encoder, in order.
pub(crate) fn conv_shapes(network: Network, side: usize) -> Vec<ConvShape> {
    layout(network).map_or_else(|| Tiny::shapes(side), |layout| layout.shapes(side))
}

impl Encoder {
    /// An encoder with the weights of `init`.
    #[must_use]
    pub fn new(network: Network, init: &mut Initializer<'_>) -> Self {
        match layout(network) {
            None => Self::Tiny(Tiny::new(init)),
            Some(layout) => Self::ResNet(ResNet::new(layout, init)),
        }
    }

    /// Images `[n, 3, h, w]` → features `[n, f]`.
    #[must_use]
    pub fn forward(&self, images: Tensor<4>, pass: &mut Pass) -> Tensor<2> {
        match self {
            Self::Tiny(tiny) => tiny.forward(images, pass),
            Self::ResNet(resnet) => resnet.forward(images, pass),
        }
    }
}

/// An encoder and its projection head: what contrastive pre-training trains.
#[derive(Module, Debug)]
pub struct Contrastive {
    /// Kept.
    pub encoder: Encoder,
    /// Dropped afterwards.
    pub head: ProjectionHead,
}

/// An encoder and a linear classifier: what cross-entropy trains end to end.
#[derive(Module, Debug)]
pub struct Classifier {
    /// The encoder.
    pub encoder: Encoder,
    /// Features `[n, f]` → logits `[n, k]`.
    pub linear: Linear,
}

/// `[n, c, h, w]` → `[n, c]`.
fn mean_over_positions(x: Tensor<4>) -> Tensor<2> {
    let [n, c, h, w] = x.dims();
    x.reshape([n, c, h * w]).mean_dim(2).reshape([n, c])
}
