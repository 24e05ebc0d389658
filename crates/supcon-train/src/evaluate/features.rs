use crate::batch::Normalisation;
use crate::error::{TrainError, read_back};
use crate::model::{Encoder, Pass};
use burn::module::Module;
use burn::tensor::{Device, Tensor, TensorData};
use supcon_data::ImageSet;

/// Images embedded at a time, at most.
pub(crate) const EMBEDDED: usize = 256;

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
    let device = device.clone().inner();
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
        let batch = normalisation.to_tensor(&pixels, batch.len(), side, &device);
        let features = encoder.forward(batch, &mut Pass::evaluation());
        values.extend(read_back(features).await?);
    }
    Ok(Features {
        len: values.len() / ids.len().max(1),
        values,
    })
}
