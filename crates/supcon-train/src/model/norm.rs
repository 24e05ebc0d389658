//! Batch normalisation that owns its running statistics.
//!
//! Burn's own keeps the last update pending inside a shared cell: records taken from a training
//! model miss it, loading into a used model is overwritten by it, and clones share it. Here the
//! statistics are plain parameters; a forward pass hands the new values out and
//! [`absorb`](crate::model::absorb) puts them in, so a clone is a copy and a record is complete.

use super::init::Initializer;
use burn::module::{Module, ModuleMapper, Param, ParamId};
use burn::tensor::Tensor;
use burn::tensor::module::{batch_norm, batch_norm_train};
use std::collections::HashMap;

/// Weight of a batch in the running statistics (PyTorch's `momentum`).
const MOMENTUM: f32 = 0.1;
const EPSILON: f64 = 1e-5;

/// How a forward pass treats batch normalisation, and what it learnt.
#[derive(Debug, Default)]
pub struct Pass {
    training: bool,
    /// Of the batch in the running statistics.
    weight: f32,
    statistics: HashMap<ParamId, Tensor<1>>,
}

impl Pass {
    /// Normalises by the batch and collects new running statistics.
    #[must_use]
    pub fn training() -> Self {
        Self {
            training: true,
            weight: MOMENTUM,
            ..Self::default()
        }
    }

    /// Like training, for an encoder that will not train: pass n (from 1) of several makes the running
    /// statistics the mean over the n batches so far, and what stood there before is forgotten.
    #[must_use]
    pub fn settling(n: usize) -> Self {
        Self {
            training: true,
            weight: 1.0 / n.max(1) as f32,
            ..Self::default()
        }
    }

    /// Normalises by the running statistics.
    #[must_use]
    pub fn evaluation() -> Self {
        Self::default()
    }
}

/// Puts the running statistics that a training pass collected into the model.
#[must_use]
pub fn absorb<M: Module>(model: M, pass: Pass) -> M {
    struct Absorb(HashMap<ParamId, Tensor<1>>);

    impl ModuleMapper for Absorb {
        fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
            match self.0.remove(&param.id) {
                Some(value) => {
                    let shape = param.shape();
                    param.map(|_| value.reshape(shape).set_require_grad(false))
                }
                None => param,
            }
        }
    }

    if pass.statistics.is_empty() {
        return model;
    }
    model.map(&mut Absorb(pass.statistics))
}

/// Batch normalisation over the channels of `[n, c, …]` (Ioffe & Szegedy 2015).
#[derive(Module, Debug)]
pub struct BatchNorm {
    gamma: Param<Tensor<1>>,
    beta: Param<Tensor<1>>,
    running_mean: Param<Tensor<1>>,
    running_var: Param<Tensor<1>>,
}

impl BatchNorm {
    pub(crate) fn new(channels: usize, init: &Initializer<'_>) -> Self {
        Self {
            gamma: init.constant(1.0, channels),
            beta: init.constant(0.0, channels),
            running_mean: init.buffer(0.0, channels),
            running_var: init.buffer(1.0, channels),
        }
    }

    pub(crate) fn forward<const D: usize>(&self, x: Tensor<D>, pass: &mut Pass) -> Tensor<D> {
        let (gamma, beta) = (self.gamma.val(), self.beta.val());
        if !pass.training {
            return batch_norm(
                x,
                gamma,
                beta,
                self.running_mean.val(),
                self.running_var.val(),
                EPSILON,
            );
        }
        let dims = x.dims();
        let samples = (dims.iter().product::<usize>() / dims[1]) as f32;
        let batch = batch_norm_train(x, gamma, beta, EPSILON);
        // The running variance is the unbiased one, as PyTorch keeps it.
        let unbiased = batch
            .variance
            .detach()
            .mul_scalar(samples / (samples - 1.0).max(1.0));
        let blend = |old: &Param<Tensor<1>>, new: Tensor<1>| {
            old.val().mul_scalar(1.0 - pass.weight) + new.mul_scalar(pass.weight)
        };
        let mean = blend(&self.running_mean, batch.mean.detach()).detach();
        let var = blend(&self.running_var, unbiased).detach();
        pass.statistics.insert(self.running_mean.id, mean);
        pass.statistics.insert(self.running_var.id, var);
        batch.output
    }
}
