//! Pictures side by side in one PNG: what logs and reports hold.

use base64::Engine as _;

/// Pictures `[h, w, 3]` in rows of `columns`: one PNG, base64.
pub(crate) fn sprite_png<'a>(
    pictures: impl ExactSizeIterator<Item = &'a [u8]>,
    (h, w): (usize, usize),
    columns: usize,
) -> String {
    let rows = pictures.len().div_ceil(columns).max(1);
    let pitch = columns * w * 3;
    let mut pixels = vec![0; pitch * rows * h];
    for (at, picture) in pictures.enumerate() {
        let corner = (at / columns) * h * pitch + (at % columns) * w * 3;
        for (y, row) in picture.chunks_exact(w * 3).enumerate() {
            pixels[corner + y * pitch..][..w * 3].copy_from_slice(row);
        }
    }
    base64::engine::general_purpose::STANDARD.encode(png(&pixels, columns * w, rows * h))
}

fn png(pixels: &[u8], width: usize, height: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width as u32, height as u32);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    let written = encoder
        .write_header()
        .and_then(|mut writer| writer.write_image_data(pixels));
    written.expect("writing a PNG of matching size to memory cannot fail");
    bytes
}
