use image::{GrayImage, ImageEncoder as _, ImageFormat, Luma, Rgb, Rgba, RgbaImage};

use super::*;
use crate::testing::{drawing, encode, png};

const LIMIT: u64 = 1 << 20;

fn square(bytes: &[u8], side: usize) -> Vec<u8> {
    decode(bytes, side, LIMIT).unwrap()
}

#[test]
fn every_format_gives_the_same_square() {
    let image = drawing(48, 48);
    let expected = square(&encode(image.clone(), ImageFormat::Png), 16);
    for format in [ImageFormat::Bmp, ImageFormat::WebP] {
        assert_eq!(square(&encode(image.clone(), format), 16), expected);
    }
    let near = |bytes: Vec<u8>, gap: u8| {
        let found = square(&bytes, 16);
        let pairs = found.iter().zip(&expected);
        let worst = pairs.map(|(a, b)| a.abs_diff(*b)).max();
        assert!(worst.unwrap() <= gap, "{worst:?}");
    };
    near(encode(image.clone(), ImageFormat::Gif), 30);
    let mut jpeg = Vec::new();
    let encoder = image::codecs::jpeg::JpegEncoder::new_with_quality(&mut jpeg, 100);
    encoder
        .write_image(&image, 48, 48, image::ExtendedColorType::Rgb8)
        .unwrap();
    near(jpeg, 60);
}

#[test]
fn an_image_of_the_right_size_is_unchanged() {
    let image = drawing(32, 32);
    assert_eq!(square(&png(32, 32), 32), image.into_raw());
}

#[test]
fn the_central_square_is_kept() {
    // Columns 0 to 9 are black, 10 to 19 white, 20 to 29 black.
    let wide = RgbImage::from_fn(30, 10, |x, _| Rgb([255 * u8::from(x / 10 == 1); 3]));
    assert_eq!(square(&encode(wide, ImageFormat::Png), 5), [255; 75]);
    let tall = RgbImage::from_fn(10, 30, |_, y| Rgb([255 * u8::from(y / 10 == 1); 3]));
    assert_eq!(square(&encode(tall, ImageFormat::Png), 20), [255; 1200]);
}

#[test]
fn shrinking_averages() {
    let board = RgbImage::from_fn(64, 64, |x, y| Rgb([255 * ((x + y) % 2) as u8; 3]));
    let found = square(&encode(board, ImageFormat::Png), 8);
    assert!(
        found.iter().all(|&sample| sample.abs_diff(127) <= 2),
        "{found:?}"
    );
}

#[test]
fn gray_alpha_and_16_bits_become_rgb_bytes() {
    let gray = GrayImage::from_pixel(8, 8, Luma([77]));
    assert_eq!(square(&encode(gray, ImageFormat::Png), 8), [77; 192]);
    let deep = image::ImageBuffer::<Luma<u16>, _>::from_pixel(8, 8, Luma([0x8040]));
    assert_eq!(square(&encode(deep, ImageFormat::Png), 8), [0x80; 192]);
    let alpha = RgbaImage::from_fn(8, 8, |x, _| {
        Rgba([0, 100, 200, [0, 51, 255][x as usize % 3]])
    });
    let found = square(&encode(alpha, ImageFormat::Png), 8);
    assert_eq!(found[..9], [255, 255, 255, 204, 224, 244, 0, 100, 200]);
}

/// A JPEG with an EXIF block that says only the orientation.
fn jpeg_with_orientation(image: &RgbImage, orientation: u8) -> Vec<u8> {
    let mut plain = Vec::new();
    let encoder = image::codecs::jpeg::JpegEncoder::new_with_quality(&mut plain, 100);
    encoder
        .write_image(
            image,
            image.width(),
            image.height(),
            image::ExtendedColorType::Rgb8,
        )
        .unwrap();
    let mut exif = b"Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".to_vec();
    exif.extend([orientation, 0, 0, 0, 0, 0, 0]);
    let mut bytes = plain[..2].to_vec();
    bytes.extend([0xff, 0xe1]);
    bytes.extend((exif.len() as u16 + 2).to_be_bytes());
    bytes.extend(exif);
    bytes.extend(&plain[2..]);
    bytes
}

#[test]
fn the_orientation_is_applied() {
    let image = drawing(32, 32);
    let upright = square(&jpeg_with_orientation(&image, 1), 32);
    let corner = |pixels: &[u8], y: usize, x: usize| -> [u8; 3] {
        pixels[(y * 32 + x) * 3..][..3].try_into().unwrap()
    };
    assert!(corner(&upright, 4, 4)[0] > 150, "red at the top left");
    // 6: the first row is the right-hand side; 3: upside down; 2: mirrored.
    for (orientation, (y, x)) in [(6, (4, 28)), (3, (28, 28)), (2, (4, 28)), (8, (28, 4))] {
        let found = square(&jpeg_with_orientation(&image, orientation), 32);
        let [red, green, _] = corner(&found, y, x);
        assert!(red > 150 && green < 100, "{orientation}");
    }
}

#[test]
fn a_gif_gives_its_first_frame() {
    let frame = |shade: u8| {
        let image = RgbaImage::from_pixel(8, 8, Rgba([shade, shade, shade, 255]));
        image::Frame::new(image)
    };
    let mut bytes = Vec::new();
    image::codecs::gif::GifEncoder::new(&mut bytes)
        .encode_frames([frame(40), frame(200)])
        .unwrap();
    assert_eq!(square(&bytes, 8), [40; 192]);
}

/// A PNG header that announces a size, and nothing after it.
pub(crate) fn png_header(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = png(4, 4);
    bytes[16..20].copy_from_slice(&width.to_be_bytes());
    bytes[20..24].copy_from_slice(&height.to_be_bytes());
    let mut sum = flate2::Crc::new();
    sum.update(&bytes[12..29]);
    bytes[29..33].copy_from_slice(&sum.sum().to_be_bytes());
    bytes
}

#[test]
fn a_huge_image_is_refused_by_its_header() {
    let refusal = PictureError::TooLarge {
        width: 30_000,
        height: 30_000,
    };
    let start = std::time::Instant::now();
    assert_eq!(
        decode(&png_header(30_000, 30_000), 32, 100_000_000),
        Err(refusal)
    );
    assert!(start.elapsed().as_secs() < 1);
}

#[test]
fn what_is_no_image_is_unreadable() {
    let whole = png(32, 32);
    let mut flipped = whole.clone();
    flipped[60] ^= 0xff;
    let cases = [
        Vec::new(),
        b"not an image".to_vec(),
        whole[..whole.len() / 2].to_vec(),
        whole[..20].to_vec(),
        flipped,
        encode(drawing(32, 32), ImageFormat::WebP)[..60].to_vec(),
        encode(drawing(32, 32), ImageFormat::Bmp)[..60].to_vec(),
        b"II*\0\x08\0\0\0tiff".to_vec(),
    ];
    for (number, bytes) in cases.iter().enumerate() {
        match decode(bytes, 32, LIMIT) {
            Err(PictureError::Unreadable(fact)) => {
                assert!(!fact.is_empty() && !fact.contains('\n'))
            }
            other => panic!("{number}: {other:?}"),
        }
    }
}

#[test]
fn names_of_pictures() {
    assert!(is_picture("a/b.JPEG") && is_picture("x.webp"));
    assert!(!is_picture("x.tiff") && !is_picture("png"));
}
