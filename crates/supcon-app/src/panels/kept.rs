//! The runs that the browser keeps: looked at, trained on, saved as files, deleted.

use super::dialogs::window;
use crate::actions::{Action, Actions};
use crate::controls::{card, palette};
use crate::kept::{Kept, KeptAsk, KeptRun, size};
use crate::view_state::ViewState;
use eframe::egui::{self, Button, RichText, ScrollArea, TextStyle, Ui};
use supcon_protocol::Request;

/// The way to the list, and to a run that was interrupted when the page was closed.
pub fn kept_button_ui(ui: &mut Ui, view: &mut ViewState, actions: &mut Actions) {
    if !view.kept.is_available {
        return;
    }
    if let Some(run) = view.kept.interrupted() {
        card(ui, |ui| {
            ui.label(format!("The run {} was interrupted.", run.id.0));
            if ui.button("Resume it").clicked() {
                actions.push(Action::Kept(KeptAsk::Resume(run.id.clone())));
            }
        });
    }
    let count = view.kept.runs.len();
    ui.horizontal(|ui| {
        // Without the number, which may change while a screen reader's press of it is on its way.
        let button = ui
            .button("Runs in this browser…")
            .on_hover_text("Runs are kept in the browser's own storage: look at them again, train on, or save them as files");
        if button.clicked() {
            view.kept.is_open = true;
            actions.push(Action::Kept(KeptAsk::List));
        }
        ui.weak(match count {
            0 => "none yet".to_owned(),
            count => format!("{count} kept"),
        });
    });
}

/// The list as a window.
pub fn kept_ui(ctx: &egui::Context, view: &mut ViewState, actions: &mut Actions) {
    let modal = window("kept", ctx).show(ctx, |ui| {
        ui.set_width((ctx.content_rect().width() - 60.0).min(520.0));
        ui.label(RichText::new("Runs in this browser").heading());
        space_ui(ui, &view.kept);
        ui.add_space(6.0);
        if view.kept.runs.is_empty() {
            ui.label("None yet. Each run that trains here is kept here.");
        }
        let height = (ctx.content_rect().height() - 240.0).max(120.0);
        ScrollArea::vertical().max_height(height).show(ui, |ui| {
            for run in view.kept.runs.clone() {
                card(ui, |ui| run_ui(ui, &run, &mut view.kept, actions));
            }
        });
        ui.add_space(8.0);
        ui.horizontal(|ui| {
            let import = ui.button("Take in a run…").on_hover_text(
                "The .tar of a run directory, of the desktop program or of another browser",
            );
            if import.clicked() {
                actions.push(Action::Kept(KeptAsk::Import));
            }
            ui.button("Close").clicked()
        })
        .inner
    });
    if modal.inner || modal.should_close() {
        view.kept.is_open = false;
        view.kept.doomed = None;
    }
}

fn space_ui(ui: &mut Ui, kept: &Kept) {
    let Some(space) = kept.space else { return };
    let mut text = format!(
        "{} of the {} that the browser grants are used.",
        size(space.usage),
        size(space.quota)
    );
    if !space.is_persisted {
        text.push_str(" It may clear them when the disk is full: download what matters.");
    }
    let color = palette(ui).weak;
    ui.label(
        RichText::new(text)
            .text_style(TextStyle::Small)
            .color(color),
    );
}

fn run_ui(ui: &mut Ui, run: &KeptRun, kept: &mut Kept, actions: &mut Actions) {
    let colors = palette(ui);
    let state = match (run.is_in_use, run.is_finished) {
        (true, _) => "training now",
        (false, true) => "finished",
        (false, false) => "not finished",
    };
    ui.label(RichText::new(&run.id.0).strong());
    ui.label(
        RichText::new(format!("{state} · {}", size(run.bytes as f64)))
            .text_style(TextStyle::Small)
            .color(colors.weak),
    );
    ui.horizontal_wrapped(|ui| {
        let mut ask = |ui: &mut Ui, is_enabled: bool, name: &str, hint: &str, ask: KeptAsk| {
            let button = ui.add_enabled(is_enabled, Button::new(name));
            let label = format!("{name} {}", run.id.0);
            if button.on_hover_text(hint).accessible_name(label).clicked() {
                actions.push(Action::Kept(ask));
            }
        };
        let id = || run.id.clone();
        ask(
            ui,
            true,
            "Open",
            "Look at its frames and curves",
            KeptAsk::Open(id()),
        );
        if !run.is_finished {
            let hint = if run.is_in_use {
                "It is being trained, here or in another tab"
            } else {
                "Goes on from its last checkpoint"
            };
            ask(ui, !run.is_in_use, "Resume", hint, KeptAsk::Resume(id()));
        }
        let hint = "A .tar with everything: unpack it to open the run on the desktop";
        ask(ui, true, "Download", hint, KeptAsk::Download(id()));
        if kept.doomed.as_ref() == Some(&run.id) {
            let hint = "There is no way back";
            ask(
                ui,
                !run.is_in_use,
                "Really delete",
                hint,
                KeptAsk::Delete(id()),
            );
        } else {
            let delete = ui.add_enabled(!run.is_in_use, Button::new("Delete"));
            if delete
                .accessible_name(format!("Delete {}", run.id.0))
                .clicked()
            {
                kept.doomed = Some(id());
            }
        }
        let hint = "Looks at it, and tests its networks again with this browser and this device: the figures beside those it came with";
        let measure = ui.add_enabled(run.is_finished && !run.is_in_use, Button::new("Test again"));
        let label = format!("Test again {}", run.id.0);
        if measure.on_hover_text(hint).accessible_name(label).clicked() {
            actions.push(Action::Kept(KeptAsk::Open(run.id.clone())));
            actions.push(Action::Engine(Request::Measure(run.id.clone())));
        }
    });
}
