//! The same network out of Burn's own layers, with Burn's SGD and a trivial loss, on images that lie
//! on the device already: the least that a step can cost on this stack.

use crate::step::{DIM, RATE};
use burn::module::Module;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::{BatchNorm, BatchNormConfig, Linear, LinearConfig, PaddingConfig2d};
use burn::optim::decay::WeightDecayConfig;
use burn::optim::momentum::MomentumConfig;
use burn::optim::{GradientsParams, ModuleOptimizer, SgdConfig};
use burn::tensor::activation::relu;
use burn::tensor::{Device, Distribution, Tensor};
use std::time::Instant;
use supcon_protocol::EncoderName;

#[derive(Module, Debug)]
struct ConvNorm {
    conv: Conv2d,
    norm: BatchNorm,
}

impl ConvNorm {
    fn new(channels: [usize; 2], kernel: usize, stride: usize, device: &Device) -> Self {
        let pad = kernel / 2;
        Self {
            conv: Conv2dConfig::new(channels, [kernel, kernel])
                .with_stride([stride, stride])
                .with_padding(PaddingConfig2d::Explicit(pad, pad, pad, pad))
                .with_bias(false)
                .init(device),
            norm: BatchNormConfig::new(channels[1]).init(device),
        }
    }

    fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        self.norm.forward(self.conv.forward(x))
    }
}

/// Two 3×3 convolutions beside a shortcut.
#[derive(Module, Debug)]
struct Block {
    first: ConvNorm,
    second: ConvNorm,
    shortcut: Option<ConvNorm>,
}

impl Block {
    fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let y = self.second.forward(relu(self.first.forward(x.clone())));
        let x = match &self.shortcut {
            Some(shortcut) => shortcut.forward(x),
            None => x,
        };
        relu(y + x)
    }
}

/// Convolutions in a row, then blocks.
#[derive(Module, Debug)]
struct Network {
    row: Vec<ConvNorm>,
    blocks: Vec<Block>,
    head: Linear,
}

impl Network {
    fn new(encoder: EncoderName, device: &Device) -> Self {
        let (widths, blocks): (&[usize], usize) = match encoder {
            EncoderName::Tiny => (&[16, 32, 64, 128], 0),
            EncoderName::Resnet20 => (&[16, 32, 64], 3),
            EncoderName::Resnet18 => (&[64, 128, 256, 512], 2),
            other => panic!("no bare {other}"),
        };
        let mut network = Self {
            row: Vec::new(),
            blocks: Vec::new(),
            head: LinearConfig::new(widths[widths.len() - 1], DIM).init(device),
        };
        let mut inputs = 3;
        if blocks > 0 {
            network
                .row
                .push(ConvNorm::new([3, widths[0]], 3, 1, device));
            inputs = widths[0];
        }
        for (stage, &width) in widths.iter().enumerate() {
            if blocks == 0 {
                network
                    .row
                    .push(ConvNorm::new([inputs, width], 3, 2, device));
            }
            for block in 0..blocks {
                let stride = if stage > 0 && block == 0 { 2 } else { 1 };
                let from = if block == 0 { inputs } else { width };
                let changes = stride != 1 || from != width;
                network.blocks.push(Block {
                    first: ConvNorm::new([from, width], 3, stride, device),
                    second: ConvNorm::new([width, width], 3, 1, device),
                    shortcut: changes.then(|| ConvNorm::new([from, width], 1, stride, device)),
                });
            }
            inputs = width;
        }
        network
    }

    fn forward(&self, images: Tensor<4>) -> Tensor<2> {
        let x = self
            .row
            .iter()
            .fold(images, |x, layer| relu(layer.forward(x)));
        let x = self.blocks.iter().fold(x, |x, block| block.forward(x));
        let [n, c, h, w] = x.dims();
        self.head
            .forward(x.reshape([n, c, h * w]).mean_dim(2).reshape([n, c]))
    }
}

pub struct BareStep {
    network: Network,
    optimizer: ModuleOptimizer,
    images: Tensor<4>,
}

impl BareStep {
    pub fn new(encoder: EncoderName, rows: usize, device: &Device) -> Self {
        let momentum = MomentumConfig::new().with_dampening(0.0);
        Self {
            network: Network::new(encoder, device),
            optimizer: SgdConfig::new()
                .with_momentum(Some(momentum))
                .with_weight_decay(Some(WeightDecayConfig::new(1e-4)))
                .init(),
            images: Tensor::random([rows, 3, 32, 32], Distribution::Default, device),
        }
    }

    /// Seconds.
    pub fn step(&mut self) -> f64 {
        let start = Instant::now();
        let z = self.network.forward(self.images.clone());
        let loss = (z.clone() * z).mean();
        let gradients = GradientsParams::from_grads(loss.backward(), &self.network);
        self.network = self.optimizer.step(RATE, self.network.clone(), gradients);
        let loss: f32 = loss.into_scalar();
        assert!(loss.is_finite());
        start.elapsed().as_secs_f64()
    }
}
