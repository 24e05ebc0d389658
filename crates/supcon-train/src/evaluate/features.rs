use crate::batch::Normalisation;
use crate::error::{TrainError, read_back};
use crate::model::{Encoder, Pass};
use burn::module::Module;
use burn::tensor::{Device, Tensor, TensorData};
use supcon_data::{CHANNELS, ImageSet, ViewKey, view_batch};
use supcon_protocol::ViewsConfig;

/// Images embedded at a time, at most.
pub(crate) const EMBEDDED: usize = 256;
/// Apart from the streams that training draws views from.
const VIEW_STREAM: u32 = 1001;

/// The features of an image set, on the host.
#[derive(Clone, Debug)]
pub struct Features {
    /// `[n, len]`, row-major.
    pub values: Vec<f32>,
    /// Length of a row.
    pub len: usize,
}

impl Features {
    /// Number of rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.values.len() / self.len
    }

    /// Row i.
    #[must_use]
    pub fn row(&self, i: usize) -> &[f32] {
        &self.values[i * self.len..][..self.len]
    }

    /// Some rows, in the order named.
    #[must_use]
    pub fn subset(&self, rows: &[usize]) -> Self {
        Self {
            values: rows.iter().flat_map(|&i| self.row(i)).copied().collect(),
            len: self.len,
        }
    }

    /// All rows on a device, `[n, len]`.
    #[must_use]
    pub fn to_tensor(&self, device: &Device) -> Tensor<2> {
        Tensor::from_data(
            TensorData::new(self.values.clone(), [self.rows(), self.len]),
            device,
        )
    }
}

/// The features of all images (`ids` of them, if given) without augmentation, encoder in evaluation
/// mode.
///
/// # Errors
/// A device that fails.
pub async fn embed(
    encoder: &Encoder,
    images: &ImageSet,
    ids: Option<&[usize]>,
    normalisation: &Normalisation,
    device: &Device,
) -> Result<Features, TrainError> {
    let encoder = encoder.valid();
    let everything: Vec<usize>;
    let ids = match ids {
        Some(ids) => ids,
        None => {
            everything = (0..images.len()).collect();
            &everything
        }
    };
    let side = [images.height(), images.width()];
    let mut values = Vec::new();
    for batch in ids.chunks(EMBEDDED) {
        let pixels: Vec<u8> = batch
            .iter()
            .flat_map(|&id| images.image(id))
            .copied()
            .collect();
        values.extend(forward(&encoder, &pixels, side, normalisation, device).await?);
    }
    Ok(Features {
        len: values.len() / ids.len().max(1),
        values,
    })
}

/// The features of two augmented views of some images, encoder in evaluation mode. The views are a
/// function of the image alone: every network sees the same.
///
/// # Errors
/// A device that fails.
pub(crate) async fn embed_two_views(
    encoder: &Encoder,
    images: &ImageSet,
    ids: &[usize],
    views: &ViewsConfig,
    normalisation: &Normalisation,
    device: &Device,
) -> Result<[Features; 2], TrainError> {
    let encoder = encoder.valid();
    let side = [images.height(), images.width()];
    let views = ViewsConfig {
        n_views: 2,
        ..views.clone()
    };
    let key = ViewKey {
        seed: 0,
        stream: VIEW_STREAM,
        epoch: 0,
    };
    let mut values = [Vec::new(), Vec::new()];
    for batch in ids.chunks(EMBEDDED / 2) {
        let batch = view_batch(images, batch, &views, key);
        let both = forward(&encoder, &batch.pixels, side, normalisation, device).await?;
        // View-major: the first half of the rows is the first view.
        let (first, second) = both.split_at(both.len() / 2);
        values[0].extend_from_slice(first);
        values[1].extend_from_slice(second);
    }
    Ok(values.map(|values| Features {
        len: values.len() / ids.len().max(1),
        values,
    }))
}

/// Features of pixels `u8 [n, h, w, c]`, read back.
async fn forward(
    encoder: &Encoder,
    pixels: &[u8],
    side: [usize; 2],
    normalisation: &Normalisation,
    device: &Device,
) -> Result<Vec<f32>, TrainError> {
    let n = pixels.len() / (side[0] * side[1] * CHANNELS);
    let images = normalisation.to_tensor(pixels, n, side, &device.clone().inner());
    read_back(encoder.forward(images, &mut Pass::evaluation())).await
}
