//! Frame time and input latency of the window: `cargo xtask bench app`.
//!
//! The window is drawn offscreen at 1280×800 by the software adapter that egui_kittest prefers, while the
//! pointer drags the map in a circle for 300 frames. A frame is everything from the pointer's event to pixels
//! that can be read: the panels, the map's points, the driver, and copying the picture back, which a real
//! window does not do. Every frame is forced, and has to differ from the one before. An event that comes at
//! the worst moment waits for the frame in progress and then for its own: that sum is the latency given.

mod engine;
mod film;
mod load;

use eframe::egui::{self, PointerButton, Pos2, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use load::Training;
use std::time::Instant;
use supcon_app::{App, Recorded, Settings};

const FRAMES: usize = 300;
const SIZE: [f32; 2] = [1280.0, 800.0];

type Window = Harness<'static, App<Recorded>>;

fn main() {
    println!("drawn by {}", film::adapter());
    println!("{} cores, load {}", cores(), load_average());
    println!("points | training | frame median | frame p95 | latency median | latency p95, ms");
    for trains in [false, true] {
        let training = trains.then(Training::long);
        for points in [1_000, 10_000, 50_000] {
            let mut window = window(points);
            let before = processor_ms();
            let times = pan(&mut window);
            report(points, trains, &times);
            if let (false, Some(before), Some(after)) = (trains, before, processor_ms()) {
                let each = (after - before) / FRAMES as f64;
                println!("       | processor time of a frame, all threads: {each:.1} ms");
            }
        }
        if let Some(training) = training {
            let previews = engine::previews(&training);
            println!(
                "views of 12 images while training: median {:.0} ms, p95 {:.0} ms",
                quantile(&previews, 0.5),
                quantile(&previews, 0.95)
            );
            println!("trained meanwhile: {}", training.stop());
        }
    }
    let (images, embedded, mapped) = engine::embed_all();
    println!(
        "all {images} training images: embedded after {:.1} s, first map after {:.1} s",
        embedded.as_secs_f64(),
        mapped.as_secs_f64()
    );
}

fn window(points: usize) -> Window {
    let notices = film::notices(points);
    let mut window = Harness::builder()
        .with_size(vec2(SIZE[0], SIZE[1]))
        .with_step_dt(1.0 / 60.0)
        .wgpu()
        .build_eframe(|cc| App::new(cc, Recorded::new(notices), Settings::default(), None));
    // Past the gliding of the points.
    window.run_steps(40);
    window
}

/// Milliseconds of each frame of a drag in a circle.
fn pan(window: &mut Window) -> Vec<f64> {
    let center = window
        .get_by_label_contains("Embedding map of")
        .rect()
        .center();
    let at = |frame: usize| {
        let angle = std::f32::consts::TAU * frame as f32 / 60.0;
        center + 90.0 * vec2(angle.cos(), angle.sin())
    };
    window.event(egui::Event::PointerMoved(at(0)));
    press(window, at(0), true);
    window.step();
    let mut last = picture(window);
    let mut times = Vec::with_capacity(FRAMES);
    for frame in 1..=FRAMES {
        let start = Instant::now();
        window.event(egui::Event::PointerMoved(at(frame)));
        window.step();
        let image = picture(window);
        times.push(1e3 * start.elapsed().as_secs_f64());
        assert_ne!(image, last, "frame {frame} shows nothing of the drag");
        last = image;
    }
    press(window, at(FRAMES), false);
    window.step();
    times
}

fn press(window: &Window, pos: Pos2, pressed: bool) {
    window.event(egui::Event::PointerButton {
        pos,
        button: PointerButton::Primary,
        pressed,
        modifiers: egui::Modifiers::NONE,
    });
}

fn picture(window: &mut Window) -> Vec<u8> {
    window.render().expect("an adapter that draws").into_raw()
}

fn report(points: usize, trains: bool, times: &[f64]) {
    let latencies: Vec<f64> = times.windows(2).map(|two| two[0] + two[1]).collect();
    println!(
        "{points:6} | {:8} | {:12.1} | {:9.1} | {:14.1} | {:11.1}",
        if trains { "yes" } else { "no" },
        quantile(times, 0.5),
        quantile(times, 0.95),
        quantile(&latencies, 0.5),
        quantile(&latencies, 0.95),
    );
}

/// The smallest value that so large a share of all does not exceed.
fn quantile(values: &[f64], share: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[((share * sorted.len() as f64).ceil() as usize).clamp(1, sorted.len()) - 1]
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// Processor time of this process, which other programs do not lengthen; in steps of 10 ms, on Linux.
fn processor_ms() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/self/stat").ok()?;
    // After the name in brackets the fields are counted from 3; 14 and 15 are user and system time.
    let (_, fields) = text.rsplit_once(')')?;
    let ticks = fields.split_whitespace().skip(11).take(2);
    let ticks: Vec<f64> = ticks.filter_map(|tick| tick.parse().ok()).collect();
    (ticks.len() == 2).then(|| 10.0 * (ticks[0] + ticks[1]))
}

fn load_average() -> String {
    let text = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').next().unwrap_or("unknown").to_owned()
}
