//! How much memory a training step will take, from the shapes of its layers.

use crate::evaluate::EMBEDDED;
use crate::model::{self, ConvShape};
use supcon_protocol::{HeadConfig, HeadKind, OptimizerConfig, OptimizerKind, RunConfig, StageKind};

/// Bytes of a number.
const F32: u64 = 4;
/// Tensors of a convolution's output size that wait for the backward pass: the convolution's own
/// output, which batch normalisation keeps, the normalised, which ReLU keeps, and ReLU's, which the
/// next convolution keeps.
const KEPT_PER_LAYER: u64 = 3;
/// Tensors of the largest layer's size that one layer holds at once: what comes in and goes out, and
/// what batch normalisation makes between. Measured on Burn's CPU backend.
const WORKSPACE_LAYERS: u64 = 4;
/// The program, its threads and what its allocator holds back.
const PROGRAM: u64 = 32 << 20;

/// What of the data the memory depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DataShape {
    /// Height and width, pixels.
    pub side: usize,
    /// Classes.
    pub n_classes: usize,
    /// Training images.
    pub n_images: usize,
}

/// Bytes that a step holds at its peak, by what they are for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StepMemory {
    /// Parameters, trained and frozen.
    pub weights: u64,
    /// Gradients of the trained parameters.
    pub gradients: u64,
    /// What the optimiser remembers.
    pub optimizer: u64,
    /// Kept by the forward pass for the backward pass.
    pub activations: u64,
    /// Held while one layer is gone back through.
    pub workspace: u64,
    /// Held while images are embedded, for a probe or an evaluation.
    pub looking: u64,
    /// The batch, and the next one in preparation.
    pub batch: u64,
}

impl StepMemory {
    /// Of a step of a stage with batches of `batch_size` images.
    #[must_use]
    pub fn of(config: &RunConfig, kind: StageKind, batch_size: usize, data: DataShape) -> Self {
        let DataShape {
            side,
            n_classes,
            n_images,
        } = data;
        let network = config.network();
        let features = model::feature_len(network) as u64;
        let encoder = model::cost(network, side).parameters;
        let classifier = (features + 1) * n_classes as u64;
        let layers = model::conv_shapes(network, side);
        let rows = match kind {
            StageKind::Contrastive => batch_size * config.views.n_views,
            StageKind::Linear | StageKind::CrossEntropy => batch_size,
        } as u64;
        let (trained, optimizer, head_row) = match kind {
            StageKind::Contrastive => {
                let (parameters, numbers) = head(&config.projection_head, features);
                let optimizer = &config.contrastive.optimizer;
                (encoder + parameters, optimizer, numbers)
            }
            StageKind::CrossEntropy => {
                let optimizer = &config.cross_entropy.optimizer;
                (encoder + classifier, optimizer, 4 * n_classes as u64)
            }
            StageKind::Linear => (classifier, &config.linear.optimizer, 4 * n_classes as u64),
        };
        let largest = layers.iter().map(numbers).max().unwrap_or(0);
        let all: u64 = layers.iter().map(numbers).sum();
        let pixels = 3 * (side * side) as u64;
        let (kept, workspace) = match kind {
            // The encoder only looks: a layer's output goes when the next one's is there.
            StageKind::Linear if config.linear.augment => (0, WORKSPACE_LAYERS * largest),
            StageKind::Linear => (features, 0),
            StageKind::Contrastive | StageKind::CrossEntropy => {
                (KEPT_PER_LAYER * all, WORKSPACE_LAYERS * largest)
            }
        };
        let frozen = if kind == StageKind::Linear {
            encoder
        } else {
            0
        };
        Self {
            weights: F32 * (trained + frozen),
            gradients: F32 * trained,
            optimizer: F32 * trained * slots(optimizer),
            activations: F32 * rows * (kept + head_row),
            workspace: F32 * rows * workspace,
            looking: F32 * n_images.min(EMBEDDED) as u64 * WORKSPACE_LAYERS * largest,
            // The batch as f32; the next one as bytes and as f32.
            batch: rows * pixels * (2 * F32 + 1),
        }
    }

    /// All of it, with the program.
    #[must_use]
    pub fn total(&self) -> u64 {
        // Activations are gone before the optimiser makes a second set of weights.
        let second_set = self.gradients;
        let going_back = self.activations + self.workspace;
        let standing = self.weights + self.gradients + self.optimizer + self.batch + PROGRAM;
        standing + going_back.max(second_set).max(self.looking)
    }
}

/// The largest batch whose step stays within `bytes`; 0 if none does.
#[must_use]
pub fn largest_batch(config: &RunConfig, kind: StageKind, data: DataShape, bytes: u64) -> usize {
    let fits = |batch: usize| StepMemory::of(config, kind, batch, data).total() <= bytes;
    let (mut fitting, mut beyond) = (0, 1);
    while beyond < 1 << 24 && fits(beyond) {
        (fitting, beyond) = (beyond, 2 * beyond);
    }
    while beyond - fitting > 1 {
        let middle = fitting.midpoint(beyond);
        if fits(middle) {
            fitting = middle;
        } else {
            beyond = middle;
        }
    }
    fitting
}

/// Numbers in a layer's output for one image.
fn numbers(layer: &ConvShape) -> u64 {
    (layer.channels[1] * layer.out_side * layer.out_side) as u64
}

/// Parameters of a projection head, and numbers it keeps of one row.
fn head(config: &HeadConfig, features: u64) -> (u64, u64) {
    let (hidden, out) = (config.hidden as u64, config.out as u64);
    let layers = match config.kind {
        HeadKind::None => return (0, 2 * features),
        HeadKind::Linear => 0,
        HeadKind::Mlp | HeadKind::MlpBn => config.hidden_layers as u64,
    };
    let mut inputs = features;
    let mut parameters = 0;
    for _ in 0..layers {
        parameters += (inputs + 1) * hidden;
        inputs = hidden;
    }
    parameters += (inputs + 1) * out;
    (
        parameters,
        features + KEPT_PER_LAYER * (layers * hidden + out),
    )
}

/// Tensors that the optimiser keeps for each parameter.
fn slots(config: &OptimizerConfig) -> u64 {
    match config.kind {
        OptimizerKind::Sgd | OptimizerKind::Lars | OptimizerKind::LarsSolo => 1,
        OptimizerKind::AdamW | OptimizerKind::Rmsprop => 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use supcon_protocol::preset;

    fn data(side: usize) -> DataShape {
        DataShape {
            side,
            n_classes: 10,
            n_images: 50_000,
        }
    }

    #[test]
    fn the_largest_batch_is_the_largest() {
        let config = preset("khosla-cifar-supcon").expect("there").config();
        let kind = StageKind::Contrastive;
        let total = |batch| StepMemory::of(&config, kind, batch, data(32)).total();
        for gib in [2_u64, 3, 24] {
            let bytes = gib << 30;
            let batch = largest_batch(&config, kind, data(32), bytes);
            assert!(total(batch) <= bytes && total(batch + 1) > bytes, "{batch}");
        }
        assert_eq!(largest_batch(&config, kind, data(32), 1 << 20), 0);
    }

    #[test]
    fn more_of_anything_takes_more() {
        let config = preset("r18-cifar-200").expect("there").config();
        let total = |config: &RunConfig, batch, side| {
            StepMemory::of(config, StageKind::Contrastive, batch, data(side)).total()
        };
        let base = total(&config, 128, 32);
        assert!(total(&config, 129, 32) > base && total(&config, 128, 40) > base);
        let mut wider = config.clone();
        wider.views.n_views = 3;
        assert!(total(&wider, 128, 32) > base);
        let mut adam = config.clone();
        adam.contrastive.optimizer.kind = OptimizerKind::AdamW;
        assert!(total(&adam, 128, 32) > base);
    }
}
