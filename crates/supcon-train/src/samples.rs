//! Images to look at, all square.

use std::borrow::Cow;
use supcon_data::{CHANNELS, ImageSet};
use supcon_protocol::{Samples, Split};

/// The images of a split with their labels.
pub(crate) fn samples(images: &ImageSet, split: Split, ids: &[usize]) -> Samples {
    let (height, width) = (images.height(), images.width());
    let mut pixels = Vec::new();
    for &id in ids {
        pixels.extend_from_slice(&squared(images.image(id), height, width));
    }
    Samples {
        split,
        images: ids.iter().map(|&id| id as u32).collect(),
        labels: ids.iter().map(|&id| images.label(id)).collect(),
        side: height.max(width),
        pixels,
    }
}

/// An image `[h, w, c]` in the middle of a black square.
pub(crate) fn squared(image: &[u8], height: usize, width: usize) -> Cow<'_, [u8]> {
    if height == width {
        return Cow::Borrowed(image);
    }
    let side = height.max(width);
    let (top, left) = ((side - height) / 2, (side - width) / 2);
    let mut square = vec![0; side * side * CHANNELS];
    for (y, row) in image.chunks_exact(width * CHANNELS).enumerate() {
        let first = ((top + y) * side + left) * CHANNELS;
        square[first..first + row.len()].copy_from_slice(row);
    }
    Cow::Owned(square)
}

#[cfg(test)]
mod tests {
    use super::squared;

    #[test]
    fn a_wide_image_lies_in_the_middle() {
        let image: Vec<u8> = (1..=9).collect();
        let square = squared(&image, 1, 3);
        assert_eq!(square.len(), 27);
        assert_eq!(&square[9..18], image);
        assert!(square[..9].iter().chain(&square[18..]).all(|&x| x == 0));
        assert_eq!(squared(&image[..3], 1, 1).as_ref(), &image[..3]);
    }
}
