//! Convolutions and linear layers: output and both gradients.

use super::{Values, no_gradient, noise};
use crate::error::{TrainError, read_back};
use crate::model::{Encoder, Initializer};
use crate::state::StateTensors;
use burn::tensor::module::conv2d;
use burn::tensor::ops::ConvOptions;
use burn::tensor::{Device, Tensor};
use std::collections::BTreeSet;
use std::fmt;
use supcon_protocol::Network;

/// Height and width of the test images.
const SIDE: usize = 8;
/// Images of a layer's test.
const IMAGES: usize = 4;

/// A layer by the shape of its weight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Layer {
    Convolution {
        out: usize,
        inputs: usize,
        kernel: [usize; 2],
        stride: usize,
    },
    Linear {
        inputs: usize,
        out: usize,
    },
}

impl fmt::Display for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Convolution {
                out,
                inputs,
                kernel: [height, width],
                stride,
            } => write!(
                f,
                "convolution {inputs}→{out}, {height}×{width}, stride {stride}"
            ),
            Self::Linear { inputs, out } => write!(f, "linear {inputs}→{out}"),
        }
    }
}

impl Layer {
    /// The layers of an encoder, each shape once; convolutions at both strides.
    pub(super) async fn of(network: Network) -> Result<BTreeSet<Self>, TrainError> {
        let cpu = Device::flex();
        let network = Encoder::new(network, &mut Initializer::new(0, 0, &cpu));
        let tensors = StateTensors::of(&network).to_host().await?;
        let layers = tensors.values().flat_map(|tensor| {
            let with_stride = |stride| match tensor.shape[..] {
                [out, inputs, height, width] => Some(Self::Convolution {
                    out,
                    inputs,
                    kernel: [height, width],
                    stride,
                }),
                [inputs, out] => Some(Self::Linear { inputs, out }),
                _ => None,
            };
            [1, 2].into_iter().filter_map(with_stride)
        });
        Ok(layers.collect())
    }

    pub(super) async fn run(self, device: &Device) -> Result<Values, TrainError> {
        let device = device.clone().autodiff();
        match self {
            Self::Linear { inputs, out } => {
                let x = noise([IMAGES, inputs], 1, &device).require_grad();
                let weight = noise([inputs, out], 2, &device).require_grad();
                outputs_and_gradients(x.clone().matmul(weight.clone()), x, weight).await
            }
            Self::Convolution {
                out,
                inputs,
                kernel: [height, width],
                stride,
            } => {
                let x = noise([IMAGES, inputs, SIDE, SIDE], 1, &device).require_grad();
                let weight = noise([out, inputs, height, width], 2, &device).require_grad();
                let padding = [height / 2, width / 2];
                let options = ConvOptions::new([stride, stride], padding, [1, 1], 1);
                let y = conv2d(x.clone(), weight.clone(), None, options);
                outputs_and_gradients(y, x, weight).await
            }
        }
    }
}

async fn outputs_and_gradients<const D: usize>(
    y: Tensor<D>,
    x: Tensor<D>,
    weight: Tensor<D>,
) -> Result<Values, TrainError> {
    // Squares, so that the upstream gradient differs from place to place.
    let gradients = (y.clone() * y.clone()).mean().backward();
    let mut values = vec![read_back(y.inner()).await?];
    for tensor in [x, weight] {
        let gradient = tensor
            .grad(&gradients)
            .ok_or_else(|| no_gradient("a layer"))?;
        values.push(read_back(gradient).await?);
    }
    Ok(values)
}
