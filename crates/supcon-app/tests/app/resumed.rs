//! A run that goes on from before where it was: the window, with an engine that trains.

use crate::window::settings;
use eframe::egui::{Theme, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use supcon_app::{App, Engine as _, MapKind, NativeEngine, Run, Settings};
use supcon_protocol::{DeviceChoice, Length, Method};

/// Steps between two frames.
const EVERY: u64 = 3;
/// No frame is further ahead of the last report of a step.
const AHEAD: u64 = 20;
/// The contrastive stage.
const STAGE: usize = 1;

type Window = Harness<'static, App<NativeEngine>>;

/// A run that lasts longer than anybody waits.
fn long() -> Settings {
    let mut settings = settings(Theme::Dark);
    settings.device = DeviceChoice::Cpu;
    settings.map = MapKind::Pca;
    settings.cadence = EVERY;
    let draft = &mut settings.draft;
    draft.methods = vec![Method::Supcon];
    draft.data.shapes_train = 300;
    draft.data.shapes_test = 100;
    draft.data.shapes_side = 16;
    draft.contrastive.length = Length::Steps(100_000);
    draft.contrastive.batch_size = 16;
    draft.linear.length = Length::Steps(20);
    draft.linear.batch_size = 64;
    draft.evaluation.bootstrap_resamples = 100;
    draft.evaluation.probe_every = 1_000;
    settings
}

fn run(window: &Window) -> &Run {
    window.state().session.run().expect("a run")
}

/// Steps of the frames that can be looked at, in the order of the film.
fn film(window: &Window) -> Vec<u64> {
    let frames = run(window).film.mapped();
    frames.map(|frame| frame.embedding.step).collect()
}

/// Steps done, as far as told.
fn done(window: &Window) -> u64 {
    let stage = run(window).history.stage(STAGE);
    stage.map_or(0, |stage| stage.done())
}

fn wait(window: &mut Window, what: &str, is_there: impl Fn(&Window) -> bool) {
    let start = Instant::now();
    while !is_there(window) {
        assert!(start.elapsed() < Duration::from_secs(300), "no {what}");
        std::thread::sleep(Duration::from_millis(5));
        window.run_steps(1);
    }
}

fn press(window: &mut Window, label: &str) {
    wait(window, label, |window| {
        window.query_by_label(label).is_some()
    });
    window.get_by_label(label).click();
    window.run_steps(2);
}

/// Holds the run until the last frame before the pause has its map: then nothing is held back for steps.
fn pause(window: &mut Window) {
    press(window, "Pause");
    wait(window, "map of the last frame", |window| {
        let near = done(window).saturating_sub(EVERY)..=done(window) + AHEAD;
        let is_near = film(window).last().is_some_and(|last| near.contains(last));
        is_near && window.query_by_label("Continue").is_some()
    });
}

/// Until so many steps are done; then it pauses.
fn run_on(window: &mut Window, steps: u64) {
    wait(window, "steps", |window| {
        window.state().session.run().is_some() && done(window) >= steps
    });
    pause(window);
}

/// Stops the run, and gives it the checkpoint it would have if it had been killed instead.
fn kill(window: &mut Window, latest: &Path, checkpoint: Option<Vec<u8>>) {
    press(window, "Stop");
    wait(window, "stop", |window| !run(window).is_active());
    match checkpoint {
        Some(bytes) => std::fs::write(latest, bytes).unwrap(),
        None => std::fs::remove_file(latest).unwrap(),
    }
}

/// The run goes on from `from` and the film with it: the newest frame is the last, and none from a time that did
/// not come to be is left. Then it pauses.
fn goes_on_from(window: &mut Window, from: u64) {
    let lost = film(window).last().copied().expect("a frame");
    press(window, "Resume");
    wait(window, "steps after the resume", |window| {
        run(window).is_active() && done(window) > from
    });
    pause(window);
    let film = film(window);
    assert!(
        lost > done(window) + AHEAD,
        "{lost}: the test came too late"
    );
    assert!(film.is_sorted_by(|a, b| a < b), "{film:?}");
    assert_eq!(film.first(), Some(&0));
}

fn folder() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("app-resumed");
    let _ = std::fs::remove_dir_all(&folder);
    folder
}

/// Frames that came again stood behind those of before, and the picture of step 0 was shown as the live one.
#[test]
fn after_a_resume_the_window_shows_the_frames_of_this_time() {
    let folder = folder();
    let runs = folder.clone();
    let mut window = Harness::builder()
        .with_size(vec2(1280.0, 800.0))
        .with_step_dt(0.1)
        .build_eframe(|cc| {
            let engine = NativeEngine::spawn(runs, cc.egui_ctx.clone()).expect("threads");
            App::new(cc, engine, long(), None)
        });
    wait(&mut window, "images", |window| {
        window.state().session.data.is_some()
    });
    press(&mut window, "Train");
    let latest = folder.join("shapes-1/checkpoints/latest.safetensors");

    // Killed before its first checkpoint: it starts over.
    run_on(&mut window, 3 * AHEAD);
    kill(&mut window, &latest, None);
    goes_on_from(&mut window, 0);

    // Killed long after its last checkpoint.
    let saved = done(&window);
    let _ = std::fs::remove_file(&latest);
    press(&mut window, "Save");
    wait(&mut window, "checkpoint", |_| latest.exists());
    let checkpoint = std::fs::read(&latest).unwrap();
    press(&mut window, "Continue");
    run_on(&mut window, saved + 3 * AHEAD);
    kill(&mut window, &latest, Some(checkpoint));
    goes_on_from(&mut window, saved);

    window.state_mut().engine.close();
    std::fs::remove_dir_all(folder).unwrap();
}
