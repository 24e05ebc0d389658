//! Windows over the window: errors, help, and the question before closing.

use super::{kept, measured};
use crate::actions::{Action, Actions, command};
use crate::controls::palette;
use crate::session::Session;
use crate::shortcuts::SHORTCUTS;
use crate::view_state::ViewState;
use eframe::egui::{self, Button, Grid, Id, Modal, RichText, TextStyle, Ui, ViewportCommand};
use supcon_protocol::{Command, ErrorReport, RunId};

/// Whatever has to be answered first; `trouble` is what ended the engine.
pub fn dialogs_ui(
    ui: &mut Ui,
    trouble: Option<&ErrorReport>,
    session: &mut Session,
    view: &mut ViewState,
    actions: &mut Actions,
) {
    let active = session.active_run().map(|run| run.id.clone());
    if let Some(report) = trouble {
        trouble_ui(ui.ctx(), report, session, actions);
    } else if let Some(report) = session.errors.front().cloned() {
        if error_ui(ui.ctx(), &report) {
            session.errors.pop_front();
        }
    } else if session.measured.is_some() {
        measured::measured_ui(ui.ctx(), session);
    } else if view.asks_to_close {
        close_ui(ui.ctx(), view, actions, active);
    } else if view.shows_help {
        help_ui(ui.ctx(), view);
    } else if view.kept.is_open {
        kept::kept_ui(ui.ctx(), view, actions);
    } else {
        #[cfg(not(target_family = "wasm"))]
        super::desk::desk_ui(ui.ctx(), view, actions);
    }
}

/// A dialog with room around its words.
pub(super) fn window(name: &str, ctx: &egui::Context) -> Modal {
    let frame = egui::Frame::popup(&ctx.global_style()).inner_margin(18);
    Modal::new(Id::unique(name)).frame(frame)
}

/// The fact, its causes and the way out. Returns whether it was read.
fn error_ui(ctx: &egui::Context, report: &ErrorReport) -> bool {
    let modal = window("error", ctx).show(ctx, |ui| {
        ui.set_width(420.0);
        let colors = palette(ui);
        ui.label(
            RichText::new("That did not work")
                .heading()
                .color(colors.bad),
        );
        report_ui(ui, report);
        let ok = ui.button("OK").on_hover_text("Closes this message (Esc)");
        ok.clicked()
    });
    modal.inner || modal.should_close()
}

fn report_ui(ui: &mut Ui, report: &ErrorReport) {
    let colors = palette(ui);
    ui.add_space(6.0);
    ui.label(&report.message);
    for cause in &report.causes {
        ui.label(RichText::new(format!("because: {cause}")).color(colors.weak));
    }
    if let Some(hint) = &report.hint {
        ui.add_space(6.0);
        ui.label(RichText::new(hint).color(colors.text).strong());
    }
    ui.add_space(10.0);
}

/// The engine ended: a new one, with or without the run that was in progress.
fn trouble_ui(ctx: &egui::Context, report: &ErrorReport, session: &Session, actions: &mut Actions) {
    window("trouble", ctx).show(ctx, |ui| {
        ui.set_width((ctx.content_rect().width() - 60.0).min(440.0));
        let colors = palette(ui);
        ui.label(
            RichText::new("The engine is gone")
                .heading()
                .color(colors.bad),
        );
        report_ui(ui, report);
        let has_run = session.active_run().is_some();
        let main = if has_run {
            "Resume from the last checkpoint"
        } else {
            "Start the engine again"
        };
        ui.horizontal_wrapped(|ui| {
            let button = Button::new(RichText::new(main).color(colors.on_accent));
            let restart = ui.add(button.fill(colors.accent));
            let restart = restart.on_hover_text("A new engine loads the images anew");
            if restart.clicked() {
                actions.push(Action::Restart { resumes: has_run });
            }
            let without = has_run.then(|| ui.button("Start again without the run"));
            let without = without.map(|button| {
                button.on_hover_text("The run stays stopped; it can be resumed later")
            });
            if without.is_some_and(|button| button.clicked()) {
                actions.push(Action::Restart { resumes: false });
            }
        });
    });
}

fn close_ui(
    ctx: &egui::Context,
    view: &mut ViewState,
    actions: &mut Actions,
    active: Option<RunId>,
) {
    let modal = window("close", ctx).show(ctx, |ui| {
        ui.set_width(400.0);
        ui.label(RichText::new("A run is in progress").heading());
        ui.add_space(4.0);
        ui.label(
            "Stopping it writes a checkpoint, so that it can be resumed to the same result later.",
        );
        ui.add_space(10.0);
        ui.horizontal(|ui| {
            let colors = palette(ui);
            let save = Button::new(RichText::new("Stop, save and close").color(colors.on_accent))
                .fill(colors.accent);
            let save = ui.add(save);
            if save
                .on_hover_text("The run is open again when the program starts the next time")
                .clicked()
            {
                actions.push(command(Command::Stop));
                view.settings.unfinished = active;
                view.closes_when_stopped = true;
                view.asks_to_close = false;
            }
            let stay = ui.button("Keep training");
            if stay.on_hover_text("The window stays open (Esc)").clicked() {
                view.asks_to_close = false;
            }
        });
    });
    if modal.should_close() {
        view.asks_to_close = false;
    }
}

/// Closes the window at once.
pub fn close(ctx: &egui::Context) {
    ctx.send_viewport_cmd(ViewportCommand::Close);
}

fn help_ui(ctx: &egui::Context, view: &mut ViewState) {
    let modal = window("help", ctx).show(ctx, |ui| {
        ui.set_width(460.0);
        let colors = palette(ui);
        ui.label(RichText::new("First steps").heading());
        for line in [
            "1. Stay with the built-in shapes, or choose a folder with one sub-folder of pictures per class.",
            "2. Press Train. Each point of the map is an image; watch points of one class find each other.",
            "3. Click a point to see which images pull it and which push it away. Hold the pointer still over any word to learn what it means.",
        ] {
            ui.label(RichText::new(line).color(colors.text));
        }
        ui.add_space(10.0);
        ui.label(RichText::new("Keys").heading());
        Grid::new("keys").num_columns(2).spacing([24.0, 4.0]).show(ui, |ui| {
            for (key, does) in SHORTCUTS {
                ui.label(RichText::new(*key).text_style(TextStyle::Monospace).color(colors.accent));
                ui.label(*does);
                ui.end_row();
            }
        });
        ui.add_space(10.0);
        let close = ui.button("Close").on_hover_text("Closes this help (Esc)");
        close.clicked()
    });
    if modal.inner || modal.should_close() {
        view.shows_help = false;
    }
}
