//! What floats over the window without asking anything: a short message, and what dropping does.

use crate::theme::colors;
use crate::view_state::ViewState;
use eframe::egui::{self, Align2, Frame, RichText, Stroke, Ui, vec2};

/// The message that goes away by itself.
pub fn toast_ui(ui: &Ui, view: &mut ViewState) {
    let now = ui.input(|i| i.time);
    let Some((text, until)) = &view.toast else {
        return;
    };
    if now > *until {
        view.toast = None;
        return;
    }
    egui::Area::new(egui::Id::unique("toast"))
        .anchor(Align2::CENTER_BOTTOM, vec2(0.0, -24.0))
        .order(egui::Order::Foreground)
        .show(ui.ctx(), |ui| {
            Frame::popup(ui.style()).show(ui, |ui| ui.label(text));
        });
    ui.ctx()
        .request_repaint_after_secs((until - now) as f32 + 0.05);
}

/// While something is dragged over the window: what dropping it does.
pub fn drop_hint_ui(ui: &Ui) {
    if ui.input(|i| i.raw.hovered_files.is_empty()) {
        return;
    }
    let colors = colors(ui.visuals());
    egui::Area::new(egui::Id::unique("drop"))
        .anchor(Align2::CENTER_CENTER, vec2(0.0, 0.0))
        .order(egui::Order::Foreground)
        .show(ui.ctx(), |ui| {
            Frame::popup(ui.style())
                .stroke(Stroke::new(2.0, colors.accent))
                .inner_margin(32)
                .show(ui, |ui| {
                    ui.label(RichText::new("Drop to train on these images").heading());
                });
        });
}
