//! What the window waits for from the engine: views of images, and every image of a split.

use crate::load::{self, Training};
use std::time::{Duration, Instant};
use supcon_protocol::{
    Command, Event, Length, Notice, PreviewRequest, Request, RunConfig, RunState, Split,
    ViewsConfig,
};

/// Sheets drawn for a figure.
const SHEETS: u64 = 20;
/// Training images: 50 000 of them are left beside the validation split.
const IMAGES: usize = 55_556;

/// Milliseconds from a request for a sheet of 12 images in 6 views to the sheet.
pub fn previews(training: &Training) -> Vec<f64> {
    (0..SHEETS).map(|seed| preview(training, seed)).collect()
}

fn preview(training: &Training, seed: u64) -> f64 {
    let start = Instant::now();
    training.send(Request::PreviewViews(PreviewRequest {
        views: ViewsConfig {
            n_views: 6,
            ..config(IMAGES).views
        },
        images: (0..12).collect(),
        seed,
    }));
    training.wait(|notice| matches!(notice, Notice::Preview(sheet) if sheet.seed == seed));
    1e3 * start.elapsed().as_secs_f64()
}

/// How many training images were embedded, and the time from asking for them to their embeddings, and to the
/// first map of them. The run is paused meanwhile: how fast it trains is not the question.
pub fn embed_all() -> (usize, Duration, Duration) {
    let training = Training::start(config(IMAGES), |notice| {
        load::contrastive_step(notice).is_some()
    });
    training.send(Request::Run(Command::Pause));
    training.wait(|notice| {
        matches!(notice, Notice::Event(envelope) if envelope.msg == Event::State(RunState::Paused))
    });
    let start = Instant::now();
    training.send(Request::EmbedAll(Split::Train));
    let is_large = |n: usize| n > 10_000;
    let mut images = 0;
    training.wait(|notice| {
        if let Notice::Embedding(frame) = notice {
            images = frame.predictions.len();
        }
        is_large(images)
    });
    let embedded = start.elapsed();
    training.wait(|notice| matches!(notice, Notice::Map(map) if is_large(map.points.len() / 2)));
    let mapped = start.elapsed();
    training.stop();
    (images, embedded, mapped)
}

/// The tiny encoder early on: what it has learnt does not change how long looking takes.
fn config(images: usize) -> RunConfig {
    let mut config = load::long();
    config.data.shapes_train = images;
    config.linear.length = Length::Steps(5);
    config
}
