//! Runs of this session side by side, and starting the same run with another method.

use super::curves::{encoder_stages, plot};
use super::results::percent;
use super::setup::term;
use crate::actions::{Action, Actions};
use crate::controls::{empty_state, palette, section};
use crate::palette;
use crate::session::{Run, Session};
use crate::view_state::ViewState;
use eframe::egui::{Button, Frame, Grid, Margin, RichText, ScrollArea, TextStyle, Ui};
use egui_plot::{Legend, Line};
use supcon_protocol::{Method, Subject};

/// The list of runs, their curves overlaid, and their results.
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
            section(ui, "kNN accuracy, %", |ui| overlay_ui(ui, session, view));
            section(ui, "Results", |ui| table_ui(ui, session, view));
        });
    });
}

fn again_ui(ui: &mut Ui, session: &Session, run: &Run, actions: &mut Actions) {
    let is_free = session.active_run().is_none() && run.config.is_some();
    ui.horizontal_wrapped(|ui| {
        for method in Method::ALL {
            ui.add_enabled_ui(is_free, |ui| {
                let button = ui.button(method.to_string());
                let button = button
                    .on_hover_text(term(method))
                    .on_disabled_hover_text("Possible as soon as no run is in progress");
                if button.clicked() {
                    actions.push(Action::TrainAs(method));
                }
            });
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

fn compared<'a>(
    session: &'a Session,
    view: &'a ViewState,
) -> impl Iterator<Item = (usize, &'a Run)> {
    let runs = session.runs.iter().enumerate();
    runs.filter(|(k, _)| view.compared.get(*k).copied().unwrap_or(true))
}

fn overlay_ui(ui: &mut Ui, session: &Session, view: &ViewState) {
    let dark = ui.visuals().dark_mode;
    let mut lines = Vec::new();
    for (k, run) in compared(session, view) {
        for (stage, _) in encoder_stages(run, dark) {
            let points: Vec<[f64; 2]> = stage
                .probes
                .iter()
                .map(|p| [p.step as f64, 100.0 * p.knn_top1])
                .collect();
            let color = palette::color(lines.len() as u32, dark);
            let name = format!("{}. {}", k + 1, stage.info.plan.subject);
            lines.push(Line::new(name, points).color(color).width(1.8));
        }
    }
    let legend = Legend::default()
        .text_style(TextStyle::Small)
        .background_alpha(0.6)
        .follow_insertion_order(true);
    plot("compared", 220.0)
        .include_y(0.0)
        .include_y(100.0)
        .legend(legend)
        .show(ui, move |plot| {
            lines.into_iter().for_each(|line| plot.line(line));
        });
}

fn table_ui(ui: &mut Ui, session: &Session, view: &ViewState) {
    let colors = palette(ui);
    Grid::new("compared results")
        .num_columns(4)
        .spacing([20.0, 6.0])
        .show(ui, |ui| {
            for name in ["run", "network", "linear top-1, %", "kNN top-1, %"] {
                ui.label(
                    RichText::new(name)
                        .text_style(TextStyle::Small)
                        .color(colors.weak),
                );
            }
            ui.end_row();
            for (k, run) in compared(session, view) {
                for row in run
                    .history
                    .results
                    .iter()
                    .filter(|row| k == 0 || row.subject != Subject::RandomEncoder)
                {
                    ui.label(format!("{}", k + 1));
                    ui.label(row.subject.to_string());
                    ui.label(percent(&row.linear.top1));
                    ui.label(percent(&row.knn.top1));
                    ui.end_row();
                }
            }
        });
}
