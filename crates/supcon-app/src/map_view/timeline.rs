//! The time slider: back through the frames of the run, and playing them as a film.

use crate::controls::palette as roles;
use crate::film::Frame;
use crate::session::Session;
use crate::theme::GAP;
use crate::view_state::{Playhead, ViewState};
use eframe::egui::{self, Button, RichText, Slider, TextStyle, Ui};

/// Height of the slider's row in points.
pub(super) const HEIGHT: f32 = 28.0;
/// Frames of the film a second.
const FRAMES_PER_SECOND: f64 = 5.0;

/// Where the time slider stands: a position among the frames.
#[must_use]
pub fn shown_position(frames: usize, playhead: Playhead, now: f64) -> usize {
    let last = frames.saturating_sub(1);
    match playhead {
        Playhead::Live => last,
        Playhead::At(position) => position.min(last),
        Playhead::Playing { from, since } => {
            let passed = ((now - since).max(0.0) * FRAMES_PER_SECOND) as usize;
            (from + passed).min(last)
        }
    }
}

/// The frame to show now. A film that has reached its end goes on live.
pub fn shown_frame(ctx: &egui::Context, session: &Session, view: &mut ViewState) -> Option<Frame> {
    let frames: Vec<&Frame> = session.run()?.film.mapped().collect();
    let now = ctx.input(|i| i.time);
    let position = shown_position(frames.len(), view.playhead, now);
    if matches!(view.playhead, Playhead::Playing { .. }) {
        if position + 1 >= frames.len() {
            view.playhead = Playhead::Live;
        } else {
            ctx.request_repaint_after_secs(0.5 / FRAMES_PER_SECOND as f32);
        }
    }
    frames.get(position).map(|frame| (*frame).clone())
}

/// Play, slider, live.
pub(super) fn timeline_ui(ui: &mut Ui, session: &Session, view: &mut ViewState) {
    let Some(run) = session.run() else { return };
    let count = run.film.mapped().count();
    if count == 0 {
        return;
    }
    let now = ui.input(|i| i.time);
    let mut position = shown_position(count, view.playhead, now);
    let is_playing = matches!(view.playhead, Playhead::Playing { .. });
    ui.add_space(GAP);
    ui.horizontal(|ui| {
        let (icon, name) = if is_playing {
            ("■", "Hold the film")
        } else {
            ("▶", "Play the film")
        };
        let play = ui.add_enabled(count > 1, Button::new(icon));
        if play
            .on_hover_text(format!("{name} of this run's frames (Space)"))
            .accessible_name(name)
            .clicked()
        {
            view.playhead = view.playhead.toggled(position, count, now);
        }
        let label = format!("{} / {count}", position + 1);
        let live_width = 150.0;
        ui.spacing_mut().slider_width = (ui.available_width() - live_width).max(60.0);
        ui.name_inputs("Frame", |ui| {
            let slider = Slider::new(&mut position, 0..=count - 1).show_value(false);
            if ui
                .add_enabled(count > 1, slider)
                .on_hover_text(hint(run.film.stride()))
                .accessible_name("Frame")
                .changed()
            {
                view.playhead = Playhead::At(position);
            }
        });
        ui.label(
            RichText::new(label)
                .text_style(TextStyle::Small)
                .color(roles(ui).weak),
        );
        let is_live = view.playhead == Playhead::Live;
        let live = ui.add(Button::selectable(is_live, "● Live"));
        if live.on_hover_text("Follow the newest frame").clicked() {
            view.playhead = Playhead::Live;
        }
    });
}

fn hint(stride: u64) -> String {
    let all = "Goes back through the frames of this run".to_owned();
    match stride {
        1 => all,
        n => format!("{all}; of a long run every {n}th is remembered"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_film_plays_from_the_start_and_ends_at_the_last_frame() {
        let playing = Playhead::Live.toggled(9, 10, 100.0);
        assert_eq!(shown_position(10, playing, 100.0), 0);
        assert_eq!(shown_position(10, playing, 101.01), 5);
        assert_eq!(shown_position(10, playing, 200.0), 9);
        assert_eq!(playing.toggled(5, 10, 101.0), Playhead::At(5));
    }
}
