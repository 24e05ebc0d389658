//! One image file to a square of RGB bytes.
//!
//! PNG, JPEG, WebP, BMP and GIF (of animations the first frame), recognised by content. In this
//! order: the header is checked against the limit; the image is decoded; turned as its EXIF
//! orientation says; cut to its central square; 16-bit samples become 8-bit; gray becomes RGB;
//! transparent pixels are laid on white; the square is resized with a triangle filter as wide as the
//! shrinking asks for, which averages over the area. Colour profiles are ignored: samples are taken
//! for sRGB, as everywhere in this program.

use std::io::Cursor;
use std::sync::{Mutex, PoisonError};

use image::imageops::{self, FilterType};
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageReader, Limits, RgbImage};

use crate::LoadOptions;

/// Endings of the file names that are taken for images, in lower case.
pub(crate) const ENDINGS: [&str; 6] = [".png", ".jpg", ".jpeg", ".webp", ".bmp", ".gif"];

/// Whether a file name is that of an image.
#[must_use]
pub fn is_picture(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    ENDINGS.iter().any(|ending| lower.ends_with(ending))
}

/// Why a file did not become a square of pixels.
#[derive(Debug, PartialEq, thiserror::Error)]
pub enum PictureError {
    /// The header announces too many pixels.
    #[error("{width}×{height} pixels are more than are decoded; scale it down")]
    TooLarge {
        /// Columns.
        width: u32,
        /// Rows.
        height: u32,
    },
    /// The decoder gave up.
    #[error("{0}")]
    Unreadable(String),
}

/// Decodes a picture as those of an image folder are: turned as its EXIF orientation says, cut to its
/// central square, on white where it is transparent, resized. Returns `side`×`side` RGB bytes,
/// `[row, column, channel]`.
///
/// # Errors
/// Bytes that are no image, and images of more than 100 million pixels.
pub fn decode_picture(bytes: &[u8], side: usize) -> Result<Vec<u8>, PictureError> {
    decode(bytes, side, LoadOptions::default().max_pixels)
}

/// Memory that decoding may take, in bytes a pixel: 16-bit RGBA, and as much for the decoder.
const BYTES_PER_PIXEL: u64 = 16;

/// Images with more pixels are decoded one at a time, whatever the number of threads.
const LARGE_PIXELS: u64 = 16_000_000;

static LARGE: Mutex<()> = Mutex::new(());

/// Decodes an image to `side`×`side` RGB bytes, `[row, column, channel]`.
pub(crate) fn decode(bytes: &[u8], side: usize, max_pixels: u64) -> Result<Vec<u8>, PictureError> {
    let unreadable = |error: image::ImageError| PictureError::Unreadable(first_line(&error));
    let mut reader = ImageReader::new(Cursor::new(bytes))
        .with_guessed_format()
        .expect("memory can be read");
    if reader.format().is_none() {
        let fact = "its content is no image of a known format".to_owned();
        return Err(PictureError::Unreadable(fact));
    }
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(max_pixels.saturating_mul(BYTES_PER_PIXEL));
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(unreadable)?;
    let (width, height) = decoder.dimensions();
    let pixels = u64::from(width) * u64::from(height);
    if pixels > max_pixels {
        return Err(PictureError::TooLarge { width, height });
    }
    if pixels == 0 {
        return Err(PictureError::Unreadable("it has no pixels".to_owned()));
    }
    // Damaged EXIF data turn nothing.
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let one_at_a_time =
        (pixels > LARGE_PIXELS).then(|| LARGE.lock().unwrap_or_else(PoisonError::into_inner));
    let mut image = DynamicImage::from_decoder(decoder).map_err(unreadable)?;
    image.apply_orientation(orientation);
    let square = rgb_on_white(central_square(&image));
    drop(image);
    drop(one_at_a_time);
    let side = side as u32;
    if square.width() == side {
        return Ok(square.into_raw());
    }
    Ok(imageops::resize(&square, side, side, FilterType::Triangle).into_raw())
}

fn central_square(image: &DynamicImage) -> DynamicImage {
    let (width, height) = (image.width(), image.height());
    let side = width.min(height);
    image.crop_imm((width - side) / 2, (height - side) / 2, side, side)
}

fn rgb_on_white(image: DynamicImage) -> RgbImage {
    if !image.color().has_alpha() {
        return image.into_rgb8();
    }
    let image = image.into_rgba8();
    RgbImage::from_fn(image.width(), image.height(), |x, y| {
        let [red, green, blue, alpha] = image.get_pixel(x, y).0.map(u32::from);
        let on_white = |value: u32| ((value * alpha + 255 * (255 - alpha) + 127) / 255) as u8;
        image::Rgb([red, green, blue].map(on_white))
    })
}

fn first_line(error: &image::ImageError) -> String {
    let text = error.to_string();
    text.lines().next().unwrap_or_default().to_owned()
}

#[cfg(test)]
pub(crate) mod tests;
