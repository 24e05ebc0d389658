//! The pair inspector: what pulls a point where, and how strongly, under the loss that trains.

use crate::analysis::{InspectedPair, Inspection};
use crate::controls::{choice, empty_state, palette};
use crate::film::Frame;
use crate::map_view::shown_frame;
use crate::objective::{kernel, trained_objective};
use crate::palette;
use crate::session::Session;
use crate::terms;
use crate::view_state::{InspectedLoss, ViewState};
use eframe::egui::{self, Color32, Grid, Pos2, RichText, ScrollArea, Shape, Stroke, TextStyle, Ui};
use std::sync::Arc;
use supcon_math::{Objective, Summation};

/// Pairs of each kind drawn as lines.
const LINES: usize = 8;
/// Selected images shown as pictures.
const MOST_SELECTED: usize = 400;
/// In a pane lower than this everything is set closer, so that more than a few pairs are seen.
const LOW: f32 = 420.0;

/// How large things are, in points.
struct Sizes {
    anchor: f32,
    picture: f32,
    /// Between the rows.
    gap: f32,
}

impl Sizes {
    fn of(ui: &Ui) -> Self {
        let (anchor, picture, gap) = if ui.available_height() < LOW {
            (36.0, 24.0, 2.0)
        } else {
            (56.0, 30.0, 4.0)
        };
        Self {
            anchor,
            picture,
            gap,
        }
    }
}

/// The inspector of the point clicked, or the pictures of the selection.
pub fn inspector_ui(ui: &mut Ui, session: &Session, view: &mut ViewState) {
    let Some(frame) = shown_frame(ui.ctx(), session, view) else {
        empty_state(
            ui,
            "Pair inspector",
            "Click a point of the map to see which images pull it and which push it away.",
        );
        return;
    };
    view.map.thumbnails.load(ui.ctx(), &frame.samples);
    match view.map.anchor {
        Some(image) => anchor_ui(ui, session, view, &frame, image),
        None if !view.map.selected.is_empty() => selection_ui(ui, session, view, &frame),
        None => empty_state(
            ui,
            "Pair inspector",
            "Click a point of the map: its hardest positives and negatives appear here with the weight of each pair in the gradient. Rectangle or lasso select many.",
        ),
    }
}

/// The objective that trains the frame's stage, with the user's choice of summation.
fn objective(session: &Session, frame: &Frame, inspected: InspectedLoss) -> Objective {
    let mut objective = trained_objective(session.run(), frame);
    match inspected {
        InspectedLoss::Training => {}
        InspectedLoss::Out => objective.summation = Summation::Out,
        InspectedLoss::In => objective.summation = Summation::In,
    }
    objective
}

fn inspection(
    session: &Session,
    view: &mut ViewState,
    frame: &Frame,
    image: usize,
) -> (Arc<Inspection>, Objective) {
    let objective = objective(session, frame, view.inspected_loss);
    (
        view.map
            .insight
            .inspection(frame, image, (&objective, kernel(session.run()).0)),
        objective,
    )
}

fn anchor_ui(ui: &mut Ui, session: &Session, view: &mut ViewState, frame: &Frame, image: usize) {
    let (inspection, objective) = inspection(session, view, frame, image);
    let sizes = Sizes::of(ui);
    let dark = ui.visuals().dark_mode;
    ui.horizontal(|ui| {
        let label = frame.samples.labels[image];
        let rim = palette::color(label, dark);
        let thumbnails = &view.map.thumbnails;
        let picture = thumbnails.show(ui, image, sizes.anchor, rim, "The anchor");
        picture.on_hover_text("The image whose pairs are listed; N goes to the next, Shift+N back");
        ui.vertical(|ui| {
            ui.spacing_mut().item_spacing.y = sizes.gap;
            ui.label(RichText::new(format!("Anchor: {}", session.class(label))).heading());
            let colors = palette(ui);
            let text = format!(
                "{} images · τ {:.3} · {}",
                inspection.images,
                objective.temperature,
                kernel(session.run()).1
            );
            let text = RichText::new(text).text_style(TextStyle::Small);
            ui.add(egui::Label::new(text.color(colors.weak)).truncate())
                .on_hover_text(terms::CONTRASTED);
        });
    });
    let options = [
        (
            InspectedLoss::Training,
            "As trained",
            "The loss that trains this encoder",
        ),
        (InspectedLoss::Out, "L_out", terms::SUPCON),
        (InspectedLoss::In, "L_in", terms::SUPCON_IN),
    ];
    choice(ui, &mut view.inspected_loss, &options);
    ui.separator();
    let colors = palette(ui);
    ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        let mut clicked = None;
        for (title, pairs, color) in [
            (
                "Hardest positives: pulled together",
                &inspection.positives,
                colors.attract,
            ),
            (
                "Hardest negatives: pushed apart",
                &inspection.negatives,
                colors.repel,
            ),
        ] {
            ui.label(RichText::new(title).color(color))
                .on_hover_text(terms::HARDNESS);
            clicked = clicked.or(pairs_ui(ui, session, view, frame, (pairs, title), &sizes));
            ui.add_space(2.0 * sizes.gap);
        }
        if clicked.is_some() {
            view.map.anchor = clicked;
        }
    });
}

/// A strip of pictures with their numbers; returns the image clicked.
fn pairs_ui(
    ui: &mut Ui,
    session: &Session,
    view: &ViewState,
    frame: &Frame,
    (pairs, title): (&[InspectedPair], &str),
    sizes: &Sizes,
) -> Option<usize> {
    let dark = ui.visuals().dark_mode;
    let mut clicked = None;
    let is_wide = ui.available_width() > 300.0;
    let exponent = exponent(pairs);
    Grid::new(title)
        .num_columns(if is_wide { 6 } else { 5 })
        .min_row_height(0.0)
        .spacing([8.0, sizes.gap])
        .show(ui, |ui| {
            head_ui(ui, is_wide, exponent);
            for pair in pairs {
                let label = frame.samples.labels[pair.image];
                let name = format!(
                    "Inspect image {} of class {}",
                    pair.image,
                    session.class(label)
                );
                let rim = palette::color(label, dark);
                let thumbnails = &view.map.thumbnails;
                let picture = thumbnails.show(ui, pair.image, sizes.picture, rim, &name);
                let view_name = if pair.is_second_view {
                    "view 2"
                } else {
                    "view 1"
                };
                let hint = format!("{}, {view_name}", session.class(label));
                if picture.on_hover_text(hint).clicked() {
                    clicked = Some(pair.image);
                }
                if is_wide {
                    let class = RichText::new(session.class(label)).text_style(TextStyle::Small);
                    ui.label(class).on_hover_text(view_name);
                }
                numbers_ui(ui, pair, exponent);
                ui.end_row();
            }
        });
    clicked
}

fn head_ui(ui: &mut Ui, is_wide: bool, exponent: i32) {
    let colors = palette(ui);
    let weight = match exponent {
        0 => "G".to_owned(),
        n => format!("G·1e{n}"),
    };
    for (name, term) in [
        ("", ""),
        ("class", "Label of the image"),
        ("cos", "Cosine of the two embeddings"),
        ("P, %", terms::PROBABILITY),
        ("X, %", terms::TARGET),
        (&weight, terms::GRADIENT),
    ] {
        if name == "class" && !is_wide {
            continue;
        }
        let text = RichText::new(name)
            .text_style(TextStyle::Small)
            .color(colors.weak);
        ui.label(text).on_hover_text(term);
    }
    ui.end_row();
}

/// The power of ten that brings the largest gradient weight between 1 and 10, so that the column is narrow.
fn exponent(pairs: &[InspectedPair]) -> i32 {
    let weights = pairs.iter().map(|pair| pair.pair.gradient_weight.abs());
    let largest = weights.fold(0.0, f64::max);
    if largest > 0.0 && largest.is_finite() {
        -largest.log10().floor() as i32
    } else {
        0
    }
}

fn numbers_ui(ui: &mut Ui, pair: &InspectedPair, exponent: i32) {
    let number = |ui: &mut Ui, text: String| {
        ui.label(
            RichText::new(text)
                .text_style(TextStyle::Monospace)
                .size(11.5),
        );
    };
    number(
        ui,
        pair.pair
            .similarity
            .map_or_else(|| "–".to_owned(), |s| format!("{s:+.2}")),
    );
    number(ui, format!("{:.2}", 100.0 * pair.pair.probability));
    number(ui, format!("{:.2}", 100.0 * pair.pair.target));
    let weight = pair.pair.gradient_weight * 10_f64.powi(exponent);
    number(ui, format!("{weight:+.1}"));
}

fn selection_ui(ui: &mut Ui, session: &Session, view: &mut ViewState, frame: &Frame) {
    let dark = ui.visuals().dark_mode;
    let selected = view.map.selected.clone();
    ui.horizontal(|ui| {
        ui.label(RichText::new(format!("{} images selected", selected.len())).heading());
        if ui
            .button("Clear")
            .on_hover_text("Select nothing (Esc)")
            .clicked()
        {
            view.map.selected.clear();
        }
    });
    let mut clicked = None;
    ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing = egui::vec2(4.0, 4.0);
            for &image in selected.iter().take(MOST_SELECTED) {
                let label = frame.samples.labels[image];
                let name = format!("Image {image}: {}", session.class(label));
                let response =
                    view.map
                        .thumbnails
                        .show(ui, image, 40.0, palette::color(label, dark), &name);
                if response.on_hover_text(name).clicked() {
                    clicked = Some(image);
                }
            }
        });
        if selected.len() > MOST_SELECTED {
            ui.label(RichText::new(format!("and {} more", selected.len() - MOST_SELECTED)).weak());
        }
    });
    if clicked.is_some() {
        view.map.anchor = clicked;
    }
}

/// Lines from the anchor to its hardest pairs: solid where it is pulled, dashed where it is pushed.
pub fn draw_lines(
    ui: &Ui,
    session: &Session,
    view: &mut ViewState,
    frame: &Frame,
    screen: &[(Pos2, f32)],
) {
    let Some(image) = view.map.anchor else { return };
    let (inspection, _) = inspection(session, view, frame, image);
    let colors = palette(ui);
    let from = screen[image].0;
    let strongest = inspection
        .positives
        .iter()
        .chain(&inspection.negatives)
        .map(|pair| pair.pair.hardness)
        .fold(1e-12, f64::max);
    let stroke = |pair: &InspectedPair, color: Color32| {
        let share = (pair.pair.hardness / strongest).sqrt() as f32;
        Stroke::new(0.8 + 2.4 * share, color.gamma_multiply(0.35 + 0.6 * share))
    };
    for pair in inspection.positives.iter().take(LINES) {
        ui.painter()
            .line_segment([from, screen[pair.image].0], stroke(pair, colors.attract));
    }
    for pair in inspection.negatives.iter().take(LINES) {
        let line = [from, screen[pair.image].0];
        ui.painter().extend(Shape::dashed_line(
            &line,
            stroke(pair, colors.repel),
            6.0,
            4.0,
        ));
    }
}
