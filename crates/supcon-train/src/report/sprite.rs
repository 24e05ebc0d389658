use base64::Engine as _;
use supcon_data::ImageSet;
use supcon_protocol::MapSamples;

/// Thumbnails in a row.
const COLUMNS: usize = 30;

/// The images side by side in one PNG; labels are left to the caller.
pub(super) fn sprite(images: &ImageSet, ids: &[usize]) -> MapSamples {
    let (h, w) = (images.height(), images.width());
    let (columns, rows) = (
        COLUMNS.min(ids.len().max(1)),
        ids.len().div_ceil(COLUMNS).max(1),
    );
    let pitch = columns * w * 3;
    let mut pixels = vec![0; pitch * rows * h];
    for (at, &id) in ids.iter().enumerate() {
        let corner = (at / columns) * h * pitch + (at % columns) * w * 3;
        for (y, row) in images.image(id).chunks_exact(w * 3).enumerate() {
            pixels[corner + y * pitch..][..w * 3].copy_from_slice(row);
        }
    }
    MapSamples {
        images: ids.to_vec(),
        labels: Vec::new(),
        sprite_png: base64::engine::general_purpose::STANDARD.encode(png(
            &pixels,
            columns * w,
            rows * h,
        )),
        columns,
        side: w,
    }
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
