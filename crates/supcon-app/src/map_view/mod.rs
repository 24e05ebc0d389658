//! The embedding view: the watched points of a run, the pictures behind them, and how they move.

mod camera;
mod canvas;
mod coloring;
mod hover;
mod insight;
mod legend;
mod pick;
mod points;
mod points_cpu;
mod points_gpu;
mod points_mesh;
mod points_pixels;
pub mod raster;
mod scale;
mod scene;
mod side_by_side;
mod timeline;
mod toolbar;

pub use camera::Camera;
pub use coloring::question;
pub use insight::Insight;
pub use side_by_side::side_by_side_ui;
pub use timeline::{shown_frame, shown_position};

use crate::actions::Actions;
use crate::controls::{empty_state, palette};
use crate::session::Session;
use crate::software_painter::is_software;
use crate::theme::{GAP, MARGIN};
use crate::thumbnails::Thumbnails;
use crate::view_state::ViewState;
use coloring::Coloring;
use eframe::egui::{self, Frame, Margin, Rect, Ui};
use eframe::egui_wgpu::RenderState;
use eframe::wgpu;
use pick::Area;
use points_cpu::PointsPicture;
use scene::Scene;
use std::collections::BTreeSet;

/// What dragging in the map does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tool {
    /// Moves the map, or turns the sphere.
    #[default]
    Pan,
    /// Selects a rectangle.
    Rectangle,
    /// Selects what a line surrounds.
    Lasso,
}

/// What the points are drawn on.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// Its pixels.
    pub format: wgpu::TextureFormat,
    /// Whether a processor draws, which is quicker at points when it does not play GPU. Not in a page: it has
    /// one thread, and the browser's GPU several.
    pub is_software: bool,
}

impl Target {
    /// What a window draws on.
    #[must_use]
    pub fn of(state: &RenderState) -> Self {
        Self {
            format: state.target_format,
            is_software: cfg!(not(target_family = "wasm")) && is_software(state),
        }
    }
}

/// What the embedding view remembers.
#[derive(Default)]
pub struct MapState {
    /// Where one stands.
    pub camera: Camera,
    /// What dragging does.
    pub tool: Tool,
    /// Selected images, in ascending order.
    pub selected: Vec<usize>,
    /// The anchor of the pair inspector.
    pub anchor: Option<usize>,
    /// Classes not shown.
    pub hidden: BTreeSet<u32>,
    /// Shows only classes whose name holds this.
    pub search: String,
    /// What the points are drawn on, where egui draws with wgpu.
    pub target: Option<Target>,
    /// The pictures of the frame shown.
    pub thumbnails: Thumbnails,
    /// Numbers of the frame shown.
    pub insight: Insight,
    /// Numbers that colours tell.
    coloring: Coloring,
    scene: Scene,
    /// The points as an image, where a processor draws.
    points: PointsPicture,
    hovered: Option<usize>,
    /// The image hovered in another map of the same images.
    echo: Option<usize>,
    was_hovered: Option<usize>,
    area: Option<Area>,
}

impl MapState {
    /// Whether a class is drawn.
    #[must_use]
    pub fn shows(&self, class: u32, name: &str) -> bool {
        let search = self.search.trim().to_lowercase();
        !self.hidden.contains(&class)
            && (search.is_empty() || name.to_lowercase().contains(&search))
    }

    /// Selects images and lets go of the anchor.
    pub fn select(&mut self, images: Vec<usize>) {
        self.selected = images;
        self.anchor = None;
    }

    /// Forgets what belonged to another set of images.
    fn follow(&mut self, n: usize) {
        self.selected.retain(|&i| i < n);
        self.anchor = self.anchor.filter(|&i| i < n);
        self.hovered = self.hovered.filter(|&i| i < n);
    }
}

/// Corner radius of the canvas.
const RADIUS: u8 = 8;

/// The whole pane: tools, points, legend, time slider. Says what part of it is covered whole.
pub fn map_ui(
    ui: &mut Ui,
    session: &Session,
    view: &mut ViewState,
    actions: &mut Actions,
) -> Option<Rect> {
    let frame = shown_frame(ui.ctx(), session, view);
    Frame::new()
        .inner_margin(Margin::symmetric(MARGIN, MARGIN - 4))
        .show(ui, |ui| {
            toolbar::toolbar_ui(ui, session, view, actions);
            ui.add_space(2.0);
            let Some(frame) = frame else {
                nothing_yet(ui, session);
                return None;
            };
            view.map.follow(frame.n());
            view.map.thumbnails.load(ui.ctx(), &frame.samples);
            let now = ui.input(|i| i.time);
            let reduce_motion = view.reduces_motion();
            view.map.scene.show(&frame, now, reduce_motion);
            let timeline = timeline::HEIGHT + GAP;
            egui::Panel::bottom("map timeline")
                .frame(Frame::new())
                .show_separator_line(false)
                .exact_size(timeline)
                .show(ui, |ui| timeline::timeline_ui(ui, session, view));
            let colors = palette(ui);
            let canvas = Frame::new()
                .fill(colors.canvas)
                .corner_radius(RADIUS)
                .stroke(egui::Stroke::new(1.0, colors.outline))
                .show(ui, |ui| canvas::canvas_ui(ui, session, view));
            Some(canvas.response.rect.shrink(f32::from(RADIUS)))
        })
        .inner
}

fn nothing_yet(ui: &mut Ui, session: &Session) {
    match session.run() {
        Some(run) if run.is_active() => {
            empty_state(
                ui,
                "The first picture is on its way",
                "As soon as an encoder trains, its watched images appear here as points: images of the same class will find each other.",
            );
            ui.vertical_centered(|ui| ui.spinner());
        }
        _ => empty_state(
            ui,
            "Nothing trained yet",
            "Press Train. The images of the validation split appear here as points, and you can watch points of the same class find each other.",
        ),
    }
}
