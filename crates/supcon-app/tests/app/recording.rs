//! A run as an engine would tell it: three classes in 16 dimensions that part over twelve frames.

use supcon_protocol::{
    Accuracy, Calibration, ConfusionMatrix, DataInfo, EmbeddingFrame, Envelope, Event, Interval,
    Landmarks, MapConfig, MapFrame, Method, Mistake, Mistakes, Notice, PROTOCOL_VERSION,
    PreviewRequest, PreviewSheet, ProbeMetrics, ReliabilityBin, ResultRow, RunId, RunInfo,
    RunState, Samples, Split, StageInfo, StageKind, StagePlan, StepMetrics, Subject, TsneConfig,
};

pub const CLASSES: [&str; 3] = ["circle", "square", "star"];
pub const PER_CLASS: usize = 40;
pub const DIM: usize = 16;
pub const FRAMES: u64 = 12;
const SIDE: usize = 16;

/// Numbers in [−1, 1) that are the same every time (Knuth's MMIX generator).
pub struct Noise(u64);

impl Noise {
    fn next(&mut self) -> f32 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 40) as f32 / (1_u64 << 23) as f32 - 1.0
    }
}

pub fn device() -> Notice {
    Notice::Device {
        description: "Burn flex on the processor, 2 threads".into(),
        is_software: false,
        is_cpu: true,
    }
}

/// Pictures that differ by class: a bright spot on a coloured ground.
fn samples(labels: Vec<u32>, split: Split) -> Samples {
    let mut noise = Noise(3);
    let mut pixels = Vec::new();
    for &label in &labels {
        let (cx, cy) = (8.0 + 3.0 * noise.next(), 8.0 + 3.0 * noise.next());
        for y in 0..SIDE {
            for x in 0..SIDE {
                let (dx, dy) = (x as f32 - cx, y as f32 - cy);
                let inside = match label {
                    0 => dx.hypot(dy) < 5.0,
                    1 => dx.abs().max(dy.abs()) < 4.5,
                    _ => dx.abs() * dy.abs() < 5.0 && dx.abs().max(dy.abs()) < 7.0,
                };
                pixels.extend(if inside {
                    [240, 220, 120]
                } else {
                    [30 + 40 * label as u8, 60, 90]
                });
            }
        }
    }
    Samples {
        split,
        images: (0..labels.len() as u32).collect(),
        labels,
        side: SIDE,
        pixels,
    }
}

pub fn data() -> Notice {
    Notice::DataLoaded(Box::new(DataInfo {
        name: "shapes".into(),
        sentence: "1 200 training, 120 validation and 300 test images of 3 classes, 16×16".into(),
        classes: CLASSES.map(str::to_owned).into(),
        images: [1_200, 120, 300],
        class_counts: vec![400; 3],
        side: SIDE,
        examples: samples(vec![0, 1, 2, 0, 1, 2], Split::Train),
    }))
}

/// The answer to a request for views: the images shifted a little each time.
pub fn preview(request: &PreviewRequest) -> Notice {
    let labels: Vec<u32> = request
        .images
        .iter()
        .flat_map(|image| std::iter::repeat_n(image % 3, request.views.n_views))
        .collect();
    Notice::Preview(PreviewSheet {
        images: request.images.clone(),
        n_views: request.views.n_views,
        side: SIDE,
        pixels: samples(labels, Split::Train).pixels,
        seed: request.seed,
    })
}

pub fn labels() -> Vec<u32> {
    (0..3 * PER_CLASS as u32).map(|i| i % 3).collect()
}

fn event(id: &str, seq: u64, msg: Event) -> Notice {
    Notice::Event(Box::new(Envelope {
        protocol_version: PROTOCOL_VERSION,
        run: RunId(id.into()),
        seq,
        msg,
    }))
}

pub fn state(id: &str, state: RunState) -> Notice {
    event(id, 0, Event::State(state))
}

pub fn warning(id: &str, message: &str) -> Notice {
    event(
        id,
        0,
        Event::Warning {
            stage: 1,
            step: 20,
            message: message.into(),
        },
    )
}

fn stage(index: usize, subject: Subject, kind: StageKind) -> StageInfo {
    StageInfo {
        plan: StagePlan {
            index,
            seed: 0,
            subject,
            kind,
        },
        steps: 120,
        batch_size: 64,
        landmarks: (kind == StageKind::Contrastive).then_some(Landmarks {
            chance: 4.84,
            floor: 3.1,
        }),
    }
}

fn embedding(frame: u64) -> EmbeddingFrame {
    let labels = labels();
    let parted = frame as f32 / (FRAMES - 1) as f32;
    let mut noise = Noise(11);
    let mut z = Vec::new();
    for _view in 0..2 {
        for &label in &labels {
            let mut row: Vec<f32> = (0..DIM).map(|_| noise.next() * (1.1 - parted)).collect();
            row[label as usize * 2] += 2.0 * parted;
            row[15] += 0.8 * (1.0 - parted);
            let length = row.iter().map(|x| x * x).sum::<f32>().sqrt();
            z.extend(row.iter().map(|x| x / length));
        }
    }
    let wrong = (FRAMES - frame) as usize * 4;
    let prediction = |(i, label): (usize, &u32)| said(i, *label, wrong);
    EmbeddingFrame {
        stage: 1,
        step: frame * 10,
        index: frame,
        dim: DIM,
        z,
        predictions: labels.iter().enumerate().map(prediction).collect(),
    }
}

fn said(image: usize, label: u32, wrong: usize) -> u32 {
    if image % 50 < wrong {
        (label + 1) % 3
    } else {
        label
    }
}

/// What kNN says of an image in the last frame.
pub fn prediction(image: usize, label: u32) -> u32 {
    said(image, label, 4)
}

/// A flat map, or the sphere.
pub fn map(frame: u64, dim: usize) -> MapFrame {
    let parted = frame as f32 / (FRAMES - 1) as f32;
    let mut noise = Noise(7);
    let mut points = Vec::new();
    for label in labels() {
        let angle = label as f32 * 2.1 + 0.6;
        let spread = 0.75 - 0.55 * parted;
        let mut point = vec![
            0.62 * parted * angle.cos() + spread * noise.next(),
            0.62 * parted * angle.sin() + spread * noise.next(),
        ];
        if dim == 3 {
            point.push(0.4 * noise.next() + 0.2);
            let length = point.iter().map(|x| x * x).sum::<f32>().sqrt();
            point.iter_mut().for_each(|x| *x /= length);
        }
        points.extend(point);
    }
    MapFrame {
        stage: 1,
        step: frame * 10,
        index: frame,
        map: MapConfig::Tsne(TsneConfig::default()),
        iteration: 500,
        dim,
        points,
    }
}

fn step(step: u64) -> StepMetrics {
    let t = step as f64 / 120.0;
    StepMetrics {
        stage: 1,
        step,
        loss: 3.2 + 1.6 * (-3.0 * t).exp() + 0.03 * (step as f64 * 0.9).sin(),
        accuracy: None,
        learning_rate: 0.3 * (0.5 + 0.5 * (std::f64::consts::PI * t).cos()),
        anchors_without_positives: Some(0.0),
        view_similarity: Some(0.3 + 0.6 * t),
        mutual_information_bound: Some(2.0 * t),
        images_per_second: 900.0 + 40.0 * (step as f64).sin(),
        memory_bytes: Some(400_000_000 + 100_000 * step),
    }
}

/// From the opening to `frames` frames; the run goes on.
pub fn run(id: &str, frames: u64) -> Vec<Notice> {
    let supcon = Subject::Trained(Method::Supcon);
    let mut notices = vec![
        Notice::RunOpened(RunId(id.into())),
        event(id, 0, Event::Started(Box::new(info()))),
        event(
            id,
            1,
            Event::StageStarted(stage(1, supcon, StageKind::Contrastive)),
        ),
        event(id, 2, Event::State(RunState::Running)),
        Notice::Samples(Box::new(samples(labels(), Split::Validation))),
    ];
    for frame in 0..frames {
        notices.push(event(id, 0, Event::Step(step(frame * 10))));
        let knn_top1 = 0.35 + 0.6 * (frame as f64 / FRAMES as f64).sqrt();
        let probe = ProbeMetrics {
            stage: 1,
            step: frame * 10,
            knn_top1,
            images: 120,
        };
        notices.push(event(id, 0, Event::Probe(probe)));
        notices.push(Notice::Embedding(embedding(frame)));
        notices.push(Notice::Map(map(frame, 2)));
    }
    notices
}

fn info() -> RunInfo {
    RunInfo {
        version: "0.1.0".into(),
        config_hash: "0".repeat(16),
        device: "Burn flex".into(),
        threads: 2,
        host: "test".into(),
        simd: String::new(),
        dataset: "shapes".into(),
        data_fingerprint: "0".repeat(16),
        classes: CLASSES.map(str::to_owned).into(),
        images: [1_200, 120, 300],
        encoder_parameters: 90_000,
        encoder_multiply_adds: 1_000_000,
    }
}

/// Ten bins, the upper ones filled, each a little surer than right.
fn calibration() -> Calibration {
    let bin = |k: usize| {
        let confidence = 0.1 * k as f64 + 0.05;
        ReliabilityBin {
            count: k * k,
            confidence,
            accuracy: if k == 0 { 0.0 } else { confidence - 0.042 },
        }
    };
    Calibration {
        negative_log_likelihood: 0.213,
        expected_error: 0.042,
        bins: (0..10).map(bin).collect(),
    }
}

/// The classifier on the frozen features, some steps in.
pub fn linear_stage(id: &str) -> Vec<Notice> {
    let supcon = Subject::Trained(Method::Supcon);
    let metrics = StepMetrics {
        stage: 2,
        images_per_second: 3e5,
        ..step(60)
    };
    vec![
        event(
            id,
            0,
            Event::StageStarted(stage(2, supcon, StageKind::Linear)),
        ),
        event(id, 0, Event::Step(metrics)),
    ]
}

/// How the run ends.
pub fn end(id: &str) -> Vec<Notice> {
    let interval = |value: f64| Interval {
        value,
        low: value - 0.02,
        high: value + 0.02,
    };
    let accuracy = |value: f64| Accuracy {
        top1: interval(value),
        top5: interval(0.98),
    };
    let row = |subject, top1: f64, counts: [[u32; 3]; 3]| {
        event(
            id,
            0,
            Event::Evaluated(Box::new(ResultRow {
                subject,
                seed: 0,
                linear: accuracy(top1),
                knn: accuracy(top1 - 0.03),
                confusion: ConfusionMatrix {
                    counts: counts.map(Vec::from).into(),
                },
                outcomes: "1110".repeat(75),
                images: 300,
                class_mean: Some(accuracy(top1 - 0.05)),
                calibration: Some(calibration()),
                geometry: Vec::new(),
                mistakes: None,
            })),
        )
    };
    vec![
        row(
            Subject::RandomEncoder,
            0.41,
            [[50, 30, 20], [30, 40, 30], [35, 32, 33]],
        ),
        row(
            Subject::Trained(Method::Supcon),
            0.95,
            [[97, 2, 1], [3, 94, 3], [2, 4, 94]],
        ),
        state(id, RunState::Finished),
    ]
}

/// A row of results with the mistakes of its classifier; what is no row stays as it is.
pub fn with_mistakes(notice: Notice) -> Notice {
    let Notice::Event(mut envelope) = notice else {
        return notice;
    };
    if let Event::Evaluated(row) = &mut envelope.msg {
        let mistake = |image, label, prediction, confidence| Mistake {
            image,
            label,
            prediction,
            confidence,
        };
        row.mistakes = Some(Mistakes {
            count: 9,
            worst: vec![mistake(5, 2, 0, 0.97), mistake(3, 0, 1, 0.61)],
            sprite_png: sheet(&samples(vec![2, 0], Split::Test).pixels),
            columns: 2,
            side: SIDE,
        });
    }
    Notice::Event(envelope)
}

/// Two pictures side by side as a PNG in base64.
fn sheet(pixels: &[u8]) -> String {
    use base64::Engine as _;
    let mut image = image::RgbImage::new(2 * SIDE as u32, SIDE as u32);
    for (at, pixel) in pixels.chunks_exact(3).enumerate() {
        let (picture, y, x) = (at / SIDE / SIDE, at / SIDE % SIDE, at % SIDE);
        let place = ((picture * SIDE + x) as u32, y as u32);
        image.put_pixel(place.0, place.1, image::Rgb([pixel[0], pixel[1], pixel[2]]));
    }
    let mut bytes = std::io::Cursor::new(Vec::new());
    image.write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    base64::engine::general_purpose::STANDARD.encode(bytes.into_inner())
}

/// The answer to a request for test images: those, with a map.
pub fn test_images(images: &[u32]) -> Vec<Notice> {
    let labels: Vec<u32> = images.iter().map(|image| image % 3).collect();
    let n = images.len();
    let z = |k: usize| [(k as f32).cos(), (k as f32).sin()];
    vec![
        Notice::Samples(Box::new(Samples {
            images: images.to_vec(),
            ..samples(labels.clone(), Split::Test)
        })),
        Notice::Embedding(EmbeddingFrame {
            stage: 1,
            step: 120,
            index: FRAMES,
            dim: 2,
            z: (0..2 * n).flat_map(|k| z(k % n)).collect(),
            predictions: labels,
        }),
        Notice::Map(MapFrame {
            stage: 1,
            step: 120,
            index: FRAMES,
            map: MapConfig::Pca,
            iteration: 1,
            dim: 2,
            points: (0..n).flat_map(|k| z(k).map(|x| 0.5 * x)).collect(),
        }),
    ]
}
