//! Stochastic gradient descent as the published recipes mean it.

use crate::state::{Companions, StateError, StateTensors};
use burn::module::{Module, ModuleMapper, Param};
use burn::optim::GradientsParams;
use burn::tensor::Tensor;
use supcon_protocol::OptimizerConfig;

/// v ← μ·v + (g + λ·w); w ← w − η·v: PyTorch's SGD with dampening 0 (Sutskever et al. 2013).
///
/// Burn's own damps by 0.1 unless told otherwise, and keeps its state where a checkpoint cannot
/// name it.
#[derive(Debug)]
pub struct Sgd {
    momentum: f64,
    weight_decay: f64,
    /// v of every parameter, by parameter id.
    velocity: GradientsParams,
}

impl Sgd {
    /// At rest.
    #[must_use]
    pub fn new(config: &OptimizerConfig) -> Self {
        Self {
            momentum: config.momentum,
            weight_decay: config.weight_decay,
            velocity: GradientsParams::new(),
        }
    }

    /// One step. Parameters without gradient stay as they are.
    #[must_use]
    pub fn step<M: Module>(
        &mut self,
        learning_rate: f64,
        model: M,
        gradients: GradientsParams,
    ) -> M {
        model.map(&mut Step {
            sgd: self,
            learning_rate,
            gradients,
        })
    }

    /// The velocities, under the paths of their parameters.
    #[must_use]
    pub fn state<M: Module>(&self, model: &M) -> StateTensors {
        StateTensors::of_companions(model, self)
    }

    /// Puts velocities back.
    ///
    /// # Errors
    /// A tensor whose shape is not its parameter's.
    pub fn load_state<M: Module>(
        &mut self,
        model: &M,
        state: &StateTensors,
    ) -> Result<(), StateError> {
        state.load_companions(model, self)
    }
}

impl Companions for Sgd {
    fn get<const D: usize>(&self, param: &Param<Tensor<D>>) -> Option<Tensor<D>> {
        self.velocity.get(param.id)
    }

    fn set<const D: usize>(&mut self, param: &Param<Tensor<D>>, value: Tensor<D>) {
        self.velocity.register(param.id, value);
    }
}

struct Step<'a> {
    sgd: &'a mut Sgd,
    learning_rate: f64,
    gradients: GradientsParams,
}

impl ModuleMapper for Step<'_> {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let Some(gradient) = self.gradients.remove::<D>(param.id) else {
            return param;
        };
        let id = param.id;
        param.map(|weight| {
            let weight = weight.inner();
            let decayed = match self.sgd.weight_decay {
                0.0 => gradient,
                decay => gradient + weight.clone().mul_scalar(decay),
            };
            let velocity = match self.sgd.velocity.remove::<D>(id) {
                Some(velocity) => velocity.mul_scalar(self.sgd.momentum) + decayed,
                None => decayed,
            };
            self.sgd.velocity.register(id, velocity.clone());
            Tensor::from_inner(weight - velocity.mul_scalar(self.learning_rate)).require_grad()
        })
    }
}
