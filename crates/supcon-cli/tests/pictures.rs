//! A folder as people have them: formats, sizes and defects mixed.

use crate::support::Scratch;
use image::codecs::gif::GifEncoder;
use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, Frame, ImageBuffer, ImageFormat, Luma, Rgb, Rgba, RgbaImage};
use std::io::Cursor;
use std::path::Path;

const CLASSES: [&str; 3] = ["Äpfel & Birnen", "cats", "noise"];
/// Kinds of files; two of twelve are broken.
const KINDS: usize = 12;

/// A picture of a class: gradients, stripes or noise, with colours of its own.
fn picture(class: usize, number: usize, width: u32, height: u32) -> DynamicImage {
    let seed = number as u32 * 977 + class as u32;
    let image: ImageBuffer<Rgb<u8>, Vec<u8>> = ImageBuffer::from_fn(width, height, |x, y| {
        let noise = (x * 374_761_393 + y * 668_265_263 + seed).wrapping_mul(2_246_822_519) >> 24;
        match class {
            0 => Rgb([(x * 255 / width) as u8, (seed % 97) as u8, 40]),
            1 => Rgb([
                30,
                if (y / 4) % 2 == 0 { 220 } else { 20 },
                (seed % 200) as u8,
            ]),
            _ => Rgb([noise as u8, noise as u8, 255 - noise as u8]),
        }
    });
    DynamicImage::ImageRgb8(image)
}

fn encoded(image: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image.write_to(&mut bytes, format).expect("memory");
    bytes.into_inner()
}

/// A JPEG with an EXIF block that says: turned by a quarter.
fn turned(image: &DynamicImage) -> Vec<u8> {
    let mut jpeg = Vec::new();
    JpegEncoder::new_with_quality(&mut jpeg, 90)
        .encode_image(image)
        .expect("memory");
    let tiff: &[u8] = b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0";
    let mut block = b"Exif\0\0".to_vec();
    block.extend_from_slice(tiff);
    let length = (block.len() as u16 + 2).to_be_bytes();
    let mut bytes = jpeg[..2].to_vec();
    bytes.extend_from_slice(&[0xff, 0xe1, length[0], length[1]]);
    bytes.extend_from_slice(&block);
    bytes.extend_from_slice(&jpeg[2..]);
    bytes
}

fn animated(image: &DynamicImage) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = GifEncoder::new(&mut bytes);
    for frame in [
        image.to_rgba8(),
        RgbaImage::new(image.width(), image.height()),
    ] {
        encoder.encode_frame(Frame::new(frame)).expect("memory");
    }
    drop(encoder);
    bytes
}

/// Bytes and ending of a file of a kind.
fn file(kind: usize, image: &DynamicImage) -> (Vec<u8>, &'static str) {
    let gray16 = |image: &DynamicImage| {
        let wide = ImageBuffer::from_fn(image.width(), image.height(), |x, y| {
            Luma([u16::from(image.to_luma8().get_pixel(x, y).0[0]) * 257])
        });
        DynamicImage::ImageLuma16(wide)
    };
    let glass = |image: &DynamicImage| {
        let rgba = image.to_rgba8();
        let glass = RgbaImage::from_fn(image.width(), image.height(), |x, y| {
            let Rgba([r, g, b, _]) = *rgba.get_pixel(x, y);
            Rgba([r, g, b, (x * 8) as u8])
        });
        DynamicImage::ImageRgba8(glass)
    };
    match kind {
        0 => (encoded(image, ImageFormat::Png), "png"),
        1 => (encoded(image, ImageFormat::Jpeg), "JPG"),
        2 => (encoded(image, ImageFormat::WebP), "webp"),
        3 => (encoded(image, ImageFormat::Bmp), "bmp"),
        4 => (animated(image), "gif"),
        5 => (
            encoded(
                &DynamicImage::ImageLuma8(image.to_luma8()),
                ImageFormat::Png,
            ),
            "png",
        ),
        6 => (encoded(&glass(image), ImageFormat::Png), "png"),
        7 => (encoded(&gray16(image), ImageFormat::Png), "png"),
        8 => (turned(image), "jpeg"),
        // The ending lies: content decides.
        9 => (encoded(image, ImageFormat::Png), "jpg"),
        10 => {
            let whole = encoded(image, ImageFormat::Png);
            (whole[..whole.len() / 2].to_vec(), "png")
        }
        _ => (b"<html>404</html>".to_vec(), "jpg"),
    }
}

/// Writes the folder; returns how many files are broken.
fn write_folder(folder: &Path, count: usize) -> usize {
    let mut broken = 0;
    for number in 0..count {
        let (class, kind) = (number % CLASSES.len(), number / CLASSES.len() % KINDS);
        let (width, height) = (
            8 + (number * 37 % 190) as u32,
            8 + (number * 53 % 170) as u32,
        );
        let (bytes, ending) = file(kind, &picture(class, number, width, height));
        let class = folder.join(CLASSES[class]);
        std::fs::create_dir_all(&class).expect("writable");
        std::fs::write(class.join(format!("picture {number}.{ending}")), bytes).expect("writable");
        broken += usize::from(kind >= 10);
    }
    std::fs::write(folder.join("notes.txt"), "not an image").expect("writable");
    broken
}

#[test]
fn a_mixed_folder_is_looked_at_trained_embedded_and_predicted() {
    let scratch = Scratch::new();
    let broken = write_folder(&scratch.path().join("mixed"), 72);
    assert_eq!(broken, 12);
    let refused = scratch.run("data info mixed");
    assert_eq!(refused.code, Some(1));
    for part in ["picture", "cannot be", "--skip-unreadable"] {
        assert!(
            refused.stderr.contains(part),
            "no {part} in {}",
            refused.stderr
        );
    }
    let info = scratch.run("data info mixed --skip-unreadable --sheet sheet.png --json");
    let info: serde_json::Value =
        serde_json::from_str(&info.assert_success().stdout).expect("JSON");
    assert_eq!(info["unreadable"].as_array().map(Vec::len), Some(broken));
    let per_class: Vec<u64> = info["classes"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|class| {
            ["train", "validation", "test"]
                .iter()
                .filter_map(|s| class[s].as_u64())
                .sum()
        })
        .collect();
    assert_eq!(per_class, [20, 20, 20]);
    let options = "--set contrastive.length=3~steps --set contrastive.batch_size=16 \
        --set contrastive.optimizer.warmup=1~steps --set linear.length=20~steps \
        --set methods=supcon --device cpu --threads 2";
    let train = format!("train --data mixed --skip-unreadable {options} --out run");
    let trained = scratch.run(&train);
    assert!(
        trained
            .assert_success()
            .stdout
            .contains("12 images that cannot be decoded left out"),
        "{}",
        trained.stdout
    );
    assert!(
        scratch
            .text("run/config.toml")
            .contains("skip_unreadable = true")
    );
    scratch
        .run("embed run --split all --out all.npy --device cpu")
        .assert_success();
    assert_eq!(scratch.read("all_labels.npy").len() % 64, 60 * 8 % 64);
    let predicted = scratch.run("predict run mixed --neighbors 1 --device cpu --json");
    assert_eq!(predicted.code, Some(1), "{}", predicted.stderr);
    assert!(
        predicted.stderr.contains("12 of 72 files"),
        "{}",
        predicted.stderr
    );
    scratch
        .run("map run --method pca --split all --out map.png --device cpu")
        .assert_success();
}
