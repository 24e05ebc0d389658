//! The window: drains notices, draws, and then carries out what was asked for.

#[cfg(not(target_family = "wasm"))]
mod desk;
mod drawing;
mod links;
mod recovery;
mod test_images;
mod tour;

use crate::actions::{Action, Actions, ExportKind};
use crate::engine::Engine;
use crate::exporting::{self, Bytes};
#[cfg(not(target_family = "wasm"))]
use crate::files::{Answer, Dialogs};
use crate::fitting::{fitting, is_offered};
use crate::layout::{Pane, bring_forward, panes};
use crate::map_view::Target;
use crate::narrow::Shown;
use crate::panels::dialogs;
use crate::panels::preview::Preview;
use crate::saved_layout::SavedTile;
use crate::session::{Run, Session};
#[cfg(not(target_family = "wasm"))]
use crate::settings_file;
#[cfg(not(target_family = "wasm"))]
use crate::shelf::Shelf;
use crate::theme::{self, colors};
use crate::view_state::{Playhead, Settings, ThemeChoice, ViewState};
#[cfg(target_family = "wasm")]
use crate::web::{Answer, Dialogs, settings as settings_file};
use crate::{shortcuts, software_painter};
use eframe::egui::{self, Context, Ui, ViewportCommand};
use egui_tiles::Tree;
use std::path::PathBuf;
#[cfg(not(target_family = "wasm"))]
use supcon_protocol::Event;
use supcon_protocol::{
    DataRequest, DataSource, Method, Notice, Patch, Request, RunState, StartRequest,
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
    pub(crate) dialogs: Dialogs,
    #[cfg(not(target_family = "wasm"))]
    pub(crate) shelf: Option<Shelf>,
    #[cfg(target_family = "wasm")]
    pub(crate) page: crate::web::Page,
    settings_path: Option<PathBuf>,
    saved: Settings,
}

impl<E: Engine> App<E> {
    /// Opens the window's contents and asks for the images the settings name; a page does so when it has
    /// looked at its address. Settings go to `settings_path`, where there is one.
    pub fn new(
        cc: &eframe::CreationContext<'_>,
        engine: E,
        settings: Settings,
        settings_path: Option<PathBuf>,
    ) -> Self {
        theme::install(&cc.egui_ctx);
        software_painter::install(&cc.egui_ctx, cc.wgpu_render_state.as_ref());
        let mut view = ViewState::new(settings.clone());
        view.map.target = cc.wgpu_render_state.as_ref().map(Target::of);
        view.kept.is_available = engine.keeps_runs();
        cc.egui_ctx.set_zoom_factor(settings.zoom.clamp(0.5, 3.0));
        let mut app = Self {
            engine,
            session: Session::default(),
            view,
            panes: settings.layout.as_ref().map_or_else(panes, SavedTile::tree),
            preview: Preview::default(),
            dialogs: Dialogs::new(&cc.egui_ctx),
            #[cfg(not(target_family = "wasm"))]
            shelf: None,
            #[cfg(target_family = "wasm")]
            page: crate::web::Page::new(&cc.egui_ctx),
            settings_path,
            saved: settings,
        };
        #[cfg(not(target_family = "wasm"))]
        app.load_data();
        app.list_kept();
        app
    }

    /// Brings a pane to where it is seen.
    fn show_pane(&mut self, pane: Pane) {
        bring_forward(&mut self.panes, pane);
        self.view.narrow = Shown::Pane(pane);
    }

    pub(crate) fn load_data(&mut self) {
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
            self.show_pane(Pane::Map);
        }
        let was_active = self.session.active_run().is_some();
        self.session.apply(notice);
        let draft = &self.view.settings.draft;
        if finds_device && is_offered(draft) {
            self.offer(draft.data.source);
        }
        if was_active && self.session.active_run().is_none() && self.results() > 0 {
            self.show_pane(Pane::Results);
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
            Action::ShowMap => self.show_pane(Pane::Map),
            Action::LookAt(run) => {
                self.session.selected_run = run;
                self.view.playhead = Playhead::Live;
                self.view.map.select(Vec::new());
            }
            Action::PickFolder => self.dialogs.pick_folder(),
            Action::PickFile => self.dialogs.pick_file(),
            Action::OpenRun => self.dialogs.pick_run(),
            Action::Tour(step) => self.go_on_tour(ctx, step),
            Action::CopyLink => self.copy_link(ctx),
            Action::Kept(ask) => self.engine.ask_kept(ask),
            Action::Restart { resumes } => self.restart(resumes),
            Action::Export(kind) => self.export(ctx, kind),
            Action::ShowTestImage(image) => self.show_test_image(ctx, image),
            #[cfg(not(target_family = "wasm"))]
            action => self.carry_out_at_desk(ctx, action),
            #[cfg(target_family = "wasm")]
            _ => {}
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
        match self.export_bytes(ctx, kind) {
            Some(bytes) => self.dialogs.save(kind, bytes),
            None => self.toast(ctx, "There is no map to save yet".to_owned()),
        }
    }

    fn export_bytes(&mut self, ctx: &Context, kind: ExportKind) -> Option<Bytes> {
        let dark = ctx.theme() == egui::Theme::Dark;
        let roles = colors(&ctx.global_style().visuals);
        exporting::bytes(ctx, &self.session, &mut self.view, kind, (dark, roles))
    }

    pub(crate) fn toast(&mut self, ctx: &Context, text: String) {
        self.view.toast = Some((text, ctx.input(|i| i.time) + 4.0));
    }

    fn take_answers(&mut self, ctx: &Context) {
        for answer in self.dialogs.poll() {
            match answer {
                Answer::Images(picked) => self.open(ctx, picked),
                Answer::Run(run) => self.look_at_recorded(*run),
                #[cfg(not(target_family = "wasm"))]
                Answer::Listed(runs) => self.session.listed = runs,
                #[cfg(not(target_family = "wasm"))]
                Answer::NoDialog(purpose) => self.ask_path(purpose, true),
                Answer::Saved(path) => self.toast(ctx, format!("Saved {}", path.display())),
                Answer::Failed(report) => self.session.errors.push_back(report),
            }
        }
    }

    fn look_at_recorded(&mut self, run: Run) {
        self.session.add_recorded(run);
        self.view.shows_setup = false;
        self.view.playhead = Playhead::Live;
        self.show_pane(Pane::Map);
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

    /// Opens what was picked or dropped: the directory or archive of a run, or images, which the engine reads.
    #[cfg(target_family = "wasm")]
    fn open(&mut self, ctx: &Context, picked: crate::web::Dropped) {
        if picked.is_run() {
            self.dialogs.open_run(picked);
        } else if picked.archive().is_some() {
            self.engine.sort_out(picked);
        } else {
            self.load_dropped(ctx, picked);
        }
    }

    #[cfg(target_family = "wasm")]
    fn load_dropped(&mut self, ctx: &Context, picked: crate::web::Dropped) {
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
        self.view.settings.layout = SavedTile::of(&self.panes);
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
    /// In the page the worker ends with it.
    #[cfg(not(target_family = "wasm"))]
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
        #[cfg(target_family = "wasm")]
        self.follow_page(ctx);
        self.take_answers(ctx);
        self.take_kept(ctx);
        self.take_wanted(ctx);
        #[cfg(not(target_family = "wasm"))]
        if notices_change_runs {
            self.list_runs();
        }
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
