use super::*;
use crate::{EmbeddingFrame, MapConfig, MapFrame, Samples, Split};

fn frame() -> RecordedFrame {
    let n = 7;
    RecordedFrame {
        embedding: EmbeddingFrame {
            stage: 3,
            step: 120,
            index: 14,
            dim: 4,
            z: (0..2 * n * 4).map(|i| (i as f32 * 0.7).sin()).collect(),
            predictions: (0..n as u32).collect(),
        },
        map: Some(MapFrame {
            stage: 3,
            step: 120,
            index: 14,
            map: MapConfig::Pca,
            iteration: 5,
            dim: 2,
            points: (0..2 * n).map(|i| (i as f32).cos()).collect(),
        }),
    }
}

fn samples() -> Samples {
    Samples {
        split: Split::Test,
        images: vec![4, 9, 70_000],
        labels: vec![1, 0, 9],
        side: 2,
        pixels: (0..36).collect(),
    }
}

#[test]
fn decoding_inverts_encoding() {
    let original = frame();
    let read = decode_frame(&encode_frame(&original)).unwrap();
    // Half-precision numbers come back as they are; the range's ends and everything else exactly.
    assert_eq!(decode_frame(&encode_frame(&read)).unwrap(), read);
    let close = |a: &[f32], b: &[f32], most: f32| {
        assert_eq!(a.len(), b.len());
        assert!(a.iter().zip(b).all(|(a, b)| (a - b).abs() <= most));
    };
    close(&read.embedding.z, &original.embedding.z, 2.5e-4);
    let (map, before) = (read.map.unwrap(), original.map.unwrap());
    close(&map.points, &before.points, 2.0 / 65_535.0);
    assert_eq!(read.embedding.predictions, original.embedding.predictions);
    assert_eq!(
        (map.map, map.iteration, map.dim),
        (before.map, before.iteration, before.dim)
    );

    let without_map = RecordedFrame {
        map: None,
        ..frame()
    };
    assert_eq!(decode_frame(&encode_frame(&without_map)).unwrap().map, None);
    assert_eq!(
        decode_samples(&encode_samples(&samples())).unwrap(),
        samples()
    );
}

/// Random numbers between −1 and 1.
fn numbers(count: usize, seed: u64) -> Vec<f32> {
    let next = |state: &u64| {
        Some(
            state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(seed),
        )
    };
    let states = std::iter::successors(next(&seed), next);
    states
        .map(|state| (state >> 40) as f32 / (1 << 23) as f32 - 1.0)
        .take(count)
        .collect()
}

#[test]
fn frames_of_any_size_come_back_to_their_precision() {
    for (seed, n) in (1..).zip([0, 1, 2, 3, 50]) {
        for dim in [1, 2, 7] {
            for map_dim in [0, 2, 3] {
                let mut original = frame();
                original.embedding.dim = dim;
                original.embedding.z = numbers(2 * n * dim, seed);
                original.embedding.predictions = (0..n as u32).map(|i| i * 77_777_777).collect();
                original.map = original.map.filter(|_| map_dim > 0).map(|map| MapFrame {
                    dim: map_dim,
                    points: numbers(n * map_dim, seed + 9),
                    ..map
                });
                let bytes = encode_frame(&original);
                fuzzing::recording(&bytes);
                let read = decode_frame(&bytes).unwrap();
                // Eleven binary digits; below 2⁻¹⁴ halves of 2⁻²⁴.
                for (&a, &b) in original.embedding.z.iter().zip(&read.embedding.z) {
                    assert!((a - b).abs() <= a.abs() / 2048.0 + 3e-8, "{a} {b}");
                }
                let exact = EmbeddingFrame {
                    z: read.embedding.z.clone(),
                    ..original.embedding
                };
                assert_eq!(read.embedding, exact);
                let (Some(map), Some(before)) = (&read.map, &original.map) else {
                    assert!(read.map.is_none() && original.map.is_none());
                    continue;
                };
                for (a, b) in before.points.iter().zip(&map.points) {
                    assert!((a - b).abs() <= 1.01 / 65_535.0, "{a} {b}");
                }
                let exact = MapFrame {
                    points: map.points.clone(),
                    ..before.clone()
                };
                assert_eq!(map, &exact);
            }
        }
    }
}

#[test]
fn bytes_cut_short_or_lengthened_are_refused() {
    let (frame, samples) = (encode_frame(&frame()), encode_samples(&samples()));
    for len in 0..frame.len() {
        assert!(decode_frame(&frame[..len]).is_err(), "{len} bytes");
    }
    for len in 0..samples.len() {
        assert!(decode_samples(&samples[..len]).is_err(), "{len} bytes");
    }
    assert!(decode_frame(&[frame.as_slice(), &[0]].concat()).is_err());
    assert!(decode_samples(&[samples.as_slice(), &[0]].concat()).is_err());
    assert!(matches!(
        decode_frame(&samples),
        Err(RecordingError::Foreign { .. })
    ));
}

#[test]
fn headers_that_promise_the_world_allocate_nothing() {
    let hostile = |kind: &[u8; 8], header: &str| {
        let len = (header.len() as u32).to_le_bytes();
        [kind.as_slice(), &len, header.as_bytes(), &[0; 64]].concat()
    };
    let most = u64::MAX;
    let header = format!(
        r#"{{"stage":0,"step":0,"index":0,"images":{most},"dim":{most},"map":{{"config":"pca","iteration":0,"dim":2,"range":[0,1]}}}}"#
    );
    let error = decode_frame(&hostile(b"scframe\x01", &header)).unwrap_err();
    assert!(matches!(error, RecordingError::Length { .. }), "{error}");
    let header = format!(r#"{{"split":"train","images":{most},"side":{most}}}"#);
    let error = decode_samples(&hostile(b"scsampl\x01", &header)).unwrap_err();
    assert!(matches!(error, RecordingError::Length { .. }), "{error}");
    // No images, but dimensions: an allocation of nothing.
    let header = format!(r#"{{"stage":0,"step":0,"index":0,"images":0,"dim":{most},"map":null}}"#);
    assert!(decode_frame(&hostile(b"scframe\x01", &header)).is_err());
    let header = r#"{"stage":0,"step":0,"index":0,"images":16,"dim":0,"map":{"config":"pca","iteration":0,"dim":0,"range":[0,1]}}"#;
    let error = decode_frame(&hostile(b"scframe\x01", header)).unwrap_err();
    assert!(matches!(error, RecordingError::Header { .. }), "{error}");
}

#[test]
fn every_single_changed_byte_is_refused_or_read() {
    let bytes = encode_frame(&frame());
    for at in 0..bytes.len() {
        for change in [1, 0x80, 0xff] {
            let mut changed = bytes.clone();
            changed[at] ^= change;
            let _ = decode_frame(&changed);
        }
    }
}

#[test]
fn a_range_wider_than_a_number_is_refused() {
    let mut wide = frame();
    let points = &mut wide.map.as_mut().unwrap().points;
    (points[0], points[1]) = (f32::MIN, f32::MAX);
    // Its unit would be infinite and its smallest point NaN.
    let error = decode_frame(&encode_frame(&wide)).unwrap_err();
    assert!(matches!(error, RecordingError::Header { .. }), "{error}");
}

fn all_seeds() -> Vec<(&'static str, Vec<u8>)> {
    let without_map = RecordedFrame {
        map: None,
        ..frame()
    };
    let entry = FrameEntry {
        file: 3,
        stage: 1,
        step: 40,
        index: 2,
    };
    let index = FrameIndex {
        frames: vec![entry; 2],
    };
    vec![
        ("frame", encode_frame(&frame())),
        ("frame_without_map", encode_frame(&without_map)),
        ("samples", encode_samples(&samples())),
        ("index", serde_json::to_vec(&index).unwrap()),
    ]
}

fn seeds() -> std::path::PathBuf {
    std::path::PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/seeds/recording")
}

/// The seeds and every prefix of them, under stable `cargo test`.
#[test]
fn no_fuzz_seed_panics() {
    let mut count = 0;
    for entry in std::fs::read_dir(seeds()).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        for length in 0..=bytes.len() {
            fuzzing::recording(&bytes[..length]);
        }
        count += 1;
    }
    assert!(count >= 4, "{count} seeds");
}

/// Writes the seeds: `cargo test --release -p supcon-protocol write_fuzz_seeds -- --ignored`.
#[test]
#[ignore = "writes files"]
fn write_fuzz_seeds() {
    std::fs::create_dir_all(seeds()).unwrap();
    for (name, bytes) in all_seeds() {
        std::fs::write(seeds().join(name), bytes).unwrap();
    }
}
