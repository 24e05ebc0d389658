//! The embedding view and the pair inspector.

use crate::recording;
use crate::window::{
    Window, click, click_at, desk, last_command, map_rect, on_screen, requests, settings, settle,
    sized, training,
};
use eframe::egui::{Key, Rect, Theme, pos2, vec2};
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

/// In a small window one to three pairs were seen: the curves had half of the height, and rows were far apart.
#[test]
fn a_small_window_shows_several_pairs() {
    let size = [1024.0, 640.0];
    let mut window = sized(size, settings(Theme::Dark), training());
    let at = on_screen(&window, 4);
    click_at(&mut window, at);
    let pairs: Vec<Rect> = window
        .query_all_by_label_contains("Inspect image")
        .map(|pair| pair.rect())
        .collect();
    assert!(pairs.iter().all(|pair| pair.right() < size[0]));
    let seen = pairs.iter().filter(|pair| pair.bottom() < size[1]).count();
    assert!(seen >= 6, "{seen} of {} pairs", pairs.len());
}

#[test]
fn curves_and_pairs_follow_the_height_until_someone_moves_them() {
    // Of the height below the bar.
    let share = |window: &Window, [_, height]: [f32; 2]| {
        (window.get_by_label("Pairs").rect().top() - 44.0) / (height - 44.0)
    };
    let (low, usual) = ([1024.0, 640.0], [1280.0, 800.0]);
    let mut window = sized(low, settings(Theme::Dark), training());
    assert!(share(&window, low) < 0.4);
    window.set_size(usual.into());
    settle(&mut window);
    assert!((share(&window, usual) - 0.5).abs() < 0.02);
    // The line between them.
    let curves = window.get_by_label("Pairs").rect().top() - 1.0;
    let line = pos2(1100.0, curves);
    window.hover_at(line);
    window.run_steps(1);
    window.drag_at(line);
    window.run_steps(1);
    window.hover_at(line + vec2(0.0, 90.0));
    window.run_steps(1);
    window.drop_at(line + vec2(0.0, 90.0));
    settle(&mut window);
    let moved = share(&window, usual);
    assert!(moved > 0.55, "{moved}");
    window.set_size(low.into());
    settle(&mut window);
    assert!((share(&window, low) - moved).abs() < 0.02);
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
