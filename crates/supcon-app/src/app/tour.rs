//! What each step of the tour does to the app.

use super::App;
use crate::engine::Engine;
use crate::layout::Pane;
use crate::map_view::shown_frame;
use crate::tour::Step;
use crate::view_state::{InspectedLoss, Playhead};
use eframe::egui::Context;
use supcon_protocol::{DataSource, Method};

impl<E: Engine> App<E> {
    /// Goes to a step of the tour, or ends it.
    pub(super) fn go_on_tour(&mut self, ctx: &Context, step: Option<Step>) {
        self.view.tour = step;
        match step {
            Some(Step::Views) => self.tour_views(),
            Some(Step::Training) => self.tour_training(),
            Some(Step::Watching) => {
                self.view.playhead = Playhead::Live;
                self.show_pane(Pane::Curves);
                self.show_pane(Pane::Map);
            }
            Some(Step::Pairs) => self.tour_pairs(ctx, InspectedLoss::Out),
            Some(Step::Inside) => self.tour_pairs(ctx, InspectedLoss::In),
            None => self.view.inspected_loss = InspectedLoss::Training,
        }
    }

    fn tour_views(&mut self) {
        if self.session.active_run().is_none() {
            self.view.shows_setup = true;
            if self.view.settings.draft.data.source != DataSource::Shapes {
                self.view.settings.draft = crate::view_state::first_draft();
                self.view.settings.place = None;
                self.load_data();
            }
        }
        self.show_pane(Pane::Preview);
    }

    /// One method is enough to see what happens. A run that is there already is looked at instead.
    fn tour_training(&mut self) {
        self.show_pane(Pane::Map);
        self.view.shows_setup = false;
        if self.session.run().is_none() {
            self.view.settings.draft.methods = vec![Method::Supcon];
            self.start(None);
        }
    }

    /// The held frame, and in it an image that lies among another class, if there is one.
    fn tour_pairs(&mut self, ctx: &Context, loss: InspectedLoss) {
        self.show_pane(Pane::Inspector);
        self.show_pane(Pane::Map);
        self.view.inspected_loss = loss;
        let Some(frame) = shown_frame(ctx, &self.session, &mut self.view) else {
            return;
        };
        let is_lost = |&i: &usize| {
            let guess = frame.prediction(i);
            guess.is_some_and(|guess| guess != frame.samples.labels[i])
        };
        let lost = (0..frame.n()).find(is_lost);
        if self.view.map.anchor.is_none() {
            self.view.map.select(Vec::new());
            self.view.map.anchor = Some(lost.unwrap_or(0));
        }
    }
}
