//! The reliability diagram: whether a classifier is as often right as it is sure.

use super::curves::plot;
use crate::controls::{figure, palette};
use crate::terms;
use eframe::egui::{Ui, vec2};
use egui_plot::{Bar, BarChart, Line, LineStyle};
use supcon_protocol::Calibration;

const SIDE: f32 = 230.0;
/// What the figures and their words take beside the diagram.
const FIGURES_WIDTH: f32 = 170.0;

/// The diagram and its two figures, which stand below it where there is no room beside it.
pub fn reliability_ui(ui: &mut Ui, calibration: Option<&Calibration>) {
    let Some(calibration) = calibration else {
        ui.weak("The log of this run is older than this diagram: train it again to see it.");
        return;
    };
    let diagram = vec2(SIDE + 40.0, SIDE);
    if ui.available_width() < diagram.x + FIGURES_WIDTH + ui.spacing().item_spacing.x {
        ui.allocate_ui(diagram, |ui| diagram_ui(ui, calibration));
        figures_ui(ui, calibration);
        return;
    }
    ui.horizontal_top(|ui| {
        ui.allocate_ui(diagram, |ui| diagram_ui(ui, calibration));
        ui.vertical(|ui| {
            ui.set_max_width(FIGURES_WIDTH);
            figures_ui(ui, calibration);
        });
    });
}

fn figures_ui(ui: &mut Ui, calibration: &Calibration) {
    figure(
        ui,
        "Calibration error, %",
        &format!("{:.1}", 100.0 * calibration.expected_error),
        terms::CALIBRATION_ERROR,
    );
    ui.add_space(6.0);
    figure(
        ui,
        "Neg. log-likelihood, nats",
        &format!("{:.3}", calibration.negative_log_likelihood),
        terms::NEGATIVE_LOG_LIKELIHOOD,
    );
    ui.add_space(6.0);
    ui.weak("Across: how sure the classifier is, %. Up: how often it is right, %.")
        .on_hover_text(terms::RELIABILITY);
}

fn diagram_ui(ui: &mut Ui, calibration: &Calibration) {
    let colors = palette(ui);
    let width = 100.0 / calibration.bins.len().max(1) as f64;
    let most = calibration.bins.iter().map(|bin| bin.count).max();
    let most = most.unwrap_or(0).max(1) as f32;
    let filled = calibration.bins.iter().enumerate();
    let bars: Vec<Bar> = filled
        .filter(|(_, bin)| bin.count > 0)
        .map(|(k, bin)| {
            // A bar of few images is pale.
            let weight = 0.25 + 0.7 * (bin.count as f32 / most).sqrt();
            Bar::new((k as f64 + 0.5) * width, 100.0 * bin.accuracy)
                .width(0.92 * width)
                .fill(colors.accent.gamma_multiply(weight))
                .name(format!(
                    "{} images, {:.1} % sure, {:.1} % right",
                    bin.count,
                    100.0 * bin.confidence,
                    100.0 * bin.accuracy
                ))
        })
        .collect();
    let diagonal = Line::new("as sure as right", vec![[0.0, 0.0], [100.0, 100.0]])
        .color(colors.weak)
        .style(LineStyle::dashed_dense())
        .allow_hover(false);
    plot("reliability", SIDE)
        .include_x(0.0)
        .include_x(100.0)
        .include_y(0.0)
        .include_y(100.0)
        .show(ui, move |plot| {
            let chart = BarChart::new("accuracy", bars);
            plot.bar_chart(chart.element_formatter(Box::new(|bar, _| bar.name.clone())));
            plot.line(diagonal);
        });
}
