//! The window: drains notices, draws, and then carries out what was asked for.

mod recovery;

use crate::actions::{Action, Actions, ExportKind};
use crate::engine::Engine;
#[cfg(not(target_family = "wasm"))]
use crate::files::{Answer, Dialogs};
use crate::layout::{Pane, Panes, bring_forward, panes};
use crate::panels::preview::Preview;
use crate::panels::{dialogs, running, setup, top_bar};
use crate::session::{Run, Session};
#[cfg(not(target_family = "wasm"))]
use crate::settings_file;
use crate::shortcuts;
use crate::theme::{self, MARGIN, colors};
use crate::view_state::{Playhead, Settings, ThemeChoice, ViewState};
#[cfg(target_family = "wasm")]
use crate::web::{Answer, Dialogs, settings as settings_file};
use eframe::egui::{
    self, Align2, Context, Frame, Margin, Panel, RichText, Stroke, Ui, ViewportCommand, vec2,
};
use egui_tiles::Tree;
use std::path::PathBuf;
use supcon_protocol::{
    DataRequest, DataSource, Method, Notice, Patch, Request, RunState, StartRequest, preset,
};

/// The app, on the desktop and in the page.
pub struct App<E> {
    /// What trains.
    pub engine: E,
    /// What it told.
    pub session: Session,
    /// What is looked at.
    pub view: ViewState,
    panes: Tree<Pane>,
    preview: Preview,
    dialogs: Dialogs,
    settings_path: Option<PathBuf>,
    saved: Settings,
}

impl<E: Engine> App<E> {
    /// Opens the window's contents and asks for the images the settings name. Settings go to
    /// `settings_path`, where there is one.
    pub fn new(
        cc: &eframe::CreationContext<'_>,
        engine: E,
        settings: Settings,
        settings_path: Option<PathBuf>,
    ) -> Self {
        theme::install(&cc.egui_ctx);
        let mut view = ViewState::new(settings.clone());
        view.map.target = cc
            .wgpu_render_state
            .as_ref()
            .map(|state| state.target_format);
        view.kept.is_available = engine.keeps_runs();
        cc.egui_ctx.set_zoom_factor(settings.zoom.clamp(0.5, 3.0));
        let mut app = Self {
            engine,
            session: Session::default(),
            view,
            panes: panes(),
            preview: Preview::default(),
            dialogs: Dialogs::new(&cc.egui_ctx),
            settings_path,
            saved: settings,
        };
        app.load_data();
        app.list_kept();
        app
    }

    fn load_data(&mut self) {
        self.session.is_loading = true;
        self.engine.send(Request::LoadData(DataRequest {
            config: self.view.settings.draft.data.clone(),
            place: self.view.settings.place.clone(),
        }));
    }

    /// Loads images from a place, with the recipe for images unless one is chosen.
    fn load_images(&mut self, place: String) {
        if self.view.settings.draft.data.source != DataSource::Images
            && let Some(images) = preset("images")
        {
            self.view.settings.draft = images.config();
        }
        self.view.settings.place = Some(place);
        self.load_data();
    }

    fn apply(&mut self, notice: Notice) {
        if matches!(notice, Notice::RunOpened(_)) {
            self.view.shows_setup = false;
            self.view.playhead = Playhead::Live;
            self.view.live = Patch::default();
            bring_forward(&mut self.panes, Pane::Map);
        }
        let was_active = self.session.active_run().is_some();
        self.session.apply(notice);
        if was_active && self.session.active_run().is_none() && self.results() > 0 {
            bring_forward(&mut self.panes, Pane::Results);
        }
    }

    fn results(&self) -> usize {
        self.session
            .run()
            .map_or(0, |run| run.history.results.len())
    }

    fn carry_out(&mut self, ctx: &Context, action: Action) {
        match action {
            Action::Engine(request) => self.engine.send(request),
            Action::Train => self.start(None),
            Action::TrainAs(method) => self.start(Some(method)),
            Action::LoadData => self.load_data(),
            Action::LookAt(run) => {
                self.session.selected_run = run;
                self.view.playhead = Playhead::Live;
                self.view.map.select(Vec::new());
            }
            Action::PickFolder => self.dialogs.pick_folder(),
            Action::PickFile => self.dialogs.pick_file(),
            Action::OpenRun => self.dialogs.pick_run(),
            Action::Kept(ask) => self.engine.ask_kept(ask),
            Action::Restart { resumes } => self.restart(resumes),
            Action::Export(kind) => self.export(ctx, kind),
        }
    }

    /// Starts the draft, or the run looked at with another method.
    fn start(&mut self, method: Option<Method>) {
        let of_run = self.session.run().and_then(|run| run.config.clone());
        let config = match (method, of_run) {
            (Some(method), Some(mut config)) => {
                config.methods = vec![method];
                config
            }
            _ => self.view.settings.draft.clone(),
        };
        self.session.started_config = Some(config.clone());
        self.engine.send(Request::Start(Box::new(StartRequest {
            config,
            execution: self.view.settings.execution(),
            watch: self.view.settings.watch(),
        })));
    }

    fn export(&mut self, ctx: &Context, kind: ExportKind) {
        let dark = ctx.theme() == egui::Theme::Dark;
        let ground = colors(&ctx.global_style().visuals).canvas;
        match crate::exporting::bytes(ctx, &self.session, &mut self.view, kind, (dark, ground)) {
            Some(bytes) => self.dialogs.save(kind, bytes),
            None => self.toast(ctx, "There is no map to save yet".to_owned()),
        }
    }

    fn toast(&mut self, ctx: &Context, text: String) {
        self.view.toast = Some((text, ctx.input(|i| i.time) + 4.0));
    }

    fn take_answers(&mut self, ctx: &Context) {
        for answer in self.dialogs.poll() {
            match answer {
                Answer::Images(picked) => self.open(ctx, picked),
                Answer::Run(run) => self.look_at_recorded(*run),
                Answer::Saved(path) => self.toast(ctx, format!("Saved {}", path.display())),
                Answer::Failed(report) => self.session.errors.push_back(report),
            }
        }
    }

    fn look_at_recorded(&mut self, run: Run) {
        self.session.add_recorded(run);
        self.view.shows_setup = false;
        self.view.playhead = Playhead::Live;
        bring_forward(&mut self.panes, Pane::Map);
    }

    /// Files dropped into the window; in the page [`Dialogs`] listens for them, as egui opens no folders
    /// there.
    #[cfg(not(target_family = "wasm"))]
    fn take_drops(&mut self, ctx: &Context) {
        let dropped = ctx.input(|i| {
            i.raw
                .dropped_files
                .first()
                .map(|file| file.path().to_owned())
        });
        if let Some(path) = dropped {
            self.open(ctx, path);
        }
    }

    /// Opens what was picked or dropped: the directory of a run, or images.
    #[cfg(not(target_family = "wasm"))]
    fn open(&mut self, ctx: &Context, path: PathBuf) {
        if crate::replay::is_run(&path) {
            self.dialogs.open_run(path);
            return;
        }
        self.load_images(path.display().to_string());
        ctx.request_repaint();
    }

    /// Opens what was picked or dropped: the directory of a run, or images, which the engine reads.
    #[cfg(target_family = "wasm")]
    fn open(&mut self, ctx: &Context, picked: crate::web::Dropped) {
        if picked.is_run() {
            self.dialogs.open_run(picked);
            return;
        }
        self.engine.hand_over(&picked);
        self.load_images(picked.place);
        ctx.request_repaint();
    }

    /// Asks before a run in progress is lost; closes once it has stopped.
    fn watch_close(&mut self, ctx: &Context) {
        let is_active = self.session.active_run().is_some();
        if ctx.input(|i| i.viewport().close_requested()) && is_active {
            ctx.send_viewport_cmd(ViewportCommand::CancelClose);
            self.view.asks_to_close = true;
        }
        let has_stopped = self
            .session
            .run()
            .is_some_and(|run| run.history.state == Some(RunState::Stopped));
        if self.view.closes_when_stopped && (has_stopped || !is_active) {
            self.view.closes_when_stopped = false;
            dialogs::close(ctx);
        }
    }

    fn keep_settings(&mut self, ctx: &Context) {
        self.view.settings.zoom = ctx.zoom_factor();
        let size = ctx.viewport_rect().size();
        self.view.settings.window = size.into();
        if self.view.settings == self.saved || ctx.input(|i| i.pointer.any_down()) {
            return;
        }
        self.saved = self.view.settings.clone();
        if let Some(path) = &self.settings_path
            && let Err(error) = settings_file::save(path, &self.saved)
        {
            let text = format!(
                "The settings could not be saved to {}: {error}",
                path.display()
            );
            self.settings_path = None;
            self.toast(ctx, text);
        }
    }

    fn side_ui(&mut self, ui: &mut Ui, actions: &mut Actions) {
        let (session, view) = (&self.session, &mut self.view);
        match session.run() {
            Some(run) if !view.shows_setup => running::running_ui(ui, session, run, view, actions),
            _ => setup::setup_ui(ui, session, view, actions),
        }
    }

    fn draw(&mut self, ui: &mut Ui, actions: &mut Actions) {
        let colors = colors(ui.visuals());
        let bar = Frame::new()
            .fill(colors.panel)
            .inner_margin(Margin::symmetric(MARGIN, 6));
        Panel::top("bar")
            .frame(bar)
            .exact_size(44.0)
            .show(ui, |ui| {
                top_bar::top_bar_ui(ui, &self.session, &mut self.view);
            });
        let side = Frame::new()
            .fill(colors.panel)
            .inner_margin(Margin::symmetric(MARGIN + 2, 8));
        Panel::left("setup")
            .frame(side)
            .resizable(true)
            .default_size(290.0)
            .size_range(250.0..=420.0)
            .show(ui, |ui| self.side_ui(ui, actions));
        let central = Frame::new().fill(colors.outline);
        egui::CentralPanel::no_frame()
            .frame(central)
            .show(ui, |ui| {
                let mut behavior = Panes {
                    session: &self.session,
                    view: &mut self.view,
                    preview: &mut self.preview,
                    actions,
                };
                self.panes.ui(&mut behavior, ui);
            });
        toast_ui(ui, &mut self.view);
        drop_hint_ui(ui);
        dialogs::dialogs_ui(
            ui,
            self.engine.trouble(),
            &mut self.session,
            &mut self.view,
            actions,
        );
    }
}

fn toast_ui(ui: &Ui, view: &mut ViewState) {
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
fn drop_hint_ui(ui: &Ui) {
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

impl<E: Engine> eframe::App for App<E> {
    fn on_exit(&mut self) {
        self.engine.close();
    }

    fn logic(&mut self, ctx: &Context, _frame: &mut eframe::Frame) {
        let notices = self.engine.poll();
        if !notices.is_empty() {
            ctx.request_repaint();
        }
        for notice in notices {
            self.apply(notice);
        }
        self.take_answers(ctx);
        self.take_kept(ctx);
        #[cfg(not(target_family = "wasm"))]
        self.take_drops(ctx);
        self.watch_close(ctx);
    }

    fn ui(&mut self, ui: &mut Ui, _frame: &mut eframe::Frame) {
        let ctx = ui.ctx().clone();
        ctx.set_theme(match self.view.settings.theme {
            ThemeChoice::System => egui::ThemePreference::System,
            ThemeChoice::Light => egui::ThemePreference::Light,
            ThemeChoice::Dark => egui::ThemePreference::Dark,
        });
        let mut actions = Actions::new();
        shortcuts::apply(&ctx, &self.session, &mut self.view, &mut actions);
        let views = self.view.settings.draft.views.clone();
        self.preview
            .follow(&ctx, &self.session, &views, &mut actions);
        self.draw(ui, &mut actions);
        for action in actions {
            self.carry_out(&ctx, action);
        }
        self.keep_settings(&ctx);
    }
}
