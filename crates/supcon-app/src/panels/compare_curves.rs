//! Curves of several runs laid over each other.

use super::curves::{encoder_stages, plot};
use crate::controls::choice;
use crate::palette;
use crate::session::Session;
use crate::terms;
use crate::view_state::{ComparedCurve, ViewState};
use eframe::egui::{TextStyle, Ui};
use egui_plot::{Legend, Line, LineStyle, Points};
use supcon_protocol::StageHistory;

const HEIGHT: f32 = 220.0;

/// One quantity of every network of the runs; lines of one run have one style.
pub fn curves_ui(ui: &mut Ui, session: &Session, view: &mut ViewState, runs: &[usize]) {
    let options = [
        (ComparedCurve::Knn, "kNN, %", terms::KNN),
        (ComparedCurve::Loss, "Loss, nats", terms::LOSS),
        (ComparedCurve::Rate, "Learning rate", terms::LEARNING_RATE),
        (ComparedCurve::Throughput, "Images/s", terms::THROUGHPUT),
    ];
    ui.horizontal_wrapped(|ui| choice(ui, &mut view.compared_curve, &options));
    let dark = ui.visuals().dark_mode;
    let (mut lines, mut dots) = (Vec::new(), Vec::new());
    for (at, &k) in runs.iter().enumerate() {
        for (stage, _) in encoder_stages(&session.runs[k], dark) {
            let points = points(stage, view.compared_curve);
            let color = palette::color(lines.len() as u32, dark);
            let name = format!("{}. {}", k + 1, stage.info.plan.subject);
            if points.len() == 1 {
                // A line of one point is none.
                let dot = Points::new(name.clone(), points.clone());
                dots.push(dot.color(color).radius(3.0));
            }
            let line = Line::new(name, points).color(color).width(1.8);
            lines.push(line.style(style(at)));
        }
    }
    let legend = Legend::default()
        .text_style(TextStyle::Small)
        .background_alpha(0.6)
        .follow_insertion_order(true);
    let mut plot = plot("compared", HEIGHT).legend(legend);
    if view.compared_curve == ComparedCurve::Knn {
        plot = plot.include_y(0.0).include_y(100.0);
    }
    plot.show(ui, move |plot| {
        lines.into_iter().for_each(|line| plot.line(line));
        dots.into_iter().for_each(|dot| plot.points(dot));
    });
}

/// Solid, dashed, dotted: the second channel beside the colour.
fn style(run: usize) -> LineStyle {
    match run % 3 {
        0 => LineStyle::Solid,
        1 => LineStyle::dashed_loose(),
        _ => LineStyle::dotted_dense(),
    }
}

fn points(stage: &StageHistory, curve: ComparedCurve) -> Vec<[f64; 2]> {
    if curve == ComparedCurve::Knn {
        let probes = stage.probes.iter();
        return probes
            .map(|probe| [probe.step as f64, 100.0 * probe.knn_top1])
            .collect();
    }
    let steps = stage.steps.iter().map(|step| {
        let y = match curve {
            ComparedCurve::Rate => step.learning_rate,
            ComparedCurve::Throughput => step.images_per_second,
            ComparedCurve::Loss | ComparedCurve::Knn => step.loss,
        };
        [step.step as f64, y]
    });
    steps.filter(|[_, y]| y.is_finite()).collect()
}
