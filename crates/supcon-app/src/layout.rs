//! The panes beside the setup, which people can rearrange by dragging their tabs.

use crate::actions::Actions;
use crate::map_view::map_ui;
use crate::panels::preview::Preview;
use crate::panels::{compare, curves, histogram, inspector, preview, results};
use crate::session::Session;
use crate::theme::colors;
use crate::view_state::ViewState;
use eframe::egui::{self, Color32, Id, Mesh, Rect, Shape, Stroke, Style, Ui, Visuals, WidgetText};
use egui_tiles::{
    Behavior, Container, Linear, LinearDir, TabState, Tile, TileId, Tiles, Tree, UiResponse,
};
use serde::{Deserialize, Serialize};

/// How curves and pairs share the height beside the map.
const SHARES: [f32; 2] = [1.0, 1.0];
/// The same in a low window: pairs need the room, curves can be scrolled.
const SHARES_IN_LOW: [f32; 2] = [0.72, 1.28];
/// Panes lower than this, in points, belong to a low window.
const LOW: f32 = 660.0;

/// A pane.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Pane {
    /// The embedding view.
    Map,
    /// Images and their views.
    Preview,
    /// Test results.
    Results,
    /// Runs side by side.
    Compare,
    /// Runs of the runs folder.
    #[cfg(not(target_family = "wasm"))]
    Runs,
    /// The pair inspector.
    Inspector,
    /// Similarities.
    Histogram,
    /// Curves.
    Curves,
}

impl Pane {
    /// All, in the order in which they are offered one by one.
    pub const ALL: &[Self] = &[
        Self::Map,
        Self::Preview,
        Self::Curves,
        Self::Inspector,
        Self::Histogram,
        Self::Results,
        Self::Compare,
        #[cfg(not(target_family = "wasm"))]
        Self::Runs,
    ];

    /// What its tab says.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Map => "Embedding",
            Self::Preview => "Views",
            Self::Results => "Results",
            Self::Compare => "Compare",
            #[cfg(not(target_family = "wasm"))]
            Self::Runs => "Runs",
            Self::Inspector => "Pairs",
            Self::Histogram => "Similarities",
            Self::Curves => "Curves",
        }
    }
}

impl Pane {
    /// What it shows.
    #[must_use]
    pub fn term(self) -> &'static str {
        match self {
            Self::Map => {
                "The embedding: each image of the validation split as a point, where the network puts it"
            }
            Self::Preview => {
                "Images and random views of them: what the network is asked to treat as the same"
            }
            Self::Results => {
                "What came out on the test images: accuracies, confusion, reliability, worst mistakes"
            }
            Self::Compare => "Runs side by side: maps, curves, results and their differences",
            #[cfg(not(target_family = "wasm"))]
            Self::Runs => {
                "Every run of this folder: open one, go on with one, rename or delete one"
            }
            Self::Inspector => {
                "Pairs: which images pull the chosen point and which push it, and how strongly"
            }
            Self::Histogram => {
                "How alike views, images of a class and images of other classes are to the network"
            }
            Self::Curves => "Loss, accuracy, learning rate, throughput and memory, step by step",
        }
    }
}

/// The panes as the program starts: the map in the middle, its reasons beside it.
#[must_use]
pub fn panes() -> Tree<Pane> {
    let mut tiles = Tiles::default();
    let mut tabs = |panes: &[Pane]| {
        let children = panes.iter().map(|&pane| tiles.insert_pane(pane)).collect();
        tiles.insert_tab_tile(children)
    };
    let middle = tabs(&[
        Pane::Preview,
        Pane::Map,
        Pane::Results,
        Pane::Compare,
        #[cfg(not(target_family = "wasm"))]
        Pane::Runs,
    ]);
    let curves = tabs(&[Pane::Curves]);
    let reasons = tabs(&[Pane::Inspector, Pane::Histogram]);
    let side = Linear::new_binary(LinearDir::Vertical, [curves, reasons], 0.5);
    let side = tiles.insert_container(Container::Linear(side));
    let all = Linear::new_binary(LinearDir::Horizontal, [middle, side], 0.66);
    let root = tiles.insert_container(Container::Linear(all));
    Tree::new(Id::unique("panes"), root, tiles)
}

/// Gives the pairs more of a low window. Curves and pairs that someone arranged otherwise stay as they are.
pub fn fit_height(tree: &mut Tree<Pane>, height: f32) {
    let wanted = if height < LOW { SHARES_IN_LOW } else { SHARES };
    let parent = |id| tree.tiles.parent_of(id);
    let pairs = tree.tiles.find_pane(&Pane::Inspector).and_then(parent);
    let curves = tree.tiles.find_pane(&Pane::Curves);
    let (Some(pairs), Some(mut curves)) = (pairs, curves) else {
        return;
    };
    let Some(side) = parent(pairs) else { return };
    if parent(curves) != Some(side) {
        // Until the first frame they have tabs of their own.
        curves = parent(curves).unwrap_or(curves);
    }
    if let Some(Tile::Container(Container::Linear(side))) = tree.tiles.get_mut(side)
        && side.dir == LinearDir::Vertical
        && side.children == [curves, pairs]
        && [SHARES, SHARES_IN_LOW].contains(&[curves, pairs].map(|tile| side.shares[tile]))
    {
        side.shares.set_share(curves, wanted[0]);
        side.shares.set_share(pairs, wanted[1]);
    }
}

/// Brings a pane to the front of its tabs.
pub fn bring_forward(tree: &mut Tree<Pane>, pane: Pane) {
    tree.make_active(|_, tile| matches!(tile, Tile::Pane(other) if *other == pane));
}

/// Draws the panes.
pub struct Panes<'a> {
    /// What the engine told.
    pub session: &'a Session,
    /// What is looked at.
    pub view: &'a mut ViewState,
    /// Views of the images.
    pub preview: &'a mut Preview,
    /// The runs folder, where there is one.
    #[cfg(not(target_family = "wasm"))]
    pub shelf: Option<&'a crate::shelf::Shelf>,
    /// What is asked for.
    pub actions: &'a mut Actions,
}

impl Panes<'_> {
    /// Draws a pane over the room there is.
    pub fn draw(&mut self, ui: &mut Ui, pane: Pane) {
        let (room, fill) = (ui.max_rect(), colors(ui.visuals()).panel);
        let ground = ui.painter().add(Shape::Noop);
        let mut covered = None;
        let (session, view) = (self.session, &mut *self.view);
        match pane {
            Pane::Map => covered = map_ui(ui, session, view, self.actions),
            Pane::Preview => preview::preview_ui(ui, session, view, self.preview),
            Pane::Results => results::results_ui(ui, session, view, self.actions),
            Pane::Compare => compare::compare_ui(ui, session, view, self.actions),
            #[cfg(not(target_family = "wasm"))]
            Pane::Runs => {
                let listed = &session.listed;
                crate::panels::runs::runs_ui(ui, session, view, self.shelf, listed, self.actions);
            }
            Pane::Inspector => padded(ui, |ui| inspector::inspector_ui(ui, session, view)),
            Pane::Histogram => padded(ui, |ui| histogram::histogram_ui(ui, session, view)),
            Pane::Curves => padded(ui, |ui| curves::curves_ui(ui, session, view)),
        }
        ui.painter().set(ground, ground_shape(room, covered, fill));
    }
}

/// The ground of a pane, left out where something opaque covers it: a processor that plays GPU would paint it
/// there for nothing.
fn ground_shape(room: Rect, covered: Option<Rect>, fill: Color32) -> Shape {
    let Some(hole) = covered.filter(|covered| room.contains_rect(*covered)) else {
        return Shape::rect_filled(room, 0.0, fill);
    };
    let (top, below) = room.split_top_bottom_at_y(hole.top());
    let (middle, bottom) = below.split_top_bottom_at_y(hole.bottom());
    let (left, _) = middle.split_left_right_at_x(hole.left());
    let (_, right) = middle.split_left_right_at_x(hole.right());
    let mut around = Mesh::default();
    for part in [top, bottom, left, right] {
        around.add_colored_rect(part, fill);
    }
    around.into()
}

impl Behavior<Pane> for Panes<'_> {
    fn pane_ui(&mut self, ui: &mut Ui, _tile: TileId, pane: &mut Pane) -> UiResponse {
        self.draw(ui, *pane);
        UiResponse::None
    }

    fn tab_title_for_pane(&mut self, pane: &Pane) -> WidgetText {
        pane.title().into()
    }

    fn on_tab_button(
        &mut self,
        tiles: &mut Tiles<Pane>,
        tile: TileId,
        button: egui::Response,
    ) -> egui::Response {
        match tiles.get_pane(&tile) {
            Some(pane) => button.on_hover_text(pane.term()),
            None => button,
        }
    }

    fn tab_bar_height(&self, _style: &Style) -> f32 {
        32.0
    }

    fn tab_title_spacing(&self, _visuals: &Visuals) -> f32 {
        14.0
    }

    fn gap_width(&self, _style: &Style) -> f32 {
        2.0
    }

    fn min_size(&self) -> f32 {
        140.0
    }

    fn tab_bar_color(&self, visuals: &Visuals) -> Color32 {
        colors(visuals).panel
    }

    fn tab_bg_color(
        &self,
        visuals: &Visuals,
        _: &Tiles<Pane>,
        _: TileId,
        state: &TabState,
    ) -> Color32 {
        if state.active {
            colors(visuals).panel
        } else {
            Color32::TRANSPARENT
        }
    }

    fn tab_outline_stroke(&self, _: &Visuals, _: &Tiles<Pane>, _: TileId, _: &TabState) -> Stroke {
        Stroke::NONE
    }

    fn tab_bar_hline_stroke(&self, visuals: &Visuals) -> Stroke {
        Stroke::new(1.0, colors(visuals).outline)
    }

    fn tab_text_color(
        &self,
        visuals: &Visuals,
        _: &Tiles<Pane>,
        _: TileId,
        state: &TabState,
    ) -> Color32 {
        let colors = colors(visuals);
        if state.active {
            colors.accent
        } else {
            colors.weak
        }
    }
}

fn padded(ui: &mut Ui, contents: impl FnOnce(&mut Ui)) {
    egui::Frame::new().inner_margin(10).show(ui, contents);
}
