use super::RecordingError;
use super::bytes::{Kind, u32s};
use crate::{Samples, Split};
use serde::{Deserialize, Serialize};

const SAMPLES: Kind = Kind {
    what: "samples file",
    magic: *b"scsampl\x01",
};

#[derive(Serialize, Deserialize)]
struct Header {
    split: Split,
    images: u64,
    side: u64,
}

/// Samples as bytes: indices and labels `u32`, then pixels.
#[must_use]
pub fn encode_samples(samples: &Samples) -> Vec<u8> {
    let mut bytes = SAMPLES.begin(&Header {
        split: samples.split,
        images: samples.images.len() as u64,
        side: samples.side as u64,
    });
    let words = samples.images.iter().chain(&samples.labels);
    bytes.extend(words.flat_map(|word| word.to_le_bytes()));
    bytes.extend(&samples.pixels);
    bytes
}

/// Samples from [`encode_samples`]'s bytes.
///
/// # Errors
/// Whatever is wrong with them.
pub fn decode_samples(bytes: &[u8]) -> Result<Samples, RecordingError> {
    let (header, values): (Header, _) = SAMPLES.split(bytes)?;
    let (n, side) = (header.images, header.side);
    SAMPLES.check_len(values, &[&[8, n], &[3, n, side, side]])?;
    let n = n as usize;
    let (images, values) = values.split_at(4 * n);
    let (labels, pixels) = values.split_at(4 * n);
    Ok(Samples {
        split: header.split,
        images: u32s(images).collect(),
        labels: u32s(labels).collect(),
        side: side as usize,
        pixels: pixels.to_vec(),
    })
}
