//! The list of runs, on a real folder.

use crate::window::{Window, builder, click, opened, requests, settings, settle};
use eframe::egui::{Key, Modifiers, Role, Theme};
use egui_kittest::kittest::Queryable;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use supcon_app::{App, Recorded};
use supcon_protocol::{PRESETS, Request, RunId};

/// A folder with a run that was cut off before its first step.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("app-runs-{name}"));
    let _ = std::fs::remove_dir_all(&folder);
    let run = folder.join("shapes-1");
    std::fs::create_dir_all(&run).unwrap();
    std::fs::write(run.join("config.toml"), PRESETS[0].config().to_toml()).unwrap();
    std::fs::write(run.join("events.jsonl"), "").unwrap();
    folder
}

fn window(folder: &Path, unfinished: Option<RunId>) -> Window {
    let mut settings = settings(Theme::Dark);
    settings.unfinished = unfinished;
    let folder = folder.to_owned();
    let mut window = builder([1280.0, 800.0], Theme::Dark)
        .build_eframe(|cc| App::new(cc, Recorded::new(opened()), settings, None).with_runs(folder));
    settle(&mut window);
    window
}

/// Files are read on another thread: waits until something is there, or gone.
fn wait(window: &mut Window, label: &str, is_there: bool) {
    let start = Instant::now();
    while window.query_by_label(label).is_some() != is_there {
        assert!(
            start.elapsed() < Duration::from_secs(20),
            "{label}: {is_there}"
        );
        std::thread::sleep(Duration::from_millis(10));
        window.run_steps(1);
    }
}

#[test]
fn a_run_is_deleted_and_brought_back() {
    let folder = folder("undo");
    let mut window = window(&folder, None);
    click(&mut window, "Runs");
    wait(&mut window, "Delete shapes-1", true);
    click(&mut window, "Delete shapes-1");
    wait(&mut window, "Delete shapes-1", false);
    assert!(!folder.join("shapes-1").exists());
    click(&mut window, "Undo the deletion");
    wait(&mut window, "Delete shapes-1", true);
    assert!(folder.join("shapes-1/config.toml").is_file());
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn a_run_is_opened_from_the_list_and_goes_on() {
    let folder = folder("open");
    let mut window = window(&folder, None);
    click(&mut window, "Runs");
    wait(&mut window, "Open shapes-1", true);
    click(&mut window, "Open shapes-1");
    wait(&mut window, "Resume", true);
    click(&mut window, "Resume");
    let expected = Request::Resume(RunId("shapes-1".into()));
    assert_eq!(requests(&window).last(), Some(&expected));
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn a_run_stopped_by_closing_is_open_when_the_program_starts_again() {
    let folder = folder("reopen");
    let mut window = window(&folder, Some(RunId("shapes-1".into())));
    wait(&mut window, "Resume", true);
    assert_eq!(window.state().view.settings.unfinished, None);
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn a_run_is_renamed_in_the_list_and_in_the_window() {
    let folder = folder("rename");
    std::fs::create_dir(folder.join("taken")).unwrap();
    let mut window = window(&folder, None);
    click(&mut window, "Runs");
    wait(&mut window, "Open shapes-1", true);
    click(&mut window, "Open shapes-1");
    wait(&mut window, "Resume", true);
    click(&mut window, "Runs");
    click(&mut window, "Rename shapes-1");
    type_name(&mut window, "taken");
    assert!(window.query_by_label_contains("taken exists").is_some());
    type_name(&mut window, "first");
    wait(&mut window, "Open first", true);
    assert!(folder.join("first/config.toml").is_file());
    assert!(!folder.join("shapes-1").exists());
    // The run that is open goes on under its new name.
    click(&mut window, "Resume");
    let expected = Request::Resume(RunId("first".into()));
    assert_eq!(requests(&window).last(), Some(&expected));
    std::fs::remove_dir_all(folder).unwrap();
}

fn type_name(window: &mut Window, name: &str) {
    let line = window.get_by_role_and_label(Role::TextInput, "New name");
    line.focus();
    settle(window);
    window.key_press_modifiers(Modifiers::COMMAND, Key::A);
    window
        .get_by_role_and_label(Role::TextInput, "New name")
        .type_text(name);
    settle(window);
    click(window, "Rename");
}

/// Where the system has no dialogs, a path is typed.
#[test]
fn a_path_typed_in_opens_a_run_or_images_and_says_what_is_wrong() {
    let folder = folder("path");
    let mut window = window(&folder, None);
    let typed = |window: &mut Window, path: &str| {
        window
            .state_mut()
            .view
            .path
            .as_mut()
            .expect("the dialog")
            .text = path.to_owned();
        click(window, "Open");
    };
    click(&mut window, "type its path");
    typed(&mut window, "/nowhere/cats");
    assert!(
        window
            .query_by_label_contains("nothing at /nowhere/cats")
            .is_some()
    );
    let run = folder.join("shapes-1").display().to_string();
    typed(&mut window, &format!(" '{run}' "));
    wait(&mut window, "Resume", true);
    click(&mut window, "New run");
    click(&mut window, "type its path");
    let images = folder.display().to_string();
    typed(&mut window, &images);
    let Some(Request::LoadData(data)) = requests(&window)
        .iter()
        .rfind(|request| matches!(request, Request::LoadData(_)))
    else {
        panic!("images are loaded");
    };
    assert_eq!(data.place.as_ref(), Some(&images));
    std::fs::remove_dir_all(folder).unwrap();
}
