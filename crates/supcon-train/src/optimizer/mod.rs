//! The optimisers of the published recipes, each in the form its recipe means.
//!
//! Burn's own differ in constants that matter (SGD damps by 0.1, RMSProp adds ε outside the root,
//! there is no LARS) and keep their state where a checkpoint cannot name it.

mod rule;

use crate::checkpoint::put_part;
use crate::state::{Companions, HostTensor, HostTensors, StateError, StateTensors, part};
use burn::module::{Module, ModuleMapper, Param};
use burn::optim::GradientsParams;
use burn::tensor::{Device, Tensor};
use rule::Rule;
use supcon_protocol::{Exclusion, OptimizerConfig};

/// Prefix of the mean gradients in a checkpoint.
const VELOCITY: &str = "velocity";
/// Prefix of the mean squared gradients in a checkpoint.
const SQUARE: &str = "square";
/// The steps taken, in a checkpoint.
const STEPS: &str = "optimizer.steps";
/// Whole numbers beyond are not all f32; AdamW's bias corrections are 1 long before.
const MOST_STEPS: u32 = 1 << 24;

/// An optimiser and what it remembers of every parameter.
#[derive(Debug)]
pub struct Optimizer {
    rule: Rule,
    exclude: Exclusion,
    velocity: Memory,
    square: Memory,
    /// Steps taken, at most [`MOST_STEPS`].
    steps: u32,
}

impl Optimizer {
    /// At rest.
    #[must_use]
    pub fn new(config: &OptimizerConfig) -> Self {
        Self {
            rule: Rule::new(config),
            exclude: config.exclude,
            velocity: Memory::default(),
            square: Memory::default(),
            steps: 0,
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
        self.steps = (self.steps + 1).min(MOST_STEPS);
        model.map(&mut Step {
            optimizer: self,
            learning_rate,
            gradients,
            containers: Vec::new(),
        })
    }

    /// What it remembers, under the paths of its parameters.
    ///
    /// # Errors
    /// [`StateError::ReadBack`].
    pub async fn state<M: Module>(&self, model: &M) -> Result<HostTensors, StateError> {
        let mut all = HostTensors::new();
        for (prefix, memory) in [(VELOCITY, &self.velocity), (SQUARE, &self.square)] {
            let tensors = StateTensors::of_companions(model, memory);
            put_part(&mut all, prefix, tensors.to_host().await?);
        }
        let steps = HostTensor {
            values: vec![self.steps as f32],
            shape: vec![1],
        };
        all.insert(STEPS.to_owned(), steps);
        Ok(all)
    }

    /// Goes on from [`Optimizer::state`].
    ///
    /// # Errors
    /// A tensor whose shape is not its parameter's, or the number of steps missing.
    pub fn load_state<M: Module>(
        &mut self,
        model: &M,
        tensors: &HostTensors,
        device: &Device,
    ) -> Result<(), StateError> {
        for (prefix, memory) in [(VELOCITY, &mut self.velocity), (SQUARE, &mut self.square)] {
            let state = StateTensors::from_host(part(tensors, prefix), device);
            state.load_companions(model, memory)?;
        }
        let steps = tensors.get(STEPS).and_then(|tensor| tensor.values.first());
        self.steps = *steps.ok_or_else(|| StateError::Missing {
            name: STEPS.to_owned(),
        })? as u32;
        Ok(())
    }
}

/// One tensor for each parameter, by parameter id.
#[derive(Debug, Default)]
struct Memory(GradientsParams);

impl Companions for Memory {
    fn get<const D: usize>(&self, param: &Param<Tensor<D>>) -> Option<Tensor<D>> {
        self.0.get(param.id)
    }

    fn set<const D: usize>(&mut self, param: &Param<Tensor<D>>, value: Tensor<D>) {
        self.0.register(param.id, value);
    }
}

/// What a rule keeps of one parameter between steps.
struct Slots<const D: usize> {
    velocity: Option<Tensor<D>>,
    square: Option<Tensor<D>>,
}

struct Step<'a> {
    optimizer: &'a mut Optimizer,
    learning_rate: f64,
    gradients: GradientsParams,
    /// Types of the modules on the way here.
    containers: Vec<String>,
}

impl Step<'_> {
    fn is_excluded(&self, dimensions: usize) -> bool {
        match self.optimizer.exclude {
            Exclusion::None => false,
            Exclusion::OneDimensional => dimensions == 1,
            Exclusion::BatchNorm => self
                .containers
                .last()
                .is_some_and(|container| container == "Struct:BatchNorm"),
        }
    }
}

impl ModuleMapper for Step<'_> {
    fn enter_module(&mut self, _name: &str, container_type: &str) {
        self.containers.push(container_type.to_owned());
    }

    fn exit_module(&mut self, _name: &str, _container_type: &str) {
        self.containers.pop();
    }

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let Some(gradient) = self.gradients.remove::<D>(param.id) else {
            return param;
        };
        let id = param.id;
        let (excluded, rate) = (self.is_excluded(D), self.learning_rate);
        let Optimizer {
            rule,
            velocity,
            square,
            steps,
            ..
        } = &mut *self.optimizer;
        param.map(|weight| {
            let slots = Slots {
                velocity: velocity.0.remove::<D>(id),
                square: square.0.remove::<D>(id),
            };
            let (weight, slots) =
                rule.apply(weight.inner(), gradient, slots, excluded, rate, *steps);
            if let Some(tensor) = slots.velocity {
                velocity.0.register(id, tensor);
            }
            if let Some(tensor) = slots.square {
                square.0.register(id, tensor);
            }
            Tensor::from_inner(weight).require_grad()
        })
    }
}
