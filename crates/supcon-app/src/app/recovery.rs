//! Going on after the engine ended, and with runs that are kept.

use super::App;
use crate::engine::Engine;
use crate::kept::{KeptAnswer, KeptAsk};
use crate::session::Run;
use eframe::egui::Context;
use supcon_protocol::{Event, Request, RunState};

impl<E: Engine> App<E> {
    /// Asks which runs are kept, where there is such a place.
    pub(super) fn list_kept(&mut self) {
        if self.view.kept.is_available {
            self.engine.ask_kept(KeptAsk::List);
        }
    }

    pub(super) fn take_kept(&mut self, ctx: &Context) {
        for answer in self.engine.kept() {
            match answer {
                KeptAnswer::List(runs) => {
                    self.view.kept.runs = runs;
                    self.view.kept.doomed = None;
                }
                KeptAnswer::Space(space) => self.view.kept.space = Some(space),
                KeptAnswer::Opened { run, resumes } => self.open_kept(*run, resumes),
                #[cfg(target_family = "wasm")]
                KeptAnswer::Images(dropped) => self.load_dropped(ctx, dropped),
                KeptAnswer::Done(sentence) => self.toast(ctx, sentence),
                KeptAnswer::Failed(report) => self.session.errors.push_back(report),
            }
        }
    }

    fn open_kept(&mut self, run: Run, resumes: bool) {
        self.view.kept.is_open = false;
        let id = run.id.clone();
        let known = self.session.runs.iter().position(|other| other.id == id);
        match known {
            Some(index) => self.session.selected_run = index,
            None => self.look_at_recorded(run),
        }
        if resumes {
            self.engine.send(Request::Resume(id));
        }
    }

    /// A new engine in place of one that ended: it loads the images anew, and the run that was in
    /// progress goes on from its last checkpoint or stays stopped.
    pub(super) fn restart(&mut self, resumes: bool) {
        self.engine.restart();
        self.load_data();
        self.list_kept();
        let Some(active) = self.session.active_run().map(|run| run.id.clone()) else {
            return;
        };
        let interrupted = self.session.runs.iter_mut().rfind(|run| run.id == active);
        if let Some(run) = interrupted {
            run.history.apply(&Event::State(RunState::Stopped));
        }
        if resumes {
            self.engine.send(Request::Resume(active));
        }
    }
}
