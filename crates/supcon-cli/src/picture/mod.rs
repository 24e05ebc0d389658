//! Pictures that commands draw: scatter plots as SVG, PNG and film, sprites of images.

mod film;
mod font;
mod mark;
mod raster;
mod scatter;
pub mod sprite;
mod svg;

pub use film::gif;
pub use raster::Canvas;
pub use scatter::Scatter;

/// RGB pixels, row by row, as a PNG.
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
