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

/// Generates the given numbers of images.
///
/// Image i of a split is a pure function of (seed, split, i): a larger set begins with the smaller
/// one. Classes take turns, so any prefix is balanced.
#[must_use]
pub fn generate(train: usize, validation: usize, test: usize, seed: u64) -> Splits {
    let outlines = outline::of_classes();
    Splits {
        name: "shapes".to_owned(),
        train: image_set(&outlines, train, seed, 0),
        validation: image_set(&outlines, validation, seed, 1),
        test: image_set(&outlines, test, seed, 2),
    }
}

fn image_set(outlines: &[Outline; 10], count: usize, seed: u64, split: u32) -> ImageSet {
    let mut pixels = vec![0; count * SIDE * SIDE * CHANNELS];
    for_each_chunk(
        &mut pixels,
        SIDE * SIDE * CHANNELS,
        || (),
        |(), index, out| {
            let mut random = Random::new(Purpose::Shapes, seed, [split, index as u32, 0, 0, 0]);
            scene::draw(&outlines[index % outlines.len()], &mut random, out);
        },
    );
    let labels = (0..count)
        .map(|index| (index % CLASS_NAMES.len()) as u32)
        .collect();
    ImageSet::new(
        SIDE,
        SIDE,
        pixels,
        labels,
        CLASS_NAMES.map(str::to_owned).to_vec(),
    )
    .expect("sizes and labels are made to fit")
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
