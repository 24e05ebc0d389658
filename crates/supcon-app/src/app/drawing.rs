//! The window's parts: a bar, the controls, the panes, and what lies over them.

use super::App;
use crate::actions::Actions;
use crate::engine::Engine;
use crate::layout::{Panes, fit_height};
use crate::narrow::{Shown, is_narrow, strip_ui};
use crate::panels::{dialogs, overlays, running, setup, top_bar};
use crate::theme::{MARGIN, colors};
use crate::tour::tour_ui;
use eframe::egui::{self, Frame, Margin, Panel, Ui};

impl<E: Engine> App<E> {
    fn side_ui(&mut self, ui: &mut Ui, actions: &mut Actions) {
        let (session, view) = (&self.session, &mut self.view);
        match session.run() {
            Some(run) if !view.shows_setup => running::running_ui(ui, session, run, view, actions),
            _ => setup::setup_ui(ui, session, view, actions),
        }
    }

    /// Draws the window; what is asked for goes into `actions`.
    pub(super) fn draw(&mut self, ui: &mut Ui, actions: &mut Actions) {
        let colors = colors(ui.visuals());
        let bar = Frame::new()
            .fill(colors.panel)
            .inner_margin(Margin::symmetric(MARGIN, 6));
        let is_narrow = is_narrow(ui.ctx());
        let height = if is_narrow { 68.0 } else { 44.0 };
        Panel::top("bar")
            .frame(bar)
            .exact_size(height)
            .show(ui, |ui| {
                top_bar::top_bar_ui(ui, &self.session, &mut self.view, is_narrow, actions);
            });
        if is_narrow {
            self.narrow_ui(ui, actions);
        } else {
            self.wide_ui(ui, actions);
        }
        overlays::toast_ui(ui, &mut self.view);
        overlays::drop_hint_ui(ui);
        dialogs::dialogs_ui(
            ui,
            self.engine.trouble(),
            &mut self.session,
            &mut self.view,
            actions,
        );
    }

    /// The controls beside the panes.
    fn wide_ui(&mut self, ui: &mut Ui, actions: &mut Actions) {
        tour_ui(ui, &self.session, &mut self.view, actions);
        let colors = colors(ui.visuals());
        let side = Frame::new()
            .fill(colors.panel)
            .inner_margin(Margin::symmetric(MARGIN + 2, 8));
        Panel::left("setup")
            .frame(side)
            .resizable(true)
            .default_size(290.0)
            .size_range(250.0..=420.0)
            .show(ui, |ui| self.side_ui(ui, actions));
        // Its panes and the lines between them cover all of it.
        egui::CentralPanel::no_frame().show(ui, |ui| {
            fit_height(&mut self.panes, ui.available_height());
            let mut behavior = Panes {
                session: &self.session,
                view: &mut self.view,
                preview: &mut self.preview,
                #[cfg(not(target_family = "wasm"))]
                shelf: self.shelf.as_ref(),
                actions,
            };
            self.panes.ui(&mut behavior, ui);
        });
    }

    /// One of them at a time.
    fn narrow_ui(&mut self, ui: &mut Ui, actions: &mut Actions) {
        let has_run = self.session.run().is_some() && !self.view.shows_setup;
        let controls = if has_run { "Run" } else { "Setup" };
        strip_ui(ui, controls, &mut self.view.narrow);
        tour_ui(ui, &self.session, &mut self.view, actions);
        let frame = Frame::new()
            .fill(colors(ui.visuals()).panel)
            .inner_margin(Margin::symmetric(MARGIN, 4));
        match self.view.narrow {
            Shown::Controls => {
                egui::CentralPanel::no_frame()
                    .frame(frame)
                    .show(ui, |ui| self.side_ui(ui, actions));
            }
            Shown::Pane(pane) => {
                egui::CentralPanel::no_frame().show(ui, |ui| {
                    let (session, view) = (&self.session, &mut self.view);
                    let preview = &mut self.preview;
                    Panes {
                        session,
                        view,
                        preview,
                        #[cfg(not(target_family = "wasm"))]
                        shelf: self.shelf.as_ref(),
                        actions,
                    }
                    .draw(ui, pane);
                });
            }
        }
    }
}
