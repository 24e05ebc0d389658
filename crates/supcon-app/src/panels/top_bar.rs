//! The bar at the top: what runs, how far it is, and on what.

use crate::actions::{Action, Actions};
use crate::controls::{badge, palette, progress};
use crate::session::{Run, Session};
use crate::theme::GAP_LARGE;
use crate::tour::Step;
use crate::view_state::{ThemeChoice, ViewState};
use eframe::egui::{self, Align, Layout, RichText, TextStyle, Ui};
use supcon_protocol::{RunState, human_duration};

/// The bar. A narrow one has the device in a second line.
pub fn top_bar_ui(
    ui: &mut Ui,
    session: &Session,
    view: &mut ViewState,
    is_narrow: bool,
    actions: &mut Actions,
) {
    if !is_narrow {
        ui.horizontal_centered(|ui| first_line_ui(ui, session, view, false, actions));
        return;
    }
    ui.horizontal(|ui| first_line_ui(ui, session, view, true, actions));
    ui.horizontal(|ui| device_ui(ui, session));
}

fn first_line_ui(
    ui: &mut Ui,
    session: &Session,
    view: &mut ViewState,
    is_narrow: bool,
    actions: &mut Actions,
) {
    let colors = palette(ui);
    ui.label(RichText::new("supcon").heading().color(colors.accent));
    ui.add_space(4.0);
    match session.run() {
        Some(run) => run_ui(ui, run, is_narrow),
        None => {
            badge(ui, "Ready", colors.good);
        }
    }
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
        theme_button(ui, view);
        let help = ui
            .button("?")
            .on_hover_text("Keyboard shortcuts and a few first steps (F1)");
        if help.accessible_name("Help").clicked() {
            view.shows_help = true;
        }
        let tour = ui
            .button("Tour")
            .on_hover_text("Five steps from what a view is to why L_out beats L_in");
        if tour.clicked() {
            actions.push(Action::Tour(Some(Step::Views)));
        }
        ui.add_space(4.0);
        if !is_narrow {
            device_ui(ui, session);
        }
    });
}

fn run_ui(ui: &mut Ui, run: &Run, is_narrow: bool) {
    let colors = palette(ui);
    let (word, color) = match (run.history.state, &run.history.failure) {
        (_, Some(_)) => ("Failed", colors.bad),
        (Some(RunState::Paused), _) => ("Paused", colors.warning),
        (Some(RunState::Stopped), _) => ("Stopped", colors.warning),
        (Some(RunState::Finished), _) => ("Finished", colors.good),
        (Some(RunState::Running) | None, _) => ("Training", colors.accent),
    };
    badge(ui, word, color);
    let Some(stage) = run.stage() else { return };
    if is_narrow {
        if let Some((share, _)) = run.stage_progress().filter(|_| run.is_active()) {
            progress(ui, share, 48.0, "progress of the stage");
        }
        return;
    }
    ui.label(stage.info.plan.subject.to_string());
    let Some((share, left)) = run.stage_progress().filter(|_| run.is_active()) else {
        return;
    };
    let stages = run.plan().map_or(0, |plan| plan.stages().len());
    let position = match stages {
        0 => format!("stage {}", stage.info.plan.index + 1),
        n => format!("stage {} of {n}", stage.info.plan.index + 1),
    };
    ui.add_space(GAP_LARGE / 2.0);
    progress(
        ui,
        share,
        (ui.available_width() * 0.18).clamp(60.0, 220.0),
        &position,
    );
    let mut text = format!("{position} · {:.0} %", 100.0 * share);
    if let Some(secs) = left {
        text.push_str(&format!(" · {} left in it", human_duration(secs)));
    }
    ui.add(
        egui::Label::new(
            RichText::new(text)
                .text_style(TextStyle::Small)
                .color(colors.weak),
        )
        .truncate(),
    );
}

fn device_ui(ui: &mut Ui, session: &Session) {
    let colors = palette(ui);
    let Some(device) = &session.device else {
        ui.label(
            RichText::new("looking for a device…")
                .text_style(TextStyle::Small)
                .color(colors.weak),
        );
        return;
    };
    if device.is_software {
        badge(ui, "software GPU", colors.warning)
            .on_hover_text("This graphics adapter is made of software and slow. Choose the processor under Device.");
    }
    let text = RichText::new(&device.description)
        .text_style(TextStyle::Small)
        .color(colors.weak);
    ui.add(egui::Label::new(text).truncate())
        .on_hover_text(format!("Trains on: {}", device.description));
}

fn theme_button(ui: &mut Ui, view: &mut ViewState) {
    let (icon, name, next) = match view.settings.theme {
        ThemeChoice::System => ("◐", "Theme: as the system", ThemeChoice::Light),
        ThemeChoice::Light => ("○", "Theme: light", ThemeChoice::Dark),
        ThemeChoice::Dark => ("●", "Theme: dark", ThemeChoice::System),
    };
    let response = ui
        .button(icon)
        .on_hover_text(format!("{name}. Click for the next one."));
    if response.accessible_name(name).clicked() {
        view.settings.theme = next;
    }
}
