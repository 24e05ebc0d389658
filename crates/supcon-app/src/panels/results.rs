//! What came out: the table of results, the confusion matrix, and every class by itself.

use crate::controls::{empty_state, palette, section};
use crate::map_view::shown_frame;
use crate::session::Session;
use crate::terms;
use crate::view_state::ViewState;
use eframe::egui::{
    self, Color32, ComboBox, Frame, Grid, Margin, RichText, Role, ScrollArea, Sense, TextStyle, Ui,
    WidgetInfo, vec2,
};
use egui_extras::{Column, TableBuilder};
use supcon_protocol::{ConfusionMatrix, Interval, ResultRow, Subject};

/// Results of the run looked at.
pub fn results_ui(ui: &mut Ui, session: &Session, view: &mut ViewState) {
    let results = session.run().map_or(&[][..], |run| &run.history.results);
    if results.is_empty() {
        empty_state(
            ui,
            "No results yet",
            "When a network is done, its accuracy on the test images appears here, with intervals, a confusion matrix and a table of classes.",
        );
        return;
    }
    Frame::new().inner_margin(Margin::same(14)).show(ui, |ui| {
        ScrollArea::both().auto_shrink(false).show(ui, |ui| {
            section(ui, "Test accuracy", |ui| table_ui(ui, results));
            let names: Vec<String> = results.iter().map(name).collect();
            let mut evaluated = view.evaluated.min(results.len() - 1);
            section(ui, "Confusion", |ui| {
                ui.name_inputs("Network", |ui| {
                    let choice = ComboBox::from_id_salt("evaluated").width(180.0);
                    let count = names.len();
                    let response =
                        choice.show_index(ui, &mut evaluated, count, |i| names[i].clone());
                    if response.changed() {
                        view.evaluated = evaluated;
                    }
                });
                let confusion = &results[evaluated].confusion;
                ui.horizontal_top(|ui| {
                    confusion_ui(ui, session, view, confusion);
                    ui.add_space(16.0);
                    classes_ui(ui, session, confusion);
                });
            });
        });
    });
}

fn name(row: &ResultRow) -> String {
    format!("{} (seed {})", row.subject, row.seed)
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

fn table_ui(ui: &mut Ui, results: &[ResultRow]) {
    let colors = palette(ui);
    let head = [
        ("Network", terms::METHODS),
        ("Linear top-1, %", terms::LINEAR),
        (
            "Top-5, %",
            "The right class is among the first five guesses",
        ),
        ("kNN top-1, %", terms::KNN),
    ];
    TableBuilder::new(ui)
        .id_salt("results")
        .striped(true)
        .vscroll(false)
        .column(Column::initial(170.0).at_least(110.0))
        .columns(Column::initial(140.0).at_least(90.0), 3)
        .header(22.0, |mut header| {
            for (name, term) in head {
                header.col(|ui| {
                    ui.label(
                        RichText::new(name)
                            .text_style(TextStyle::Small)
                            .color(colors.weak),
                    )
                    .on_hover_text(term);
                });
            }
        })
        .body(|mut body| {
            for row in results {
                body.row(24.0, |mut line| {
                    line.col(|ui| {
                        let response = ui.label(name(row));
                        if row.subject == Subject::RandomEncoder {
                            response.on_hover_text(terms::RANDOM);
                        }
                    });
                    for value in [&row.linear.top1, &row.linear.top5, &row.knn.top1] {
                        line.col(|ui| {
                            ui.label(percent(value));
                        });
                    }
                });
            }
        });
}

/// The matrix; a click on a cell selects its watched images in the map.
fn confusion_ui(ui: &mut Ui, session: &Session, view: &mut ViewState, confusion: &ConfusionMatrix) {
    let n = confusion.counts.len();
    let cell = (360.0 / n.max(1) as f32).clamp(14.0, 40.0);
    let name_width = 84.0;
    let colors = palette(ui);
    ui.vertical(|ui| {
        ui.spacing_mut().item_spacing = vec2(2.0, 2.0);
        ui.label(
            RichText::new("rows: label · columns: what the classifier said")
                .text_style(TextStyle::Small)
                .color(colors.weak),
        )
        .on_hover_text(terms::CONFUSION);
        for (label, counts) in confusion.counts.iter().enumerate() {
            let total = counts.iter().sum::<u32>().max(1);
            ui.horizontal(|ui| {
                let text = RichText::new(session.class(label as u32)).text_style(TextStyle::Small);
                ui.add_sized([name_width, cell], egui::Label::new(text).truncate());
                for (prediction, &count) in counts.iter().enumerate() {
                    let share = count as f32 / total as f32;
                    let color = if label == prediction {
                        colors.good
                    } else {
                        colors.bad
                    };
                    let hint = format!(
                        "{count} of {total} images of {} were called {}",
                        session.class(label as u32),
                        session.class(prediction as u32)
                    );
                    if cell_ui(ui, cell, count, share, color, &hint) {
                        select_cell(ui.ctx(), session, view, label as u32, prediction as u32);
                    }
                }
            });
        }
    });
}

fn cell_ui(ui: &mut Ui, side: f32, count: u32, share: f32, color: Color32, hint: &str) -> bool {
    let (rect, response) = ui.allocate_exact_size(vec2(side, side), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, hint));
    let colors = palette(ui);
    let ground = if count == 0 {
        colors.raised
    } else {
        color.gamma_multiply(0.15 + 0.75 * share)
    };
    ui.painter().rect_filled(rect, 3.0, ground);
    if response.hovered() || response.has_focus() {
        ui.painter().rect_stroke(
            rect,
            3.0,
            egui::Stroke::new(1.5, colors.accent),
            egui::StrokeKind::Inside,
        );
    }
    if side >= 22.0 && count > 0 {
        let font = TextStyle::Small.resolve(ui.style());
        ui.painter().text(
            rect.center(),
            egui::Align2::CENTER_CENTER,
            count.to_string(),
            font,
            colors.text,
        );
    }
    response.on_hover_text(hint).clicked()
}

/// The matrix counts test images; the map shows validation images, so the cell is looked up there.
fn select_cell(
    ctx: &egui::Context,
    session: &Session,
    view: &mut ViewState,
    label: u32,
    prediction: u32,
) {
    let Some(frame) = shown_frame(ctx, session, view) else {
        return;
    };
    let is_meant =
        |&i: &usize| frame.samples.labels[i] == label && frame.prediction(i) == Some(prediction);
    let images: Vec<usize> = (0..frame.n()).filter(is_meant).collect();
    let now = ctx.input(|i| i.time);
    view.toast = Some((
        format!(
            "{} watched images of {} that kNN calls {}",
            images.len(),
            session.class(label),
            session.class(prediction)
        ),
        now + 4.0,
    ));
    view.map.select(images);
}

fn classes_ui(ui: &mut Ui, session: &Session, confusion: &ConfusionMatrix) {
    let colors = palette(ui);
    Grid::new("classes")
        .num_columns(4)
        .spacing([16.0, 4.0])
        .show(ui, |ui| {
            for (name, term) in [
                ("class", ""),
                (
                    "recall, %",
                    "Share of the images of this class that were found",
                ),
                (
                    "precision, %",
                    "Share of the images called by this name that deserve it",
                ),
                ("images", "Test images of this class"),
            ] {
                ui.label(
                    RichText::new(name)
                        .text_style(TextStyle::Small)
                        .color(colors.weak),
                )
                .on_hover_text(term);
            }
            ui.end_row();
            for (class, row) in confusion.counts.iter().enumerate() {
                let right = row.get(class).copied().unwrap_or(0);
                let images: u32 = row.iter().sum();
                let called: u32 = confusion
                    .counts
                    .iter()
                    .filter_map(|row| row.get(class))
                    .sum();
                let share = |total: u32| match total {
                    0 => "–".to_owned(),
                    total => format!("{:.1}", 100.0 * f64::from(right) / f64::from(total)),
                };
                ui.label(session.class(class as u32));
                ui.label(share(images));
                ui.label(share(called));
                ui.label(images.to_string());
                ui.end_row();
            }
        });
}
