//! The worst mistakes as images: a click shows one in the map.

use crate::actions::{Action, Actions};
use crate::controls::palette;
use crate::map_view::shown_frame;
use crate::mistakes::{Mistake, Mistakes};
use crate::palette;
use crate::session::Session;
use crate::terms;
use crate::view_state::ViewState;
use eframe::egui::{Label, RichText, TextStyle, Ui, vec2};
use supcon_protocol::EvaluationConfig;

/// Pictures shown.
const MOST: usize = 24;
/// Side of one.
const SIDE: f32 = 64.0;

/// The strip of images that kNN names wrongly with most conviction.
pub fn mistakes_ui(ui: &mut Ui, session: &Session, view: &mut ViewState, actions: &mut Actions) {
    let Some(frame) = shown_frame(ui.ctx(), session, view) else {
        ui.weak("There is no map of this run to look for mistakes in.");
        return;
    };
    let config = session.run().and_then(|run| run.config.as_ref());
    let (neighbors, temperature) = config.map_or((20, 0.1), |config| votes(&config.evaluation));
    let found = view.map.insight.mistakes(&frame, neighbors, temperature);
    view.map.thumbnails.load(ui.ctx(), &frame.samples);
    ui.weak(sentence(&found, frame.n()))
        .on_hover_text(terms::MISTAKES);
    let dark = ui.visuals().dark_mode;
    let mut clicked = None;
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = vec2(8.0, 8.0);
        for mistake in found.worst.iter().take(MOST) {
            let label = frame.samples.labels[mistake.image];
            let hint = hint(session, label, mistake);
            let rim = palette::color(label, dark);
            ui.allocate_ui(vec2(SIDE, SIDE + 30.0), |ui| {
                ui.vertical(|ui| {
                    ui.spacing_mut().item_spacing.y = 1.0;
                    ui.set_width(SIDE);
                    let picture = view
                        .map
                        .thumbnails
                        .show(ui, mistake.image, SIDE, rim, &hint);
                    if picture.on_hover_text(&hint).clicked() {
                        clicked = Some(mistake.image);
                    }
                    caption_ui(ui, session, mistake);
                });
            });
        }
    });
    if let Some(image) = clicked {
        view.map.select(vec![image]);
        view.map.anchor = Some(image);
        actions.push(Action::ShowMap);
    }
}

fn votes(evaluation: &EvaluationConfig) -> (usize, f32) {
    (evaluation.knn_neighbors, evaluation.knn_temperature)
}

fn sentence(found: &Mistakes, images: usize) -> String {
    let part = if found.worst.len() < found.count {
        format!(
            ", of which an even part of {} was looked at",
            found.worst.len()
        )
    } else {
        String::new()
    };
    match found.count {
        0 => format!("kNN calls all {images} images in the map by their name."),
        count => format!(
            "{count} of the {images} images in the map are called by a wrong name by kNN{part}. A click shows one there."
        ),
    }
}

fn hint(session: &Session, label: u32, mistake: &Mistake) -> String {
    format!(
        "A {} that kNN calls {} with {:.0} % of the votes",
        session.class(label),
        session.class(mistake.prediction),
        100.0 * mistake.confidence
    )
}

/// What kNN says, and how surely.
fn caption_ui(ui: &mut Ui, session: &Session, mistake: &Mistake) {
    let colors = palette(ui);
    let small = |text: String, color| {
        let text = RichText::new(text)
            .text_style(TextStyle::Small)
            .color(color);
        Label::new(text).truncate()
    };
    ui.add(small(session.class(mistake.prediction), colors.bad));
    ui.add(small(
        format!("{:.0} %", 100.0 * mistake.confidence),
        colors.weak,
    ));
}
