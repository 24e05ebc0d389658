//! What the fuzz target `recording` in `fuzz/` calls. A test runs the committed seeds through the
//! same function.

use super::{FrameIndex, decode_frame, decode_samples, encode_frame, encode_samples};

/// Bytes as each of the three files. A call must neither panic nor take long nor much memory, and
/// whatever is read must survive being written again.
///
/// # Panics
/// When something does not.
pub fn recording(bytes: &[u8]) {
    if let Ok(frame) = decode_frame(bytes) {
        let n = frame.embedding.predictions.len();
        assert_eq!(frame.embedding.z.len(), 2 * n * frame.embedding.dim);
        let again = decode_frame(&encode_frame(&frame)).expect("a written frame can be read");
        // All that is no number is written as one and the same.
        let bits = |z: &[f32]| {
            let bits = |z: &f32| if z.is_nan() { f32::NAN } else { *z }.to_bits();
            z.iter().map(bits).collect::<Vec<_>>()
        };
        assert_eq!(bits(&again.embedding.z), bits(&frame.embedding.z));
        assert_eq!(again.embedding.predictions, frame.embedding.predictions);
        assert_eq!(again.map.is_some(), frame.map.is_some());
        if let (Some(map), Some(again)) = (frame.map, again.map) {
            assert_eq!(map.points.len(), n * map.dim);
            assert!(map.points.iter().all(|point| point.is_finite()));
            assert_eq!(again.points.len(), map.points.len());
            assert_eq!(again.iteration, map.iteration);
        }
    }
    if let Ok(samples) = decode_samples(bytes) {
        let n = samples.images.len();
        assert_eq!(samples.labels.len(), n);
        assert_eq!(samples.pixels.len(), 3 * n * samples.side * samples.side);
        assert_eq!(decode_samples(&encode_samples(&samples)), Ok(samples));
    }
    if let Ok(index) = FrameIndex::from_json(bytes) {
        let json = serde_json::to_vec(&index).expect("an index is plain data");
        assert_eq!(FrameIndex::from_json(&json), Ok(index));
    }
}
