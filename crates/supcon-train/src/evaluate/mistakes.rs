//! The wrong answers of which a classifier was surest, with their pictures.

use super::Scores;
use crate::samples::samples;
use crate::sprite::sprite_png;
use supcon_data::{CHANNELS, ImageSet};
use supcon_math::calibration::softmax;
use supcon_protocol::{Mistake, Mistakes, Split};

/// Mistakes kept, at most.
const MOST: usize = 24;
/// Pictures in a row.
const COLUMNS: usize = 8;
/// Larger pictures are brought below this side: they are kept in the log.
const MOST_SIDE: usize = 48;

/// The mistakes on some images, the surest first; of equally sure ones the earlier image.
pub(crate) fn mistakes(scores: &Scores, images: &ImageSet) -> Mistakes {
    let rows = scores.values.chunks_exact(scores.n_classes);
    let guesses = scores.ranking();
    let mut wrong: Vec<Mistake> = rows
        .zip(guesses.predictions())
        .zip(images.labels())
        .enumerate()
        .filter(|(_, ((_, guess), label))| guess != *label)
        .map(|(image, ((logits, prediction), &label))| Mistake {
            image: image as u32,
            label,
            prediction,
            confidence: softmax(logits)[prediction as usize],
        })
        .collect();
    let count = wrong.len();
    wrong.sort_by(|a, b| {
        let surer = b.confidence.total_cmp(&a.confidence);
        surer.then(a.image.cmp(&b.image))
    });
    wrong.truncate(MOST);
    let ids: Vec<usize> = wrong.iter().map(|mistake| mistake.image as usize).collect();
    let (pictures, side) = pictures(images, &ids);
    let bytes = side * side * CHANNELS;
    let sprite_png = if wrong.is_empty() {
        String::new()
    } else {
        sprite_png(pictures.chunks_exact(bytes), (side, side), COLUMNS)
    };
    Mistakes {
        count,
        worst: wrong,
        sprite_png,
        columns: COLUMNS,
        side,
    }
}

/// Square pictures `[n, side, side, 3]`, small enough, and their side.
fn pictures(images: &ImageSet, ids: &[usize]) -> (Vec<u8>, usize) {
    let samples = samples(images, Split::Test, ids);
    let factor = samples.side.div_ceil(MOST_SIDE).max(1);
    if factor == 1 {
        return (samples.pixels, samples.side);
    }
    let small = samples.side / factor;
    let bytes = samples.side * samples.side * CHANNELS;
    let shrunk = samples.pixels.chunks_exact(bytes);
    let pixels = shrunk.flat_map(|picture| means(picture, samples.side, factor));
    (pixels.collect(), small)
}

/// A square picture with every `factor` × `factor` pixels brought to their mean.
fn means(picture: &[u8], side: usize, factor: usize) -> Vec<u8> {
    let small = side / factor;
    let mut pixels = Vec::with_capacity(small * small * CHANNELS);
    for at in 0..small * small * CHANNELS {
        let (pixel, channel) = (at / CHANNELS, at % CHANNELS);
        let (top, left) = (pixel / small * factor, pixel % small * factor);
        let value = |k: usize| {
            let (y, x) = (top + k / factor, left + k % factor);
            u32::from(picture[(y * side + x) * CHANNELS + channel])
        };
        let sum: u32 = (0..factor * factor).map(value).sum();
        pixels.push((sum / (factor * factor) as u32) as u8);
    }
    pixels
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine as _;

    /// Four grey images of two classes; logits by hand: 0 right, 1 wrong and undecided, 2 wrong and sure, 3 right.
    #[test]
    fn the_surest_wrong_answer_comes_first_with_its_picture() {
        let side = 2;
        let bytes = side * side * CHANNELS;
        let pixels: Vec<u8> = (0..4).flat_map(|i| vec![10 * i as u8; bytes]).collect();
        let names = vec!["a".to_owned(), "b".to_owned()];
        let images = ImageSet::new(side, side, pixels, vec![0, 1, 1, 1], names).unwrap();
        let scores = Scores {
            values: vec![1.0, 0.0, 0.5, 0.0, 3.0, 0.0, 0.0, 2.0],
            n_classes: 2,
        };
        let found = mistakes(&scores, &images);
        assert_eq!(found.count, 2);
        let order: Vec<u32> = found.worst.iter().map(|mistake| mistake.image).collect();
        assert_eq!(order, [2, 1]);
        let sure = 3_f64.exp() / (3_f64.exp() + 1.0);
        assert!((found.worst[0].confidence - sure).abs() < 1e-9);
        assert_eq!((found.worst[0].label, found.worst[0].prediction), (1, 0));
        let png = base64::engine::general_purpose::STANDARD.decode(&found.sprite_png);
        let decoder = png::Decoder::new(std::io::Cursor::new(png.unwrap()));
        let mut reader = decoder.read_info().unwrap();
        let mut sheet = vec![0; reader.output_buffer_size().unwrap()];
        reader.next_frame(&mut sheet).unwrap();
        assert_eq!(reader.info().width as usize, COLUMNS * side);
        assert_eq!((sheet[0], sheet[side * CHANNELS]), (20, 10));
    }

    #[test]
    fn a_large_picture_is_brought_to_means() {
        let picture: Vec<u8> = (0..16).flat_map(|i| [i * 4, 0, 255]).collect();
        let small = means(&picture, 4, 2);
        // The upper left four pixels hold 0, 4, 16, 20.
        assert_eq!(&small[..3], [10, 0, 255]);
        assert_eq!(small.len(), 2 * 2 * CHANNELS);
    }
}
