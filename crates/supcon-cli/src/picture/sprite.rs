use supcon_data::{CHANNELS, ImageSet};

/// Longest side of a sprite that the Embedding Projector shows, pixels.
const MAX_SIDE: usize = 8192;

/// All images in rows in one PNG, as the Embedding Projector takes them: as many columns as rows, the
/// last row perhaps not full. `None` where that is larger than the projector shows.
pub fn of(images: &ImageSet) -> Option<Vec<u8>> {
    let (height, width) = (images.height(), images.width());
    let columns = (images.len() as f64).sqrt().ceil() as usize;
    if columns == 0 || columns * height.max(width) > MAX_SIDE {
        return None;
    }
    let pitch = columns * width * CHANNELS;
    let mut pixels = vec![255; pitch * columns * height];
    for id in 0..images.len() {
        let corner = (id / columns) * height * pitch + (id % columns) * width * CHANNELS;
        let rows = images.image(id).chunks_exact(width * CHANNELS);
        for (y, row) in rows.enumerate() {
            pixels[corner + y * pitch..][..row.len()].copy_from_slice(row);
        }
    }
    Some(super::png(&pixels, columns * width, columns * height))
}
