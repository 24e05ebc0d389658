use super::init::Initializer;
use super::norm::{BatchNorm, Pass};
use burn::module::Module;
use burn::nn::Linear;
use burn::tensor::{Tensor, activation::relu};
use supcon_loss::unit_rows;
use supcon_protocol::{HeadConfig, HeadKind};

/// Features `[n, f]` → z `[n, d]`, unit rows (Khosla et al. 2020 §3.1); dropped after pre-training.
#[derive(Module, Debug)]
pub struct ProjectionHead {
    hidden: Option<Linear>,
    hidden_norm: Option<BatchNorm>,
    out: Option<Linear>,
    out_norm: Option<BatchNorm>,
}

impl ProjectionHead {
    /// A head of the given form on `features` inputs.
    #[must_use]
    pub fn new(config: &HeadConfig, features: usize, init: &mut Initializer<'_>) -> Self {
        let has_hidden = matches!(config.kind, HeadKind::Mlp | HeadKind::MlpBn);
        let normalised = config.kind == HeadKind::MlpBn;
        let inputs = if has_hidden { config.hidden } else { features };
        Self {
            hidden: has_hidden.then(|| init.linear(features, config.hidden)),
            hidden_norm: normalised.then(|| BatchNorm::new(config.hidden, init)),
            out: (config.kind != HeadKind::None).then(|| init.linear(inputs, config.out)),
            out_norm: normalised.then(|| BatchNorm::new(config.out, init)),
        }
    }

    /// Features `[n, f]` → z `[n, d]`, unit rows.
    #[must_use]
    pub fn forward(&self, features: Tensor<2>, pass: &mut Pass) -> Tensor<2> {
        unit_rows(self.project(features, pass))
    }

    /// Features `[n, f]` → z `[n, d]` before it is brought to unit length.
    #[must_use]
    pub fn project(&self, features: Tensor<2>, pass: &mut Pass) -> Tensor<2> {
        let mut x = features;
        if let Some(hidden) = &self.hidden {
            x = hidden.forward(x);
            if let Some(norm) = &self.hidden_norm {
                x = norm.forward(x, pass);
            }
            x = relu(x);
        }
        if let Some(out) = &self.out {
            x = out.forward(x);
        }
        if let Some(norm) = &self.out_norm {
            x = norm.forward(x, pass);
        }
        x
    }
}
