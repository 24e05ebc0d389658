//! What the pointer rests on: the picture, its label, what kNN says, and its nearest neighbours.

use super::MapState;
use crate::controls::palette as roles;
use crate::film::Frame;
use crate::palette;
use crate::session::Session;
use eframe::egui::{Response, RichText, TextStyle, Tooltip, Ui};
use supcon_protocol::Split;

/// A card beside the pointer.
pub(super) fn hover_ui(
    response: &Response,
    session: &Session,
    map: &mut MapState,
    frame: &Frame,
    image: usize,
) {
    let neighbors = map.insight.neighbors(frame, image);
    Tooltip::always_open(
        response.ctx.clone(),
        response.layer_id,
        response.id.with("hover"),
        eframe::egui::PopupAnchor::Pointer,
    )
    .gap(16.0)
    .show(|ui| {
        ui.set_max_width(260.0);
        ui.horizontal(|ui| {
            picture(ui, map, frame, image, 72.0);
            ui.vertical(|ui| facts(ui, session, map, frame, image));
        });
        ui.add_space(4.0);
        ui.label(
            RichText::new("Nearest in z")
                .text_style(TextStyle::Small)
                .weak(),
        );
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 4.0;
            for &(neighbor, cosine) in neighbors.iter() {
                ui.vertical(|ui| {
                    picture(ui, map, frame, neighbor, 36.0);
                    ui.label(
                        RichText::new(format!("{cosine:.2}"))
                            .text_style(TextStyle::Small)
                            .weak(),
                    );
                });
            }
        });
    });
}

fn picture(ui: &mut Ui, map: &MapState, frame: &Frame, image: usize, side: f32) {
    let label = frame.samples.labels[image];
    let rim = palette::color(label, ui.visuals().dark_mode);
    map.thumbnails.show(
        ui,
        image,
        side,
        rim,
        &format!(
            "Image {}",
            frame.samples.images.get(image).copied().unwrap_or_default()
        ),
    );
}

fn facts(ui: &mut Ui, session: &Session, map: &MapState, frame: &Frame, image: usize) {
    let colors = roles(ui);
    let label = frame.samples.labels[image];
    ui.label(
        RichText::new(session.class(label))
            .heading()
            .color(colors.text),
    );
    if let Some(prediction) = frame.prediction(image) {
        let (mark, color) = if prediction == label {
            ("right", colors.good)
        } else {
            ("wrong", colors.bad)
        };
        ui.label(
            RichText::new(format!("kNN says {}: {mark}", session.class(prediction))).color(color),
        );
    }
    if let Some((field, value)) = map.coloring.told(frame, image) {
        ui.label(
            RichText::new(format!("{}: {value:.3}", field.name()))
                .text_style(TextStyle::Small)
                .color(colors.text),
        );
    }
    if let Some(index) = frame.samples.images.get(image) {
        let split = match frame.samples.split {
            Split::Train => "Training",
            Split::Validation => "Validation",
            Split::Test => "Test",
        };
        ui.label(
            RichText::new(format!("{split} image {index}"))
                .text_style(TextStyle::Small)
                .weak(),
        );
    }
}
