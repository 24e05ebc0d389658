use super::init::Initializer;
use burn::module::Module;
use burn::nn::Linear;
use burn::tensor::{Tensor, activation::relu};
use supcon_protocol::{HeadConfig, HeadKind};

/// Below it a row counts as zero: its direction means nothing and its gradient is 0.
const SMALLEST_NORM: f32 = 1e-12;

/// Features `[n, f]` → z `[n, d]`, unit rows (Khosla et al. 2020 §3.1); dropped after pre-training.
#[derive(Module, Debug)]
pub struct ProjectionHead {
    hidden: Option<Linear>,
    out: Option<Linear>,
}

impl ProjectionHead {
    /// A head of the given form on `features` inputs.
    #[must_use]
    pub fn new(config: &HeadConfig, features: usize, init: &mut Initializer<'_>) -> Self {
        match config.kind {
            HeadKind::None => Self {
                hidden: None,
                out: None,
            },
            HeadKind::Linear => Self {
                hidden: None,
                out: Some(init.linear(features, config.out)),
            },
            HeadKind::Mlp => Self {
                hidden: Some(init.linear(features, config.hidden)),
                out: Some(init.linear(config.hidden, config.out)),
            },
        }
    }

    /// Features `[n, f]` → z `[n, d]`.
    #[must_use]
    pub fn forward(&self, features: Tensor<2>) -> Tensor<2> {
        let x = match &self.hidden {
            Some(hidden) => relu(hidden.forward(features)),
            None => features,
        };
        let x = match &self.out {
            Some(out) => out.forward(x),
            None => x,
        };
        unit_rows(x)
    }
}

/// Each row divided by its Euclidean length.
#[must_use]
pub fn unit_rows(x: Tensor<2>) -> Tensor<2> {
    // The square root has an infinite slope at 0, hence the clamp before it.
    let squares = (x.clone() * x.clone())
        .sum_dim(1)
        .clamp_min(SMALLEST_NORM * SMALLEST_NORM);
    x / squares.sqrt()
}
