//! Residual networks.
//!
//! Two families: the thin ones of He et al. 2016 (arXiv:1512.03385) §4.2, widths 16-32-64, depth
//! 6n+2; and the wide ones, widths 64-128-256-512 times a factor, with basic (18, 34) or bottleneck
//! (50, 101, 152, 200) blocks, whose stride is in the 3×3 convolution. Shortcuts that change shape
//! are 1×1 convolutions. The stem is a 3×3 convolution of stride 1 (Khosla et al.'s PyTorch release
//! for CIFAR) or, for the wide ones, ImageNet's 7×7 of stride 2 with max-pooling.

use super::init::Initializer;
use super::norm::{BatchNorm, Pass};
use super::shape::ConvShape;
use burn::module::Module;
use burn::nn::conv::Conv2d;
use burn::tensor::module::max_pool2d;
use burn::tensor::ops::MaxPoolOptions;
use burn::tensor::{Tensor, activation::relu};
use supcon_protocol::Stem;

/// Which residual block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BlockKind {
    /// 3×3, 3×3.
    Basic,
    /// 1×1, 3×3, 1×1 with four times the channels out.
    Bottleneck,
}

/// A residual network's layout.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Layout {
    pub(crate) block: BlockKind,
    pub(crate) widths: &'static [usize],
    pub(crate) blocks: &'static [usize],
    pub(crate) stem: Stem,
    /// Factor on all widths.
    pub(crate) width: usize,
}

impl Layout {
    const fn thin(blocks: &'static [usize]) -> Self {
        Self {
            block: BlockKind::Basic,
            widths: &[16, 32, 64],
            blocks,
            stem: Stem::Cifar,
            width: 1,
        }
    }

    const fn wide(block: BlockKind, blocks: &'static [usize]) -> Self {
        Self {
            block,
            widths: &[64, 128, 256, 512],
            blocks,
            stem: Stem::Cifar,
            width: 1,
        }
    }

    pub(crate) const RESNET_8: Self = Self::thin(&[1, 1, 1]);
    pub(crate) const RESNET_14: Self = Self::thin(&[2, 2, 2]);
    pub(crate) const RESNET_20: Self = Self::thin(&[3, 3, 3]);
    pub(crate) const RESNET_18: Self = Self::wide(BlockKind::Basic, &[2, 2, 2, 2]);
    pub(crate) const RESNET_34: Self = Self::wide(BlockKind::Basic, &[3, 4, 6, 3]);
    pub(crate) const RESNET_50: Self = Self::wide(BlockKind::Bottleneck, &[3, 4, 6, 3]);
    pub(crate) const RESNET_101: Self = Self::wide(BlockKind::Bottleneck, &[3, 4, 23, 3]);
    pub(crate) const RESNET_152: Self = Self::wide(BlockKind::Bottleneck, &[3, 8, 36, 3]);
    pub(crate) const RESNET_200: Self = Self::wide(BlockKind::Bottleneck, &[3, 24, 36, 3]);

    fn expansion(self) -> usize {
        match self.block {
            BlockKind::Basic => 1,
            BlockKind::Bottleneck => 4,
        }
    }

    pub(crate) fn features(self) -> usize {
        self.widths.last().copied().unwrap_or(0) * self.width * self.expansion()
    }

    fn stem_shape(self, side: usize) -> ConvShape {
        let (kernel, stride) = match self.stem {
            Stem::Cifar => (3, 1),
            Stem::Imagenet => (7, 2),
        };
        ConvShape {
            channels: [3, self.widths[0] * self.width],
            kernel,
            stride,
            out_side: side.div_ceil(stride),
        }
    }

    /// Side of what the first block sees.
    fn pooled_side(self, side: usize) -> usize {
        let stem = self.stem_shape(side).out_side;
        match self.stem {
            Stem::Cifar => stem,
            Stem::Imagenet => stem.div_ceil(2),
        }
    }

    /// Every block in order.
    fn block_shapes(self, side: usize) -> Vec<BlockShape> {
        let mut shapes = Vec::new();
        let (mut inputs, mut side) = (self.widths[0] * self.width, self.pooled_side(side));
        for (stage, (&width, &count)) in self.widths.iter().zip(self.blocks).enumerate() {
            let width = width * self.width;
            for block in 0..count {
                let stride = if stage > 0 && block == 0 { 2 } else { 1 };
                let in_side = side;
                side = side.div_ceil(stride);
                shapes.push(self.block_shape(inputs, width, stride, [in_side, side]));
                inputs = width * self.expansion();
            }
        }
        shapes
    }

    fn block_shape(
        self,
        inputs: usize,
        width: usize,
        stride: usize,
        [in_side, side]: [usize; 2],
    ) -> BlockShape {
        let outputs = width * self.expansion();
        let conv = |channels, kernel, stride, out_side| ConvShape {
            channels,
            kernel,
            stride,
            out_side,
        };
        let path = match self.block {
            BlockKind::Basic => {
                vec![
                    conv([inputs, width], 3, stride, side),
                    conv([width, width], 3, 1, side),
                ]
            }
            BlockKind::Bottleneck => vec![
                conv([inputs, width], 1, 1, in_side),
                conv([width, width], 3, stride, side),
                conv([width, outputs], 1, 1, side),
            ],
        };
        let shortcut =
            (stride != 1 || inputs != outputs).then(|| conv([inputs, outputs], 1, stride, side));
        BlockShape { path, shortcut }
    }

    pub(crate) fn shapes(self, side: usize) -> Vec<ConvShape> {
        let blocks = self.block_shapes(side).into_iter();
        let convs = blocks.flat_map(|block| block.path.into_iter().chain(block.shortcut));
        std::iter::once(self.stem_shape(side))
            .chain(convs)
            .collect()
    }
}

struct BlockShape {
    path: Vec<ConvShape>,
    shortcut: Option<ConvShape>,
}

/// A convolution and its normalisation.
#[derive(Module, Debug)]
struct ConvNorm {
    conv: Conv2d,
    norm: BatchNorm,
}

impl ConvNorm {
    fn new(shape: &ConvShape, init: &mut Initializer<'_>) -> Self {
        Self {
            conv: init.conv(shape.channels, shape.kernel, shape.stride),
            norm: BatchNorm::new(shape.channels[1], init),
        }
    }

    fn forward(&self, x: Tensor<4>, pass: &mut Pass) -> Tensor<4> {
        self.norm.forward(self.conv.forward(x), pass)
    }
}

/// relu(path(x) + shortcut(x)).
#[derive(Module, Debug)]
struct Block {
    path: Vec<ConvNorm>,
    shortcut: Option<ConvNorm>,
}

impl Block {
    fn forward(&self, x: Tensor<4>, pass: &mut Pass) -> Tensor<4> {
        let mut y = x.clone();
        for (at, layer) in self.path.iter().enumerate() {
            y = layer.forward(y, pass);
            if at + 1 < self.path.len() {
                y = relu(y);
            }
        }
        let x = match &self.shortcut {
            Some(shortcut) => shortcut.forward(x, pass),
            None => x,
        };
        relu(y + x)
    }
}

/// A residual network without classifier.
#[derive(Module, Debug)]
pub struct ResNet {
    stem: ConvNorm,
    /// Whether 3×3 max-pooling of stride 2 follows the stem.
    pooled: bool,
    blocks: Vec<Block>,
}

impl ResNet {
    pub(crate) fn new(layout: Layout, init: &mut Initializer<'_>) -> Self {
        let stem = ConvNorm::new(&layout.stem_shape(32), init);
        let block = |shape: BlockShape| Block {
            path: shape
                .path
                .iter()
                .map(|conv| ConvNorm::new(conv, init))
                .collect(),
            shortcut: shape
                .shortcut
                .as_ref()
                .map(|conv| ConvNorm::new(conv, init)),
        };
        Self {
            stem,
            pooled: layout.stem == Stem::Imagenet,
            blocks: layout.block_shapes(32).into_iter().map(block).collect(),
        }
    }

    /// Images `[n, 3, h, w]` → features `[n, f]`.
    pub(crate) fn forward(&self, images: Tensor<4>, pass: &mut Pass) -> Tensor<2> {
        let mut x = relu(self.stem.forward(images, pass));
        if self.pooled {
            let pooling = MaxPoolOptions::new([3, 3]).with_stride([2, 2]);
            x = max_pool2d(x, pooling.with_padding([1, 1]));
        }
        super::mean_over_positions(
            self.blocks
                .iter()
                .fold(x, |x, block| block.forward(x, pass)),
        )
    }
}
