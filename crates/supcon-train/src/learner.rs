use crate::checkpoint::put_part;
use crate::model::{Pass, absorb};
use crate::optimizer::Sgd;
use crate::state::{HostTensors, StateError, StateTensors};
use burn::module::Module;
use burn::optim::GradientsParams;
use burn::tensor::{Device, Tensor};
use supcon_protocol::OptimizerConfig;

/// Prefix of weights in a checkpoint.
pub(crate) const MODEL: &str = "model";
/// Prefix of optimiser state in a checkpoint.
const VELOCITY: &str = "velocity";

/// A model and its optimiser: what one stage changes and a checkpoint holds.
#[derive(Debug)]
pub(crate) struct Learner<M> {
    pub(crate) model: M,
    sgd: Sgd,
}

impl<M: Module> Learner<M> {
    pub(crate) fn new(model: M, config: &OptimizerConfig) -> Self {
        Self {
            model,
            sgd: Sgd::new(config),
        }
    }

    /// Backward, optimiser, running statistics.
    pub(crate) fn learn(&mut self, objective: &Tensor<1>, pass: Pass, learning_rate: f64) {
        let gradients = GradientsParams::from_grads(objective.backward(), &self.model);
        let stepped = self.sgd.step(learning_rate, self.model.clone(), gradients);
        self.model = absorb(stepped, pass);
    }

    /// Weights and velocities on the host.
    pub(crate) async fn state(&self) -> Result<HostTensors, StateError> {
        let mut all = self.weights().await?;
        put_part(
            &mut all,
            VELOCITY,
            self.sgd.state(&self.model).to_host().await?,
        );
        Ok(all)
    }

    /// Weights alone.
    pub(crate) async fn weights(&self) -> Result<HostTensors, StateError> {
        let mut all = HostTensors::new();
        put_part(
            &mut all,
            MODEL,
            StateTensors::of(&self.model).to_host().await?,
        );
        Ok(all)
    }

    /// Goes on from a checkpoint's weights and velocities.
    pub(crate) fn load(
        &mut self,
        tensors: &HostTensors,
        device: &Device,
    ) -> Result<(), StateError> {
        self.model = load_part(self.model.clone(), tensors, MODEL, device)?;
        let velocity = StateTensors::from_host(part(tensors, VELOCITY), device);
        self.sgd.load_state(&self.model, &velocity)
    }
}

/// A model with the weights under a prefix.
pub(crate) fn load_part<M: Module>(
    model: M,
    tensors: &HostTensors,
    prefix: &str,
    device: &Device,
) -> Result<M, StateError> {
    StateTensors::from_host(part(tensors, prefix), device).load_into(model)
}

/// The tensors under a prefix, without it.
fn part(tensors: &HostTensors, prefix: &str) -> HostTensors {
    let under = |(name, tensor): (&String, &crate::state::HostTensor)| {
        let rest = name.strip_prefix(prefix)?.strip_prefix('.')?;
        Some((rest.to_owned(), tensor.clone()))
    };
    tensors.iter().filter_map(under).collect()
}
