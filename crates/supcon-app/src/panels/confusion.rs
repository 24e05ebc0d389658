//! The confusion matrix, whose cells select images of the map, and every class by itself.

use crate::actions::{Action, Actions};
use crate::controls::palette;
use crate::map_view::shown_frame;
use crate::session::Session;
use crate::terms;
use crate::view_state::ViewState;
use eframe::egui::{self, Color32, Grid, RichText, Role, Sense, TextStyle, Ui, WidgetInfo, vec2};
use supcon_protocol::ConfusionMatrix;

/// Width of the names of the classes.
const NAME_WIDTH: f32 = 84.0;
/// Width of the table of classes.
const CLASSES_WIDTH: f32 = 270.0;

/// Matrix and classes, side by side where there is room.
pub fn confusion_ui(
    ui: &mut Ui,
    session: &Session,
    view: &mut ViewState,
    confusion: &ConfusionMatrix,
    actions: &mut Actions,
) {
    let n = confusion.counts.len().max(1) as f32;
    let room = ui.available_width();
    let cell = (360.0 / n).clamp(14.0, 40.0);
    if room > NAME_WIDTH + n * (cell + 2.0) + CLASSES_WIDTH {
        ui.horizontal_top(|ui| {
            matrix_ui(ui, session, view, (confusion, cell), actions);
            ui.add_space(16.0);
            classes_ui(ui, session, confusion);
        });
    } else {
        let cell = ((room - NAME_WIDTH - 24.0) / n - 2.0).clamp(14.0, cell);
        matrix_ui(ui, session, view, (confusion, cell), actions);
        ui.add_space(10.0);
        classes_ui(ui, session, confusion);
    }
}

/// The matrix; a click on a cell selects its watched images in the map.
fn matrix_ui(
    ui: &mut Ui,
    session: &Session,
    view: &mut ViewState,
    (confusion, cell): (&ConfusionMatrix, f32),
    actions: &mut Actions,
) {
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
                ui.add_sized([NAME_WIDTH, cell], egui::Label::new(text).truncate());
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
                        let meant = (label as u32, prediction as u32);
                        select_cell(ui.ctx(), session, view, meant, actions);
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
    (label, prediction): (u32, u32),
    actions: &mut Actions,
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
            "{} images in the map are {} and called {} by kNN",
            images.len(),
            session.class(label),
            session.class(prediction)
        ),
        now + 4.0,
    ));
    if !images.is_empty() {
        actions.push(Action::ShowMap);
    }
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
