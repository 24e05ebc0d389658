use crate::error::{TrainError, read_back};
use burn::tensor::Tensor;

/// Averages facts of several steps on the device, so that reading back costs one wait for all.
#[derive(Debug, Default)]
pub(crate) struct Meter {
    sum: Option<Tensor<1>>,
    steps: u64,
}

impl Meter {
    /// Takes the facts of a step in.
    pub(crate) fn add(&mut self, facts: Tensor<1>) {
        let facts = facts.inner();
        self.sum = Some(match self.sum.take() {
            Some(sum) => sum + facts,
            None => facts,
        });
        self.steps += 1;
    }

    /// Steps since the last read-back.
    pub(crate) fn steps(&self) -> u64 {
        self.steps
    }

    /// The means since the last read-back; starts anew.
    pub(crate) async fn take<const N: usize>(&mut self) -> Result<[f32; N], TrainError> {
        let steps = std::mem::take(&mut self.steps).max(1) as f32;
        let Some(sum) = self.sum.take() else {
            return Ok([f32::NAN; N]);
        };
        let sums = read_back(sum).await?;
        Ok(std::array::from_fn(|at| sums[at] / steps))
    }
}
