use crate::batch::Normalisation;
use crate::model::{Encoder, Pass, absorb};
use burn::module::Module;
use burn::tensor::Device;
use supcon_data::{ImageSet, Sampler};

/// Images in a batch, and batches at most.
const BATCH: usize = 256;
const BATCHES: usize = 16;
/// Apart from the streams that training draws batches from.
const STREAM: u32 = 1002;

/// The encoder with the running statistics of batch normalisation taken from training images, as they
/// are; its weights stay what they were.
///
/// An encoder that never trained still has the statistics it was made with, mean 0 and variance 1.
/// Its features then have scales that no evaluation protocol is meant for, and the row of the random
/// encoder would say how badly statistics fit, not how little a random network knows.
pub(crate) fn with_settled_statistics(
    encoder: &Encoder,
    images: &ImageSet,
    normalisation: &Normalisation,
    device: &Device,
) -> Encoder {
    let device = device.clone().inner();
    let mut encoder = encoder.valid();
    let side = [images.height(), images.width()];
    let mut sampler = Sampler::new(images.len(), BATCH, 0, STREAM);
    for n in 1..=BATCHES.min(sampler.steps_per_epoch()) {
        let (_, ids) = sampler.batch(n as u64 - 1);
        let pixels: Vec<u8> = ids
            .iter()
            .flat_map(|&id| images.image(id))
            .copied()
            .collect();
        let batch = normalisation.to_tensor(&pixels, ids.len(), side, &device);
        let mut pass = Pass::settling(n);
        // Only what the normalisations learn is wanted.
        let _ = encoder.forward(batch, &mut pass);
        encoder = absorb(encoder, pass);
    }
    encoder
}
