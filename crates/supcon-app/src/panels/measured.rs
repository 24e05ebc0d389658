//! A stored run's networks, tested again here, beside what the run says of them.

use super::dialogs::window;
use crate::session::Session;
use eframe::egui::{self, Grid, RichText};
use supcon_protocol::ResultRow;

/// The comparison as a window, until it was read.
pub fn measured_ui(ctx: &egui::Context, session: &mut Session) {
    let Some((id, rows)) = &session.measured else {
        return;
    };
    let run = session.runs.iter().find(|run| run.id == *id);
    let recorded = run.map_or(&[][..], |run| &run.history.results);
    let modal = window("measured", ctx).show(ctx, |ui| {
        ui.set_width((ctx.content_rect().width() - 60.0).min(520.0));
        ui.label(RichText::new(format!("{}, tested again", id.0)).heading());
        ui.label("Top-1 on the test images, %: as recorded, and as measured here.");
        ui.add_space(8.0);
        Grid::new("measured").striped(true).show(ui, |ui| {
            for title in ["Network", "Linear", "here", "kNN", "here"] {
                ui.label(RichText::new(title).strong());
            }
            ui.end_row();
            for row in rows {
                let same =
                    |other: &&ResultRow| (other.subject, other.seed) == (row.subject, row.seed);
                let before = recorded.iter().find(same);
                ui.label(format!("{} (seed {})", row.subject, row.seed));
                ui.label(before.map_or("–".to_owned(), |before| percent(before.linear.top1.value)));
                ui.label(percent(row.linear.top1.value));
                ui.label(before.map_or("–".to_owned(), |before| percent(before.knn.top1.value)));
                ui.label(percent(row.knn.top1.value));
                ui.end_row();
            }
        });
        ui.add_space(8.0);
        ui.button("Close").clicked()
    });
    if modal.inner || modal.should_close() {
        session.measured = None;
    }
}

fn percent(share: f64) -> String {
    format!("{:.1}", 100.0 * share)
}
