use super::Canvas;
use image::codecs::gif::{GifEncoder, Repeat};
use image::{Delay, ImageResult, RgbImage};
use std::io::Write;

/// How long a picture stands, milliseconds.
const STANDS: u32 = 150;
/// How long the last one does.
const LAST_STANDS: u32 = 3_000;
/// Of the encoder's colour search, 1 to 30: marks have few colours.
const SPEED: i32 = 20;

/// Writes an animated GIF that repeats. Pictures are drawn when their turn comes.
pub fn gif(
    out: &mut dyn Write,
    pictures: impl ExactSizeIterator<Item = Canvas>,
) -> ImageResult<()> {
    let mut encoder = GifEncoder::new_with_speed(out, SPEED);
    encoder.set_repeat(Repeat::Infinite)?;
    let last = pictures.len().saturating_sub(1);
    for (at, picture) in pictures.enumerate() {
        let (width, height) = (picture.width as u32, picture.height as u32);
        let pixels = RgbImage::from_raw(width, height, picture.pixels);
        let pixels = pixels.expect("a canvas has three bytes a pixel");
        let stands = if at == last { LAST_STANDS } else { STANDS };
        let delay = Delay::from_numer_denom_ms(stands, 1);
        let pixels = image::DynamicImage::from(pixels).into_rgba8();
        encoder.encode_frame(image::Frame::from_parts(pixels, 0, 0, delay))?;
    }
    Ok(())
}
