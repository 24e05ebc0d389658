//! A walk through the ideas, for a class room: five steps, each of which moves the real app.

use crate::actions::{Action, Actions};
use crate::controls::{choice, palette};
use crate::session::Session;
use crate::terms;
use crate::theme::{GAP, GAP_LARGE, MARGIN};
use crate::view_state::{InspectedLoss, ViewState};
use eframe::egui::{Button, Frame, Panel, RichText, Stroke, TextStyle, Ui, vec2};

/// A step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// What a view is.
    Views,
    /// What pulls and what pushes.
    Training,
    /// What the map and the curves say.
    Watching,
    /// The weights of pairs.
    Pairs,
    /// Why the sum stands outside.
    Inside,
}

impl Step {
    /// All, in order.
    pub const ALL: [Self; 5] = [
        Self::Views,
        Self::Training,
        Self::Watching,
        Self::Pairs,
        Self::Inside,
    ];

    fn number(self) -> usize {
        Self::ALL.iter().position(|&step| step == self).unwrap_or(0)
    }

    fn next(self) -> Option<Self> {
        Self::ALL.get(self.number() + 1).copied()
    }

    fn previous(self) -> Option<Self> {
        Self::ALL.get(self.number().checked_sub(1)?).copied()
    }

    fn title(self) -> &'static str {
        match self {
            Self::Views => "What is a view?",
            Self::Training => "What pulls, what pushes?",
            Self::Watching => "Watch the classes find each other",
            Self::Pairs => "Who pulls how hard?",
            Self::Inside => "Why L_out beats L_in",
        }
    }

    fn text(self) -> &'static str {
        match self {
            Self::Views => {
                "Each row shows an image and random versions of it: cut, mirrored, recoloured. These are its views. The network must learn to treat them as the same. Move the sliders under Views: what you allow to change here is what it learns to overlook."
            }
            Self::Training => {
                "A run has begun. Each view in turn is an anchor. Views of its class are positives and pull it; all others are negatives and push it. With labels, positives include other images of the class: that is what \"supervised\" adds to SimCLR."
            }
            Self::Watching => {
                "Each point is an image that the network does not train on, placed by what the network makes of it; colours are classes. The loss starts at its chance line, where every image looks alike, and falls towards its floor. Play the film with the space bar."
            }
            Self::Pairs => {
                "An image that lies among another class is chosen. Blue lines are positives that pull it, orange ones negatives that push it. X is the share a pair should have of the softmax, P the share it has; the weight in the gradient is their difference over τ. The hardest pairs have the largest weights."
            }
            Self::Inside => {
                "Now the same point under L_in, which sums over the positives inside the logarithm. Compare the pulls: there, a positive's X follows how near it already is, so near ones keep most of the pull and far ones, the hard ones, get almost none. L_out gives every positive the same X, 1 / |P|, and far ones are pulled hardest. Switch to and fro."
            }
        }
    }

    /// What this step still waits for before the next can show anything.
    fn waits_for(self, session: &Session) -> Option<&'static str> {
        let has_map = session.run().is_some_and(|run| run.film.latest().is_some());
        match self {
            Self::Views if session.data.is_none() => Some("The images are being made…"),
            Self::Watching if !has_map => Some("The first picture is on its way…"),
            _ => None,
        }
    }
}

/// Words and buttons stand beside each other where there is room for both.
const WORDS_WIDTH: f32 = 640.0;
const BUTTONS_WIDTH: f32 = 250.0;

/// The card of the present step, below everything else: it hides nothing of what it speaks of.
pub fn tour_ui(ui: &mut Ui, session: &Session, view: &mut ViewState, actions: &mut Actions) {
    let Some(step) = view.tour else { return };
    let colors = palette(ui);
    // To the edges and square: nothing is painted behind it.
    let frame = Frame::new()
        .fill(colors.raised)
        .stroke(Stroke::new(2.0, colors.accent))
        .inner_margin(MARGIN);
    Panel::bottom("tour")
        .frame(frame)
        .resizable(false)
        .show_separator_line(false)
        .show(ui, |ui| {
            if ui.available_width() < WORDS_WIDTH + BUTTONS_WIDTH {
                words_ui(ui, step);
                ui.add_space(GAP);
                buttons_ui(ui, step, session, view, actions);
                return;
            }
            ui.horizontal_top(|ui| {
                ui.spacing_mut().item_spacing.x = GAP_LARGE;
                let words = vec2(ui.available_width() - BUTTONS_WIDTH, 0.0);
                ui.allocate_ui(words, |ui| ui.vertical(|ui| words_ui(ui, step)));
                ui.vertical(|ui| buttons_ui(ui, step, session, view, actions));
            });
        });
}

fn words_ui(ui: &mut Ui, step: Step) {
    let count = format!("Tour, {} of {}", step.number() + 1, Step::ALL.len());
    ui.label(
        RichText::new(count)
            .text_style(TextStyle::Small)
            .color(palette(ui).weak),
    );
    ui.label(RichText::new(step.title()).heading());
    ui.label(step.text());
}

fn buttons_ui(
    ui: &mut Ui,
    step: Step,
    session: &Session,
    view: &mut ViewState,
    actions: &mut Actions,
) {
    let colors = palette(ui);
    if step == Step::Inside {
        let options = [
            (InspectedLoss::Out, "Show L_out", terms::SUPCON),
            (InspectedLoss::In, "Show L_in", terms::SUPCON_IN),
        ];
        choice(ui, &mut view.inspected_loss, &options);
        ui.add_space(GAP);
    }
    ui.horizontal_wrapped(|ui| {
        let waits_for = step.waits_for(session);
        if let Some(next) = step.next() {
            let button = Button::new(RichText::new("Next").color(colors.on_accent));
            let button = button.fill(colors.accent);
            let button = ui.add_enabled(waits_for.is_none(), button);
            if button.on_hover_text(next.title()).clicked() {
                actions.push(Action::Tour(Some(next)));
            }
        }
        if let Some(previous) = step.previous() {
            let back = ui.button("Back").on_hover_text(previous.title());
            if back.clicked() {
                actions.push(Action::Tour(Some(previous)));
            }
        }
        let end = if step.next().is_none() {
            "Done"
        } else {
            "End the tour"
        };
        let end = ui.button(end);
        if end.on_hover_text("The window stays as it is now").clicked() {
            actions.push(Action::Tour(None));
        }
        if let Some(waits_for) = waits_for {
            ui.spinner();
            ui.label(RichText::new(waits_for).color(colors.weak));
        }
    });
}
