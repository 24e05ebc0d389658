//! Curves of a run: loss with its landmarks, kNN accuracy, learning rate, throughput, memory.

use super::axes;
use crate::controls::{empty_state, palette};
use crate::palette;
use crate::session::{Run, Session};
use crate::terms;
use crate::view_state::ViewState;
use eframe::egui::{Color32, RichText, ScrollArea, TextStyle, Ui, Vec2b};
use egui_plot::{HLine, HoverPosition, Line, LineStyle, Plot, PlotPoints, Points};
use supcon_protocol::StageHistory;

/// Height of the words above a plot.
const TITLE_HEIGHT: f32 = 34.0;
/// Lower plots cannot be read; then the pane scrolls.
const LEAST_HEIGHT: f32 = 64.0;

/// Curves of the run looked at.
pub fn curves_ui(ui: &mut Ui, session: &Session, _view: &mut ViewState) {
    let Some(run) = session
        .run()
        .filter(|run| run.encoder_stages().next().is_some())
    else {
        empty_state(
            ui,
            "Curves",
            "Loss, accuracy, learning rate, throughput and memory of a run appear here.",
        );
        return;
    };
    type Draw = fn(&mut Ui, &Run, f32);
    let plots: [(&str, &str, Draw); 5] = [
        ("Loss, nats", terms::LOSS, loss_ui),
        ("kNN accuracy, %", terms::KNN, accuracy_ui),
        ("Learning rate", terms::LEARNING_RATE, rate_ui),
        ("Images a second", terms::THROUGHPUT, throughput_ui),
        ("Memory, MB", terms::MEMORY, memory_ui),
    ];
    let size = ui.available_size();
    let columns = if size.x > 480.0 { 2 } else { 1 };
    // In one column the loss takes twice the room of the others.
    let shares = if columns == 1 { plots.len() + 1 } else { 3 };
    let gap = ui.spacing().item_spacing.y;
    let height = ((size.y - gap) / shares as f32 - TITLE_HEIGHT).max(LEAST_HEIGHT);
    ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        for (row, line) in plots.chunks(columns).enumerate() {
            let is_first = columns == 1 && row == 0;
            let height = if is_first { 2.0 * height } else { height };
            ui.columns(columns, |columns| {
                for (ui, (name, term, draw)) in columns.iter_mut().zip(line) {
                    ui.push_id(name, |ui| {
                        key_ui(ui, run, name, term);
                        draw(ui, run, height);
                    });
                }
            });
        }
    });
}

/// The title of a plot, with the names of its lines in their colours.
fn key_ui(ui: &mut Ui, run: &Run, title: &str, term: &str) {
    let colors = palette(ui);
    let dark = ui.visuals().dark_mode;
    let word = |text: &str, color| {
        RichText::new(text)
            .text_style(TextStyle::Small)
            .color(color)
    };
    ui.horizontal_wrapped(|ui| {
        ui.label(word(title, colors.weak)).on_hover_text(term);
        for (stage, color) in encoder_stages(run, dark) {
            ui.label(word(&name(stage), color));
        }
        if title.starts_with("Loss")
            && encoder_stages(run, dark).any(|(stage, _)| stage.info.landmarks.is_some())
        {
            for (text, color) in [
                ("chance", colors.bad),
                ("floor", colors.good),
                ("MI bound", colors.weak),
            ] {
                ui.label(word(text, color)).on_hover_text(term);
            }
        }
    });
}

/// A plot in the window's own look, with x counted in steps.
pub fn plot<'a>(name: &'a str, height: f32) -> Plot<'a> {
    let ((across, marks_across), (up, marks_up)) = (axes::across(), axes::up());
    Plot::new(name)
        .custom_x_axes(vec![across])
        .custom_y_axes(vec![up])
        .x_grid_spacer(marks_across)
        .y_grid_spacer(marks_up)
        .height(height)
        .show_background(false)
        .show_grid(Vec2b::new(false, true))
        .grid_color(Color32::GRAY)
        .allow_scroll(false)
        .allow_zoom(false)
        .allow_drag(false)
        .allow_boxed_zoom(false)
        .include_x(0.0)
        .y_axis_min_width(34.0)
        .set_margin_fraction(eframe::egui::vec2(0.02, 0.08))
        .label_formatter(|at| match at {
            HoverPosition::NearDataPoint {
                plot_name,
                position,
                ..
            } => Some(format!(
                "{plot_name}\nstep {:.0}: {:.4}",
                position.x, position.y
            )),
            HoverPosition::Elsewhere { .. } => None,
        })
}

/// A plot as wide as the longest stage of a run, so that it also says how far the run is.
fn plot_of<'a>(name: &'a str, run: &Run, height: f32) -> Plot<'a> {
    let stages = encoder_stages(run, false);
    let longest = stages.map(|(stage, _)| stage.info.steps).max();
    plot(name, height).include_x(longest.unwrap_or(1) as f64)
}

/// Stages that train an encoder, each with its colour.
pub fn encoder_stages(run: &Run, dark: bool) -> impl Iterator<Item = (&StageHistory, Color32)> {
    let stages = run.encoder_stages().enumerate();
    stages.map(move |(k, stage)| (stage, palette::color(subject_color(k), dark)))
}

/// Blue first: the first method is the one that matters.
fn subject_color(k: usize) -> u32 {
    [4, 5, 2, 6, 1, 0, 7, 3][k % 8]
}

fn name(stage: &StageHistory) -> String {
    let plan = &stage.info.plan;
    match plan.seed {
        0 => plan.subject.to_string(),
        seed => format!("{} (seed {seed})", plan.subject),
    }
}

fn line(
    stage: &StageHistory,
    color: Color32,
    y: impl Fn(&supcon_protocol::StepMetrics) -> Option<f64>,
) -> Line<'static> {
    let points: PlotPoints<'static> = stage
        .steps
        .iter()
        .filter_map(|step| Some([step.step as f64, y(step).filter(|y| y.is_finite())?]))
        .collect();
    Line::new(name(stage), points).color(color).width(1.8)
}

/// Loss of every encoder, with chance, floor and the bound on mutual information of the newest.
pub fn loss_ui(ui: &mut Ui, run: &Run, height: f32) {
    let colors = palette(ui);
    let dark = ui.visuals().dark_mode;
    let stages: Vec<_> = encoder_stages(run, dark).collect();
    let newest = stages
        .iter()
        .rev()
        .find(|(stage, _)| stage.info.landmarks.is_some());
    let landmarks = newest.and_then(|(stage, _)| stage.info.landmarks);
    let bound =
        newest.map(|(stage, _)| line(stage, colors.weak, |step| step.mutual_information_bound));
    let lines: Vec<_> = stages
        .iter()
        .map(|(stage, color)| line(stage, *color, |step| Some(step.loss)))
        .collect();
    plot_of("loss", run, height).show(ui, move |plot| {
        if let Some(landmarks) = landmarks {
            let mark = |name: &str, y: f64, color| {
                HLine::new(name, y)
                    .color(color)
                    .width(1.0)
                    .style(LineStyle::dashed_dense())
            };
            plot.hline(mark("chance", landmarks.chance, colors.bad));
            plot.hline(mark("floor", landmarks.floor, colors.good));
        }
        if let Some(bound) = bound {
            plot.line(
                bound
                    .name("MI bound")
                    .width(1.2)
                    .style(LineStyle::dotted_dense()),
            );
        }
        lines.into_iter().for_each(|line| plot.line(line));
    });
}

/// kNN accuracy of the probes.
pub fn accuracy_ui(ui: &mut Ui, run: &Run, height: f32) {
    let dark = ui.visuals().dark_mode;
    let series: Vec<_> = encoder_stages(run, dark)
        .map(|(stage, color)| {
            let probes = stage.probes.iter();
            let points: Vec<[f64; 2]> = probes
                .map(|p| [p.step as f64, 100.0 * p.knn_top1])
                .collect();
            (name(stage), points, color)
        })
        .collect();
    plot_of("accuracy", run, height)
        .include_y(0.0)
        .include_y(100.0)
        .show(ui, move |plot| {
            for (name, points, color) in series {
                plot.line(
                    Line::new(name.clone(), points.clone())
                        .color(color)
                        .width(1.8),
                );
                plot.points(Points::new(name, points).color(color).radius(3.0));
            }
        });
}

fn rate_ui(ui: &mut Ui, run: &Run, height: f32) {
    simple(ui, "rate", run, height, |step| Some(step.learning_rate));
}

fn throughput_ui(ui: &mut Ui, run: &Run, height: f32) {
    simple(ui, "throughput", run, height, |step| {
        Some(step.images_per_second)
    });
}

fn memory_ui(ui: &mut Ui, run: &Run, height: f32) {
    simple(ui, "memory", run, height, |step| {
        step.memory_bytes.map(|bytes| bytes as f64 / 1e6)
    });
}

fn simple(
    ui: &mut Ui,
    name: &str,
    run: &Run,
    height: f32,
    y: fn(&supcon_protocol::StepMetrics) -> Option<f64>,
) {
    let dark = ui.visuals().dark_mode;
    let lines: Vec<_> = encoder_stages(run, dark)
        .map(|(stage, color)| line(stage, color, y))
        .collect();
    plot_of(name, run, height)
        .include_y(0.0)
        .show(ui, move |plot| {
            lines.into_iter().for_each(|line| plot.line(line));
        });
}
