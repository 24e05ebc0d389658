use super::RecordingError;
use super::bytes::{Kind, u16s, u32s};
use super::half::{f16_from_f32, f32_from_f16};
use crate::{EmbeddingFrame, MapConfig, MapFrame};
use serde::{Deserialize, Serialize};

const FRAME: Kind = Kind {
    what: "recorded frame",
    magic: *b"scframe\x01",
};

/// An embedding, and its map where there was one.
#[derive(Clone, Debug, PartialEq)]
pub struct RecordedFrame {
    /// z to three digits.
    pub embedding: EmbeddingFrame,
    /// Points to 1/65 535 of the picture.
    pub map: Option<MapFrame>,
}

#[derive(Serialize, Deserialize)]
struct Header {
    stage: usize,
    step: u64,
    index: u64,
    images: u64,
    dim: usize,
    map: Option<MapHeader>,
}

#[derive(Serialize, Deserialize)]
struct MapHeader {
    config: MapConfig,
    iteration: u64,
    dim: usize,
    /// Smallest and largest coordinate.
    range: [f32; 2],
}

/// A frame as bytes: z `f16`, predictions `u32`, map points `u16` of the range of their coordinates.
#[must_use]
pub fn encode_frame(frame: &RecordedFrame) -> Vec<u8> {
    let embedding = &frame.embedding;
    let map = frame.map.as_ref();
    let ranges = map.map(|map| (map, range(&map.points)));
    let header = Header {
        stage: embedding.stage,
        step: embedding.step,
        index: embedding.index,
        images: embedding.predictions.len() as u64,
        dim: embedding.dim,
        map: ranges.as_ref().map(|(map, range)| MapHeader {
            config: map.map.clone(),
            iteration: map.iteration,
            dim: map.dim,
            range: *range,
        }),
    };
    let mut bytes = FRAME.begin(&header);
    bytes.extend(
        embedding
            .z
            .iter()
            .flat_map(|&z| f16_from_f32(z).to_le_bytes()),
    );
    bytes.extend(embedding.predictions.iter().flat_map(|p| p.to_le_bytes()));
    if let Some((map, [low, high])) = ranges {
        let scale = f32::from(u16::MAX) / (high - low).max(f32::MIN_POSITIVE);
        let step = |x: &f32| ((x - low) * scale).round() as u16;
        bytes.extend(map.points.iter().map(step).flat_map(u16::to_le_bytes));
    }
    bytes
}

/// A frame from [`encode_frame`]'s bytes.
///
/// # Errors
/// Whatever is wrong with them.
pub fn decode_frame(bytes: &[u8]) -> Result<RecordedFrame, RecordingError> {
    let (header, values): (Header, _) = FRAME.split(bytes)?;
    let (n, dim) = (header.images, header.dim as u64);
    let map_dim = header.map.as_ref().map_or(0, |map| map.dim as u64);
    FRAME.check_len(values, &[&[4, n, dim], &[4, n], &[2, n, map_dim]])?;
    if let Some(map) = &header.map {
        let [low, high] = map.range;
        // Two finite ends may lie further apart than a number reaches.
        let is_range = low <= high && (high - low).is_finite();
        if !is_range || !(2..=3).contains(&map.dim) {
            let reason = format!("a map of {} coordinates from {low} to {high}", map.dim);
            return Err(FRAME.wrong(reason));
        }
    }
    let n = n as usize;
    let (z, values) = values.split_at(4 * n * header.dim);
    let (predictions, points) = values.split_at(4 * n);
    let place = (header.stage, header.step, header.index);
    Ok(RecordedFrame {
        embedding: EmbeddingFrame {
            stage: place.0,
            step: place.1,
            index: place.2,
            dim: header.dim,
            z: u16s(z).map(f32_from_f16).collect(),
            predictions: u32s(predictions).collect(),
        },
        map: header.map.map(|map| map_frame(map, place, points)),
    })
}

fn map_frame(map: MapHeader, (stage, step, index): (usize, u64, u64), points: &[u8]) -> MapFrame {
    let [low, high] = map.range;
    let unit = (high - low) / f32::from(u16::MAX);
    MapFrame {
        stage,
        step,
        index,
        map: map.config,
        iteration: map.iteration,
        dim: map.dim,
        points: u16s(points).map(|x| low + f32::from(x) * unit).collect(),
    }
}

/// Smallest and largest number; [0, 0] of none.
fn range(values: &[f32]) -> [f32; 2] {
    let first = values.first().copied().unwrap_or(0.0);
    values
        .iter()
        .fold([first; 2], |[low, high], &x| [low.min(x), high.max(x)])
}
