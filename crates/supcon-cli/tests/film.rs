//! `film`: recorded frames as an animated picture, on frames whose measures are known by hand.

use crate::support::{Scratch, put_trained_run};
use image::AnimationDecoder as _;
use image::codecs::gif::GifDecoder;
use serde_json::Value;
use std::io::Cursor;
use supcon_protocol::recording::{
    FRAME_INDEX, FrameEntry, FrameIndex, RecordedFrame, SAMPLES, encode_frame, encode_samples,
    frame_file,
};
use supcon_protocol::{EmbeddingFrame, MapConfig, MapFrame, Samples, Split};

/// Stage of SupCon's contrastive training: the random encoder's probe comes first.
const STAGE: usize = 1;

/// Four images of two classes: at the first step in one heap, at the last apart.
fn frames() -> [RecordedFrame; 2] {
    let heap = frame(0, 0, &[1, 0, 0, 1], [0.0, 0.1, 0.0, 0.1]);
    let apart = frame(1, 40, &[0, 0, 1, 0], [-1.0, -0.8, 0.8, 1.0]);
    [heap, apart]
}

/// Points on a line, also as the first dimension of z.
fn frame(index: u64, step: u64, predictions: &[u32], line: [f32; 4]) -> RecordedFrame {
    let one_view = line.map(|x| [x, 0.0]).concat();
    RecordedFrame {
        embedding: EmbeddingFrame {
            stage: STAGE,
            step,
            index,
            dim: 2,
            z: one_view.repeat(2),
            predictions: predictions.to_vec(),
        },
        map: Some(MapFrame {
            stage: STAGE,
            step,
            index,
            map: MapConfig::Pca,
            iteration: 1,
            dim: 2,
            points: one_view,
        }),
    }
}

fn put_recording(scratch: &Scratch) {
    put_trained_run(scratch, "run");
    let run = scratch.path().join("run");
    let samples = Samples {
        split: Split::Validation,
        images: vec![0, 1, 2, 3],
        labels: vec![0, 0, 1, 1],
        side: 1,
        pixels: vec![128; 4 * 3],
    };
    let mut index = FrameIndex::default();
    std::fs::create_dir_all(run.join("frames")).expect("writable");
    for (file, frame) in frames().iter().enumerate() {
        let entry = FrameEntry {
            file: file as u32,
            stage: STAGE,
            step: frame.embedding.step,
            index: frame.embedding.index,
        };
        std::fs::write(run.join(frame_file(entry.file)), encode_frame(frame)).expect("writable");
        index.frames.push(entry);
    }
    let index = serde_json::to_vec(&index).expect("JSON");
    std::fs::write(run.join(FRAME_INDEX), index).expect("writable");
    std::fs::write(run.join(SAMPLES), encode_samples(&samples)).expect("writable");
}

#[test]
fn a_film_shows_every_frame_and_measures_them() {
    let scratch = Scratch::new();
    put_recording(&scratch);
    let ran = scratch.run("film run --out film.gif --json");
    let told: Value = serde_json::from_str(&ran.assert_success().stdout).expect("JSON");
    assert_eq!(told["network"], "supcon-s0");
    let last = &told["frames"][1];
    assert_eq!(
        (&last["step"], &last["knn_top1"]),
        (&40.into(), &0.75.into())
    );
    // By hand: (1.9 − 0.2)/1.9 of the outer points, (1.7 − 0.2)/1.7 of the inner ones.
    let silhouette = (1.7 / 1.9 + 1.5 / 1.7) / 2.0;
    for name in ["silhouette", "map_silhouette"] {
        let found = last[name].as_f64().expect("a number");
        assert!((found - silhouette).abs() < 1e-3, "{name}: {found}");
    }
    // In the heap: (0.05 − 0.1)/0.1.
    let first = told["frames"][0]["silhouette"].as_f64().expect("a number");
    assert!((first + 0.5).abs() < 1e-3, "{first}");

    let decoder = GifDecoder::new(Cursor::new(scratch.read("film.gif"))).expect("a GIF");
    let pictures = decoder
        .into_frames()
        .collect_frames()
        .expect("whole frames");
    assert_eq!(pictures.len(), 2);
    assert_ne!(pictures[0].buffer().as_raw(), pictures[1].buffer().as_raw());
    let ran = scratch.run("film run --out film.gif --overwrite");
    let text = &ran.assert_success().stdout;
    assert!(text.contains("75.0") && text.contains("0.889"), "{text}");
}

#[test]
fn a_film_that_cannot_be_made_says_why() {
    let scratch = Scratch::new();
    put_recording(&scratch);
    for (command, words) in [
        ("film run --out film.mp4", "name a .gif picture"),
        (
            "film run --out film.gif --stage random",
            "recorded no maps of random-s0",
        ),
        ("film run --out film.gif --stage moco", "moco"),
        ("film nowhere --out film.gif", "nowhere"),
    ] {
        let ran = scratch.run(command);
        assert_eq!(ran.code, Some(1), "{command}");
        assert!(ran.stderr.contains(words), "{command}: {}", ran.stderr);
        assert!(!scratch.path().join("film.gif").exists(), "{command}");
    }
}
