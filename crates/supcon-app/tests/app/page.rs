//! What the page of the browser needs beyond the desktop: links, kept runs, an engine that ends, phones,
//! and the tour. All of it is the same window, so that it is tried here.

use crate::recording;
use crate::window::{
    Window, builder, click, desk, opened, push, requests, settings, settle, training,
};
use eframe::egui::Theme;
use egui_kittest::kittest::{NodeT, Queryable};
use supcon_app::kept::{KeptAnswer, KeptAsk, KeptRun, Space};
use supcon_app::tour::Step;
use supcon_app::{App, InspectedLoss, Recorded, share, speech};
use supcon_protocol::{DataSource, ErrorReport, Method, Notice, PRESETS, Request, RunId, RunState};

fn sized(size: [f32; 2], notices: Vec<Notice>) -> Window {
    let mut window = builder(size, Theme::Dark)
        .build_eframe(|cc| App::new(cc, Recorded::new(notices), settings(Theme::Dark), None));
    settle(&mut window);
    window
}

fn phone(notices: Vec<Notice>) -> Window {
    sized([390.0, 844.0], notices)
}

fn kept_run(id: &str, is_finished: bool) -> KeptRun {
    KeptRun {
        id: RunId(id.to_owned()),
        bytes: 3_100_000,
        modified_ms: 0.0,
        is_finished,
        is_in_use: false,
    }
}

/// A window whose engine keeps these runs.
fn keeping(runs: Vec<KeptRun>) -> Window {
    let mut engine = Recorded::new(opened());
    engine.kept = Some(vec![
        KeptAnswer::List(runs),
        KeptAnswer::Space(Space {
            usage: 4e6,
            quota: 2e9,
            is_persisted: false,
        }),
    ]);
    let mut window = builder([1280.0, 800.0], Theme::Dark)
        .build_eframe(|cc| App::new(cc, engine, settings(Theme::Dark), None));
    settle(&mut window);
    window
}

fn trouble() -> ErrorReport {
    ErrorReport {
        message: "The engine stopped unexpectedly.".to_owned(),
        causes: vec!["out of memory".to_owned()],
        hint: Some("Choose a smaller batch.".to_owned()),
    }
}

#[test]
fn an_engine_that_ends_is_started_again_and_its_run_goes_on() {
    let mut window = desk(training());
    window.state_mut().engine.trouble = Some(trouble());
    settle(&mut window);
    assert!(window.query_by_label_contains("out of memory").is_some());
    let before = requests(&window).len();
    click(&mut window, "Resume from the last checkpoint");
    assert_eq!(window.state().engine.trouble, None);
    let Some([Request::LoadData(_), Request::Resume(run)]) =
        requests(&window).get(before..before + 2)
    else {
        panic!(
            "images are loaded, then the run goes on: {:?}",
            &requests(&window)[before..]
        );
    };
    assert_eq!(run.0, "run-1");
}

#[test]
fn without_its_run_the_engine_starts_again_and_the_run_can_be_resumed_later() {
    let mut window = desk(training());
    window.state_mut().engine.trouble = Some(trouble());
    settle(&mut window);
    click(&mut window, "Start again without the run");
    assert!(!matches!(
        requests(&window).last(),
        Some(Request::Resume(_))
    ));
    assert!(window.state().session.active_run().is_none());
    click(&mut window, "Resume");
    assert_eq!(
        requests(&window).last(),
        Some(&Request::Resume(RunId("run-1".to_owned())))
    );
}

#[test]
fn a_desktop_window_offers_no_kept_runs_and_no_link() {
    let window = desk(opened());
    assert!(
        window
            .query_by_label_contains("Runs in this browser")
            .is_none()
    );
    assert!(window.query_by_label_contains("Copy a link").is_none());
}

#[test]
fn an_interrupted_run_is_offered_on_opening() {
    let mut window = keeping(vec![kept_run("night", false)]);
    assert!(
        window
            .query_by_label_contains("night was interrupted")
            .is_some()
    );
    click(&mut window, "Resume it");
    let asked = &window.state().engine.asked;
    assert_eq!(
        asked.last(),
        Some(&KeptAsk::Resume(RunId("night".to_owned())))
    );
}

#[test]
fn kept_runs_are_opened_downloaded_and_deleted_at_the_second_click() {
    let mut window = keeping(vec![kept_run("done", true)]);
    click(&mut window, "Runs in this browser…");
    assert!(
        window
            .query_by_label_contains("4.0 MB of the 2.0 GB")
            .is_some()
    );
    let id = || RunId("done".to_owned());
    click(&mut window, "Download done");
    assert_eq!(
        window.state().engine.asked.last(),
        Some(&KeptAsk::Download(id()))
    );
    click(&mut window, "Delete done");
    assert_eq!(
        window.state().engine.asked.last(),
        Some(&KeptAsk::Download(id()))
    );
    click(&mut window, "Really delete done");
    assert_eq!(
        window.state().engine.asked.last(),
        Some(&KeptAsk::Delete(id()))
    );
    click(&mut window, "Open done");
    assert_eq!(
        window.state().engine.asked.last(),
        Some(&KeptAsk::Open(id()))
    );
}

#[test]
fn a_link_brings_its_settings_and_a_bad_one_says_why() {
    let mut window = desk(opened());
    let mut config = PRESETS[0].config();
    config.contrastive.temperature = 0.25;
    config.methods = vec![Method::Simclr];
    let link = share::link("https://example.org/", &config);
    let fragment = link.split_once('#').unwrap().1.to_owned();
    let ctx = window.ctx.clone();
    window.state_mut().open_link(&ctx, &fragment);
    settle(&mut window);
    assert_eq!(window.state().view.settings.draft, config);
    let mut cut = fragment;
    cut.truncate(cut.len() - 5);
    cut.push('!');
    window.state_mut().open_link(&ctx, &cut);
    settle(&mut window);
    assert!(window.query_by_label_contains("cut short").is_some());
    assert_eq!(window.state().view.settings.draft, config);
}

#[test]
fn a_phone_shows_one_pane_at_a_time_and_all_of_them_can_be_reached() {
    let mut window = phone(training());
    assert!(window.query_by_label_contains("Embedding map of").is_some());
    click(&mut window, "Run");
    assert!(window.query_by_label_contains("Embedding map of").is_none());
    click(&mut window, "Pause");
    click(&mut window, "Curves");
    assert!(window.query_by_label("Pause").is_none());
    click(&mut window, "Embedding");
    assert!(window.query_by_label_contains("Embedding map of").is_some());
}

#[test]
fn on_a_phone_training_starts_with_the_first_button() {
    let mut window = phone(opened());
    let train = window.get_by_label("Train").rect();
    assert!(train.right() <= 390.0 && train.width() > 200.0, "{train:?}");
    click(&mut window, "Train");
    assert!(matches!(requests(&window).last(), Some(Request::Start(_))));
}

#[test]
fn the_tour_goes_from_a_view_to_the_inside_of_the_loss() {
    let mut window = desk(opened());
    click(&mut window, "Tour");
    assert!(window.query_by_label("What is a view?").is_some());
    click(&mut window, "Next");
    let Some(Request::Start(start)) = requests(&window).last() else {
        panic!("the second step trains: {:?}", requests(&window).last());
    };
    assert_eq!(start.config.methods, [Method::Supcon]);
    assert_eq!(start.config.data.source, DataSource::Shapes);
    click(&mut window, "Next");
    assert!(window.get_by_label("Next").accesskit_node().is_disabled());
    push(&mut window, recording::run("run-1", recording::FRAMES));
    click(&mut window, "Next");
    let view = &window.state().view;
    assert_eq!(
        (view.tour, view.inspected_loss),
        (Some(Step::Pairs), InspectedLoss::Out)
    );
    assert!(view.map.anchor.is_some());
    let anchor = view.map.anchor;
    click(&mut window, "Next");
    let view = &window.state().view;
    assert_eq!(
        (view.tour, view.inspected_loss),
        (Some(Step::Inside), InspectedLoss::In)
    );
    assert_eq!(
        view.map.anchor, anchor,
        "the same point under the other loss"
    );
    click(&mut window, "Show L_out");
    assert_eq!(window.state().view.inspected_loss, InspectedLoss::Out);
    click(&mut window, "Done");
    assert_eq!(window.state().view.tour, None);
}

#[test]
fn the_state_is_spoken_and_changes_rarely() {
    let mut window = desk(opened());
    let says = |window: &Window| speech::sentence(&window.state().session, None);
    assert!(
        says(&window).starts_with("Ready to train"),
        "{}",
        says(&window)
    );
    let mut sentences = Vec::new();
    for notice in recording::run("run-1", recording::FRAMES) {
        push(&mut window, [notice]);
        sentences.push(says(&window));
    }
    sentences.dedup();
    assert!(sentences.len() < 16, "{sentences:?}");
    push(&mut window, [recording::state("run-1", RunState::Paused)]);
    assert!(says(&window).starts_with("Paused"), "{}", says(&window));
    let broken = speech::sentence(&window.state().session, Some(&trouble()));
    assert!(broken.contains("out of memory"), "{broken}");
}
