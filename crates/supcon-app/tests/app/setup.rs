//! Before a run: images, recipe, views.

use crate::recording;
use crate::window::{
    Window, click, desk, opened, push, requests, settings, settle, training, window,
};
use eframe::egui::{DroppedFile, Theme};
use egui_kittest::kittest::{NodeT, Queryable};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use supcon_protocol::{DataSource, EncoderName, Method, Notice, PRESETS, Request, preset};

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

#[derive(Debug)]
struct Dropped(PathBuf);

impl DroppedFile for Dropped {
    fn path(&self) -> &Path {
        &self.0
    }

    fn bytes(&self) -> Result<Vec<u8>, String> {
        Err("the window hands the path on and reads nothing itself".to_owned())
    }
}

#[test]
fn a_dropped_folder_is_loaded_with_the_recipe_for_images() {
    let mut window = desk(opened());
    let files = &mut window.input_mut().dropped_files;
    files.push(Arc::new(Dropped("/data/cats".into())));
    settle(&mut window);
    let load = requests(&window)
        .iter()
        .rev()
        .find_map(|request| match request {
            Request::LoadData(data) => Some(data),
            _ => None,
        });
    let load = load.expect("the folder is loaded");
    assert_eq!(load.place.as_deref(), Some("/data/cats"));
    assert_eq!(load.config.source, DataSource::Images);
    assert_eq!(window.state().view.settings.draft.name, "images");
}

#[test]
fn a_graphics_card_changes_the_recipe_offered_but_never_one_that_was_changed() {
    let card = || Notice::Device {
        description: "a graphics card".into(),
        is_software: false,
        is_cpu: false,
    };
    let images = || {
        let mut settings = settings(Theme::Dark);
        settings.draft = preset("images").unwrap().config();
        settings
    };
    let offered = window(images(), vec![card()]);
    assert_ne!(
        offered.state().view.settings.draft.encoder,
        EncoderName::Tiny
    );
    let mut changed = images();
    changed.draft.contrastive.batch_size = 128;
    let kept = window(changed.clone(), vec![card()]);
    assert_eq!(kept.state().view.settings.draft, changed.draft);
}

#[test]
fn methods_are_chosen_and_none_is_refused() {
    let mut window = desk(opened());
    let is_enabled = |window: &Window| !window.get_by_label("Train").accesskit_node().is_disabled();
    click(&mut window, "SimCLR");
    let methods = |window: &Window| window.state().view.settings.draft.methods.clone();
    assert_eq!(
        methods(&window),
        [Method::Supcon, Method::Simclr, Method::CrossEntropy]
    );
    assert!(is_enabled(&window));
    for method in methods(&window) {
        click(&mut window, &method.to_string());
    }
    assert!(!is_enabled(&window));
}

#[test]
fn panes_stand_where_they_were_when_the_program_starts_again() {
    let mut first = desk(training());
    click(&mut first, "Results");
    let kept = first.state().view.settings.clone();
    assert!(kept.layout.is_some());
    let second = window(kept, opened());
    assert!(second.query_by_label("No results yet").is_some());
}

/// Sliders clamped a recipe to their ends, and cross-entropy took over the contrastive batch size, as soon as
/// the setup was drawn.
#[test]
fn drawing_the_setup_changes_no_recipe() {
    for preset in PRESETS {
        let mut settings = settings(Theme::Dark);
        settings.draft = preset.config();
        // Changed a little, so that no device takes it for one that was only offered.
        settings.draft.contrastive.optimizer.weight_decay = 3e-5;
        let window = window(settings.clone(), opened());
        assert_eq!(window.state().view.settings.draft, settings.draft);
    }
}
