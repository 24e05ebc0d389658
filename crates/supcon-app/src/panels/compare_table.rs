//! Test results of several runs, with intervals, and the differences between their networks.

use super::results::percent;
use crate::controls::palette;
use crate::differences::{Difference, difference};
use crate::session::Session;
use crate::terms;
use crate::view_state::ViewState;
use eframe::egui::scroll_area::ScrollBarVisibility;
use eframe::egui::{ComboBox, Grid, RichText, ScrollArea, TextStyle, Ui};
use supcon_protocol::{ResultRow, Subject};

/// One network of one run, its seeds together.
struct Network<'a> {
    run: usize,
    subject: Subject,
    rows: Vec<&'a ResultRow>,
    /// Hash of the images it was trained and tested on, and how many.
    images: Option<(&'a str, usize)>,
}

impl Network<'_> {
    fn name(&self) -> String {
        format!("{}. {}", self.run + 1, self.subject)
    }
}

fn head(ui: &mut Ui, columns: &[(&str, &str)]) {
    let color = palette(ui).weak;
    for (name, term) in columns {
        let text = RichText::new(*name)
            .text_style(TextStyle::Small)
            .color(color);
        ui.label(text).on_hover_text(*term);
    }
    ui.end_row();
}

/// Every network of the runs; the random encoder once.
pub fn table_ui(ui: &mut Ui, session: &Session, runs: &[usize]) {
    let results = |&k: &usize| {
        session.runs[k]
            .history
            .results
            .iter()
            .map(move |row| (k, row))
    };
    let mut rows = runs.iter().flat_map(results).peekable();
    if rows.peek().is_none() {
        ui.weak("None of these runs has been evaluated yet.");
        return;
    }
    let first = runs.first().copied();
    let rows = rows.filter(|(k, row)| Some(*k) == first || row.subject != Subject::RandomEncoder);
    // egui draws the bar of an area below what is seen at the lower edge of what is seen.
    let is_seen = ui.next_widget_position().y < ui.clip_rect().bottom();
    let bar = match is_seen {
        true => ScrollBarVisibility::VisibleWhenNeeded,
        false => ScrollBarVisibility::AlwaysHidden,
    };
    ScrollArea::horizontal()
        .id_salt("compared results")
        .scroll_bar_visibility(bar)
        .show(ui, |ui| {
            let columns = [
                ("run", "Its number under Runs"),
                ("network", terms::METHODS),
                ("seed", "Seed of weights, batches and views"),
                ("linear top-1, %", terms::LINEAR),
                ("kNN top-1, %", terms::KNN),
                ("class mean, %", terms::CLASS_MEAN),
                ("calibration error, %", terms::CALIBRATION_ERROR),
                ("nats", terms::NEGATIVE_LOG_LIKELIHOOD),
            ];
            Grid::new("compared results")
                .num_columns(columns.len())
                .spacing([16.0, 6.0])
                .show(ui, |ui| {
                    head(ui, &columns);
                    rows.for_each(|(k, row)| row_ui(ui, k, row));
                });
        });
}

fn row_ui(ui: &mut Ui, run: usize, row: &ResultRow) {
    let or_dash = |text: Option<String>| text.unwrap_or_else(|| "–".to_owned());
    ui.label(format!("{}", run + 1));
    ui.label(row.subject.to_string());
    ui.label(row.seed.to_string());
    ui.label(percent(&row.linear.top1));
    ui.label(percent(&row.knn.top1));
    ui.label(or_dash(
        row.class_mean
            .as_ref()
            .map(|accuracy| percent(&accuracy.top1)),
    ));
    let calibration = row.calibration.as_ref();
    ui.label(or_dash(
        calibration.map(|found| format!("{:.1}", 100.0 * found.expected_error)),
    ));
    ui.label(or_dash(
        calibration.map(|found| format!("{:.3}", found.negative_log_likelihood)),
    ));
    ui.end_row();
}

fn networks<'a>(session: &'a Session, runs: &[usize]) -> Vec<Network<'a>> {
    let mut networks: Vec<Network<'a>> = Vec::new();
    for &run in runs {
        let history = &session.runs[run].history;
        let images = history
            .info
            .as_ref()
            .map(|info| (info.data_fingerprint.as_str(), info.images[2]));
        for row in &history.results {
            if row.subject == Subject::RandomEncoder {
                continue;
            }
            let same = |n: &&mut Network<'_>| n.run == run && n.subject == row.subject;
            match networks.iter_mut().find(same) {
                Some(network) => network.rows.push(row),
                None => networks.push(Network {
                    run,
                    subject: row.subject,
                    rows: vec![row],
                    images,
                }),
            }
        }
    }
    networks
}

/// Every network against one that can be chosen.
pub fn differences_ui(ui: &mut Ui, session: &Session, view: &mut ViewState, runs: &[usize]) {
    let networks = networks(session, runs);
    if networks.len() < 2 {
        ui.weak("Two evaluated networks are needed: of one run, or of two.");
        return;
    }
    let mut chosen = view.baseline.min(networks.len() - 1);
    ui.name_inputs("Compared with", |ui| {
        ui.horizontal(|ui| {
            ui.label("Compared with").on_hover_text(terms::DIFFERENCE);
            let name = |at: usize| networks[at].name();
            let list = ComboBox::from_id_salt("baseline").width(200.0);
            let list = list.show_index(ui, &mut chosen, networks.len(), name);
            if list
                .on_hover_text(terms::DIFFERENCE)
                .accessible_name("Compared with")
                .changed()
            {
                view.baseline = chosen;
            }
        });
    });
    let baseline = &networks[chosen];
    Grid::new("differences")
        .num_columns(3)
        .spacing([16.0, 6.0])
        .show(ui, |ui| {
            head(
                ui,
                &[
                    ("network", terms::METHODS),
                    ("difference, points", terms::DIFFERENCE),
                    (
                        "p",
                        "How often exchanging the two on random images gives a difference as large",
                    ),
                ],
            );
            for network in &networks {
                if std::ptr::eq(network, baseline) {
                    continue;
                }
                ui.label(network.name());
                let found = found(view, network, baseline);
                difference_ui(ui, network, baseline, found);
                ui.end_row();
            }
        });
}

fn found(view: &mut ViewState, one: &Network<'_>, other: &Network<'_>) -> Option<Difference> {
    if one.images.is_none() || one.images != other.images {
        return None;
    }
    let [a, b] = [one, other].map(|n| format!("{} ({} seeds)", n.name(), n.rows.len()));
    let name = format!("{a} − {b}");
    view.differences
        .get(name, || difference(&one.rows, &other.rows))
}

fn difference_ui(ui: &mut Ui, one: &Network<'_>, other: &Network<'_>, found: Option<Difference>) {
    let colors = palette(ui);
    let Some(found) = found else {
        let why = if one.images == other.images {
            "tested on other numbers of images"
        } else {
            "other images: cannot be subtracted"
        };
        ui.label(RichText::new(why).color(colors.weak));
        return;
    };
    let interval = found.interval;
    let color = if interval.low > 0.0 {
        colors.good
    } else if interval.high < 0.0 {
        colors.bad
    } else {
        colors.text
    };
    let text = format!(
        "{:+.1}  [{:+.1}, {:+.1}]",
        100.0 * interval.value,
        100.0 * interval.low,
        100.0 * interval.high
    );
    ui.label(RichText::new(text).color(color));
    ui.label(match found.p_value {
        p if p < 0.0005 => "< 0.001".to_owned(),
        p => format!("{p:.3}"),
    });
}
