//! Classes by colour and shape; a click hides one, the search narrows them down.

use super::MapState;
use crate::controls::palette as roles;
use crate::palette;
use crate::session::Session;
use crate::view_state::ColorBy;
use eframe::egui::{
    self, Align, Frame, Layout, Rect, RichText, ScrollArea, Sense, Stroke, TextEdit, TextStyle, Ui,
    UiBuilder, vec2,
};
use supcon_protocol::Samples;

const WIDTH: f32 = 128.0;
/// Between the list's rim and its classes.
const INNER: f32 = 8.0;
/// Around the list.
const MARGIN: f32 = 8.0;
/// Height of a class.
const ENTRY_HEIGHT: f32 = 20.0;
/// Width of a class in a row.
const STRIP_WIDTH: f32 = 88.0;
/// Narrower maps have the classes above them: beside them they would take a third of the room.
const NARROW: f32 = 560.0;
/// More classes would leave no room below the rows.
const MOST_IN_STRIP: u32 = 20;

fn class_count(samples: &Samples) -> u32 {
    1 + samples.labels.iter().copied().max().unwrap_or(0)
}

/// Where the classes are listed.
pub(super) enum Place {
    /// In rows above a narrow map.
    Above(Rect),
    /// Beside a map that has the room.
    Beside(Rect),
    /// Over the right edge of a narrow map that has too many classes for rows.
    Over(Rect),
}

/// Divides the room of a map: where its classes are listed, and where its points are.
pub(super) fn divide(samples: &Samples, room: Rect) -> (Place, Rect) {
    let classes = class_count(samples);
    if room.width() >= NARROW {
        let column = WIDTH + 2.0 * (INNER + MARGIN);
        let (points, beside) = room.split_left_right_at_x(room.right() - column);
        return (Place::Beside(beside.shrink(MARGIN)), points);
    }
    if classes > MOST_IN_STRIP {
        return (Place::Over(room.shrink(MARGIN)), room);
    }
    let in_a_row = ((room.width() - 2.0 * MARGIN) / STRIP_WIDTH).floor();
    let rows = (classes as f32 / in_a_row.max(1.0)).ceil();
    let (above, points) = room.split_top_bottom_at_y(room.top() + rows * ENTRY_HEIGHT + 12.0);
    (Place::Above(above.shrink2(vec2(MARGIN, 6.0))), points)
}

/// The classes, in their place.
pub(super) fn legend_ui(
    ui: &mut Ui,
    place: &Place,
    session: &Session,
    samples: &Samples,
    by: ColorBy,
    map: &mut MapState,
) {
    let inside = |rect: &Rect, align| {
        let layout = Layout::top_down(align);
        UiBuilder::new().max_rect(*rect).layout(layout)
    };
    match place {
        Place::Above(rect) => ui.scope_builder(inside(rect, Align::Min), |ui| {
            rows_ui(ui, session, samples, by, map);
        }),
        Place::Beside(rect) | Place::Over(rect) => {
            ui.scope_builder(inside(rect, Align::Max), |ui| {
                list_ui(ui, session, samples, by, map);
            })
        }
    };
}

/// The classes in rows.
fn rows_ui(ui: &mut Ui, session: &Session, samples: &Samples, by: ColorBy, map: &mut MapState) {
    let classes = class_count(samples);
    ui.spacing_mut().item_spacing = vec2(0.0, 0.0);
    ui.horizontal_wrapped(|ui| {
        for class in 0..classes {
            let name = session.class(class);
            entry(ui, (class, classes), &name, (by, map), STRIP_WIDTH);
        }
    });
}

/// The classes below each other, and a search where there are many.
fn list_ui(ui: &mut Ui, session: &Session, samples: &Samples, by: ColorBy, map: &mut MapState) {
    let classes = class_count(samples);
    let colors = roles(ui);
    let max_height = ui.available_height() - 40.0;
    Frame::new()
        .fill(colors.panel.gamma_multiply(0.92))
        .stroke(Stroke::new(1.0, colors.outline))
        .corner_radius(6)
        .inner_margin(INNER)
        .show(ui, |ui| {
            ui.set_width(WIDTH);
            ui.spacing_mut().item_spacing.y = 1.0;
            if classes > 5 {
                let search = TextEdit::singleline(&mut map.search)
                    .hint_text("Find a class")
                    .desired_width(WIDTH - 8.0);
                ui.add(search)
                    .on_hover_text("Shows only the classes whose name holds this text");
                ui.add_space(4.0);
            }
            ScrollArea::vertical()
                .max_height(max_height.max(80.0))
                .show(ui, |ui| {
                    for class in 0..classes {
                        let name = session.class(class);
                        entry(ui, (class, classes), &name, (by, map), WIDTH);
                    }
                });
        });
}

fn entry(
    ui: &mut Ui,
    (class, classes): (u32, u32),
    name: &str,
    (by, map): (ColorBy, &mut MapState),
    width: f32,
) {
    let is_shown = map.shows(class, name);
    let (rect, response) = ui.allocate_exact_size(vec2(width, ENTRY_HEIGHT), Sense::click());
    let colors = roles(ui);
    let painter = ui.painter();
    if response.hovered() || response.has_focus() {
        painter.rect_filled(rect, 4.0, colors.raised_hover);
    }
    let fade = if is_shown { 1.0 } else { 0.3 };
    let center = rect.left_center() + vec2(10.0, 0.0);
    // Where colours tell something else, only shapes tell the class.
    let color = match by {
        ColorBy::Class | ColorBy::Prediction => palette::color(class, ui.visuals().dark_mode),
        ColorBy::Correctness | ColorBy::Field(_) => colors.weak,
    };
    let color = color.gamma_multiply(fade);
    painter.add(palette::shape(class).mark(center, 4.5, color));
    let text = RichText::new(name)
        .text_style(TextStyle::Small)
        .color(colors.text.gamma_multiply(fade));
    let label = egui::WidgetText::from(text).into_galley(
        ui,
        Some(egui::TextWrapMode::Truncate),
        width - 26.0,
        TextStyle::Small,
    );
    painter.galley(
        rect.left_center() + vec2(22.0, -label.size().y / 2.0),
        label,
        colors.text,
    );
    let info = format!("Class {name}");
    response
        .widget_info(|| egui::WidgetInfo::selected(egui::Role::CheckBox, true, is_shown, &info));
    let response = response.on_hover_text(format!(
        "{name}: click to hide or show, double-click to show it alone, right-click to show all"
    ));
    if response.double_clicked() {
        map.hidden = (0..classes).filter(|&other| other != class).collect();
    } else if response.clicked() && !map.hidden.remove(&class) {
        map.hidden.insert(class);
    }
    if response.secondary_clicked() {
        map.hidden.clear();
    }
}
