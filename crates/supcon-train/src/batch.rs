//! Batches: image ids → augmented views → normalised tensor.

use burn::tensor::{Device, Tensor, TensorData};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use supcon_data::{CHANNELS, ImageSet, Sampler, ViewKey, to_nchw_f32, view_batch};
use supcon_protocol::ViewsConfig;

/// Mean and standard deviation of each channel, in [0, 1] units.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Normalisation {
    mean: [f32; CHANNELS],
    std: [f32; CHANNELS],
}

impl Normalisation {
    /// Of the training images.
    #[must_use]
    pub fn of(train: &ImageSet) -> Self {
        let (mean, std) = train.channel_mean_std();
        // A channel without spread would divide by zero.
        Self {
            mean,
            std: std.map(|s| s.max(1e-3)),
        }
    }

    /// Images `u8 [n, h, w, c]` → tensor `[n, c, h, w]`.
    #[must_use]
    pub fn to_tensor(
        &self,
        pixels: &[u8],
        n: usize,
        side: [usize; 2],
        device: &Device,
    ) -> Tensor<4> {
        let [h, w] = side;
        let values = to_nchw_f32(pixels, n, h, w, self.mean, self.std);
        Tensor::from_data(TensorData::new(values, [n, CHANNELS, h, w]), device)
    }
}

/// A batch on its way to the device.
#[derive(Clone, Debug)]
pub struct HostBatch {
    /// `[v·b, c, h, w]`, normalised, view-major.
    values: Vec<f32>,
    shape: [usize; 4],
    /// `[b]`.
    pub labels: Vec<u32>,
    /// v.
    pub n_views: usize,
}

impl HostBatch {
    /// The images on the device, `[v·b, c, h, w]`.
    #[must_use]
    pub fn into_images(self, device: &Device) -> Tensor<4> {
        Tensor::from_data(TensorData::new(self.values, self.shape), device)
    }
}

/// What a batch is a pure function of, besides the step.
#[derive(Clone, Debug)]
struct Recipe {
    images: Arc<ImageSet>,
    views: ViewsConfig,
    normalisation: Normalisation,
    seed: u64,
    stream: u32,
}

impl Recipe {
    fn batch(&self, ids: &[usize], epoch: u32) -> HostBatch {
        let key = ViewKey {
            seed: self.seed,
            stream: self.stream,
            epoch,
        };
        let batch = view_batch(&self.images, ids, &self.views, key);
        let n = batch.n_views * batch.batch_size;
        let Normalisation { mean, std } = self.normalisation;
        HostBatch {
            values: to_nchw_f32(&batch.pixels, n, batch.height, batch.width, mean, std),
            shape: [n, CHANNELS, batch.height, batch.width],
            labels: batch.labels,
            n_views: batch.n_views,
        }
    }
}

/// Makes the batches of a stage; natively the next one while the device works on the present one.
pub struct Loader {
    recipe: Arc<Recipe>,
    sampler: Sampler,
    #[cfg(not(target_family = "wasm"))]
    ahead: Option<(u64, std::thread::JoinHandle<HostBatch>)>,
}

impl Loader {
    /// `stream` separates the stages of a seed.
    #[must_use]
    pub fn new(
        images: Arc<ImageSet>,
        batch_size: usize,
        views: ViewsConfig,
        normalisation: Normalisation,
        seed: u64,
        stream: u32,
    ) -> Self {
        let sampler = Sampler::new(images.len(), batch_size, seed, stream);
        Self {
            recipe: Arc::new(Recipe {
                images,
                views,
                normalisation,
                seed,
                stream,
            }),
            sampler,
            #[cfg(not(target_family = "wasm"))]
            ahead: None,
        }
    }

    /// The batch of a step: the same whenever it is asked for.
    #[cfg(target_family = "wasm")]
    pub fn batch(&mut self, step: u64) -> HostBatch {
        let (epoch, ids) = self.sampler.batch(step);
        self.recipe.batch(ids, epoch)
    }

    /// The batch of a step: the same whenever it is asked for.
    #[cfg(not(target_family = "wasm"))]
    pub fn batch(&mut self, step: u64) -> HostBatch {
        let ready = match self.ahead.take() {
            Some((ahead, thread)) if ahead == step => thread.join().ok(),
            _ => None,
        };
        let batch = ready.unwrap_or_else(|| {
            let (epoch, ids) = self.sampler.batch(step);
            self.recipe.batch(ids, epoch)
        });
        let (epoch, ids) = self.sampler.batch(step + 1);
        let (recipe, ids) = (Arc::clone(&self.recipe), ids.to_vec());
        self.ahead = Some((
            step + 1,
            std::thread::spawn(move || recipe.batch(&ids, epoch)),
        ));
        batch
    }
}
