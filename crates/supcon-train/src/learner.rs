use crate::checkpoint::put_part;
use crate::model::{Pass, absorb};
use crate::optimizer::Optimizer;
use crate::state::{HostTensors, StateError, StateTensors, part};
use burn::module::Module;
use burn::optim::GradientsParams;
use burn::tensor::{Device, Tensor};
use supcon_protocol::OptimizerConfig;

/// Prefix of weights in a checkpoint.
pub(crate) const MODEL: &str = "model";

/// A model and its optimiser: what one stage changes and a checkpoint holds.
#[derive(Debug)]
pub(crate) struct Learner<M> {
    pub(crate) model: M,
    optimizer: Optimizer,
}

impl<M: Module> Learner<M> {
    pub(crate) fn new(model: M, config: &OptimizerConfig) -> Self {
        Self {
            model,
            optimizer: Optimizer::new(config),
        }
    }

    /// Backward, optimiser, running statistics.
    pub(crate) fn learn(&mut self, objective: &Tensor<1>, pass: Pass, learning_rate: f64) {
        let gradients = GradientsParams::from_grads(objective.backward(), &self.model);
        let stepped = self
            .optimizer
            .step(learning_rate, self.model.clone(), gradients);
        self.model = absorb(stepped, pass);
    }

    /// Weights and optimiser state on the host.
    pub(crate) async fn state(&self) -> Result<HostTensors, StateError> {
        let mut all = self.weights().await?;
        all.extend(self.optimizer.state(&self.model).await?);
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

    /// Goes on from a checkpoint's weights and optimiser state.
    pub(crate) fn load(
        &mut self,
        tensors: &HostTensors,
        device: &Device,
    ) -> Result<(), StateError> {
        self.load_weights(tensors, device)?;
        self.optimizer.load_state(&self.model, tensors, device)
    }

    /// Takes weights alone.
    pub(crate) fn load_weights(
        &mut self,
        tensors: &HostTensors,
        device: &Device,
    ) -> Result<(), StateError> {
        self.model = load_part(self.model.clone(), tensors, MODEL, device)?;
        Ok(())
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
