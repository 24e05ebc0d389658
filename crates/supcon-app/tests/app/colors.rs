//! What colours tell, in the window and in files.

use crate::recording;
use crate::window::{Window, click, desk, finished, on_screen, settle, training};
use eframe::egui::Color32;
use egui_kittest::kittest::Queryable;
use std::time::{Duration, Instant};
use supcon_app::fields::Field;
use supcon_app::{ColorBy, ExportKind, PathAsk, Purpose, palette};

/// Numbers are made in turns: waits until their scale is there.
fn until_scale(window: &mut Window) {
    for _ in 0..200 {
        if window.query_by_label_contains("Scale from").is_some() {
            return;
        }
        window.run_steps(1);
    }
    panic!("no scale");
}

#[test]
fn points_are_coloured_by_every_number_with_a_scale() {
    let mut window = desk(training());
    for field in Field::ALL {
        click(&mut window, "Colour by");
        click(&mut window, &format!("Colour: {}", field.name()));
        assert_eq!(window.state().view.settings.color_by, ColorBy::Field(field));
        until_scale(&mut window);
        assert!(window.query_by_label(field.name()).is_some(), "{field:?}");
    }
    // A point under the pointer says its number.
    click(&mut window, "Colour by");
    click(&mut window, &format!("Colour: {}", Field::OwnView.name()));
    until_scale(&mut window);
    let at = on_screen(&window, 4);
    window.hover_at(at);
    settle(&mut window);
    let named = format!("{}: ", Field::OwnView.name());
    assert!(window.query_by_label_contains(&named).is_some());
}

/// While nothing changes, nothing is reckoned again.
#[test]
fn a_scale_that_is_there_asks_for_no_pictures() {
    let mut window = desk(finished());
    window.state_mut().view.settings.color_by = ColorBy::Field(Field::AnchorLoss);
    click(&mut window, "Embedding");
    until_scale(&mut window);
    window.run_steps(40);
    let delay = window.output().viewport_output[&eframe::egui::ViewportId::ROOT].repaint_delay;
    assert!(delay > std::time::Duration::from_secs(1), "{delay:?}");
}

#[test]
fn right_and_wrong_have_a_key() {
    let mut window = desk(training());
    click(&mut window, "Colour by");
    click(&mut window, "Colour: right or wrong");
    for word in ["● right", "● wrong"] {
        assert!(window.query_by_label(word).is_some(), "{word}");
    }
}

/// Saves the map under a path that is typed in, as where the system has no dialogs, and reads it.
fn svg(window: &mut Window) -> String {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR"));
    let file = folder.join("app-colors.svg");
    let _ = std::fs::remove_file(&file);
    window.state_mut().view.path = Some(PathAsk {
        purpose: Purpose::Save(ExportKind::Svg),
        text: file.display().to_string(),
        is_fallback: true,
        problem: None,
        replaces: None,
    });
    settle(window);
    click(window, "Save the file");
    let start = Instant::now();
    while !file.exists() {
        assert!(start.elapsed() < Duration::from_secs(20), "no file");
        std::thread::sleep(Duration::from_millis(10));
        window.run_steps(1);
    }
    settle(window);
    std::fs::read_to_string(file).unwrap()
}

/// A saved map has the colours and the classes of the one on the screen.
#[test]
fn a_saved_map_shows_what_is_seen() {
    let mut window = desk(training());
    let hex = |color: Color32| format!("#{:02x}{:02x}{:02x}", color.r(), color.g(), color.b());
    let marks = |svg: &str| svg.matches("<circle").count() + svg.matches("<polygon").count();
    let by_class = svg(&mut window);
    assert_eq!(marks(&by_class), recording::labels().len());
    for class in 0..3 {
        assert!(by_class.contains(&hex(palette::color(class, true))));
    }
    click(&mut window, "Class star");
    assert_eq!(marks(&svg(&mut window)), 2 * recording::PER_CLASS);
    window.state_mut().view.settings.color_by = ColorBy::Field(Field::Agreement);
    let by_number = svg(&mut window);
    assert!(!by_number.contains(&hex(palette::color(0, true))));
    assert!(by_number.contains(&hex(palette::scale(1.0, true))));
}
