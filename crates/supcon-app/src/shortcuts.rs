//! Keys, and what they do.

use crate::actions::{Action, Actions, command};
use crate::film::Frame;
use crate::map_view::{Camera, Tool, shown_position};
use crate::panels::setup::problem;
use crate::session::Session;
use crate::view_state::{Playhead, ViewState};
use eframe::egui::{Context, Key, Modifiers};
use supcon_protocol::{Command, RunState};

/// What the help window lists.
pub const SHORTCUTS: &[(&str, &str)] = &[
    ("Ctrl+Enter", "Train"),
    ("Ctrl+P", "Pause or continue training"),
    ("Ctrl+O", "Choose a folder of images"),
    ("Ctrl+Z", "Bring back the run deleted last"),
    ("Space", "Play or hold the film"),
    ("← →", "One frame back or forward"),
    ("P  R  L", "Pan, rectangle, lasso"),
    ("F", "Show the whole map"),
    ("N  Shift+N", "Inspect the next image, or the one before"),
    ("+ −", "Zoom the map"),
    ("Esc", "Select nothing"),
    ("Ctrl+Plus, Ctrl+Minus", "Larger, smaller"),
    ("F1", "This help"),
];

/// Carries out the keys pressed, unless someone is typing.
pub fn apply(ctx: &Context, session: &Session, view: &mut ViewState, actions: &mut Actions) {
    // A dialog has the keys to itself: it closes with Esc.
    if ctx.memory(|memory| memory.top_modal_layer().is_some()) {
        return;
    }
    if ctx.egui_wants_keyboard_input() && !ctx.input(|i| i.key_pressed(Key::Escape)) {
        return;
    }
    let pressed = |modifiers, key| ctx.input_mut(|i| i.consume_key(modifiers, key));
    if pressed(Modifiers::COMMAND, Key::Enter) && problem(session, &view.settings.draft).is_none() {
        actions.push(Action::Train);
    }
    if pressed(Modifiers::COMMAND, Key::P)
        && let Some(run) = session.active_run()
    {
        let is_paused = run.history.state == Some(RunState::Paused);
        let ask = if is_paused {
            Command::Continue
        } else {
            Command::Pause
        };
        actions.push(command(ask));
    }
    if pressed(Modifiers::COMMAND, Key::O) {
        actions.push(Action::PickFolder);
    }
    if pressed(Modifiers::COMMAND, Key::Z) {
        actions.push(Action::UndoDelete);
    }
    if pressed(Modifiers::NONE, Key::F1) {
        view.shows_help = !view.shows_help;
    }
    if pressed(Modifiers::NONE, Key::Escape) {
        view.map.select(Vec::new());
    }
    map_keys(ctx, session, view);
}

fn map_keys(ctx: &Context, session: &Session, view: &mut ViewState) {
    let pressed = |key| ctx.input_mut(|i| i.consume_key(Modifiers::NONE, key));
    for (key, tool) in [
        (Key::P, Tool::Pan),
        (Key::R, Tool::Rectangle),
        (Key::L, Tool::Lasso),
    ] {
        if pressed(key) {
            view.map.tool = tool;
        }
    }
    if pressed(Key::F) {
        view.map.camera = Camera::default();
    }
    for (key, factor) in [(Key::Plus, 1.25), (Key::Equals, 1.25), (Key::Minus, 0.8)] {
        if pressed(key) {
            view.map.camera.zoom = (view.map.camera.zoom * factor).clamp(0.3, 200.0);
        }
    }
    step_anchor(ctx, session, view);
    let count = session.run().map_or(0, |run| run.film.mapped().count());
    if count < 2 {
        return;
    }
    let now = ctx.input(|i| i.time);
    let position = shown_position(count, view.playhead, now);
    if pressed(Key::Space) {
        view.playhead = view.playhead.toggled(position, count, now);
    }
    if pressed(Key::ArrowLeft) {
        view.playhead = Playhead::At(position.saturating_sub(1));
    }
    if pressed(Key::ArrowRight) {
        view.playhead = if position + 2 >= count {
            Playhead::Live
        } else {
            Playhead::At(position + 1)
        };
    }
}

/// The pair inspector without a mouse: from image to image.
fn step_anchor(ctx: &Context, session: &Session, view: &mut ViewState) {
    let pressed = |modifiers| ctx.input_mut(|i| i.consume_key(modifiers, Key::N));
    let (back, forward) = (pressed(Modifiers::SHIFT), pressed(Modifiers::NONE));
    if !back && !forward {
        return;
    }
    let latest = session.run().and_then(|run| run.film.latest());
    let Some(n) = latest.map(Frame::n).filter(|&n| n > 0) else {
        return;
    };
    let next = match view.map.anchor {
        Some(at) if back => (at + n - 1) % n,
        Some(at) => (at + 1) % n,
        None if back => n - 1,
        None => 0,
    };
    view.map.anchor = Some(next);
}
