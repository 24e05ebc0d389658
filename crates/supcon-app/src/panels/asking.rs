//! A dialog with one line to fill in.

use super::dialogs::window;
use crate::controls::palette;
use eframe::egui::text::{CCursor, CCursorRange};
use eframe::egui::text_edit::TextEditState;
use eframe::egui::{Button, Context, Id, Key, Label, Response, RichText, TextEdit};

/// What is asked.
pub struct Asking<'a> {
    /// Names the dialog.
    pub id: &'a str,
    /// Its title.
    pub title: &'a str,
    /// What to fill in, in a sentence.
    pub sentence: &'a str,
    /// Name of the line.
    pub label: &'a str,
    /// What the button says that takes it.
    pub confirm: &'a str,
}

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reply {
    /// Not answered yet.
    Open,
    /// To be taken.
    Confirmed,
    /// To be forgotten.
    Cancelled,
}

/// The dialog, with what was wrong with the line when it was taken last.
pub fn asking_ui(
    ctx: &Context,
    asking: &Asking<'_>,
    text: &mut String,
    problem: Option<&str>,
) -> Reply {
    let is_new = is_new(ctx, asking.id);
    let modal = window(asking.id, ctx).show(ctx, |ui| {
        ui.set_width((ctx.content_rect().width() - 60.0).min(460.0));
        let colors = palette(ui);
        ui.label(RichText::new(asking.title).heading());
        ui.add_space(4.0);
        ui.label(asking.sentence);
        ui.add_space(6.0);
        let line = ui.name_inputs(asking.label, |ui| {
            let line = TextEdit::singleline(text).desired_width(f32::INFINITY);
            ui.add(line.hint_text(asking.label))
                .on_hover_text("Enter takes it, Esc changes nothing")
        });
        let line = line.accessible_name(asking.label);
        let entered = line.lost_focus() && ui.input(|i| i.key_pressed(Key::Enter));
        if is_new {
            select_all(ctx, &line, text);
        }
        if is_new || entered {
            line.request_focus();
        }
        if let Some(problem) = problem {
            ui.add(Label::new(RichText::new(problem).color(colors.bad)).wrap());
        }
        ui.add_space(10.0);
        ui.horizontal(|ui| {
            let button = Button::new(RichText::new(asking.confirm).color(colors.on_accent));
            let taken = ui.add(button.fill(colors.accent));
            let taken = taken.on_hover_text("Takes what is in the line (Enter)");
            let left = ui.button("Cancel").on_hover_text("Changes nothing (Esc)");
            match (taken.clicked() || entered, left.clicked()) {
                (true, _) => Reply::Confirmed,
                (false, true) => Reply::Cancelled,
                (false, false) => Reply::Open,
            }
        })
        .inner
    });
    match modal.inner {
        Reply::Open if modal.should_close() => Reply::Cancelled,
        reply => reply,
    }
}

/// Whether a dialog was not there in the pass before.
fn is_new(ctx: &Context, name: &str) -> bool {
    let (id, pass) = (
        Id::unique(name).with("last shown"),
        ctx.cumulative_pass_nr(),
    );
    let before: Option<u64> = ctx.data_mut(|data| {
        let before = data.get_temp(id);
        data.insert_temp(id, pass);
        before
    });
    before.is_none_or(|before| before + 1 < pass)
}

/// Typing replaces what a line holds.
fn select_all(ctx: &Context, line: &Response, text: &str) {
    let mut state = TextEditState::load(ctx, line.id).unwrap_or_default();
    let [start, end] = [0, text.chars().count()].map(CCursor::new);
    state
        .cursor
        .set_char_range(Some(CCursorRange::two(start, end)));
    state.store(ctx, line.id);
}
