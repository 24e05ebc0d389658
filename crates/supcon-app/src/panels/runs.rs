//! The runs of the runs folder: open one to look at it again, go on with one, rename one, delete one and undo
//! that.

use crate::actions::{Action, Actions};
use crate::controls::{empty_state, palette};
use crate::session::Session;
use crate::shelf::{ListedRun, Shelf};
use crate::view_state::{Renaming, ViewState};
use eframe::egui::{
    Align, Button, Frame, Label, Layout, Margin, RichText, ScrollArea, TextStyle, Ui,
};
use egui_extras::{Column, TableBuilder};
use supcon_protocol::{Request, human_duration};

/// From here on there is room for every column.
const WIDE: f32 = 640.0;
/// Room for the buttons before a row.
const OPEN_WIDTH: f32 = 96.0;
/// Room for those behind it, far from the others.
const CHANGE_WIDTH: f32 = 84.0;

/// The list, the latest first.
pub fn runs_ui(
    ui: &mut Ui,
    session: &Session,
    view: &mut ViewState,
    shelf: Option<&Shelf>,
    listed: &[ListedRun],
    actions: &mut Actions,
) {
    let Some(shelf) = shelf else {
        empty_state(ui, "Runs", "This window keeps no runs.");
        return;
    };
    Frame::new().inner_margin(Margin::same(14)).show(ui, |ui| {
        head_ui(ui, shelf, actions);
        ui.add_space(6.0);
        if listed.is_empty() {
            empty_state(
                ui,
                "No runs yet",
                "Every run is kept here: its settings, its curves, its frames and its weights.",
            );
            return;
        }
        ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
            table_ui(ui, session, view, listed, actions);
        });
    });
}

fn head_ui(ui: &mut Ui, shelf: &Shelf, actions: &mut Actions) {
    let colors = palette(ui);
    ui.horizontal(|ui| {
        let refresh = ui.button("Look again");
        if refresh
            .on_hover_text("Lists the folder anew, with runs of the command line")
            .clicked()
        {
            actions.push(Action::ListRuns);
        }
        let open = ui.button("Open another…");
        if open
            .on_hover_text("The directory of a run that is somewhere else; dropping it into the window does the same")
            .clicked()
        {
            actions.push(Action::OpenRun);
        }
        if let Some(run) = shelf.last_deleted() {
            let undo = ui.button("Undo").on_hover_text("Brings the run back (Ctrl+Z). It is deleted for good when the window closes.");
            if undo.accessible_name("Undo the deletion").clicked() {
                actions.push(Action::UndoDelete);
            }
            ui.add(Label::new(format!("{} deleted", run.0)).truncate());
        }
    });
    let place = RichText::new(shelf.folder().display().to_string())
        .text_style(TextStyle::Small)
        .color(colors.weak);
    ui.add(Label::new(place).truncate());
}

fn table_ui(
    ui: &mut Ui,
    session: &Session,
    view: &mut ViewState,
    listed: &[ListedRun],
    actions: &mut Actions,
) {
    let room = ui.available_width();
    let is_wide = room > WIDE;
    let names: &[(&str, f32)] = if is_wide {
        &[
            ("run", 0.24),
            ("state", 0.14),
            ("best top-1", 0.28),
            ("changed", 0.20),
            ("size", 0.14),
        ]
    } else {
        &[("run", 0.34), ("state", 0.22), ("best top-1", 0.44)]
    };
    let gaps = 8.0 * (names.len() + 2) as f32;
    let width = room - OPEN_WIDTH - CHANGE_WIDTH - gaps;
    let mut table = TableBuilder::new(ui)
        .id_salt("runs")
        .striped(true)
        .vscroll(false)
        .cell_layout(Layout::left_to_right(Align::Center))
        .column(Column::exact(OPEN_WIDTH));
    for (_, share) in names {
        table = table.column(Column::exact(share * width).clip(true));
    }
    table
        .column(Column::exact(CHANGE_WIDTH))
        .header(22.0, |mut header| {
            header.col(|_| {});
            for (name, _) in names {
                header.col(|ui| {
                    ui.label(RichText::new(*name).text_style(TextStyle::Small).weak());
                });
            }
            header.col(|_| {});
        })
        .body(|mut body| {
            for run in listed {
                body.row(32.0, |mut line| {
                    line.col(|ui| open_ui(ui, session, run, actions));
                    for cell in cells(run).into_iter().take(names.len()) {
                        line.col(|ui| {
                            ui.add(Label::new(&cell).truncate())
                                .on_hover_text(&run.facts);
                        });
                    }
                    line.col(|ui| change_ui(ui, session, view, run, actions));
                });
            }
        });
}

fn cells(run: &ListedRun) -> [String; 5] {
    let best = run.best.as_ref();
    let age = run.changed.and_then(|changed| changed.elapsed().ok());
    [
        run.id.0.clone(),
        run.state.to_owned(),
        best.map_or_else(String::new, |(network, top1)| {
            format!("{:.1} % {network}", 100.0 * top1)
        }),
        age.map_or_else(String::new, |age| {
            format!("{} ago", human_duration(age.as_secs_f64()))
        }),
        format!("{:.1} MB", run.bytes as f64 / 1e6),
    ]
}

fn is_live(session: &Session, run: &ListedRun) -> bool {
    session
        .active_run()
        .is_some_and(|active| active.id == run.id)
}

fn open_ui(ui: &mut Ui, session: &Session, run: &ListedRun, actions: &mut Actions) {
    ui.spacing_mut().item_spacing.x = 4.0;
    let open = ui.add_enabled(!is_live(session, run), Button::new("Open"));
    let open =
        open.on_hover_text("Its map, film, pairs, curves and results, as if it had just trained");
    if open.accessible_name(format!("Open {}", run.id.0)).clicked() {
        actions.push(Action::OpenListed(run.id.clone()));
    }
    let ended = matches!(run.state, "stopped" | "cut off" | "failed");
    if ended && session.active_run().is_none() {
        let resume = ui
            .button("▶")
            .on_hover_text("Goes on from its last checkpoint");
        if resume
            .accessible_name(format!("Resume {}", run.id.0))
            .clicked()
        {
            actions.push(Action::Engine(Request::Resume(run.id.clone())));
        }
    }
}

fn change_ui(
    ui: &mut Ui,
    session: &Session,
    view: &mut ViewState,
    run: &ListedRun,
    actions: &mut Actions,
) {
    ui.spacing_mut().item_spacing.x = 4.0;
    let rename = ui.add_enabled(!is_live(session, run), Button::new("a→b"));
    let rename = rename.on_hover_text("Gives it another name");
    if rename
        .accessible_name(format!("Rename {}", run.id.0))
        .clicked()
    {
        view.renaming = Some(Renaming {
            run: run.id.clone(),
            name: run.id.0.clone(),
            problem: None,
        });
    }
    let delete = ui.add_enabled(!is_live(session, run), Button::new("×"));
    let delete = delete.on_hover_text("Deletes it; Undo brings it back until the window closes");
    if delete
        .accessible_name(format!("Delete {}", run.id.0))
        .clicked()
    {
        actions.push(Action::DeleteRun(run.id.clone()));
    }
}
