use crate::batch::Normalisation;
use crate::error::{TrainError, read_back};
use crate::evaluate::votes;
use crate::model::{Encoder, Pass, ProjectionHead};
use crate::pace::yield_now;
use burn::tensor::{Device, Tensor, TensorData};
use std::sync::Arc;
use supcon_data::{ImageSet, ViewBatch, ViewKey, view_batch};
use supcon_loss::unit_rows;
use supcon_protocol::{EvaluationConfig, Split, ViewsConfig};

/// Views of each watched image.
pub(super) const N_VIEWS: usize = 2;
/// Apart from the streams that stages draw views from.
const VIEW_STREAM: u32 = 1001;
/// Images embedded at a time.
const BATCH: usize = 256;
/// Views are kept for the next look up to this size, and drawn again beyond.
const MOST_KEPT_BYTES: usize = 64 << 20;
/// Images that vote on each image's class, at most.
const MOST_VOTERS: usize = 2_000;

/// A network to look through, in evaluation mode and without gradients. It is a copy: training on does
/// not move it.
#[derive(Clone, Debug)]
pub(crate) struct Network {
    pub(crate) encoder: Encoder,
    /// A network trained with cross-entropy has none.
    pub(crate) head: Option<ProjectionHead>,
}

/// Everything that looking needs besides a network.
#[derive(Clone, Debug)]
pub(crate) struct Scene {
    pub(crate) train: Arc<ImageSet>,
    pub(crate) validation: Arc<ImageSet>,
    pub(crate) test: Arc<ImageSet>,
    pub(crate) normalisation: Normalisation,
    pub(crate) views: ViewsConfig,
    pub(crate) evaluation: EvaluationConfig,
    pub(crate) device: Device,
}

/// Two views of some images of a split.
#[derive(Debug)]
pub(super) struct Views {
    pub(super) split: Split,
    pub(super) ids: Vec<usize>,
    /// Batches drawn before, where all of them together are small enough to keep.
    kept: Option<Vec<Arc<ViewBatch>>>,
}

impl Views {
    pub(super) fn new(split: Split, ids: Vec<usize>, bytes_an_image: usize) -> Self {
        let bytes = N_VIEWS * bytes_an_image * ids.len();
        Self {
            split,
            ids,
            kept: (bytes <= MOST_KEPT_BYTES).then(Vec::new),
        }
    }

    /// A batch of them, asked for in order at first.
    fn batch(&mut self, number: usize, images: &ImageSet, config: &ViewsConfig) -> Arc<ViewBatch> {
        if let Some(batch) = self.kept.as_ref().and_then(|kept| kept.get(number)) {
            return Arc::clone(batch);
        }
        let views = ViewsConfig {
            n_views: N_VIEWS,
            ..config.clone()
        };
        let key = ViewKey {
            seed: 0,
            stream: VIEW_STREAM,
            epoch: 0,
        };
        let first = number * BATCH;
        let ids = &self.ids[first..self.ids.len().min(first + BATCH)];
        let batch = Arc::new(view_batch(images, ids, &views, key));
        if let Some(kept) = &mut self.kept {
            kept.push(Arc::clone(&batch));
        }
        batch
    }
}

/// What a look at some images gave.
pub(super) struct Look {
    pub(super) dim: usize,
    /// `[2·n, dim]`, unit rows.
    pub(super) z: Vec<f32>,
    /// `[n]`.
    pub(super) predictions: Vec<u32>,
}

impl Scene {
    pub(super) fn images(&self, split: Split) -> &ImageSet {
        match split {
            Split::Train => &self.train,
            Split::Validation => &self.validation,
            Split::Test => &self.test,
        }
    }

    /// Waits until the device has done what it was given: its time is not looking's.
    pub(super) async fn wait_for_device(&self) -> Result<(), TrainError> {
        read_back(Tensor::<1>::zeros([1], &self.device)).await?;
        Ok(())
    }

    /// Two views of each image, the same ones at every look, so that a point moves because the network
    /// did.
    pub(super) async fn look(
        &self,
        network: &Network,
        views: &mut Views,
    ) -> Result<Look, TrainError> {
        let images = self.images(views.split);
        let mut halves = [Vec::new(), Vec::new()];
        for batch in 0..views.ids.len().div_ceil(BATCH) {
            let z = self.embed(network, &views.batch(batch, images, &self.views));
            let values = read_back(z).await?;
            let (first, second) = values.split_at(values.len() / N_VIEWS);
            halves[0].extend_from_slice(first);
            halves[1].extend_from_slice(second);
            yield_now().await;
        }
        let dim = halves[0].len() / views.ids.len().max(1);
        let labels: Vec<u32> = views.ids.iter().map(|&id| images.label(id)).collect();
        let predictions = self
            .predict(&halves[0], dim, &labels, images.n_classes())
            .await?;
        Ok(Look {
            dim,
            z: halves.concat(),
            predictions,
        })
    }

    /// z `[2·b, d]`, view-major.
    fn embed(&self, network: &Network, batch: &ViewBatch) -> Tensor<2> {
        let side = [batch.height, batch.width];
        let rows = batch.n_views * batch.batch_size;
        let views = self
            .normalisation
            .to_tensor(&batch.pixels, rows, side, &self.device);
        let mut pass = Pass::evaluation();
        let features = network.encoder.forward(views, &mut pass);
        match &network.head {
            Some(head) => head.forward(features, &mut pass),
            None => unit_rows(features),
        }
    }

    /// What weighted kNN says of each row `[n, dim]`; a row does not vote on itself. Of many rows a
    /// fixed part votes.
    async fn predict(
        &self,
        z: &[f32],
        dim: usize,
        labels: &[u32],
        n_classes: usize,
    ) -> Result<Vec<u32>, TrainError> {
        let n = labels.len();
        let voters = crate::evaluate::fixed_subset(n, n.min(MOST_VOTERS));
        let rows = |ids: &[usize]| {
            let values = ids.iter().flat_map(|&id| &z[id * dim..][..dim]);
            let values: Vec<f32> = values.copied().collect();
            Tensor::<2>::from_data(TensorData::new(values, [ids.len(), dim]), &self.device)
        };
        if n == 0 {
            return Ok(Vec::new());
        }
        let bank = rows(&voters).transpose();
        let voter_labels: Vec<u32> = voters.iter().map(|&id| labels[id]).collect();
        let EvaluationConfig {
            knn_neighbors,
            knn_temperature,
            ..
        } = self.evaluation;
        let all: Vec<usize> = (0..n).collect();
        let mut predictions = Vec::with_capacity(n);
        for batch in all.chunks(BATCH) {
            let mut cosines = read_back(rows(batch).matmul(bank.clone())).await?;
            for (&id, row) in batch.iter().zip(cosines.chunks_exact_mut(voters.len())) {
                let mut others = voters.len();
                if let Ok(own) = voters.binary_search(&id) {
                    row[own] = f32::NEG_INFINITY;
                    others -= 1;
                }
                let neighbors = knn_neighbors.min(others);
                let votes = votes(row, &voter_labels, n_classes, neighbors, knn_temperature);
                predictions.push(winner(&votes));
            }
            yield_now().await;
        }
        Ok(predictions)
    }
}

/// The class with the most votes, the lower of equal ones.
fn winner(votes: &[f32]) -> u32 {
    let better = |best: usize, at: usize| if votes[at] > votes[best] { at } else { best };
    (0..votes.len()).fold(0, better) as u32
}
