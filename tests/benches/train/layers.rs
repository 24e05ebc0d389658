//! Forward and backward of single layers, as `benches/train/pytorch.py` times them: ResNet-20's
//! middle, 32 channels of 16×16.

use burn::nn::conv::Conv2dConfig;
use burn::nn::{BatchNormConfig, PaddingConfig2d};
use burn::tensor::activation::relu;
use burn::tensor::{Device, Distribution, Tensor};
use std::time::Instant;

/// A kind of layer and the seconds of each pass.
pub type Timed = (&'static str, Vec<f64>);

const CHANNELS: usize = 32;
const SIDE: usize = 16;

pub fn time(rows: usize, passes: usize, device: &Device) -> [Timed; 3] {
    let conv = Conv2dConfig::new([CHANNELS, CHANNELS], [3, 3])
        .with_padding(PaddingConfig2d::Explicit(1, 1, 1, 1))
        .with_bias(false)
        .init(device);
    let norm = BatchNormConfig::new(CHANNELS).init(device);
    let shape = [rows, CHANNELS, SIDE, SIDE];
    let images = Tensor::<4>::random(shape, Distribution::Default, device);
    let timed = |layer: &dyn Fn(Tensor<4>) -> Tensor<4>| -> Vec<f64> {
        let pass = |_| {
            let x = images.clone().detach().require_grad();
            let start = Instant::now();
            let y = layer(x.clone());
            let gradients = (y.clone() * y).mean().backward();
            let gradient = x.grad(&gradients).expect("x has a gradient");
            let _: f32 = gradient.slice(0..1).sum().into_scalar();
            start.elapsed().as_secs_f64()
        };
        (0..passes + 2).map(pass).skip(2).collect()
    };
    [
        ("convolution 32→32, 3×3", timed(&|x| conv.forward(x))),
        ("batch normalisation", timed(&|x| norm.forward(x))),
        ("relu", timed(&|x| relu(x))),
    ]
}
