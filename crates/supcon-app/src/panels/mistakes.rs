//! The worst mistakes as images: those of the classifier where the log has them, else those of kNN in the map.
//! A click shows one in the map.

use crate::actions::{Action, Actions};
use crate::controls::palette;
use crate::map_view::shown_frame;
use crate::palette;
use crate::session::Session;
use crate::sprite::Sprite;
use crate::terms;
use crate::view_state::ViewState;
use eframe::egui::{Label, Response, RichText, TextStyle, Ui, vec2};
use supcon_protocol::{EvaluationConfig, Mistakes, ResultRow, Subject};

/// Pictures shown.
const MOST: usize = 24;
/// Side of one.
const SIDE: f32 = 64.0;

/// The strip of images that are named wrongly with most conviction.
pub fn mistakes_ui(
    ui: &mut Ui,
    session: &Session,
    view: &mut ViewState,
    evaluated: &ResultRow,
    actions: &mut Actions,
) {
    match &evaluated.mistakes {
        Some(mistakes) => classifier_ui(ui, session, view, evaluated, mistakes, actions),
        None => voters_ui(ui, session, view, actions),
    }
}

/// Of the classifier, on the test images.
fn classifier_ui(
    ui: &mut Ui,
    session: &Session,
    view: &mut ViewState,
    evaluated: &ResultRow,
    mistakes: &Mistakes,
    actions: &mut Actions,
) {
    let sentence = classifier_sentence(evaluated, mistakes);
    ui.weak(sentence).on_hover_text(terms::MISTAKES);
    view.sprite.load(ui.ctx(), mistakes);
    let sprite: &Sprite = &view.sprite;
    strip_ui(ui, mistakes.worst.len(), |ui, k| {
        let mistake = &mistakes.worst[k];
        let hint = hint(session, "the classifier", mistake.label, mistake.prediction);
        let hint = format!("{hint} with probability {:.2}", mistake.confidence);
        let rim = palette::color(mistake.label, ui.visuals().dark_mode);
        if sprite.show(ui, k, SIDE, rim, &hint).clicked() {
            actions.push(Action::ShowTestImage(mistake.image));
        }
        (session.class(mistake.prediction), mistake.confidence)
    });
}

fn classifier_sentence(evaluated: &ResultRow, mistakes: &Mistakes) -> String {
    let whose = match evaluated.subject {
        Subject::Trained(supcon_protocol::Method::CrossEntropy) => "The network's own classifier",
        _ => "The linear classifier",
    };
    let images = evaluated.images;
    match (mistakes.count, mistakes.worst.len()) {
        (0, _) => format!("{whose} calls all {images} test images by their name."),
        (count, shown) if shown < count => format!(
            "{whose} is wrong about {count} of {images} test images; here are the {shown} of which it was surest."
        ),
        (count, _) => {
            format!("{whose} is wrong about {count} of {images} test images, the surest first.")
        }
    }
}

/// Of kNN, on the images of the map.
fn voters_ui(ui: &mut Ui, session: &Session, view: &mut ViewState, actions: &mut Actions) {
    let Some(frame) = shown_frame(ui.ctx(), session, view) else {
        ui.weak("The log of this run has no mistakes of its classifier, and there is no map to look for those of kNN.");
        return;
    };
    let config = session.run().and_then(|run| run.config.as_ref());
    let (neighbors, temperature) = config.map_or((20, 0.1), |config| votes(&config.evaluation));
    let found = view.map.insight.mistakes(&frame, neighbors, temperature);
    view.map.thumbnails.load(ui.ctx(), &frame.samples);
    let sentence = format!(
        "The log of this run is older than the list of its classifier's mistakes. kNN calls {} of the {} images in the map by a wrong name:",
        found.count,
        frame.n()
    );
    ui.weak(sentence).on_hover_text(terms::MISTAKES);
    let thumbnails = &view.map.thumbnails;
    let mut clicked = None;
    strip_ui(ui, found.worst.len().min(MOST), |ui, k| {
        let mistake = &found.worst[k];
        let label = frame.samples.labels[mistake.image];
        let hint = hint(session, "kNN", label, mistake.prediction);
        let hint = format!(
            "{hint} with {:.0} % of the votes",
            100.0 * mistake.confidence
        );
        let rim = palette::color(label, ui.visuals().dark_mode);
        let picture = thumbnails.show(ui, mistake.image, SIDE, rim, &hint);
        if picture.on_hover_text(&hint).clicked() {
            clicked = Some(mistake.image);
        }
        (session.class(mistake.prediction), mistake.confidence)
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

fn hint(session: &Session, who: &str, label: u32, prediction: u32) -> String {
    format!(
        "A {} that {who} calls {}",
        session.class(label),
        session.class(prediction)
    )
}

/// Pictures with what they were called, and how surely, below.
fn strip_ui(ui: &mut Ui, count: usize, mut picture: impl FnMut(&mut Ui, usize) -> (String, f64)) {
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = vec2(8.0, 8.0);
        for k in 0..count {
            ui.allocate_ui(vec2(SIDE, SIDE + 30.0), |ui| {
                ui.vertical(|ui| {
                    ui.spacing_mut().item_spacing.y = 1.0;
                    ui.set_width(SIDE);
                    let (said, surely) = picture(ui, k);
                    let colors = palette(ui);
                    small(ui, &said, colors.bad);
                    small(ui, &format!("{:.0} %", 100.0 * surely), colors.weak);
                });
            });
        }
    });
}

fn small(ui: &mut Ui, text: &str, color: eframe::egui::Color32) -> Response {
    let text = RichText::new(text)
        .text_style(TextStyle::Small)
        .color(color);
    ui.add(Label::new(text).truncate())
}
