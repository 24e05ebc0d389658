//! The pictures behind the points: one texture with all of them side by side.

use eframe::egui::{
    self, Color32, ColorImage, Mesh, Rect, Response, Role, Sense, TextureHandle, TextureId,
    TextureOptions, Ui, WidgetInfo, pos2, vec2,
};
use std::sync::Arc;
use supcon_protocol::Samples;

/// A texture with the images of some samples.
#[derive(Default)]
pub struct Thumbnails {
    of: Option<Arc<Samples>>,
    texture: Option<TextureHandle>,
    columns: usize,
    rows: usize,
}

impl Thumbnails {
    /// Makes the texture hold these images; does nothing if it does.
    pub fn load(&mut self, ctx: &egui::Context, samples: &Arc<Samples>) {
        if self.of.as_ref().is_some_and(|of| Arc::ptr_eq(of, samples)) {
            return;
        }
        let n = samples.labels.len();
        let (columns, rows) = grid(n);
        self.texture = (samples.side > 0 && samples.pixels.len() == n * samples.side.pow(2) * 3)
            .then(|| {
                let image = tiled(&samples.pixels, samples.side, columns, rows);
                ctx.load_texture("thumbnails", image, TextureOptions::LINEAR)
            });
        (self.columns, self.rows) = (columns, rows);
        self.of = Some(samples.clone());
    }

    /// Whether there are pictures.
    #[must_use]
    pub fn is_loaded(&self) -> bool {
        self.texture.is_some()
    }

    fn uv(&self, image: usize) -> Rect {
        let cell = vec2(1.0 / self.columns as f32, 1.0 / self.rows as f32);
        let min = pos2(
            (image % self.columns) as f32 * cell.x,
            (image / self.columns) as f32 * cell.y,
        );
        Rect::from_min_size(min, cell)
    }

    /// A mesh to add pictures to.
    #[must_use]
    pub fn mesh(&self) -> Option<Mesh> {
        self.texture
            .as_ref()
            .map(|texture| Mesh::with_texture(texture.id()))
    }

    /// Adds a picture to a mesh.
    pub fn add(&self, mesh: &mut Mesh, image: usize, rect: Rect, tint: Color32) {
        mesh.add_rect_with_uv(rect, self.uv(image), tint);
    }

    /// A picture as a widget that can be clicked, with a line of colour around it.
    pub fn show(&self, ui: &mut Ui, image: usize, side: f32, rim: Color32, name: &str) -> Response {
        let texture = self.texture.as_ref();
        let texture = texture.map(|texture| (texture.id(), self.uv(image)));
        picture_ui(ui, texture, side, rim, name)
    }
}

/// Part of a texture as a button with a line of colour around it.
pub fn picture_ui(
    ui: &mut Ui,
    texture: Option<(TextureId, Rect)>,
    side: f32,
    rim: Color32,
    name: &str,
) -> Response {
    let (rect, response) = ui.allocate_exact_size(vec2(side, side), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, name));
    let is_lit = response.hovered() || response.has_focus();
    let painter = ui.painter();
    painter.rect_filled(
        rect,
        4.0,
        if is_lit {
            ui.visuals().strong_text_color()
        } else {
            rim
        },
    );
    if let Some((texture, uv)) = texture {
        let mut mesh = Mesh::with_texture(texture);
        mesh.add_rect_with_uv(rect.shrink(2.0), uv, Color32::WHITE);
        painter.add(mesh);
    }
    response
}

/// Columns and rows of a nearly square grid of `n` cells.
fn grid(n: usize) -> (usize, usize) {
    let columns = (n.max(1) as f64).sqrt().ceil() as usize;
    (columns, n.max(1).div_ceil(columns))
}

/// Images `[n, side, side, 3]` side by side.
#[must_use]
pub fn tiled(pixels: &[u8], side: usize, columns: usize, rows: usize) -> ColorImage {
    let width = columns * side;
    let mut image = ColorImage::filled([width, rows * side], Color32::TRANSPARENT);
    let lines = pixels.chunks_exact(side * 3).enumerate();
    for (line, bytes) in lines {
        let (picture, y) = (line / side, line % side);
        let (column, row) = (picture % columns, picture / columns);
        let start = (row * side + y) * width + column * side;
        let colors = bytes.as_chunks::<3>().0;
        for (pixel, [r, g, b]) in image.pixels[start..start + side].iter_mut().zip(colors) {
            *pixel = Color32::from_rgb(*r, *g, *b);
        }
    }
    image
}
