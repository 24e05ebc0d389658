//! The window: drains notices, draws, and then carries out what was asked for.

use crate::actions::{Action, Actions, ExportKind};
use crate::engine::Engine;
#[cfg(not(target_family = "wasm"))]
use crate::files::{Answer, Dialogs};
use crate::fitting::{fitting, is_offered};
use crate::layout::{Pane, Panes, bring_forward, panes};
use crate::panels::preview::Preview;
use crate::panels::{dialogs, overlays, running, setup, top_bar};
use crate::saved_layout::SavedTile;
use crate::session::Session;
#[cfg(not(target_family = "wasm"))]
use crate::shelf::Shelf;
use crate::shortcuts;
use crate::theme::{self, MARGIN, colors};
use crate::view_state::{Playhead, Settings, ThemeChoice, ViewState};
use eframe::egui::{self, Context, Frame, Margin, Panel, Ui, ViewportCommand};
use egui_tiles::Tree;
use std::path::PathBuf;
use supcon_protocol::{
    DataRequest, DataSource, Event, Method, Notice, Patch, Request, RunState, StartRequest,
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
    #[cfg(not(target_family = "wasm"))]
    pub(crate) dialogs: Dialogs,
    #[cfg(not(target_family = "wasm"))]
    pub(crate) shelf: Option<Shelf>,
    #[cfg_attr(
        target_family = "wasm",
        allow(dead_code, reason = "a page has no settings file")
    )]
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
        cc.egui_ctx.set_zoom_factor(settings.zoom.clamp(0.5, 3.0));
        let mut app = Self {
            engine,
            session: Session::default(),
            view,
            panes: settings.layout.as_ref().map_or_else(panes, SavedTile::tree),
            preview: Preview::default(),
            #[cfg(not(target_family = "wasm"))]
            dialogs: Dialogs::default(),
            #[cfg(not(target_family = "wasm"))]
            shelf: None,
            settings_path,
            saved: settings,
        };
        app.load_data();
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
        if self.view.settings.draft.data.source != DataSource::Images {
            self.offer(DataSource::Images);
        }
        self.view.settings.place = Some(place);
        self.load_data();
    }

    /// Takes the recipe that suits the device for the draft.
    fn offer(&mut self, source: DataSource) {
        if let Some(config) = fitting(source, self.session.device.as_ref()) {
            self.view.settings.draft = config;
        }
    }

    fn apply(&mut self, notice: Notice) {
        let finds_device = matches!(notice, Notice::Device { .. });
        if matches!(notice, Notice::RunOpened(_)) {
            self.view.shows_setup = false;
            self.view.playhead = Playhead::Live;
            self.view.live = Patch::default();
            bring_forward(&mut self.panes, Pane::Map);
        }
        let was_active = self.session.active_run().is_some();
        self.session.apply(notice);
        let draft = &self.view.settings.draft;
        if finds_device && is_offered(draft) {
            self.offer(draft.data.source);
        }
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
            Action::ShowMap => bring_forward(&mut self.panes, Pane::Map),
            Action::LookAt(run) => {
                self.session.selected_run = run;
                self.view.playhead = Playhead::Live;
                self.view.map.select(Vec::new());
            }
            #[cfg(not(target_family = "wasm"))]
            Action::PickFolder => self.dialogs.pick_folder(ctx),
            #[cfg(not(target_family = "wasm"))]
            Action::PickFile => self.dialogs.pick_file(ctx),
            #[cfg(target_family = "wasm")]
            Action::PickFolder | Action::PickFile | Action::OpenRun => {
                self.toast(ctx, "Drop a folder or file into the window".to_owned());
            }
            #[cfg(not(target_family = "wasm"))]
            Action::OpenRun => self.dialogs.pick_run(ctx),
            Action::Export(kind) => self.export(ctx, kind),
            #[cfg(not(target_family = "wasm"))]
            Action::ListRuns => self.list_runs(ctx),
            #[cfg(not(target_family = "wasm"))]
            Action::OpenListed(run) => {
                if let Some(shelf) = &self.shelf {
                    self.dialogs.open_run(ctx, shelf.path(&run));
                }
            }
            #[cfg(not(target_family = "wasm"))]
            Action::DeleteRun(run) => {
                let deleted = self.shelf.as_mut().map(|shelf| shelf.delete(&run));
                self.after_shelving(ctx, deleted);
            }
            #[cfg(not(target_family = "wasm"))]
            Action::UndoDelete => {
                let undone = self.shelf.as_mut().map(|shelf| shelf.undo().map(|_| ()));
                self.after_shelving(ctx, undone);
            }
            #[cfg(target_family = "wasm")]
            Action::ListRuns
            | Action::OpenListed(_)
            | Action::DeleteRun(_)
            | Action::UndoDelete => {}
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

    #[cfg(not(target_family = "wasm"))]
    fn export(&mut self, ctx: &Context, kind: ExportKind) {
        let dark = ctx.theme() == egui::Theme::Dark;
        let ground = colors(&ctx.global_style().visuals).canvas;
        match crate::exporting::bytes(ctx, &self.session, &mut self.view, kind, (dark, ground)) {
            Some(bytes) => self.dialogs.save(ctx, kind, bytes),
            None => self.toast(ctx, "There is no map to save yet".to_owned()),
        }
    }

    #[cfg(target_family = "wasm")]
    fn export(&mut self, ctx: &Context, _kind: ExportKind) {
        self.toast(ctx, "Saving pictures needs the desktop program".to_owned());
    }

    fn toast(&mut self, ctx: &Context, text: String) {
        self.view.toast = Some((text, ctx.input(|i| i.time) + 4.0));
    }

    #[cfg(not(target_family = "wasm"))]
    fn take_answers(&mut self, ctx: &Context) {
        for answer in self.dialogs.poll() {
            match answer {
                Answer::Images(path) => self.open(ctx, path),
                Answer::Run(run) => {
                    self.session.add_recorded(*run);
                    self.view.shows_setup = false;
                    self.view.playhead = Playhead::Live;
                    bring_forward(&mut self.panes, Pane::Map);
                }
                Answer::Listed(runs) => self.session.listed = runs,
                Answer::Saved(path) => self.toast(ctx, format!("Saved {}", path.display())),
                Answer::Failed(report) => self.session.errors.push_back(report),
            }
        }
    }

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
    fn open(&mut self, ctx: &Context, path: PathBuf) {
        #[cfg(not(target_family = "wasm"))]
        if crate::replay::is_run(&path) {
            self.dialogs.open_run(ctx, path);
            return;
        }
        self.load_images(path.display().to_string());
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
        self.view.settings.layout = SavedTile::of(&self.panes);
        let size = ctx.viewport_rect().size();
        self.view.settings.window = size.into();
        if self.view.settings == self.saved || ctx.input(|i| i.pointer.any_down()) {
            return;
        }
        self.saved = self.view.settings.clone();
        #[cfg(not(target_family = "wasm"))]
        if let Some(path) = &self.settings_path
            && let Err(error) = crate::settings_file::save(path, &self.saved)
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
                    #[cfg(not(target_family = "wasm"))]
                    shelf: self.shelf.as_ref(),
                    actions,
                };
                self.panes.ui(&mut behavior, ui);
            });
        overlays::toast_ui(ui, &mut self.view);
        overlays::drop_hint_ui(ui);
        dialogs::dialogs_ui(ui, &mut self.session, &mut self.view, actions);
    }
}

/// Whether a run of the folder began or ended.
#[cfg(not(target_family = "wasm"))]
fn changes_runs(notice: &Notice) -> bool {
    match notice {
        Notice::RunOpened(_) => true,
        Notice::Event(envelope) => matches!(
            envelope.msg,
            Event::State(RunState::Stopped | RunState::Finished) | Event::Failed(_)
        ),
        _ => false,
    }
}

impl<E: Engine> eframe::App for App<E> {
    fn on_exit(&mut self) {
        self.engine.close();
        #[cfg(not(target_family = "wasm"))]
        if let Some(shelf) = &mut self.shelf {
            shelf.empty();
        }
    }

    fn logic(&mut self, ctx: &Context, _frame: &mut eframe::Frame) {
        let notices = self.engine.poll();
        if !notices.is_empty() {
            ctx.request_repaint();
        }
        #[cfg(not(target_family = "wasm"))]
        let notices_change_runs = notices.iter().any(changes_runs);
        for notice in notices {
            self.apply(notice);
        }
        #[cfg(not(target_family = "wasm"))]
        self.take_answers(ctx);
        #[cfg(not(target_family = "wasm"))]
        if notices_change_runs {
            self.list_runs(ctx);
        }
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
