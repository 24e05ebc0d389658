//! A drag of the map in a circle, frame after frame, every one forced and different from the one before.

use crate::film;
use crate::screen::{Finished, Moment, Screen};
use eframe::egui::{self, PointerButton, Pos2, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use std::cell::Cell;
use std::rc::Rc;
use std::time::Instant;
use supcon_app::{App, Recorded, Settings};

const FRAMES: usize = 300;
const SIZE: [f32; 2] = [1280.0, 800.0];

/// A window with points, and the screen it is drawn on.
pub struct Window {
    harness: Harness<'static, App<Recorded>>,
    finished: Finished,
}

/// Milliseconds of each frame of a drag.
#[derive(Default)]
pub struct Times {
    /// Laying the panels out.
    pub panels: Vec<f64>,
    /// From the pointer's event to pixels.
    pub frames: Vec<f64>,
    /// Processor time of a frame on all threads of the window, on average.
    pub processor: Option<f64>,
}

impl Times {
    /// From a pointer's event to its pixels, where the event comes at the worst moment: it waits for the
    /// frame in progress and then for its own.
    pub fn latencies(&self) -> Vec<f64> {
        self.frames.windows(2).map(|two| two[0] + two[1]).collect()
    }
}

impl Window {
    pub fn open(points: usize) -> Self {
        let finished = Rc::new(Cell::new(Moment::now()));
        let notices = film::notices(points);
        let mut harness = Harness::builder()
            .with_size(vec2(SIZE[0], SIZE[1]))
            .with_step_dt(1.0 / 60.0)
            .renderer(Screen::new(Rc::clone(&finished)))
            .build_eframe(|cc| App::new(cc, Recorded::new(notices), Settings::default(), None));
        // Past the gliding of the points.
        harness.run_steps(40);
        Self { harness, finished }
    }

    /// Drags once around.
    pub fn pan(&mut self) -> Times {
        let map = self.harness.get_by_label_contains("Embedding map of");
        let center = map.rect().center();
        let at = |frame: usize| {
            let angle = std::f32::consts::TAU * frame as f32 / 60.0;
            center + 90.0 * vec2(angle.cos(), angle.sin())
        };
        self.harness.event(egui::Event::PointerMoved(at(0)));
        self.press(at(0), true);
        self.harness.step();
        let mut last = self.picture();
        let mut times = Times::default();
        let mut processor = Some(0.0);
        for frame in 1..=FRAMES {
            let start = Moment::now();
            self.harness.event(egui::Event::PointerMoved(at(frame)));
            self.harness.step();
            times.panels.push(ms(start.at, Instant::now()));
            let image = self.picture();
            let end = self.finished.get();
            times.frames.push(ms(start.at, end.at));
            let spent = end.processor_ms.zip(start.processor_ms);
            processor = processor
                .zip(spent)
                .map(|(sum, (end, start))| sum + end - start);
            assert_ne!(image, last, "frame {frame} shows nothing of the drag");
            last = image;
        }
        times.processor = processor.map(|sum| sum / FRAMES as f64);
        self.press(at(FRAMES), false);
        self.harness.step();
        times
    }

    fn press(&self, pos: Pos2, pressed: bool) {
        self.harness.event(egui::Event::PointerButton {
            pos,
            button: PointerButton::Primary,
            pressed,
            modifiers: egui::Modifiers::NONE,
        });
    }

    fn picture(&mut self) -> Vec<u8> {
        self.harness
            .render()
            .expect("an adapter that draws")
            .into_raw()
    }
}

fn ms(from: Instant, to: Instant) -> f64 {
    1e3 * to.duration_since(from).as_secs_f64()
}
