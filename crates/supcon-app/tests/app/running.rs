//! A run in progress: its controls, its warnings, its end.

use crate::recording;
use crate::window::{
    Window, click, desk, finished, last_command, opened, push, requests, settle, training,
};
use eframe::egui::{self, Key, Modifiers};
use egui_kittest::kittest::Queryable;
use supcon_protocol::{Command, ErrorReport, Notice, Request, RunState};

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

/// After a contrastive method the classifier's 326 469 features a second stood there as the run's throughput.
#[test]
fn the_figures_of_an_ended_run_are_those_of_its_encoder() {
    let mut window = desk(training());
    push(&mut window, recording::linear_stage("run-1"));
    assert!(window.query_by_label("300000").is_some(), "while it trains");
    push(&mut window, recording::end("run-1"));
    assert!(window.query_by_label("300000").is_none());
    assert!(window.query_by_label("110 / 120").is_some());
    assert!(window.query_by_label("AT THE END").is_some());
}

/// A run that was opened said of itself what the window had loaded.
#[test]
fn a_run_names_its_own_images() {
    let mut window = desk(training());
    let Notice::DataLoaded(mut data) = recording::data() else {
        unreachable!()
    };
    data.sentence = "image folder, 2 classes".into();
    push(&mut window, recording::end("run-1"));
    push(&mut window, [Notice::DataLoaded(data)]);
    assert!(window.query_by_label_contains("image folder").is_none());
    let own = "shapes, 3 classes: 1200 training, 120 validation, 300 test images";
    assert!(window.query_by_label(own).is_some());
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
fn nothing_repaints_when_nothing_changes() {
    let mut window = desk(finished());
    window.run_steps(40);
    let delay = window.output().viewport_output[&egui::ViewportId::ROOT].repaint_delay;
    assert!(
        delay > std::time::Duration::from_secs(1),
        "repaints after {delay:?}"
    );
}

#[test]
fn keys_train_pause_and_continue() {
    let mut window = desk(opened());
    window.key_press_modifiers(Modifiers::COMMAND, Key::Enter);
    settle(&mut window);
    assert!(matches!(requests(&window).last(), Some(Request::Start(_))));
    push(&mut window, recording::run("run-1", 2));
    window.key_press_modifiers(Modifiers::COMMAND, Key::P);
    settle(&mut window);
    assert_eq!(last_command(&window), &Command::Pause);
    push(&mut window, [recording::state("run-1", RunState::Paused)]);
    window.key_press_modifiers(Modifiers::COMMAND, Key::P);
    settle(&mut window);
    assert_eq!(last_command(&window), &Command::Continue);
}

#[test]
fn every_curve_is_there_with_its_term() {
    let mut window = desk(training());
    settle(&mut window);
    for curve in [
        "Loss, nats",
        "kNN accuracy, %",
        "Learning rate",
        "Images a second",
        "Memory, MB",
    ] {
        assert!(window.query_all_by_label(curve).next().is_some(), "{curve}");
    }
}

#[test]
fn the_theme_and_the_help_are_a_click_away() {
    let mut window = desk(opened());
    click(&mut window, "Theme: dark");
    assert!(window.query_by_label("Theme: as the system").is_some());
    click(&mut window, "Help");
    assert!(window.query_by_label("Ctrl+Enter").is_some());
    click(&mut window, "Close");
    assert!(window.query_by_label("Ctrl+Enter").is_none());
}
