//! What the colour of a point tells, and the numbers behind it.

use crate::controls::palette as roles;
use crate::fields::{Field, Question, Reckoning};
use crate::film::Frame;
use crate::objective::{kernel, trained_objective};
use crate::palette;
use crate::session::Run;
use crate::theme::Colors;
use crate::view_state::ColorBy;
use eframe::egui::{Color32, Ui};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use supcon_protocol::EmbeddingFrame;

/// Multiply-adds between two pictures of the window: a few milliseconds.
const TURN: usize = 12_000_000;

/// A number of every point of a frame, with the ends of its scale.
#[derive(Clone, Debug)]
pub struct Values {
    of: Arc<EmbeddingFrame>,
    question: Question,
    /// `[n]`; NaN where an image has none.
    pub values: Vec<f32>,
    /// Where the scale begins and ends.
    pub range: [f32; 2],
}

impl Values {
    /// Where a value stands on the scale, in [0, 1].
    fn place(&self, value: f32) -> Option<f32> {
        let [low, high] = self.range;
        let place = (value - low) / (high - low).max(f32::MIN_POSITIVE);
        place.is_finite().then(|| place.clamp(0.0, 1.0))
    }
}

/// The numbers that colours tell now.
#[derive(Default)]
pub struct Coloring {
    shown: Option<Arc<Values>>,
    reckoning: Option<Reckoning>,
}

/// What is asked of a frame of a run.
#[must_use]
pub fn question(field: Field, run: Option<&Run>, frame: &Frame) -> Question {
    let config = run.and_then(|run| run.config.as_ref());
    let evaluation = config.map(|config| &config.evaluation);
    Question {
        field,
        objective: trained_objective(run, frame),
        kernel: kernel(run).0,
        neighbors: evaluation.map_or(20, |evaluation| evaluation.knn_neighbors),
        temperature: evaluation.map_or(0.1, |evaluation| evaluation.knn_temperature),
    }
}

/// All values of a frame at once, for files.
#[must_use]
pub fn values(frame: &Frame, question: Question) -> Values {
    let values = Reckoning::new(frame, question).finish();
    Values {
        of: frame.embedding.clone(),
        range: question.field.range(&values),
        question,
        values,
    }
}

impl Coloring {
    /// Sees to it that the numbers are those of the frame; goes on for a moment where they are not yet. Until
    /// they are there, those of the frame before stay.
    pub fn follow(&mut self, ui: &Ui, by: ColorBy, run: Option<&Run>, frame: &Frame) {
        let ColorBy::Field(field) = by else {
            *self = Self::default();
            return;
        };
        let question = question(field, run, frame);
        let is_shown = self.shown.as_ref().is_some_and(|shown| {
            Arc::ptr_eq(&shown.of, &frame.embedding) && shown.question == question
        });
        if is_shown {
            self.reckoning = None;
            return;
        }
        let stays = self
            .shown
            .as_ref()
            .is_some_and(|shown| shown.question.field == field && shown.values.len() == frame.n());
        if !stays {
            self.shown = None;
        }
        let begun = self.reckoning.take();
        let begun = begun.filter(|begun| begun.is_of(&frame.embedding, &question));
        let mut reckoning = begun.unwrap_or_else(|| Reckoning::new(frame, question));
        ui.ctx().request_repaint();
        match reckoning.advance(TURN) {
            Some(values) => {
                self.shown = Some(Arc::new(Values {
                    of: frame.embedding.clone(),
                    range: field.range(&values),
                    question,
                    values,
                }));
            }
            None => self.reckoning = Some(reckoning),
        }
    }

    /// The numbers shown.
    #[must_use]
    pub fn shown(&self) -> Option<&Arc<Values>> {
        self.shown.as_ref()
    }

    /// The number that the colour of an image of a frame tells.
    #[must_use]
    pub fn told(&self, frame: &Frame, image: usize) -> Option<(Field, f32)> {
        let shown = self.shown.as_ref();
        let shown = shown.filter(|shown| Arc::ptr_eq(&shown.of, &frame.embedding))?;
        let value = shown.values.get(image).copied();
        let value = value.filter(|value| value.is_finite())?;
        Some((shown.question.field, value))
    }

    /// Share of the numbers of the frame that are there, while they are made.
    #[must_use]
    pub fn progress(&self) -> Option<f32> {
        self.reckoning.as_ref().map(Reckoning::progress)
    }

    /// Differs where colours may.
    #[must_use]
    pub fn key(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        let shown = self.shown.as_ref();
        shown
            .map(|shown| Arc::as_ptr(shown) as usize)
            .hash(&mut hasher);
        hasher.finish()
    }
}

/// Colours of the points of a frame.
pub struct Paint<'a> {
    /// What they tell.
    pub by: ColorBy,
    /// The points.
    pub frame: &'a Frame,
    /// Numbers, where colours tell those.
    pub values: Option<&'a Values>,
    /// Whether the ground is dark.
    pub dark: bool,
    /// Roles of colours.
    pub roles: &'a Colors,
}

impl<'a> Paint<'a> {
    /// Of a window.
    pub fn of(ui: &Ui, by: ColorBy, frame: &'a Frame, values: Option<&'a Values>) -> Self {
        Self {
            by,
            frame,
            values,
            dark: ui.visuals().dark_mode,
            roles: roles(ui),
        }
    }

    /// Of one point.
    #[must_use]
    pub fn color(&self, image: usize) -> Color32 {
        let label = self.frame.samples.labels[image];
        let said = self.frame.prediction(image).unwrap_or(label);
        match self.by {
            ColorBy::Class => palette::color(label, self.dark),
            ColorBy::Prediction => palette::color(said, self.dark),
            ColorBy::Correctness if said == label => self.roles.good.gamma_multiply(0.55),
            ColorBy::Correctness => self.roles.bad,
            ColorBy::Field(_) => {
                let place = self
                    .values
                    .and_then(|values| values.place(*values.values.get(image)?));
                place.map_or(self.roles.weak, |place| palette::scale(place, self.dark))
            }
        }
    }
}
