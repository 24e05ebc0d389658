//! What came out: the table of results, how far they can be believed, and what went wrong.

use super::confusion::confusion_ui;
use super::mistakes::mistakes_ui;
use super::reliability::reliability_ui;
use crate::actions::Actions;
use crate::controls::{empty_state, palette, section};
use crate::session::Session;
use crate::terms;
use crate::view_state::ViewState;
use eframe::egui::{ComboBox, Frame, Label, Margin, RichText, ScrollArea, TextStyle, Ui};
use egui_extras::{Column, TableBuilder};
use supcon_protocol::{Interval, ResultRow, Subject};

/// The column of names, in points.
const NAME_WIDTH: f32 = 150.0;
/// The same on a phone, where a name takes two lines.
const LEAST_NAME_WIDTH: f32 = 64.0;
/// What a share with its interval takes, and the space after it.
const LEAST_WIDTH: f32 = 134.0;

/// Results of the run looked at.
pub fn results_ui(ui: &mut Ui, session: &Session, view: &mut ViewState, actions: &mut Actions) {
    let results = session.run().map_or(&[][..], |run| &run.history.results);
    if results.is_empty() {
        empty_state(
            ui,
            "No results yet",
            "When a network is done, its accuracy on the test images appears here, with intervals, a confusion matrix, a reliability diagram and a table of classes.",
        );
        return;
    }
    Frame::new().inner_margin(Margin::same(14)).show(ui, |ui| {
        ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
            section(ui, "Test accuracy", |ui| table_ui(ui, results));
            let evaluated = network_ui(ui, view, results);
            section(ui, "Confusion", |ui| {
                confusion_ui(ui, session, view, &evaluated.confusion, actions);
            });
            section(ui, "Reliability", |ui| {
                reliability_ui(ui, evaluated.calibration.as_ref());
            });
            section(ui, "Worst mistakes", |ui| {
                mistakes_ui(ui, session, view, evaluated, actions);
            });
        });
    });
}

/// Whose confusion and reliability are shown.
fn network_ui<'a>(ui: &mut Ui, view: &mut ViewState, results: &'a [ResultRow]) -> &'a ResultRow {
    ui.add_space(4.0);
    let mut evaluated = view.evaluated.min(results.len() - 1);
    ui.name_inputs("Network", |ui| {
        let choice = ComboBox::from_id_salt("evaluated").width(220.0);
        let response = choice.show_index(ui, &mut evaluated, results.len(), |i| {
            name(results, &results[i])
        });
        if response.changed() {
            view.evaluated = evaluated;
        }
        response
            .on_hover_text("Whose confusion, reliability and mistakes are shown below")
            .accessible_name("Network");
    });
    &results[evaluated]
}

/// How a result is called: whose, and which seed where there are several.
fn name(results: &[ResultRow], row: &ResultRow) -> String {
    if results.iter().all(|other| other.seed == row.seed) {
        row.subject.to_string()
    } else {
        format!("{} (seed {})", row.subject, row.seed)
    }
}

/// A share with its interval, in percent.
#[must_use]
pub fn percent(interval: &Interval) -> String {
    format!(
        "{:.1}  [{:.1}, {:.1}]",
        100.0 * interval.value,
        100.0 * interval.low,
        100.0 * interval.high
    )
}

/// Widths of a table of shares.
struct Columns {
    name: f32,
    /// How many shares have room beside the name.
    count: usize,
    /// One that is cut short says nothing.
    share: f32,
}

impl Columns {
    fn of(room: f32) -> Self {
        let count = (((room - NAME_WIDTH) / LEAST_WIDTH) as usize).clamp(2, 4);
        let name = (room - count as f32 * LEAST_WIDTH).clamp(LEAST_NAME_WIDTH, NAME_WIDTH);
        let share = ((room - name) / count as f32 - 10.0).min(150.0);
        Self { name, count, share }
    }

    fn row_height(&self) -> f32 {
        if self.name < NAME_WIDTH { 40.0 } else { 24.0 }
    }
}

fn table_ui(ui: &mut Ui, results: &[ResultRow]) {
    let colors = palette(ui);
    let head = [
        ("Network", terms::METHODS),
        ("Linear top-1, %", terms::LINEAR),
        ("kNN top-1, %", terms::KNN),
        ("Class mean, %", terms::CLASS_MEAN),
        (
            "Top-5, %",
            "The right class is among the first five guesses",
        ),
    ];
    let columns = Columns::of(ui.available_width());
    let count = columns.count;
    TableBuilder::new(ui)
        .id_salt("results")
        .striped(true)
        .vscroll(false)
        .column(Column::exact(columns.name))
        .columns(Column::exact(columns.share), count)
        .header(22.0, |mut header| {
            for (name, term) in &head[..=count] {
                header.col(|ui| {
                    let text = RichText::new(*name).text_style(TextStyle::Small);
                    ui.label(text.color(colors.weak)).on_hover_text(*term);
                });
            }
        })
        .body(|mut body| {
            for row in results {
                body.row(columns.row_height(), |mut line| {
                    line.col(|ui| {
                        let response = ui.add(Label::new(name(results, row)).wrap());
                        if row.subject == Subject::RandomEncoder {
                            response.on_hover_text(terms::RANDOM);
                        }
                    });
                    let values = [
                        Some(row.linear.top1),
                        Some(row.knn.top1),
                        row.class_mean.map(|accuracy| accuracy.top1),
                        Some(row.linear.top5),
                    ];
                    for value in &values[..count] {
                        line.col(|ui| {
                            ui.label(value.as_ref().map_or_else(|| "–".to_owned(), percent));
                        });
                    }
                });
            }
        });
}

#[cfg(test)]
mod tests {
    use super::*;

    /// At 1280×800 four columns were shown, and of each interval the upper end was cut off.
    #[test]
    fn a_column_that_is_shown_has_room_for_its_interval() {
        // From the narrowest phone to a wide screen.
        for room in 332..1_600 {
            let Columns { name, count, share } = Columns::of(room as f32);
            assert!(share >= LEAST_WIDTH - 10.0, "{share} of {room}");
            assert!(name + count as f32 * (share + 8.0) <= room as f32);
        }
        assert_eq!(Columns::of(616.0).count, 3);
        assert_eq!(Columns::of(1_000.0).count, 4);
    }
}
