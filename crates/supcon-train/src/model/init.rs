//! Initial weights: a pure function of the seed, the same on every device.

use burn::module::Param;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::{Linear, LinearConfig, PaddingConfig2d};
use burn::tensor::{Device, Tensor, TensorData};
use rand_chacha::ChaCha8Rng;
use rand_core::{Rng, SeedableRng};

/// Draws weights in the order the layers are built.
pub struct Initializer<'a> {
    random: ChaCha8Rng,
    device: &'a Device,
}

impl<'a> Initializer<'a> {
    /// A stream of weights; `stream` keeps encoder, head and classifier independent.
    #[must_use]
    pub fn new(seed: u64, stream: u32, device: &'a Device) -> Self {
        let mut key = [0; 32];
        key[..8].copy_from_slice(&seed.to_le_bytes());
        key[8..12].copy_from_slice(&stream.to_le_bytes());
        key[12..24].copy_from_slice(b"supcon init1");
        Self {
            random: ChaCha8Rng::from_seed(key),
            device,
        }
    }

    /// A convolution without bias, He-normal over its outputs (He et al. 2015, fan-out), as in the
    /// CIFAR ResNets of Khosla et al.'s release; padding keeps the side at stride 1.
    pub(crate) fn conv(&mut self, channels: [usize; 2], kernel: usize, stride: usize) -> Conv2d {
        let [inputs, outputs] = channels;
        let pad = kernel / 2;
        let mut conv = Conv2dConfig::new(channels, [kernel, kernel])
            .with_stride([stride, stride])
            .with_padding(PaddingConfig2d::Explicit(pad, pad, pad, pad))
            .with_bias(false)
            .init(self.device);
        let deviation = libm::sqrtf(2.0 / (outputs * kernel * kernel) as f32);
        let shape = [outputs, inputs, kernel, kernel];
        let weights = (0..shape.iter().product())
            .map(|_| self.normal() * deviation)
            .collect();
        conv.weight = self.parameter(weights, shape);
        conv
    }

    /// A linear layer, weights and biases U(±1/√inputs) (PyTorch's default).
    pub(crate) fn linear(&mut self, inputs: usize, outputs: usize) -> Linear {
        let mut linear = LinearConfig::new(inputs, outputs).init(self.device);
        let bound = 1.0 / libm::sqrtf(inputs as f32);
        let mut draw = |count: usize| {
            (0..count)
                .map(|_| bound * (2.0 * self.uniform() - 1.0))
                .collect()
        };
        let (weights, biases) = (draw(inputs * outputs), draw(outputs));
        linear.weight = self.parameter(weights, [inputs, outputs]);
        linear.bias = Some(self.parameter(biases, [outputs]));
        linear
    }

    /// A parameter of one value.
    pub(crate) fn constant(&self, value: f32, len: usize) -> Param<Tensor<1>> {
        self.parameter(vec![value; len], [len])
    }

    /// State that the optimiser leaves alone.
    pub(crate) fn buffer(&self, value: f32, len: usize) -> Param<Tensor<1>> {
        self.constant(value, len).set_require_grad(false)
    }

    /// In (0, 1].
    fn uniform(&mut self) -> f32 {
        ((self.random.next_u32() >> 8) + 1) as f32 * (1.0 / 16_777_216.0)
    }

    /// Standard normal (Box and Muller).
    fn normal(&mut self) -> f32 {
        let radius = libm::sqrtf(-2.0 * libm::logf(self.uniform()));
        radius * libm::cosf(std::f32::consts::TAU * self.uniform())
    }

    fn parameter<const D: usize>(&self, values: Vec<f32>, shape: [usize; D]) -> Param<Tensor<D>> {
        Param::from_tensor(Tensor::from_data(
            TensorData::new(values, shape),
            self.device,
        ))
    }
}
