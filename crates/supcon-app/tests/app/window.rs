//! A window fed with recorded notices, and the hands that use it.

use crate::recording;
use eframe::egui::{self, Modifiers, Pos2, Rect, Theme, vec2};
use egui_kittest::kittest::Queryable;
use egui_kittest::{Harness, HarnessBuilder};
use supcon_app::{App, Recorded, Settings, ThemeChoice};
use supcon_protocol::{Command, Notice, Request};

/// The window of a test.
pub type Window = Harness<'static, App<Recorded>>;

/// How a window of that size is built. Without pictures it needs no graphics.
pub fn builder(size: [f32; 2], theme: Theme) -> HarnessBuilder<App<Recorded>> {
    Harness::builder()
        .with_size(vec2(size[0], size[1]))
        .with_theme(theme)
        .with_step_dt(0.1)
}

/// Settings of a window with that theme.
pub fn settings(theme: Theme) -> Settings {
    Settings {
        theme: match theme {
            Theme::Dark => ThemeChoice::Dark,
            Theme::Light => ThemeChoice::Light,
        },
        ..Settings::default()
    }
}

/// A window that has been told these notices.
pub fn window(settings: Settings, notices: Vec<Notice>) -> Window {
    sized([1280.0, 800.0], settings, notices)
}

/// The same at another size.
pub fn sized(size: [f32; 2], settings: Settings, notices: Vec<Notice>) -> Window {
    let mut harness = builder(size, Theme::Dark)
        .build_eframe(|cc| App::new(cc, Recorded::new(notices), settings, None));
    settle(&mut harness);
    harness
}

/// A few frames; requests for views are answered as an engine would.
pub fn settle(window: &mut Window) {
    for _ in 0..3 {
        window.run_steps(2);
        let engine = &mut window.state_mut().engine;
        let asked = engine
            .requests
            .iter()
            .rev()
            .find_map(|request| match request {
                Request::PreviewViews(request) => Some(recording::preview(request)),
                _ => None,
            });
        asked.into_iter().for_each(|notice| engine.push(notice));
    }
}

pub fn desk(notices: Vec<Notice>) -> Window {
    window(settings(Theme::Dark), notices)
}

pub fn opened() -> Vec<Notice> {
    vec![recording::device(), recording::data()]
}

pub fn training() -> Vec<Notice> {
    let mut notices = opened();
    notices.extend(recording::run("run-1", recording::FRAMES));
    notices
}

pub fn finished() -> Vec<Notice> {
    let mut notices = training();
    notices.extend(recording::end("run-1"));
    notices
}

pub fn click(window: &mut Window, label: &str) {
    window.get_by_label(label).click();
    settle(window);
}

pub fn requests(window: &Window) -> &[Request] {
    &window.state().engine.requests
}

pub fn last_command(window: &Window) -> &Command {
    let run = |request: &&Request| matches!(request, Request::Run(_));
    match requests(window).iter().rfind(run) {
        Some(Request::Run(command)) => command,
        other => panic!("no command was sent, the last request is {other:?}"),
    }
}

pub fn push(window: &mut Window, notices: impl IntoIterator<Item = Notice>) {
    for notice in notices {
        window.state_mut().engine.push(notice);
    }
    settle(window);
}

pub fn map_rect(window: &Window) -> Rect {
    window.get_by_label_contains("Embedding map of").rect()
}

/// Where the map draws a point of the last frame, by the camera's documented fit.
pub fn on_screen(window: &Window, image: usize) -> Pos2 {
    let rect = map_rect(window);
    let points = recording::map(recording::FRAMES - 1, 2).points;
    let camera = window.state().view.map.camera;
    camera.project([points[2 * image], points[2 * image + 1], 0.0], rect)
}

pub fn click_at(window: &mut Window, at: Pos2) {
    window.hover_at(at);
    window.run_steps(1);
    for pressed in [true, false] {
        window.event(egui::Event::PointerButton {
            pos: at,
            button: egui::PointerButton::Primary,
            pressed,
            modifiers: Modifiers::NONE,
        });
        window.run_steps(1);
    }
    settle(window);
}
