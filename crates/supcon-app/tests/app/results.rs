//! Results and comparison.

use crate::recording;
use crate::window::{click, click_at, desk, finished, opened, push, requests, settle, training};
use eframe::egui::Role;
use egui_kittest::kittest::Queryable;
use supcon_app::ComparedCurve;
use supcon_protocol::{Method, Notice, Request, Split};

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
fn the_reliability_diagram_names_its_error() {
    let window = desk(finished());
    assert!(
        window
            .query_by_label_contains("Calibration error")
            .is_some()
    );
    assert!(window.query_all_by_label("4.2").next().is_some());
}

/// Results as an older version wrote them: without the classifier's mistakes.
#[test]
fn without_the_classifiers_mistakes_those_of_knn_are_inspected_in_the_map() {
    let mut window = desk(finished());
    let mistakes = window.query_all_by_label_contains("% of the votes");
    let worst = mistakes
        .into_iter()
        .next()
        .expect("the last frame has mistakes");
    worst.click_accesskit();
    window.run_steps(6);
    let anchor = window.state().view.map.anchor.expect("it is the anchor");
    let label = recording::labels()[anchor];
    assert_ne!(recording::prediction(anchor, label), label);
    assert!(window.query_by_label_contains("Embedding map of").is_some());
}

/// The run's own log, with a row that names two test images.
fn with_mistakes() -> Vec<Notice> {
    let mut notices = training();
    for notice in recording::end("run-1") {
        notices.push(recording::with_mistakes(notice));
    }
    notices
}

#[test]
fn the_classifiers_surest_mistake_is_embedded_and_inspected() {
    let mut window = desk(with_mistakes());
    let sentence = "The linear classifier is wrong about 9 of 300 test images";
    assert!(window.query_by_label_contains(sentence).is_some());
    let worst =
        window.get_by_label("A star that the classifier calls circle with probability 0.97");
    worst.click_accesskit();
    settle(&mut window);
    let expected = Request::EmbedAll(Split::Test);
    assert_eq!(requests(&window).last(), Some(&expected));
    // Image 5 of the test split is the third of the map that comes.
    push(&mut window, recording::test_images(&[1, 3, 5, 7]));
    assert_eq!(window.state().view.map.anchor, Some(2));
    assert!(window.query_by_label("Anchor: star").is_some());
}

#[test]
fn a_cell_of_the_confusion_matrix_shows_its_images_in_the_map() {
    let mut window = desk(finished());
    click(&mut window, "94 of 100 images of square were called square");
    assert!(window.query_by_label_contains("Embedding map of").is_some());
    assert!(window.query_by_label_contains("images selected").is_some());
}

/// Two runs of the same images; the second trains the same network.
fn two_runs() -> Vec<Notice> {
    let mut notices = finished();
    notices.extend(recording::run("run-2", recording::FRAMES));
    notices.extend(recording::end("run-2"));
    notices
}

#[test]
fn a_point_clicked_in_one_map_is_chosen_in_all() {
    let mut window = desk(two_runs());
    click(&mut window, "Compare");
    let rect = window.get_by_label("Map of run 1, 120 images").rect();
    assert!(window.query_by_label("Map of run 2, 120 images").is_some());
    let points = recording::map(recording::FRAMES - 1, 2).points;
    let camera = supcon_app::Camera::default();
    let at = camera.project([points[14], points[15], 0.0], rect);
    click_at(&mut window, at);
    assert_eq!(window.state().view.map.anchor, Some(7));
    assert!(window.query_by_label("Anchor: square").is_some());
}

#[test]
fn runs_differ_by_a_paired_interval() {
    let mut window = desk(two_runs());
    click(&mut window, "Compare");
    // The same outcomes image by image.
    assert!(window.query_by_label("+0.0  [+0.0, +0.0]").is_some());
    let loss = window.get_by_role_and_label(Role::Button, "Loss, nats");
    // It is further down than the window reaches.
    loss.click_accesskit();
    settle(&mut window);
    assert_eq!(window.state().view.compared_curve, ComparedCurve::Loss);
    click(&mut window, "2. run-2");
    assert!(window.query_by_label("Map of run 2, 120 images").is_none());
}

#[test]
fn nothing_to_compare_offers_to_open_a_run() {
    let mut window = desk(opened());
    click(&mut window, "Compare");
    assert!(window.query_by_label("Open a recorded run…").is_some());
    let mut busy = desk(training());
    click(&mut busy, "Compare");
    click(&mut busy, "SimCLR");
    assert!(!matches!(requests(&busy).last(), Some(Request::Start(_))));
}
