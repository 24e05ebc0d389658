//! The window, fed with a recorded run: every panel, and every command by the control that sends it.

#[path = "app/map.rs"]
mod map;
#[path = "app/pictures.rs"]
mod pictures;
#[path = "app/recording.rs"]
mod recording;
<<<<<<< HEAD

use eframe::egui::{self, Key, Modifiers, Pos2, Rect, Theme, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};
use supcon_app::{App, InspectedLoss, MapKind, Playhead, Recorded, Settings, ThemeChoice};
use supcon_protocol::{
    Command, DataSource, ErrorReport, Method, Notice, PolicyKind, Request, RunState, preset,
};

type Window = Harness<'static, App<Recorded>>;

fn window(size: [f32; 2], theme: Theme, notices: Vec<Notice>) -> Window {
    let mut harness = Harness::builder()
        .with_size(vec2(size[0], size[1]))
        .with_theme(theme)
        .with_step_dt(0.1)
        .wgpu()
        .build_eframe(|cc| {
            let settings = Settings {
                theme: match theme {
                    Theme::Dark => ThemeChoice::Dark,
                    Theme::Light => ThemeChoice::Light,
                },
                ..Settings::default()
            };
            App::new(cc, Recorded::new(notices), settings, None)
        });
    settle(&mut harness);
    harness
}

/// A few frames; requests for views are answered as an engine would.
fn settle(window: &mut Window) {
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

fn desk(notices: Vec<Notice>) -> Window {
    window([1280.0, 800.0], Theme::Dark, notices)
}

fn opened() -> Vec<Notice> {
    vec![recording::device(), recording::data()]
}

fn training() -> Vec<Notice> {
    let mut notices = opened();
    notices.extend(recording::run("run-1", recording::FRAMES));
    notices
}

fn finished() -> Vec<Notice> {
    let mut notices = training();
    notices.extend(recording::end("run-1"));
    notices
}

fn click(window: &mut Window, label: &str) {
    window.get_by_label(label).click();
    settle(window);
}

fn requests(window: &Window) -> &[Request] {
    &window.state().engine.requests
}

fn last_command(window: &Window) -> &Command {
    let run = |request: &&Request| matches!(request, Request::Run(_));
    match requests(window).iter().rfind(run) {
        Some(Request::Run(command)) => command,
        other => panic!("no command was sent, the last request is {other:?}"),
    }
}

fn push(window: &mut Window, notices: impl IntoIterator<Item = Notice>) {
    for notice in notices {
        window.state_mut().engine.push(notice);
    }
    settle(window);
}

fn map_rect(window: &Window) -> Rect {
    window.get_by_label_contains("Embedding map of").rect()
}

/// Where the map draws a point of the last frame, by the camera's documented fit.
fn on_screen(window: &Window, image: usize) -> Pos2 {
    let rect = map_rect(window);
    let points = recording::map(recording::FRAMES - 1, 2).points;
    let camera = window.state().view.map.camera;
    camera.project([points[2 * image], points[2 * image + 1], 0.0], rect)
}

fn click_at(window: &mut Window, at: Pos2) {
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

#[test]
fn on_opening_the_shapes_are_loaded_and_train_is_one_click_away() {
    let mut window = desk(vec![recording::device()]);
    let Request::LoadData(data) = &requests(&window)[0] else {
        panic!("the first request loads the images");
    };
    assert_eq!(data.config.source, DataSource::Shapes);
    assert!(window.get_by_label("Train").accesskit_node().is_disabled());
    push(&mut window, [recording::data()]);
    assert!(window.query_by_label_contains("1 200 training").is_some());
    click(&mut window, "Train");
    let Some(Request::Start(start)) = requests(&window).last() else {
        panic!("Train starts a run");
    };
    assert_eq!(start.config, preset("shapes").unwrap().config());
}

#[test]
fn views_are_drawn_on_opening_and_again_when_a_slider_has_rested() {
    let mut window = desk(opened());
    let views = |window: &Window| {
        let asked = requests(window).iter().filter_map(|request| match request {
            Request::PreviewViews(request) => Some(request.views.clone()),
            _ => None,
        });
        asked.collect::<Vec<_>>()
    };
    assert_eq!(views(&window).len(), 1);
    window
        .state_mut()
        .view
        .settings
        .draft
        .views
        .grayscale_probability = 0.9;
    settle(&mut window);
    let asked = views(&window);
    assert_eq!(asked.len(), 2);
    assert_eq!(asked[1].grayscale_probability, 0.9);
}

#[test]
fn a_policy_is_seen_in_the_preview_and_its_strength_in_the_form() {
    let mut window = desk(opened());
    let strength = |window: &Window| {
        let slider = window.query_by_role_and_label(egui::Role::Slider, "Strength");
        slider.is_some()
    };
    assert!(!strength(&window));
    window.state_mut().view.settings.draft.views.policy.kind = PolicyKind::RandAugment;
    settle(&mut window);
    assert!(strength(&window));
    let asked = requests(&window)
        .iter()
        .rev()
        .find_map(|request| match request {
            Request::PreviewViews(request) => Some(request.views.policy.kind),
            _ => None,
        });
    assert_eq!(asked, Some(PolicyKind::RandAugment));
}

#[test]
fn the_run_is_paused_continued_stopped_evaluated_and_saved() {
    let mut window = desk(training());
    click(&mut window, "Pause");
    assert_eq!(last_command(&window), &Command::Pause);
    push(&mut window, [recording::state("run-1", RunState::Paused)]);
    click(&mut window, "Continue");
    assert_eq!(last_command(&window), &Command::Continue);
    for (label, command) in [
        ("Evaluate", Command::EvaluateNow),
        ("Save", Command::SaveCheckpoint),
        ("Stop", Command::Stop),
    ] {
        click(&mut window, label);
        assert_eq!(last_command(&window), &command);
    }
    push(&mut window, [recording::state("run-1", RunState::Stopped)]);
    click(&mut window, "Resume");
    assert!(matches!(requests(&window).last(), Some(Request::Resume(_))));
}

#[test]
fn temperature_and_learning_rate_change_while_it_trains() {
    let mut window = desk(training());
    let slider = |window: &mut Window, label: &str, value: f64| {
        let slider = window.get_by_role_and_label(egui::Role::Slider, label);
        slider.set_value_accesskit(value);
        settle(window);
    };
    slider(&mut window, "Temperature τ", 0.2);
    let Command::Patch(patch) = last_command(&window) else {
        panic!("a patch")
    };
    assert_eq!(patch.temperature, Some(0.2));
    slider(&mut window, "Learning rate ×", 0.5);
    let Command::Patch(patch) = last_command(&window) else {
        panic!("a patch")
    };
    assert_eq!(patch.learning_rate_factor, Some(0.5));
}

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
fn results_show_intervals_and_a_cell_selects_its_images() {
    let mut window = desk(finished());
    assert!(window.query_by_label("95.0  [93.0, 97.0]").is_some());
    let cell = "94 of 100 images of square were called square";
    click(&mut window, cell);
    let selected = window.state().view.map.selected.len();
    assert!(selected > 0 && selected <= recording::PER_CLASS);
}

#[test]
fn the_same_run_starts_with_another_method() {
    let mut window = desk(opened());
    click(&mut window, "Train");
    push(&mut window, recording::run("run-1", 3));
    push(&mut window, recording::end("run-1"));
    click(&mut window, "Compare");
    click(&mut window, "SimCLR");
    let Some(Request::Start(start)) = requests(&window).last() else {
        panic!("a start")
    };
    assert_eq!(start.config.methods, [Method::Simclr]);
}

#[test]
fn an_error_is_a_dialog_with_cause_and_way_out() {
    let mut window = desk(opened());
    push(
        &mut window,
        [Notice::Failed(ErrorReport {
            message: "/data/cats holds no pictures".into(),
            causes: vec!["no file ends in .png".into()],
            hint: Some("Choose a folder with one sub-folder per class.".into()),
        })],
    );
    assert!(
        window
            .query_by_label_contains("holds no pictures")
            .is_some()
    );
    assert!(
        window
            .query_by_label_contains("one sub-folder per class.")
            .is_some()
    );
    click(&mut window, "OK");
    assert!(
        window
            .query_by_label_contains("holds no pictures")
            .is_none()
    );
}

#[test]
fn warnings_stand_beside_the_controls() {
    let mut window = desk(training());
    push(
        &mut window,
        [recording::warning(
            "run-1",
            "The embeddings collapse: lower the learning rate.",
        )],
    );
    assert!(
        window
            .query_by_label_contains("lower the learning rate")
            .is_some()
    );
}

#[test]
fn closing_while_training_asks_and_stops() {
    let mut window = desk(training());
    let root = egui::ViewportId::ROOT;
    let viewport = window.input_mut().viewports.entry(root).or_default();
    viewport.events.push(egui::ViewportEvent::Close);
    window.run_steps(1);
    if let Some(viewport) = window.input_mut().viewports.get_mut(&root) {
        viewport.events.clear();
    }
    settle(&mut window);
    click(&mut window, "Stop, save and close");
    assert_eq!(last_command(&window), &Command::Stop);
}

#[test]
fn nothing_repaints_when_nothing_changes() {
    let mut window = desk(finished());
    window.run_steps(40);
    let delay = window.output().viewport_output[&egui::ViewportId::ROOT].repaint_delay;
    assert!(
        delay > std::time::Duration::from_secs(1),
        "repaints after {delay:?}"
    );
}

/// Pictures to look at, in `target/app-pictures`; they are not compared, as fonts and drivers differ.
#[test]
fn every_panel_is_drawn_in_both_themes_and_sizes() {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("app-pictures");
    std::fs::create_dir_all(&folder).unwrap();
    for (theme, name) in [(Theme::Dark, "dark"), (Theme::Light, "light")] {
        for size in [[1024.0, 640.0], [1920.0, 1080.0]] {
            let save = |window: &mut Window, panel: &str| {
                let image = window.render().expect("a software Vulkan device");
                image
                    .save(folder.join(format!("{panel}-{name}-{}.png", size[0])))
                    .unwrap();
            };
            let mut fresh = window(size, theme, opened());
            save(&mut fresh, "opening");
            let mut busy = window(size, theme, training());
            let at = on_screen(&busy, 4);
            click_at(&mut busy, at);
            save(&mut busy, "training");
            busy.state_mut().view.map.camera.zoom = 5.0;
            busy.state_mut().view.map.camera.center = [-0.3, 0.3];
            click(&mut busy, "Similarities");
            save(&mut busy, "pictures");
            push(
                &mut busy,
                [Notice::Map(recording::map(recording::FRAMES - 1, 3))],
            );
            busy.state_mut().view.map.camera = supcon_app::Camera::default();
            settle(&mut busy);
            save(&mut busy, "sphere");
            let mut done = window(size, theme, finished());
            save(&mut done, "results");
            click(&mut done, "Compare");
            save(&mut done, "compare");
            click(&mut done, "Help");
            save(&mut done, "help");
        }
    }
}
||||||| c65c50c

use eframe::egui::{self, Key, Modifiers, Pos2, Rect, Theme, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};
use supcon_app::{App, InspectedLoss, MapKind, Playhead, Recorded, Settings, ThemeChoice};
use supcon_protocol::{
    Command, DataSource, ErrorReport, Method, Notice, Request, RunState, preset,
};

type Window = Harness<'static, App<Recorded>>;

fn window(size: [f32; 2], theme: Theme, notices: Vec<Notice>) -> Window {
    let mut harness = Harness::builder()
        .with_size(vec2(size[0], size[1]))
        .with_theme(theme)
        .with_step_dt(0.1)
        .wgpu()
        .build_eframe(|cc| {
            let settings = Settings {
                theme: match theme {
                    Theme::Dark => ThemeChoice::Dark,
                    Theme::Light => ThemeChoice::Light,
                },
                ..Settings::default()
            };
            App::new(cc, Recorded::new(notices), settings, None)
        });
    settle(&mut harness);
    harness
}

/// A few frames; requests for views are answered as an engine would.
fn settle(window: &mut Window) {
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

fn desk(notices: Vec<Notice>) -> Window {
    window([1280.0, 800.0], Theme::Dark, notices)
}

fn opened() -> Vec<Notice> {
    vec![recording::device(), recording::data()]
}

fn training() -> Vec<Notice> {
    let mut notices = opened();
    notices.extend(recording::run("run-1", recording::FRAMES));
    notices
}

fn finished() -> Vec<Notice> {
    let mut notices = training();
    notices.extend(recording::end("run-1"));
    notices
}

fn click(window: &mut Window, label: &str) {
    window.get_by_label(label).click();
    settle(window);
}

fn requests(window: &Window) -> &[Request] {
    &window.state().engine.requests
}

fn last_command(window: &Window) -> &Command {
    let run = |request: &&Request| matches!(request, Request::Run(_));
    match requests(window).iter().rfind(run) {
        Some(Request::Run(command)) => command,
        other => panic!("no command was sent, the last request is {other:?}"),
    }
}

fn push(window: &mut Window, notices: impl IntoIterator<Item = Notice>) {
    for notice in notices {
        window.state_mut().engine.push(notice);
    }
    settle(window);
}

fn map_rect(window: &Window) -> Rect {
    window.get_by_label_contains("Embedding map of").rect()
}

/// Where the map draws a point of the last frame, by the camera's documented fit.
fn on_screen(window: &Window, image: usize) -> Pos2 {
    let rect = map_rect(window);
    let points = recording::map(recording::FRAMES - 1, 2).points;
    let camera = window.state().view.map.camera;
    camera.project([points[2 * image], points[2 * image + 1], 0.0], rect)
}

fn click_at(window: &mut Window, at: Pos2) {
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

#[test]
fn on_opening_the_shapes_are_loaded_and_train_is_one_click_away() {
    let mut window = desk(vec![recording::device()]);
    let Request::LoadData(data) = &requests(&window)[0] else {
        panic!("the first request loads the images");
    };
    assert_eq!(data.config.source, DataSource::Shapes);
    assert!(window.get_by_label("Train").accesskit_node().is_disabled());
    push(&mut window, [recording::data()]);
    assert!(window.query_by_label_contains("1 200 training").is_some());
    click(&mut window, "Train");
    let Some(Request::Start(start)) = requests(&window).last() else {
        panic!("Train starts a run");
    };
    assert_eq!(start.config, preset("shapes").unwrap().config());
}

#[test]
fn views_are_drawn_on_opening_and_again_when_a_slider_has_rested() {
    let mut window = desk(opened());
    let views = |window: &Window| {
        let asked = requests(window).iter().filter_map(|request| match request {
            Request::PreviewViews(request) => Some(request.views.clone()),
            _ => None,
        });
        asked.collect::<Vec<_>>()
    };
    assert_eq!(views(&window).len(), 1);
    window
        .state_mut()
        .view
        .settings
        .draft
        .views
        .grayscale_probability = 0.9;
    settle(&mut window);
    let asked = views(&window);
    assert_eq!(asked.len(), 2);
    assert_eq!(asked[1].grayscale_probability, 0.9);
}

#[test]
fn the_run_is_paused_continued_stopped_evaluated_and_saved() {
    let mut window = desk(training());
    click(&mut window, "Pause");
    assert_eq!(last_command(&window), &Command::Pause);
    push(&mut window, [recording::state("run-1", RunState::Paused)]);
    click(&mut window, "Continue");
    assert_eq!(last_command(&window), &Command::Continue);
    for (label, command) in [
        ("Evaluate", Command::EvaluateNow),
        ("Save", Command::SaveCheckpoint),
        ("Stop", Command::Stop),
    ] {
        click(&mut window, label);
        assert_eq!(last_command(&window), &command);
    }
    push(&mut window, [recording::state("run-1", RunState::Stopped)]);
    click(&mut window, "Resume");
    assert!(matches!(requests(&window).last(), Some(Request::Resume(_))));
}

#[test]
fn temperature_and_learning_rate_change_while_it_trains() {
    let mut window = desk(training());
    let slider = |window: &mut Window, label: &str, value: f64| {
        let slider = window.get_by_role_and_label(egui::Role::Slider, label);
        slider.set_value_accesskit(value);
        settle(window);
    };
    slider(&mut window, "Temperature τ", 0.2);
    let Command::Patch(patch) = last_command(&window) else {
        panic!("a patch")
    };
    assert_eq!(patch.temperature, Some(0.2));
    slider(&mut window, "Learning rate ×", 0.5);
    let Command::Patch(patch) = last_command(&window) else {
        panic!("a patch")
    };
    assert_eq!(patch.learning_rate_factor, Some(0.5));
}

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
fn results_show_intervals_and_a_cell_selects_its_images() {
    let mut window = desk(finished());
    assert!(window.query_by_label("95.0  [93.0, 97.0]").is_some());
    let cell = "94 of 100 images of square were called square";
    click(&mut window, cell);
    let selected = window.state().view.map.selected.len();
    assert!(selected > 0 && selected <= recording::PER_CLASS);
}

#[test]
fn the_same_run_starts_with_another_method() {
    let mut window = desk(opened());
    click(&mut window, "Train");
    push(&mut window, recording::run("run-1", 3));
    push(&mut window, recording::end("run-1"));
    click(&mut window, "Compare");
    click(&mut window, "SimCLR");
    let Some(Request::Start(start)) = requests(&window).last() else {
        panic!("a start")
    };
    assert_eq!(start.config.methods, [Method::Simclr]);
}

#[test]
fn an_error_is_a_dialog_with_cause_and_way_out() {
    let mut window = desk(opened());
    push(
        &mut window,
        [Notice::Failed(ErrorReport {
            message: "/data/cats holds no pictures".into(),
            causes: vec!["no file ends in .png".into()],
            hint: Some("Choose a folder with one sub-folder per class.".into()),
        })],
    );
    assert!(
        window
            .query_by_label_contains("holds no pictures")
            .is_some()
    );
    assert!(
        window
            .query_by_label_contains("one sub-folder per class.")
            .is_some()
    );
    click(&mut window, "OK");
    assert!(
        window
            .query_by_label_contains("holds no pictures")
            .is_none()
    );
}

#[test]
fn warnings_stand_beside_the_controls() {
    let mut window = desk(training());
    push(
        &mut window,
        [recording::warning(
            "run-1",
            "The embeddings collapse: lower the learning rate.",
        )],
    );
    assert!(
        window
            .query_by_label_contains("lower the learning rate")
            .is_some()
    );
}

#[test]
fn closing_while_training_asks_and_stops() {
    let mut window = desk(training());
    let root = egui::ViewportId::ROOT;
    let viewport = window.input_mut().viewports.entry(root).or_default();
    viewport.events.push(egui::ViewportEvent::Close);
    window.run_steps(1);
    if let Some(viewport) = window.input_mut().viewports.get_mut(&root) {
        viewport.events.clear();
    }
    settle(&mut window);
    click(&mut window, "Stop, save and close");
    assert_eq!(last_command(&window), &Command::Stop);
}

#[test]
fn nothing_repaints_when_nothing_changes() {
    let mut window = desk(finished());
    window.run_steps(40);
    let delay = window.output().viewport_output[&egui::ViewportId::ROOT].repaint_delay;
    assert!(
        delay > std::time::Duration::from_secs(1),
        "repaints after {delay:?}"
    );
}

/// Pictures to look at, in `target/app-pictures`; they are not compared, as fonts and drivers differ.
#[test]
fn every_panel_is_drawn_in_both_themes_and_sizes() {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("app-pictures");
    std::fs::create_dir_all(&folder).unwrap();
    for (theme, name) in [(Theme::Dark, "dark"), (Theme::Light, "light")] {
        for size in [[1024.0, 640.0], [1920.0, 1080.0]] {
            let save = |window: &mut Window, panel: &str| {
                let image = window.render().expect("a software Vulkan device");
                image
                    .save(folder.join(format!("{panel}-{name}-{}.png", size[0])))
                    .unwrap();
            };
            let mut fresh = window(size, theme, opened());
            save(&mut fresh, "opening");
            let mut busy = window(size, theme, training());
            let at = on_screen(&busy, 4);
            click_at(&mut busy, at);
            save(&mut busy, "training");
            busy.state_mut().view.map.camera.zoom = 5.0;
            busy.state_mut().view.map.camera.center = [-0.3, 0.3];
            click(&mut busy, "Similarities");
            save(&mut busy, "pictures");
            push(
                &mut busy,
                [Notice::Map(recording::map(recording::FRAMES - 1, 3))],
            );
            busy.state_mut().view.map.camera = supcon_app::Camera::default();
            settle(&mut busy);
            save(&mut busy, "sphere");
            let mut done = window(size, theme, finished());
            save(&mut done, "results");
            click(&mut done, "Compare");
            save(&mut done, "compare");
            click(&mut done, "Help");
            save(&mut done, "help");
        }
    }
}
=======
#[path = "app/results.rs"]
mod results;
#[path = "app/running.rs"]
mod running;
#[path = "app/runs.rs"]
mod runs;
#[path = "app/setup.rs"]
mod setup;
#[path = "app/window.rs"]
mod window;
>>>>>>> 84ef71e89b50757fc25ef231a30ad9339123dc0d
