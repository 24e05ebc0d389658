//! `shapes`: a generated data set of ten shapes on 32×32 pixels, for runs without a download.
//!
//! What it is for: a class is a form and nothing else. Place, turn, size, colours, which of shape
//! and ground is brighter, textures, marks and noise are drawn independently of the class, and all
//! classes cover the same area, so that neither single pixels, nor colours, nor their histogram give
//! it away; a convolutional network has to learn it. `tests/src/data/shapes_difficulty.rs` holds
//! the generator to that. Every class keeps its name under turns, mirroring, mild crops, changes of
//! colour, grayscale and blur.

mod marks;
mod outline;
mod parameters;
mod scene;
mod surface;

use crate::parallel::for_each_chunk;
use crate::random::{Purpose, Random};
use crate::{CHANNELS, ImageSet, Splits};
use outline::Outline;

/// Rows and columns of an image.
const SIDE: usize = 32;

/// Names of the classes; an image's class is its index modulo ten.
pub const CLASS_NAMES: [&str; 10] = [
    "disk",
    "ring",
    "triangle",
    "square",
    "star",
    "cross",
    "crescent",
    "bar",
    "hourglass",
    "corner",
];

/// A part of the set, or the whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Variant {
    /// The first so many of [`CLASS_NAMES`].
    pub classes: usize,
    /// Rows and columns: 32, or 16 with the mean of two by two pixels for one.
    pub side: usize,
}

impl Default for Variant {
    fn default() -> Self {
        Self {
            classes: CLASS_NAMES.len(),
            side: SIDE,
        }
    }
}

impl Variant {
    /// Generates the given numbers of training, validation and test images.
    ///
    /// Image i of a split is a pure function of (seed, split, i): a larger set begins with the
    /// smaller one. Classes take turns, so any prefix is balanced.
    ///
    /// # Panics
    /// If there are no such classes, or the side is neither 16 nor 32.
    #[must_use]
    pub fn generate(self, [train, validation, test]: [usize; 3], seed: u64) -> Splits {
        let outlines = outline::of_classes();
        let set = |count, split| self.image_set(&outlines[..self.classes], count, seed, split);
        Splits {
            name: "shapes".to_owned(),
            train: set(train, 0),
            validation: set(validation, 1),
            test: set(test, 2),
        }
    }

    fn image_set(self, outlines: &[Outline], count: usize, seed: u64, split: u32) -> ImageSet {
        assert!(
            [SIDE, SIDE / 2].contains(&self.side),
            "a side of {}",
            self.side
        );
        let mut pixels = vec![0; count * self.side * self.side * CHANNELS];
        for_each_chunk(
            &mut pixels,
            self.side * self.side * CHANNELS,
            || vec![0; SIDE * SIDE * CHANNELS],
            |drawn, index, out| {
                let mut random = Random::new(Purpose::Shapes, seed, [split, index as u32, 0, 0, 0]);
                let outline = &outlines[index % outlines.len()];
                if self.side == SIDE {
                    scene::draw(outline, &mut random, out);
                } else {
                    scene::draw(outline, &mut random, drawn);
                    halve(drawn, out);
                }
            },
        );
        let labels = (0..count).map(|index| (index % self.classes) as u32);
        let names = CLASS_NAMES[..self.classes].iter().map(ToString::to_string);
        ImageSet::new(
            self.side,
            self.side,
            pixels,
            labels.collect(),
            names.collect(),
        )
        .expect("sizes and labels are made to fit")
    }
}

/// The mean of two by two pixels, rounded.
fn halve(drawn: &[u8], out: &mut [u8]) {
    let half = SIDE / 2;
    let at = |row: usize, column: usize, channel: usize| {
        u16::from(drawn[(row * SIDE + column) * CHANNELS + channel])
    };
    for (index, value) in out.iter_mut().enumerate() {
        let (pixel, channel) = (index / CHANNELS, index % CHANNELS);
        let (row, column) = (pixel / half * 2, pixel % half * 2);
        let sum = at(row, column, channel)
            + at(row, column + 1, channel)
            + at(row + 1, column, channel)
            + at(row + 1, column + 1, channel);
        *value = ((sum + 2) / 4) as u8;
    }
}

/// Generates the given numbers of images of all ten classes.
///
/// Image i of a split is a pure function of (seed, split, i): a larger set begins with the smaller
/// one. Classes take turns, so any prefix is balanced.
#[must_use]
pub fn generate(train: usize, validation: usize, test: usize, seed: u64) -> Splits {
    Variant::default().generate([train, validation, test], seed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fingerprint::Fingerprint;

    #[test]
    fn classes_are_balanced_and_images_differ() {
        let splits = generate(40, 10, 20, 1);
        let lengths = [
            splits.train.len(),
            splits.validation.len(),
            splits.test.len(),
        ];
        assert_eq!(lengths, [40, 10, 20]);
        for class in 0..10 {
            let count = splits
                .train
                .labels()
                .iter()
                .filter(|&&label| label == class)
                .count();
            assert_eq!(count, 4);
        }
        assert_ne!(splits.train.image(0), splits.train.image(10));
        assert_ne!(splits.train.image(0), splits.validation.image(0));
        assert_ne!(splits.train.image(0), splits.test.image(0));
        assert_ne!(splits.train.image(0), generate(1, 0, 0, 2).train.image(0));
    }

    #[test]
    fn a_larger_set_begins_with_the_smaller_one() {
        let (small, large) = (generate(7, 0, 0, 3).train, generate(23, 0, 0, 3).train);
        assert_eq!(small.pixels(), &large.pixels()[..small.pixels().len()]);
    }

    #[test]
    fn images_do_not_depend_on_the_number_of_threads() {
        let [one, three] = [1, 3].map(|threads| {
            let pool = rayon::ThreadPoolBuilder::new()
                .num_threads(threads)
                .build()
                .unwrap();
            pool.install(|| generate(60, 0, 0, 4))
        });
        assert_eq!(one, three);
    }

    #[test]
    fn a_small_variant_shows_the_first_classes_at_half_the_side() {
        let small = Variant {
            classes: 4,
            side: 16,
        };
        let small = small.generate([8, 0, 0], 5).train;
        assert_eq!(
            (small.height(), small.width(), small.n_classes()),
            (16, 16, 4)
        );
        assert_eq!(small.labels(), [0, 1, 2, 3, 0, 1, 2, 3]);
        assert_eq!(small.class_names(), &CLASS_NAMES[..4]);
        // Images 0 to 3 are drawn from the same numbers as those of the whole set.
        let whole = generate(4, 0, 0, 5).train;
        for image in 0..4 {
            let mean = |pixels: &[u8]| {
                pixels.iter().map(|&p| f64::from(p)).sum::<f64>() / pixels.len() as f64
            };
            let (half, full) = (small.image(image), whole.image(image));
            assert!((mean(half) - mean(full)).abs() < 0.5, "image {image}");
            let corner = [0, 1, 32, 33].map(|pixel| u32::from(full[pixel * CHANNELS]));
            assert_eq!(u32::from(half[0]), (corner.iter().sum::<u32>() + 2) / 4);
        }
    }

    /// Frozen: another value means another data set under the same name.
    #[test]
    fn frozen() {
        let set = generate(1000, 0, 0, 0).train;
        assert_eq!(
            Fingerprint::new().bytes(set.pixels()).finish(),
            11_209_942_571_663_394_307
        );
    }
}
