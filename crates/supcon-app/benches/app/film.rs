//! A frame of many points, as an engine would tell it.

use eframe::wgpu;
use supcon_protocol::{
    EmbeddingFrame, MapConfig, MapFrame, Method, Notice, RunId, Samples, Split, StageInfo,
    StageKind, StagePlan, StepMetrics, Subject,
};
use supcon_protocol::{Envelope, Event, PROTOCOL_VERSION};

const CLASSES: usize = 10;
const DIM: usize = 32;
const SIDE: usize = 8;
/// Points of each curve.
const REPORTS: u64 = 200;

/// A run with one frame of `points` images in ten classes, and curves of some length.
pub fn notices(points: usize) -> Vec<Notice> {
    let labels: Vec<u32> = (0..points).map(|i| (i % CLASSES) as u32).collect();
    let mut notices = vec![
        Notice::RunOpened(run()),
        event(Event::StageStarted(stage())),
    ];
    notices.extend((1..=REPORTS).map(|report| event(Event::Step(step(report)))));
    notices.extend([
        Notice::Samples(Box::new(Samples {
            split: Split::Validation,
            images: (0..points as u32).collect(),
            labels: labels.clone(),
            side: SIDE,
            pixels: vec![120; points * SIDE * SIDE * 3],
        })),
        Notice::Embedding(EmbeddingFrame {
            stage: 1,
            dim: DIM,
            z: (0..2 * points).flat_map(row).collect(),
            predictions: labels,
            ..EmbeddingFrame::default()
        }),
        Notice::Map(MapFrame {
            stage: 1,
            step: 0,
            index: 0,
            map: MapConfig::Pca,
            iteration: 0,
            dim: 2,
            points: (0..points).flat_map(place).collect(),
        }),
    ]);
    notices
}

fn run() -> RunId {
    RunId("bench-1".into())
}

fn event(event: Event) -> Notice {
    Notice::Event(Box::new(Envelope {
        protocol_version: PROTOCOL_VERSION,
        run: run(),
        seq: 0,
        msg: event,
    }))
}

fn step(report: u64) -> StepMetrics {
    let t = report as f64 / REPORTS as f64;
    StepMetrics {
        stage: 1,
        step: 10 * report,
        loss: 3.2 + 1.6 * (-3.0 * t).exp() + 0.03 * (9.0 * report as f64).sin(),
        accuracy: None,
        learning_rate: 0.3 * (0.5 + 0.5 * (std::f64::consts::PI * t).cos()),
        anchors_without_positives: Some(0.0),
        view_similarity: Some(0.3 + 0.6 * t),
        mutual_information_bound: Some(2.0 * t),
        images_per_second: 900.0 + 40.0 * (report as f64).sin(),
        memory_bytes: Some(400_000_000 + 100_000 * report),
    }
}

fn stage() -> StageInfo {
    StageInfo {
        plan: StagePlan {
            index: 1,
            seed: 0,
            subject: Subject::Trained(Method::Supcon),
            kind: StageKind::Contrastive,
        },
        steps: 10 * REPORTS,
        batch_size: 256,
        landmarks: None,
    }
}

/// A unit row near the axis of its class.
fn row(i: usize) -> [f32; DIM] {
    let mut row = [0.0; DIM];
    row[i % CLASSES] = 0.8;
    row[CLASSES + i % (DIM - CLASSES)] = 0.6;
    row
}

/// Classes are discs on a ring, filled by the golden angle.
fn place(i: usize) -> [f32; 2] {
    let (class, k) = (i % CLASSES, i / CLASSES);
    let ring = std::f32::consts::TAU * class as f32 / CLASSES as f32;
    let angle = 2.399_963 * k as f32;
    let radius = 0.2 * (k as f32 % 997.0 / 997.0).sqrt();
    [
        0.7 * ring.cos() + radius * angle.cos(),
        0.7 * ring.sin() + radius * angle.sin(),
    ]
}

/// The adapter that egui_kittest takes: a software one before all others.
pub fn adapter() -> String {
    let instance = wgpu::Instance::new(wgpu::InstanceDescriptor::new_without_display_handle());
    let adapters = pollster::block_on(instance.enumerate_adapters(wgpu::Backends::PRIMARY));
    let all = adapters.iter().map(wgpu::Adapter::get_info);
    let first = all.min_by_key(|info| info.device_type != wgpu::DeviceType::Cpu);
    first.map_or_else(
        || "nothing: there is no adapter".to_owned(),
        |info| format!("{} ({})", info.name, info.driver_info),
    )
}
