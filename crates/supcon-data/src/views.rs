mod blur;
mod choice;
mod colour;
mod crop;
mod operation;
mod policy;

use supcon_protocol::{PolicyOrder, ViewsConfig};

use crate::parallel::for_each_chunk;
use crate::random::{Purpose, Random};
use crate::{CHANNELS, ImageSet};
use choice::Choice;
use operation::ByteImage;

/// Augmented views of a batch of images, view-major: row r = view · `batch_size` + image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ViewBatch {
    /// Views of each image.
    pub n_views: usize,
    /// Images, before views.
    pub batch_size: usize,
    /// Rows of an image.
    pub height: usize,
    /// Columns of an image.
    pub width: usize,
    /// Bytes `[view, image, row, column, channel]`.
    pub pixels: Vec<u8>,
    /// Class of each image, `[batch_size]`.
    pub labels: Vec<u32>,
}

/// Names the random numbers of a batch of views, together with the image and the number of the view.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ViewKey {
    /// Seed of the run.
    pub seed: u64,
    /// Use within the run, so that stages do not see the same views.
    pub stream: u32,
    /// Epoch within the stage.
    pub epoch: u32,
}

/// Draws the views of the images `ids`.
///
/// Each view is a pure function of (seed, stream, epoch, image id, view): neither the batch it is
/// drawn in nor the number of threads matters.
///
/// # Panics
/// When an id is not below the number of images.
#[must_use]
pub fn view_batch(set: &ImageSet, ids: &[usize], views: &ViewsConfig, key: ViewKey) -> ViewBatch {
    let (height, width) = (set.height(), set.width());
    let mut pixels = vec![0; views.n_views * ids.len() * set.image_bytes()];
    for_each_chunk(
        &mut pixels,
        set.image_bytes(),
        || Planes::new(height, width),
        |planes, row, out| {
            let (view, id) = (row / ids.len(), ids[row % ids.len()]);
            let name = [key.stream, key.epoch, id as u32, view as u32, 0];
            let mut random = Random::new(Purpose::Views, key.seed, name);
            let choice = Choice::draw(views, height, width, &mut random);
            planes.draw(set.image(id), &choice);
            planes.write(out);
        },
    );
    ViewBatch {
        n_views: views.n_views,
        batch_size: ids.len(),
        height,
        width,
        pixels,
        labels: ids.iter().map(|&id| set.label(id)).collect(),
    }
}

/// One view while it is worked on, reused from view to view: white is 1, and bytes are rounded to
/// once, at the end.
struct Planes {
    height: usize,
    width: usize,
    channels: [Vec<f32>; CHANNELS],
    /// One plane for operations that cannot work in place.
    spare: Vec<f32>,
    /// One row of pixels, channels together.
    row: Vec<f32>,
    /// The view as bytes, for the operations of policies.
    bytes: ByteImage,
}

impl Planes {
    fn new(height: usize, width: usize) -> Self {
        let plane = || vec![0.0; height * width];
        Self {
            height,
            width,
            channels: std::array::from_fn(|_| plane()),
            spare: plane(),
            row: vec![0.0; width * CHANNELS],
            bytes: ByteImage::default(),
        }
    }

    fn draw(&mut self, image: &[u8], choice: &Choice) {
        self.crop(image, choice.crop, choice.flip);
        for step in Step::in_order(choice.order) {
            self.take(step, choice);
        }
    }

    fn take(&mut self, step: Step, choice: &Choice) {
        match step {
            Step::Jitter => {
                for &(adjustment, strength) in choice.jitter.iter().flatten() {
                    self.adjust(adjustment, strength);
                }
            }
            Step::Policy => self.operate(&choice.operations, choice.fill),
            Step::Grayscale if choice.grayscale => self.grayscale(),
            Step::Grayscale => {}
            Step::Blur => {
                if let Some(sigma) = choice.blur_sigma {
                    self.blur(sigma);
                }
            }
        }
    }

    fn write(&self, out: &mut [u8]) {
        let [red, green, blue] = &self.channels;
        for (pixel, ((&r, &g), &b)) in out
            .chunks_exact_mut(CHANNELS)
            .zip(red.iter().zip(green).zip(blue))
        {
            pixel.copy_from_slice(&[r, g, b].map(byte_from_unit));
        }
    }
}

/// The nearest byte, white being 1.
fn byte_from_unit(value: f32) -> u8 {
    (value * 255.0 + 0.5) as u8
}

/// What may happen to a view after crop and flip.
#[derive(Clone, Copy)]
enum Step {
    Jitter,
    Policy,
    Grayscale,
    Blur,
}

impl Step {
    fn in_order(order: PolicyOrder) -> [Self; 4] {
        match order {
            PolicyOrder::Talk => [Self::Policy, Self::Jitter, Self::Grayscale, Self::Blur],
            PolicyOrder::Google => [Self::Jitter, Self::Policy, Self::Grayscale, Self::Blur],
            PolicyOrder::Infomin => [Self::Jitter, Self::Blur, Self::Policy, Self::Grayscale],
        }
    }
}

#[cfg(test)]
mod tests;
