//! How fluid the window is: `cargo xtask bench app`.
//!
//! The window is drawn offscreen at 1280×800 by a software adapter, as its program draws it, while the
//! pointer drags the map in a circle for 300 frames. A frame is everything from the pointer's event to pixels
//! that can be read: the panels, the map's points, the driver, and the copy of the picture that a software
//! adapter gives to the display. Every frame is forced, and has to differ from the one before.

mod cpu;
mod engine;
mod film;
mod load;
mod pan;
mod screen;

use load::Training;
use pan::{Times, Window};

const USAGE: &str = "\
usage: cargo xtask bench app [PART]

parts, all of them without one (about five minutes on two idle cores):
  frames   time of a frame and latency at 1 000, 10 000 and 50 000 points, without and with training
  views    the wait for views of images while it trains
  all      the wait for 50 000 embedded images and their first map, while the run is paused";

/// Milliseconds that 95 of 100 frames may take without training, and with it.
const BARS: [f64; 2] = [33.0, 100.0];
/// Milliseconds from input to pixels, likewise.
const LATENCY_BAR: f64 = 150.0;

fn main() {
    // Cargo adds an option of its own.
    let part = std::env::args()
        .skip(1)
        .find(|argument| argument != "--bench");
    match part.as_deref() {
        None => {
            frames();
            views();
            all();
        }
        Some("frames") => frames(),
        Some("views") => views(),
        Some("all") => all(),
        Some(_) => {
            eprintln!("{USAGE}");
            std::process::exit(2);
        }
    }
}

fn frames() {
    println!(
        "{} on {} cores, load {}",
        film::adapter(),
        cpu::cores(),
        cpu::load_average()
    );
    println!("ms; p95 / bar; from input to pixels where the input comes at the worst moment");
    println!(
        "points | trains | load | frame median | frame p95 | input to pixels median | p95 | panels | processor"
    );
    for trains in [false, true] {
        let training = trains.then(Training::long);
        for points in [1_000, 10_000, 50_000] {
            let times = Window::open(points).pan();
            row(points, trains, &times);
        }
        if let Some(training) = training {
            println!("trained meanwhile: {}", training.stop());
        }
    }
}

fn row(points: usize, trains: bool, times: &Times) {
    let against = |value: f64, bar: f64| {
        let verdict = if value <= bar { "ok" } else { "MISSED" };
        format!("{value:.1} / {bar:.0} {verdict}")
    };
    let latencies = times.latencies();
    let processor = times
        .processor
        .map_or_else(String::new, |ms| format!("{ms:.1}"));
    println!(
        "{points:6} | {:6} | {:>4} | {:12.1} | {} | {:.1} | {} | {:.1} | {processor}",
        if trains { "yes" } else { "no" },
        cpu::load_average(),
        quantile(&times.frames, 0.5),
        against(quantile(&times.frames, 0.95), BARS[usize::from(trains)]),
        quantile(&latencies, 0.5),
        against(quantile(&latencies, 0.95), LATENCY_BAR),
        quantile(&times.panels, 0.5),
    );
}

fn views() {
    let training = Training::long();
    let times = engine::previews(&training);
    println!(
        "views of 12 images while training (n = {}, load {}): median {:.0} ms, p95 {:.0} ms",
        times.len(),
        cpu::load_average(),
        quantile(&times, 0.5),
        quantile(&times, 0.95)
    );
    training.stop();
}

fn all() {
    let (images, embedded, mapped) = engine::embed_all();
    println!(
        "all {images} training images (n = 1, load {}): embedded after {:.1} s, first map after {:.1} s",
        cpu::load_average(),
        embedded.as_secs_f64(),
        mapped.as_secs_f64()
    );
}

/// The smallest value that so large a share of all does not exceed.
fn quantile(values: &[f64], share: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[((share * sorted.len() as f64).ceil() as usize).clamp(1, sorted.len()) - 1]
}
