//! Pictures that came side by side in one PNG, as a texture.

use crate::thumbnails::picture_ui;
use base64::Engine as _;
use eframe::egui::{
    Color32, ColorImage, Context, Rect, Response, TextureHandle, TextureOptions, Ui, pos2, vec2,
};
use supcon_protocol::Mistakes;

/// The pictures of the mistakes looked at last.
#[derive(Default)]
pub struct Sprite {
    of: String,
    texture: Option<TextureHandle>,
    columns: usize,
    rows: usize,
}

impl Sprite {
    /// Makes the texture hold these pictures; does nothing if it does. Bytes that are no picture leave none.
    pub fn load(&mut self, ctx: &Context, mistakes: &Mistakes) {
        if self.of == mistakes.sprite_png {
            return;
        }
        self.of.clone_from(&mistakes.sprite_png);
        self.columns = mistakes.columns.max(1);
        self.rows = mistakes.worst.len().div_ceil(self.columns).max(1);
        self.texture = decoded(&self.of)
            .map(|image| ctx.load_texture("mistakes", image, TextureOptions::LINEAR));
    }

    /// A picture as a widget that can be clicked.
    pub fn show(&self, ui: &mut Ui, at: usize, side: f32, rim: Color32, name: &str) -> Response {
        let cell = vec2(1.0 / self.columns as f32, 1.0 / self.rows as f32);
        let corner = pos2(
            (at % self.columns) as f32 * cell.x,
            (at / self.columns) as f32 * cell.y,
        );
        let uv = Rect::from_min_size(corner, cell);
        let texture = self.texture.as_ref().map(|texture| (texture.id(), uv));
        picture_ui(ui, texture, side, rim, name).on_hover_text(name)
    }
}

fn decoded(base64: &str) -> Option<ColorImage> {
    let png = base64::engine::general_purpose::STANDARD
        .decode(base64)
        .ok()?;
    let image = image::load_from_memory_with_format(&png, image::ImageFormat::Png).ok()?;
    let image = image.to_rgb8();
    let size = [image.width() as usize, image.height() as usize];
    Some(ColorImage::from_rgb(size, image.as_raw()))
}
