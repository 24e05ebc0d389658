use super::init::Initializer;
use super::norm::{BatchNorm, Pass};
use super::shape::ConvShape;
use burn::module::Module;
use burn::nn::conv::Conv2d;
use burn::tensor::{Tensor, activation::relu};

/// Channels after each convolution.
const WIDTHS: [usize; 4] = [16, 32, 64, 128];

/// Four strided 3×3 convolutions with batch normalisation and ReLU, then the mean over positions:
/// about a million multiply-adds, 128 features.
#[derive(Module, Debug)]
pub struct Tiny {
    convs: Vec<Conv2d>,
    norms: Vec<BatchNorm>,
}

impl Tiny {
    pub(crate) const FEATURES: usize = WIDTHS[3];

    pub(crate) fn new(init: &mut Initializer<'_>) -> Self {
        let shapes = Self::shapes(32);
        Self {
            convs: shapes
                .iter()
                .map(|s| init.conv(s.channels, s.kernel, s.stride))
                .collect(),
            norms: shapes
                .iter()
                .map(|s| BatchNorm::new(s.channels[1], init))
                .collect(),
        }
    }

    pub(crate) fn shapes(side: usize) -> Vec<ConvShape> {
        let mut shapes = Vec::new();
        let (mut inputs, mut side) = (3, side);
        for outputs in WIDTHS {
            side = side.div_ceil(2);
            shapes.push(ConvShape {
                channels: [inputs, outputs],
                kernel: 3,
                stride: 2,
                out_side: side,
            });
            inputs = outputs;
        }
        shapes
    }

    /// Images `[n, 3, h, w]` → features `[n, 128]`.
    pub(crate) fn forward(&self, images: Tensor<4>, pass: &mut Pass) -> Tensor<2> {
        let last = self
            .convs
            .iter()
            .zip(&self.norms)
            .fold(images, |x, (conv, norm)| {
                relu(norm.forward(conv.forward(x), pass))
            });
        super::mean_over_positions(last)
    }
}
