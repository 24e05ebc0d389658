//! The window on a phone: one pane at a time, chosen from a strip at the bottom.

use crate::layout::Pane;
use crate::theme::{MARGIN, colors};
use eframe::egui::{Align, Button, Context, Frame, Id, Margin, Panel, ScrollArea, Ui, vec2};

/// Narrower windows show one pane at a time, in points.
const NARROW: f32 = 720.0;
/// Height of the strip: a thumb's.
const STRIP: f32 = 52.0;

/// Whether the window is too narrow for panes side by side.
#[must_use]
pub fn is_narrow(ctx: &Context) -> bool {
    ctx.content_rect().width() < NARROW
}

/// What a narrow window shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Shown {
    /// Setup, or the run's controls.
    #[default]
    Controls,
    /// A pane.
    Pane(Pane),
}

/// The strip of what can be shown; `controls` is what the first of it is called.
pub fn strip_ui(ui: &mut Ui, controls: &str, shown: &mut Shown) {
    let frame = Frame::new()
        .fill(colors(ui.visuals()).panel)
        .inner_margin(Margin::symmetric(MARGIN / 2, 4));
    // Who is brought to a pane, by the tour or by a row of pictures, sees which one it is.
    let last = Id::unique("shown in the strip");
    let is_new = ui.data(|data| data.get_temp(last)) != Some(*shown);
    ui.data_mut(|data| data.insert_temp(last, *shown));
    Panel::bottom("strip")
        .frame(frame)
        .exact_size(STRIP)
        .show(ui, |ui| {
            ScrollArea::horizontal().show(ui, |ui| {
                ui.horizontal_centered(|ui| {
                    ui.spacing_mut().item_spacing.x = 2.0;
                    let mut offer = |ui: &mut Ui, what: Shown, name: &str, term: &str| {
                        let button = Button::selectable(*shown == what, name);
                        let button = ui.add(button.min_size(vec2(0.0, STRIP - 12.0)));
                        if is_new && *shown == what {
                            button.scroll_to_me(Some(Align::Center));
                        }
                        if button.on_hover_text(term).clicked() {
                            *shown = what;
                        }
                    };
                    let term = "What is trained on what, and the course of a run";
                    offer(ui, Shown::Controls, controls, term);
                    for &pane in Pane::ALL {
                        offer(ui, Shown::Pane(pane), pane.title(), pane.term());
                    }
                });
            });
        });
}
