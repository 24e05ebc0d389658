use crate::fingerprint::Fingerprint;
use crate::{CHANNELS, DataError};
use std::sync::Arc;

/// Labelled RGB images of one size, in memory.
///
/// Pixels are bytes in the order `[image, row, column, channel]`; clones share them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageSet {
    height: usize,
    width: usize,
    pixels: Arc<Vec<u8>>,
    labels: Vec<u32>,
    class_names: Vec<String>,
}

impl ImageSet {
    /// Puts a set together from its parts; it may hold no images.
    ///
    /// # Errors
    /// When `pixels` is not `labels.len() · height · width · 3` bytes long, or a label is not below
    /// the number of class names.
    pub fn new(
        height: usize,
        width: usize,
        pixels: Vec<u8>,
        labels: Vec<u32>,
        class_names: Vec<String>,
    ) -> Result<Self, DataError> {
        let images = labels.len();
        let expected = images * height * width * CHANNELS;
        if pixels.len() != expected {
            let found = pixels.len();
            return Err(DataError::PixelCount {
                images,
                height,
                width,
                expected,
                found,
            });
        }
        let n_classes = class_names.len();
        for (image, &label) in labels.iter().enumerate() {
            if label as usize >= n_classes {
                return Err(DataError::UnknownClass {
                    image,
                    label,
                    n_classes,
                });
            }
        }
        Ok(Self {
            height,
            width,
            pixels: Arc::new(pixels),
            labels,
            class_names,
        })
    }

    /// Number of images.
    #[must_use]
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Whether there are no images.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// Rows of an image.
    #[must_use]
    pub fn height(&self) -> usize {
        self.height
    }

    /// Columns of an image.
    #[must_use]
    pub fn width(&self) -> usize {
        self.width
    }

    /// Number of classes, whether or not each has images.
    #[must_use]
    pub fn n_classes(&self) -> usize {
        self.class_names.len()
    }

    /// Name of each class.
    #[must_use]
    pub fn class_names(&self) -> &[String] {
        &self.class_names
    }

    /// Pixels of one image, `[row, column, channel]`.
    ///
    /// # Panics
    /// When `index` is not below [`len`](Self::len).
    #[must_use]
    pub fn image(&self, index: usize) -> &[u8] {
        let bytes = self.image_bytes();
        &self.pixels[index * bytes..(index + 1) * bytes]
    }

    /// Class of one image.
    ///
    /// # Panics
    /// When `index` is not below [`len`](Self::len).
    #[must_use]
    pub fn label(&self, index: usize) -> u32 {
        self.labels[index]
    }

    /// Class of each image.
    #[must_use]
    pub fn labels(&self) -> &[u32] {
        &self.labels
    }

    /// Pixels of all images, `[image, row, column, channel]`.
    #[must_use]
    pub fn pixels(&self) -> &[u8] {
        &self.pixels
    }

    /// Bytes of one image.
    pub(crate) fn image_bytes(&self) -> usize {
        self.height * self.width * CHANNELS
    }

    /// The images of `ids`, in that order.
    ///
    /// # Panics
    /// When an id is not below [`len`](Self::len).
    #[must_use]
    pub fn subset(&self, ids: &[usize]) -> Self {
        let mut pixels = Vec::with_capacity(ids.len() * self.image_bytes());
        for &id in ids {
            pixels.extend_from_slice(self.image(id));
        }
        Self {
            height: self.height,
            width: self.width,
            pixels: Arc::new(pixels),
            labels: ids.iter().map(|&id| self.labels[id]).collect(),
            class_names: self.class_names.clone(),
        }
    }

    /// Mean and standard deviation of each channel over all pixels, in units where white is 1.
    /// An empty set has mean 0 and deviation 0.
    #[must_use]
    pub fn channel_mean_std(&self) -> ([f32; 3], [f32; 3]) {
        // Integer sums are exact, so the result does not depend on the order of summation.
        let mut sums = [0_u64; CHANNELS];
        let mut squares = [0_u64; CHANNELS];
        for pixel in self.pixels.chunks_exact(CHANNELS) {
            for (channel, &byte) in pixel.iter().enumerate() {
                sums[channel] += u64::from(byte);
                squares[channel] += u64::from(byte) * u64::from(byte);
            }
        }
        let count = (self.pixels.len() / CHANNELS).max(1) as f64;
        let mean = sums.map(|sum| sum as f64 / count);
        let deviation = |channel: usize| {
            let variance = squares[channel] as f64 / count - mean[channel] * mean[channel];
            (libm::sqrt(variance.max(0.0)) / 255.0) as f32
        };
        (
            mean.map(|value| (value / 255.0) as f32),
            std::array::from_fn(deviation),
        )
    }

    fn add_to(&self, fingerprint: &mut Fingerprint) {
        fingerprint
            .length(self.height)
            .length(self.width)
            .length(self.n_classes());
        for name in &self.class_names {
            fingerprint.length(name.len()).bytes(name.as_bytes());
        }
        fingerprint.length(self.len());
        for label in &self.labels {
            fingerprint.bytes(&label.to_le_bytes());
        }
        fingerprint.bytes(&self.pixels);
    }
}

/// A data set divided into what is learned from, what decisions are made on, and what is looked at
/// once at the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Splits {
    /// Name of the data set.
    pub name: String,
    /// Images to learn from.
    pub train: ImageSet,
    /// Images for decisions during and after training.
    pub validation: ImageSet,
    /// Images for the final numbers.
    pub test: ImageSet,
}

impl Splits {
    /// Identifies the data (images, labels, class names and how they are divided, but not
    /// [`name`](Self::name)) in the record of a run.
    #[must_use]
    pub fn fingerprint(&self) -> u64 {
        let mut fingerprint = Fingerprint::new();
        for set in [&self.train, &self.validation, &self.test] {
            set.add_to(&mut fingerprint);
        }
        fingerprint.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(count: usize) -> Vec<String> {
        (0..count).map(|i| format!("class {i}")).collect()
    }

    fn two_pixels() -> ImageSet {
        let pixels = vec![0, 100, 255, 255, 100, 255];
        ImageSet::new(1, 1, pixels, vec![0, 1], names(2)).unwrap()
    }

    #[test]
    fn parts_must_fit() {
        let error = ImageSet::new(2, 2, vec![0; 11], vec![0], names(1)).unwrap_err();
        assert_eq!(
            error.to_string(),
            "11 pixel bytes for 1 images of 2×2 RGB, expected 12"
        );
        let error = ImageSet::new(1, 1, vec![0; 6], vec![0, 3], names(3)).unwrap_err();
        assert_eq!(
            error.to_string(),
            "image 1: label 3 is not below the number of classes, 3"
        );
    }

    #[test]
    fn statistics_of_two_pixels() {
        let (mean, std) = two_pixels().channel_mean_std();
        assert_eq!(mean, [0.5, 100.0 / 255.0, 1.0]);
        assert_eq!(std, [0.5, 0.0, 0.0]);
        let empty = ImageSet::new(1, 1, vec![], vec![], names(1)).unwrap();
        assert_eq!(empty.channel_mean_std(), ([0.0; 3], [0.0; 3]));
    }

    #[test]
    fn subset_keeps_the_given_order() {
        let subset = two_pixels().subset(&[1, 0, 1]);
        assert_eq!(subset.labels(), [1, 0, 1]);
        assert_eq!(subset.image(0), [255, 100, 255]);
        assert_eq!(subset.image(1), [0, 100, 255]);
    }

    #[test]
    fn fingerprint_sees_pixels_labels_and_boundaries() {
        let set = two_pixels();
        let splits = |train: &[usize], test: &[usize]| Splits {
            name: "x".into(),
            train: set.subset(train),
            validation: set.subset(&[]),
            test: set.subset(test),
        };
        let one = splits(&[0], &[1]).fingerprint();
        assert_eq!(one, splits(&[0], &[1]).fingerprint());
        assert_ne!(one, splits(&[1], &[0]).fingerprint());
        assert_ne!(one, splits(&[0, 1], &[]).fingerprint());
    }
}
