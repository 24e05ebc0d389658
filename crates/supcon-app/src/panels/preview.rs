//! Images and their views: what the network is asked to treat as the same.

use crate::actions::{Action, Actions};
use crate::controls::{empty_state, palette};
use crate::session::Session;
use crate::terms;
use crate::thumbnails::tiled;
use crate::view_state::ViewState;
use eframe::egui::{
    self, ColorImage, Frame, Margin, RichText, ScrollArea, Stroke, TextStyle, TextureHandle,
    TextureOptions, Ui, vec2,
};
use supcon_protocol::{DataInfo, PreviewRequest, PreviewSheet, Request, ViewsConfig};

/// Views drawn beside each image.
const VIEWS: usize = 6;
/// Images shown, at most.
const IMAGES: usize = 12;
/// Examples side by side in their texture: hundreds of classes stay within a GPU's limits.
const EXAMPLE_COLUMNS: usize = 16;
/// Seconds the sliders have to rest before new views are drawn.
const REST_SECS: f64 = 0.25;

/// What has been asked for, and the pictures that came.
#[derive(Default)]
pub struct Preview {
    asked: Option<ViewsConfig>,
    changed: Option<(ViewsConfig, f64)>,
    seed: u64,
    loaded: Option<u64>,
    originals: Option<TextureHandle>,
    views: Option<TextureHandle>,
    of: Option<String>,
}

impl Preview {
    /// Asks for views when the settings have rested, or the images are others.
    pub fn follow(
        &mut self,
        ctx: &egui::Context,
        session: &Session,
        draft: &ViewsConfig,
        actions: &mut Actions,
    ) {
        let Some(data) = &session.data else { return };
        let now = ctx.input(|i| i.time);
        if self.of.as_ref() != Some(&data.sentence) {
            *self = Self {
                seed: self.seed,
                of: Some(data.sentence.clone()),
                ..Self::default()
            };
            self.originals = load(
                ctx,
                &data.examples.pixels,
                data.side,
                data.examples.images.len(),
                EXAMPLE_COLUMNS,
            );
        }
        if self.asked.as_ref() == Some(draft) || draft_is_invalid(draft) {
            return;
        }
        let rested = match &self.changed {
            Some((changed, since)) if changed == draft => now - since >= REST_SECS,
            _ => {
                self.changed = Some((draft.clone(), now));
                self.asked.is_none()
            }
        };
        if !rested {
            ctx.request_repaint_after_secs(REST_SECS as f32);
            return;
        }
        self.ask(draft, data, actions);
    }

    fn ask(&mut self, draft: &ViewsConfig, data: &DataInfo, actions: &mut Actions) {
        self.seed += 1;
        self.asked = Some(draft.clone());
        self.changed = None;
        actions.push(Action::Engine(Request::PreviewViews(PreviewRequest {
            views: ViewsConfig {
                n_views: VIEWS,
                ..draft.clone()
            },
            images: shown(data).map(|(_, image)| image).collect(),
            seed: self.seed,
        })));
    }

    /// Asks for other views of the same settings.
    fn again(&mut self) {
        self.asked = None;
    }

    fn load(&mut self, ctx: &egui::Context, sheet: &PreviewSheet) {
        if self.loaded != Some(sheet.seed) {
            self.views = load(
                ctx,
                &sheet.pixels,
                sheet.side,
                sheet.images.len() * sheet.n_views,
                sheet.n_views,
            );
            self.loaded = Some(sheet.seed);
        }
    }
}

fn draft_is_invalid(draft: &ViewsConfig) -> bool {
    draft.crop.scale[0] > draft.crop.scale[1]
}

/// Position among the examples and index of the images shown: one of every class first.
fn shown(data: &DataInfo) -> impl Iterator<Item = (usize, u32)> {
    let mut seen = std::collections::HashSet::new();
    let (first, rest): (Vec<_>, Vec<_>) = data
        .examples
        .images
        .iter()
        .zip(&data.examples.labels)
        .enumerate()
        .partition(|(_, (_, label))| seen.insert(**label));
    first
        .into_iter()
        .chain(rest)
        .map(|(k, (image, _))| (k, *image))
        .take(IMAGES)
}

fn load(
    ctx: &egui::Context,
    pixels: &[u8],
    side: usize,
    n: usize,
    columns: usize,
) -> Option<TextureHandle> {
    (side > 0 && n > 0 && pixels.len() == n * side * side * 3).then(|| {
        let image: ColorImage = tiled(pixels, side, columns, n.div_ceil(columns));
        ctx.load_texture("preview", image, TextureOptions::LINEAR)
    })
}

/// The grid.
pub fn preview_ui(ui: &mut Ui, session: &Session, _view: &mut ViewState, preview: &mut Preview) {
    let Some(data) = &session.data else {
        empty_state(
            ui,
            "No images yet",
            "Choose a folder or a file on the left, or drop one here.",
        );
        return;
    };
    if let Some(sheet) = &session.preview {
        preview.load(ui.ctx(), sheet);
    }
    Frame::new().inner_margin(Margin::same(14)).show(ui, |ui| {
        let colors = palette(ui);
        ui.horizontal(|ui| {
            ui.label(RichText::new("What counts as the same").heading()).on_hover_text(terms::VIEWS);
            if ui.button("Others").on_hover_text("Draw other views with the same settings").clicked() {
                preview.again();
            }
        });
        ui.label(RichText::new("Each row is one image and random views of it. The network learns to give all of them the same place; the sliders under Views change what it gets to see.").color(colors.weak));
        ui.add_space(8.0);
        ScrollArea::vertical().auto_shrink(false).show(ui, |ui| grid_ui(ui, session, data, preview));
    });
}

fn grid_ui(ui: &mut Ui, session: &Session, data: &DataInfo, preview: &Preview) {
    let wide = ui.available_width() > 900.0;
    let per_line = if wide { 2 } else { 1 };
    let name_width = 78.0;
    let column = ui.available_width() / per_line as f32 - 12.0;
    let side = ((column - name_width - 40.0) / (VIEWS as f32 + 1.0) - 6.0).clamp(28.0, 72.0);
    let rows: Vec<_> = shown(data).enumerate().collect();
    // The first row's rim lies outside of it.
    ui.add_space(3.0);
    for line in rows.chunks(per_line) {
        ui.horizontal_top(|ui| {
            for &(row, (example, _)) in line {
                ui.allocate_ui(vec2(column, side), |ui| {
                    ui.horizontal(|ui| {
                        row_ui(ui, session, data, preview, (row, example), side, name_width);
                    });
                });
            }
        });
    }
}

fn row_ui(
    ui: &mut Ui,
    session: &Session,
    data: &DataInfo,
    preview: &Preview,
    (row, example): (usize, usize),
    side: f32,
    name_width: f32,
) {
    let colors = palette(ui);
    ui.spacing_mut().item_spacing.x = 6.0;
    let label = data.examples.labels[example];
    let name = data.classes.get(label as usize).map_or("", String::as_str);
    let text = RichText::new(name)
        .text_style(TextStyle::Small)
        .color(colors.weak);
    ui.add_sized([name_width, side], egui::Label::new(text).truncate());
    picture(
        ui,
        preview.originals.as_ref(),
        (example % EXAMPLE_COLUMNS, example / EXAMPLE_COLUMNS),
        (
            EXAMPLE_COLUMNS,
            data.examples.images.len().div_ceil(EXAMPLE_COLUMNS),
        ),
        side,
        colors.accent,
    );
    ui.add_space(6.0);
    let Some(sheet) = session
        .preview
        .as_ref()
        .filter(|sheet| row < sheet.images.len())
    else {
        ui.spinner();
        return;
    };
    for view in 0..sheet.n_views {
        picture(
            ui,
            preview.views.as_ref(),
            (view, row),
            (sheet.n_views, sheet.images.len()),
            side,
            colors.outline,
        );
    }
}

/// A cell of a texture of `size` cells.
fn picture(
    ui: &mut Ui,
    texture: Option<&TextureHandle>,
    (x, y): (usize, usize),
    size: (usize, usize),
    side: f32,
    rim: egui::Color32,
) {
    let (rect, _) = ui.allocate_exact_size(vec2(side, side), egui::Sense::hover());
    let Some(texture) = texture else { return };
    let cell = vec2(1.0 / size.0 as f32, 1.0 / size.1 as f32);
    let uv = egui::Rect::from_min_size(egui::pos2(x as f32 * cell.x, y as f32 * cell.y), cell);
    ui.painter()
        .image(texture.id(), rect, uv, egui::Color32::WHITE);
    ui.painter()
        .rect_stroke(rect, 3.0, Stroke::new(1.5, rim), egui::StrokeKind::Outside);
}
