//! Similarities between the watched images, live.

use super::curves::plot;
use crate::analysis::{BINS, mean};
use crate::controls::{empty_state, palette};
use crate::map_view::shown_frame;
use crate::session::Session;
use crate::terms;
use crate::view_state::ViewState;
use eframe::egui::{Color32, RichText, TextStyle, Ui};
use egui_plot::{Line, PlotPoints};

/// The histogram of the frame shown.
pub fn histogram_ui(ui: &mut Ui, session: &Session, view: &mut ViewState) {
    let Some(frame) = shown_frame(ui.ctx(), session, view) else {
        empty_state(
            ui,
            "Similarities",
            "How alike the images of a class are to the network, and how different those of others, appears here.",
        );
        return;
    };
    let shares = view.map.insight.similarities(&frame);
    let colors = palette(ui);
    let series = [
        ("own view", &shares.own_view, colors.accent),
        ("same class", &shares.same_class, colors.good),
        ("other classes", &shares.other_classes, colors.repel),
    ];
    ui.horizontal_wrapped(|ui| {
        ui.label(
            RichText::new("Cosine of pairs; mean:")
                .text_style(TextStyle::Small)
                .color(colors.weak),
        )
        .on_hover_text(terms::HISTOGRAM);
        for (name, bins, color) in &series {
            ui.label(
                RichText::new(format!("{name} {:+.2}", rounded(mean(bins))))
                    .text_style(TextStyle::Small)
                    .color(*color),
            );
        }
    });
    let lines: Vec<Line<'static>> = series
        .iter()
        .map(|(name, bins, color)| steps(name, bins, *color))
        .collect();
    let height = ui.available_height() - 4.0;
    plot("similarities", height)
        .include_x(-1.0)
        .include_x(1.0)
        .include_y(0.0)
        .label_formatter(|_| None)
        .y_axis_formatter(|mark, _| format!("{:.0} %", mark.value))
        .show(ui, move |plot| {
            lines.into_iter().for_each(|line| plot.line(line));
        });
}

/// To two digits, and zero without a minus.
fn rounded(x: f64) -> f64 {
    (100.0 * x).round() / 100.0 + 0.0
}

/// The outline of the bars, in percent of the pairs.
fn steps(name: &str, shares: &[f64], color: Color32) -> Line<'static> {
    let width = 2.0 / BINS as f64;
    let points: PlotPoints<'static> = shares
        .iter()
        .enumerate()
        .flat_map(|(k, share)| {
            let left = -1.0 + k as f64 * width;
            [[left, 100.0 * share], [left + width, 100.0 * share]]
        })
        .collect();
    Line::new(name.to_owned(), points)
        .color(color)
        .width(1.8)
        .fill(0.0)
        .fill_alpha(0.18)
        .allow_band(false)
        .allow_hover(false)
}
