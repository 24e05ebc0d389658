//! Pictures of every panel, to be looked at.

use crate::recording;
use crate::window::{
    Window, builder, click, click_at, on_screen, opened, push, settings, settle, training,
};
use eframe::egui::Theme;
use eframe::wgpu;
use egui_kittest::kittest::Queryable;
use supcon_app::fields::Field;
use supcon_app::{App, ColorBy, Recorded};
use supcon_protocol::Notice;

/// Whether there is something to draw with. Without it the test is skipped aloud, or fails where
/// `SUPCON_REQUIRE_GPU=1`.
pub fn can_draw() -> bool {
    let instance = wgpu::Instance::new(wgpu::InstanceDescriptor::new_without_display_handle());
    let adapters = pollster::block_on(instance.enumerate_adapters(wgpu::Backends::PRIMARY));
    let required = std::env::var_os("SUPCON_REQUIRE_GPU").is_some_and(|value| value == "1");
    if adapters.is_empty() {
        assert!(!required, "SUPCON_REQUIRE_GPU=1, but there is no adapter");
        eprintln!("skipped: no adapter to draw the window with");
    }
    !adapters.is_empty()
}

fn window((size, scale): ([f32; 2], f32), theme: Theme, notices: Vec<Notice>) -> Window {
    let mut window = builder(size, theme)
        .with_pixels_per_point(scale)
        .wgpu()
        .build_eframe(|cc| App::new(cc, Recorded::new(notices), settings(theme), None));
    settle(&mut window);
    window
}

/// In `target/tmp/app-pictures`; they are not compared, as fonts and drivers differ.
#[test]
fn every_panel_is_drawn_in_both_themes_and_sizes() {
    if !can_draw() {
        return;
    }
    for (theme, name) in [(Theme::Dark, "dark"), (Theme::Light, "light")] {
        // The last is a 4K screen at 200 %.
        for (size, scale) in [
            ([1024.0, 640.0], 1.0),
            ([1280.0, 800.0], 1.0),
            ([1920.0, 1080.0], 2.0),
        ] {
            draw((size, scale), theme, name);
        }
    }
}

/// Portrait: one pane at a time, and the tour below it.
#[test]
fn a_phone_is_drawn() {
    if !can_draw() {
        return;
    }
    let mut phone = window(([390.0, 844.0], 2.0), Theme::Light, finished());
    save(&mut phone, "phone-finished");
    phone.get_by_label("Calibration error, %").scroll_to_me();
    settle(&mut phone);
    save(&mut phone, "phone-reliability");
    let mut see = |pane: &str| {
        click(&mut phone, pane);
        save(&mut phone, &format!("phone-{}", pane.to_lowercase()));
    };
    for pane in ["Compare", "Pairs", "Tour", "Next"] {
        see(pane);
    }
}

fn save(window: &mut Window, name: &str) {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("app-pictures");
    std::fs::create_dir_all(&folder).unwrap();
    let image = window.render().expect("a device that draws");
    image.save(folder.join(format!("{name}.png"))).unwrap();
}

/// Two runs with results.
fn finished() -> Vec<Notice> {
    let end = |run| {
        recording::end(run)
            .into_iter()
            .map(recording::with_mistakes)
    };
    let mut notices = training();
    notices.extend(end("run-1"));
    notices.extend(recording::run("run-2", recording::FRAMES));
    notices.extend(end("run-2"));
    notices
}

fn draw(size: ([f32; 2], f32), theme: Theme, name: &str) {
    let save = |window: &mut Window, panel: &str| {
        save(window, &format!("{panel}-{name}-{}", size.0[0]));
    };
    let mut fresh = window(size, theme, opened());
    save(&mut fresh, "opening");
    click(&mut fresh, "Tour");
    save(&mut fresh, "tour");
    let mut busy = window(size, theme, training());
    let at = on_screen(&busy, 4);
    click_at(&mut busy, at);
    save(&mut busy, "training");
    busy.state_mut().view.settings.color_by = ColorBy::Field(Field::AnchorLoss);
    settle(&mut busy);
    save(&mut busy, "numbers");
    busy.state_mut().view.settings.color_by = ColorBy::Class;
    busy.state_mut().view.map.camera.zoom = 5.0;
    busy.state_mut().view.map.camera.center = [-0.3, 0.3];
    click(&mut busy, "Similarities");
    save(&mut busy, "pictures");
    let sphere = recording::map(recording::FRAMES - 1, 3);
    push(&mut busy, [Notice::Map(sphere)]);
    busy.state_mut().view.map.camera = supcon_app::Camera::default();
    settle(&mut busy);
    save(&mut busy, "sphere");
    let mut done = window(size, theme, finished());
    save(&mut done, "results");
    let mistakes = done.get_by_label_contains("The linear classifier is wrong");
    mistakes.scroll_to_me();
    settle(&mut done);
    save(&mut done, "mistakes");
    click(&mut done, "Compare");
    save(&mut done, "compare");
    click(&mut done, "Tour");
    click(&mut done, "Next");
    click(&mut done, "Next");
    save(&mut done, "tour-watching");
    click(&mut done, "End the tour");
    click(&mut done, "Help");
    save(&mut done, "help");
}
