//! The window on the desktop.

use anyhow::{Context as _, anyhow};
use eframe::egui::ViewportBuilder;
use std::path::PathBuf;
use supcon_app::{App, NativeEngine, settings_file};

/// Opens the window and returns when it is closed.
pub fn run() -> anyhow::Result<()> {
    let settings_path = settings_file::path();
    let settings = settings_path
        .as_deref()
        .map_or_else(Default::default, settings_file::load);
    let runs = runs_folder()?;
    let viewport = ViewportBuilder::default()
        .with_title("supcon")
        .with_app_id("supcon")
        .with_inner_size(settings.window)
        .with_min_inner_size([960.0, 600.0])
        .with_drag_and_drop(true);
    let options = eframe::NativeOptions {
        viewport,
        ..eframe::NativeOptions::default()
    };
    eframe::run_native(
        "supcon",
        options,
        Box::new(move |cc| {
            let engine = NativeEngine::spawn(runs.clone(), cc.egui_ctx.clone())?;
            let app = App::new(cc, engine, settings, settings_path);
            Ok(Box::new(app.with_runs(runs)))
        }),
    )
    .map_err(|error| anyhow!("{error}"))
    .context("the window could not be opened; `supcon train` trains without one")
}

/// `$SUPCON_RUNS_DIR`, or `runs` where the program is started, as the command line has it.
fn runs_folder() -> anyhow::Result<PathBuf> {
    match std::env::var_os("SUPCON_RUNS_DIR") {
        Some(folder) => Ok(PathBuf::from(folder)),
        None => Ok(std::env::current_dir()
            .context("the present folder is gone")?
            .join("runs")),
    }
}
