//! The run in progress: hold, stop, evaluate, and what may change while it trains.

use crate::actions::{Action, Actions, command};
use crate::controls::{figure, note, palette, primary_button, row, section, slider};
use crate::session::{Run, Session};
use crate::terms;
use crate::theme::GAP;
use crate::view_state::ViewState;
use eframe::egui::{Button, DragValue, RichText, ScrollArea, TextStyle, Ui, vec2};
use supcon_protocol::{Command, DataSource, Patch, Request, RunConfig, RunState, Subject};

/// Warnings shown at once; the log has all.
const WARNINGS: usize = 4;

/// Controls and figures of a run.
pub fn running_ui(
    ui: &mut Ui,
    session: &Session,
    run: &Run,
    view: &mut ViewState,
    actions: &mut Actions,
) {
    ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        section(ui, "Run", |ui| {
            ui.label(RichText::new(run.name()).heading());
            ui.add_space(4.0);
            if run.is_active() {
                course_ui(ui, run, actions);
            } else {
                ended_ui(ui, session, run, view, actions);
            }
        });
        warnings_ui(ui, run);
        let when = if run.is_active() { "Now" } else { "At the end" };
        section(ui, when, |ui| figures_ui(ui, run));
        if run.is_active() {
            section(ui, "Change while it trains", |ui| {
                live_ui(ui, run, view, actions);
            });
            section(ui, "Watching", |ui| watch_ui(ui, view, actions));
        }
        section(ui, "Images", |ui| {
            let color = palette(ui).weak;
            let images = RichText::new(images(session, run));
            ui.label(images.color(color).text_style(TextStyle::Small));
        });
    });
}

/// The run's own images; what is loaded may be others.
fn images(session: &Session, run: &Run) -> String {
    let Some(info) = &run.history.info else {
        let loaded = session.data.as_ref().filter(|_| run.is_active());
        return loaded.map_or_else(|| "–".to_owned(), |data| data.sentence.clone());
    };
    let is_built_in = |config: &RunConfig| config.data.source == DataSource::Shapes;
    let name = match &run.config {
        Some(config) if is_built_in(config) => "built-in shapes",
        _ => &info.dataset,
    };
    let [train, validation, test] = info.images;
    format!(
        "{name}, {} classes: {train} training, {validation} validation, {test} test images",
        info.classes.len()
    )
}

fn course_ui(ui: &mut Ui, run: &Run, actions: &mut Actions) {
    let (word, ask, hint) = match run.history.state {
        Some(RunState::Paused) => ("Continue", Command::Continue, "Go on training (Space)"),
        _ => (
            "Pause",
            Command::Pause,
            "Hold after the present step; nothing is lost",
        ),
    };
    if primary_button(ui, word, true).on_hover_text(hint).clicked() {
        actions.push(command(ask));
    }
    ui.add_space(2.0);
    let width = (ui.available_width() - 2.0 * GAP) / 3.0;
    ui.horizontal(|ui| {
        for (word, ask, hint) in [
            (
                "Stop",
                Command::Stop,
                "Save a checkpoint and end; the run can be resumed",
            ),
            (
                "Evaluate",
                Command::EvaluateNow,
                "Probe the validation images now",
            ),
            (
                "Save",
                Command::SaveCheckpoint,
                "Write a checkpoint now and go on",
            ),
        ] {
            let button = ui.add_sized(vec2(width, 28.0), Button::new(word));
            if button.on_hover_text(hint).clicked() {
                actions.push(command(ask));
            }
        }
    });
}

fn ended_ui(
    ui: &mut Ui,
    session: &Session,
    run: &Run,
    view: &mut ViewState,
    actions: &mut Actions,
) {
    let is_resumable = run.history.state != Some(RunState::Finished);
    let is_free = session.active_run().is_none();
    let hint = "Goes on from the last checkpoint, to the same weights bit for bit";
    if is_resumable
        && primary_button(ui, "Resume", is_free)
            .on_hover_text(hint)
            .clicked()
    {
        actions.push(Action::Engine(Request::Resume(run.id.clone())));
    }
    let again = if is_resumable {
        ui.button("New run")
    } else {
        primary_button(ui, "New run", true)
    };
    if again
        .on_hover_text("Back to images, recipe and settings")
        .clicked()
    {
        view.shows_setup = true;
    }
}

fn warnings_ui(ui: &mut Ui, run: &Run) {
    let colors = palette(ui);
    if let Some(failure) = &run.history.failure {
        note(ui, colors.bad, &failure.to_string());
    }
    let skipped = run.history.warnings.len().saturating_sub(WARNINGS);
    for warning in run.history.warnings.iter().skip(skipped).rev() {
        ui.add_space(2.0);
        note(ui, colors.warning, warning);
    }
    if skipped > 0 {
        ui.label(
            RichText::new(format!("and {skipped} earlier warnings in the log"))
                .text_style(TextStyle::Small)
                .color(colors.weak),
        );
    }
}

fn figures_ui(ui: &mut Ui, run: &Run) {
    let Some(stage) = run.telling_stage() else {
        ui.label(RichText::new("Preparing the network…").weak());
        return;
    };
    let last = stage.steps.last();
    let text = |value: Option<String>| value.unwrap_or_else(|| "–".to_owned());
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = 14.0;
        let step = last.map(|s| format!("{} / {}", s.step, stage.info.steps));
        figure(
            ui,
            "Step",
            &text(step),
            "Optimiser steps done in this stage",
        );
        figure(
            ui,
            "Loss, nats",
            &text(last.map(|s| format!("{:.3}", s.loss))),
            terms::LOSS,
        );
        let probe = stage
            .probes
            .last()
            .map(|p| format!("{:.1} %", 100.0 * p.knn_top1));
        figure(ui, "kNN", &text(probe), terms::KNN);
        let rate = last.map(|s| format!("{:.0}", s.images_per_second));
        figure(ui, "Images/s", &text(rate), terms::THROUGHPUT);
    });
}

fn live_ui(ui: &mut Ui, run: &Run, view: &mut ViewState, actions: &mut Actions) {
    let Some(stage) = run.stage() else { return };
    let is_contrastive =
        stage.info.landmarks.is_some() && stage.info.plan.subject != Subject::RandomEncoder;
    if is_contrastive {
        let mut temperature = view
            .live
            .temperature
            .unwrap_or_else(|| run.temperature(&stage.info.plan) as f32);
        let response = slider(
            ui,
            "Temperature τ",
            terms::TEMPERATURE,
            &mut temperature,
            0.02..=1.0,
            |s| s.logarithmic(true).max_decimals(3),
        );
        if response.changed() {
            view.live.temperature = Some(temperature);
        }
        if response.drag_stopped() || (response.changed() && !response.dragged()) {
            let patch = Patch {
                temperature: Some(temperature),
                ..Patch::default()
            };
            actions.push(command(Command::Patch(patch)));
        }
    }
    let mut factor = view.live.learning_rate_factor.unwrap_or(1.0);
    let response = slider(
        ui,
        "Learning rate ×",
        terms::LEARNING_RATE_FACTOR,
        &mut factor,
        0.1..=10.0,
        |s| s.logarithmic(true).max_decimals(2),
    );
    if response.changed() {
        view.live.learning_rate_factor = Some(factor);
    }
    if response.drag_stopped() || (response.changed() && !response.dragged()) {
        let patch = Patch {
            learning_rate_factor: Some(factor),
            ..Patch::default()
        };
        actions.push(command(Command::Patch(patch)));
    }
}

fn watch_ui(ui: &mut Ui, view: &mut ViewState, actions: &mut Actions) {
    row(ui, "Picture every", terms::CADENCE, |ui| {
        let cadence = &mut view.settings.cadence;
        let value = DragValue::new(cadence)
            .range(0..=500)
            .custom_formatter(|n, _| match n as u64 {
                0 => "auto".to_owned(),
                n => format!("{n} steps"),
            });
        if ui
            .add(value)
            .on_hover_text(terms::CADENCE)
            .accessible_name("Picture every")
            .changed()
        {
            actions.push(command(Command::Watch(view.settings.watch())));
        }
    });
}
