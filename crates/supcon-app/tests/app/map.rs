//! The embedding view and the pair inspector.

use crate::recording;
use crate::window::{
    click, click_at, desk, last_command, map_rect, on_screen, requests, settle, training,
};
use eframe::egui::{Key, Rect, vec2};
use egui_kittest::kittest::Queryable;
use supcon_app::{ColorBy, InspectedLoss, MapKind, Playhead};
use supcon_protocol::{Command, Request, Split};

#[test]
fn another_kind_of_map_is_asked_for() {
    let mut window = desk(training());
    click(&mut window, "UMAP");
    let Command::Watch(watch) = last_command(&window) else {
        panic!("a watch")
    };
    assert_eq!(watch.map, MapKind::Umap.config());
}

#[test]
fn a_click_on_a_point_opens_the_pair_inspector() {
    let mut window = desk(training());
    let at = on_screen(&window, 4);
    click_at(&mut window, at);
    assert_eq!(window.state().view.map.anchor, Some(4));
    assert!(window.query_by_label("Anchor: square").is_some());
    assert!(
        window
            .query_by_label_contains("Hardest positives")
            .is_some()
    );
    click(&mut window, "L_in");
    assert_eq!(window.state().view.inspected_loss, InspectedLoss::In);
    window.key_press(Key::Escape);
    settle(&mut window);
    assert_eq!(window.state().view.map.anchor, None);
}

#[test]
fn a_rectangle_selects_and_the_legend_hides() {
    let mut window = desk(training());
    let rect = map_rect(&window);
    window.key_press(Key::R);
    settle(&mut window);
    window.hover_at(rect.left_top() + vec2(4.0, 4.0));
    window.run_steps(1);
    window.drag_at(rect.left_top() + vec2(4.0, 4.0));
    window.run_steps(1);
    window.hover_at(rect.center());
    window.run_steps(1);
    window.drop_at(rect.center());
    settle(&mut window);
    let selected = window.state().view.map.selected.clone();
    let inside = Rect::from_two_pos(rect.left_top(), rect.center());
    let expected =
        (0..recording::labels().len()).filter(|&i| inside.contains(on_screen(&window, i)));
    assert_eq!(selected, expected.collect::<Vec<_>>());
    assert!(!selected.is_empty());
    click(&mut window, "Class star");
    assert!(window.state().view.map.hidden.contains(&2));
    click(&mut window, "Class star");
    assert!(window.state().view.map.hidden.is_empty());
}

#[test]
fn the_film_goes_back_and_plays() {
    let mut window = desk(training());
    for _ in 0..6 {
        window.key_press(Key::ArrowLeft);
        window.run_steps(1);
    }
    settle(&mut window);
    assert_eq!(window.state().view.playhead, Playhead::At(5));
    assert!(window.query_by_label("6 / 12").is_some());
    click(&mut window, "Play the film");
    assert!(matches!(
        window.state().view.playhead,
        Playhead::Playing { from: 5, .. }
    ));
    window.run_steps(20);
    assert_eq!(window.state().view.playhead, Playhead::Live);
}

#[test]
fn colours_and_all_images_of_a_split_are_asked_for() {
    let mut window = desk(training());
    click(&mut window, "Colour by");
    click(&mut window, "Colour: right or wrong");
    assert_eq!(window.state().view.settings.color_by, ColorBy::Correctness);
    click(&mut window, "View ▾");
    click(&mut window, "Show all test images");
    assert_eq!(
        requests(&window).last(),
        Some(&Request::EmbedAll(Split::Test))
    );
}

/// At 1024×640 the last column was cut off: its numbers are as narrow as the others now.
#[test]
fn the_gradient_column_is_inside_a_small_window() {
    use crate::window::{builder, finished, settings};
    use eframe::egui::Theme;
    use supcon_app::{App, Recorded};
    let mut window = builder([1024.0, 640.0], Theme::Dark)
        .build_eframe(|cc| App::new(cc, Recorded::new(finished()), settings(Theme::Dark), None));
    settle(&mut window);
    window.state_mut().view.map.anchor = Some(4);
    settle(&mut window);
    let heads = window.query_all_by_label_contains("G·1e");
    let rights: Vec<f32> = heads.map(|node| node.rect().right()).collect();
    assert!(!rights.is_empty());
    assert!(rights.iter().all(|right| *right <= 1024.0), "{rights:?}");
}
