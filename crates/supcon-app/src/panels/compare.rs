//! Runs of this session side by side, and starting the same run with another method.

use super::compare_curves::curves_ui;
use super::compare_table::{differences_ui, table_ui};
use super::setup::term;
use crate::actions::{Action, Actions};
use crate::controls::{empty_state, section};
use crate::map_view::side_by_side_ui;
use crate::session::{Run, Session};
use crate::view_state::ViewState;
use eframe::egui::{Button, Frame, Margin, ScrollArea, TextWrapMode, Ui};
use supcon_protocol::Method;

/// The list of runs, their maps side by side, their curves overlaid, and their results.
pub fn compare_ui(ui: &mut Ui, session: &Session, view: &mut ViewState, actions: &mut Actions) {
    let Some(run) = session.run() else {
        open_ui(ui, actions);
        empty_state(
            ui,
            "Nothing to compare yet",
            "Train once; then the same run with another method is one click away, and its curves are laid over each other here.",
        );
        return;
    };
    view.compared.resize(session.runs.len(), true);
    Frame::new().inner_margin(Margin::same(14)).show(ui, |ui| {
        ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
            section(ui, "The same run with", |ui| {
                again_ui(ui, session, run, actions);
            });
            section(ui, "Runs", |ui| {
                runs_ui(ui, session, view, actions);
                open_ui(ui, actions);
            });
            let runs = compared(session, view);
            section(ui, "Maps", |ui| side_by_side_ui(ui, session, view, &runs));
            section(ui, "Curves", |ui| curves_ui(ui, session, view, &runs));
            section(ui, "Test results", |ui| table_ui(ui, session, &runs));
            section(ui, "Differences", |ui| {
                differences_ui(ui, session, view, &runs);
            });
        });
    });
}

fn again_ui(ui: &mut Ui, session: &Session, run: &Run, actions: &mut Actions) {
    let is_free = session.active_run().is_none() && run.config.is_some();
    ui.horizontal_wrapped(|ui| {
        for method in Method::ALL {
            let button = Button::new(method.to_string()).wrap_mode(TextWrapMode::Extend);
            let button = ui
                .add_enabled(is_free, button)
                .on_hover_text(term(method))
                .on_disabled_hover_text("Possible as soon as no run is in progress");
            if button.clicked() {
                actions.push(Action::TrainAs(method));
            }
        }
    });
}

fn open_ui(ui: &mut Ui, actions: &mut Actions) {
    let open = ui.button("Open a recorded run…");
    if open
        .on_hover_text(
            "The directory of an earlier run; its curves, frames and results are shown again",
        )
        .clicked()
    {
        actions.push(Action::OpenRun);
    }
}

/// Which runs are compared, and which one is looked at.
fn runs_ui(ui: &mut Ui, session: &Session, view: &mut ViewState, actions: &mut Actions) {
    for (k, run) in session.runs.iter().enumerate() {
        ui.horizontal(|ui| {
            ui.checkbox(&mut view.compared[k], format!("{}. {}", k + 1, run.name()))
                .on_hover_text("Whether this run is in the comparison");
            let is_shown = k == session.selected_run;
            let show = ui.add(Button::selectable(is_shown, "Show"));
            let name = format!("Show run {}", k + 1);
            if show
                .on_hover_text("Look at this run's map, curves and results")
                .accessible_name(name)
                .clicked()
            {
                actions.push(Action::LookAt(k));
            }
        });
    }
}

/// Positions of the runs that are compared.
fn compared(session: &Session, view: &ViewState) -> Vec<usize> {
    let is_compared = |&k: &usize| view.compared.get(k).copied().unwrap_or(true);
    (0..session.runs.len()).filter(is_compared).collect()
}
