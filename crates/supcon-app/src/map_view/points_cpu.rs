//! Points on adapters made of software: the picture of them that `points.wgsl` would give, drawn by the processor
//! itself and shown as an image. Such an adapter spends two microseconds on a point before it shades a pixel of it.

use super::points_gpu::{PointInstance, PointsView};
use super::points_pixels::Band;
use eframe::egui::{
    Color32, ColorImage, Context, ImageData, PaintCallbackInfo, Rect, Shape, TextureHandle,
    TextureId, TextureOptions, pos2, vec2,
};
use std::sync::{Arc, LazyLock};

/// Rows worth a thread of their own.
const ROWS_OF_A_THREAD: usize = 128;
/// Threads that draw; to ask for it reads files.
static THREADS: LazyLock<usize> =
    LazyLock::new(|| std::thread::available_parallelism().map_or(1, usize::from));

/// The picture of a map's points, kept between frames in which it stays the same.
#[derive(Default)]
pub struct PointsPicture {
    texture: Option<TextureHandle>,
    drawn: Option<Drawn>,
    /// The memory of the last picture: to ask for new pages costs as much as to draw.
    image: Arc<ColorImage>,
    bands: Vec<Band>,
}

/// What a picture was drawn from.
#[derive(Clone, Copy, PartialEq)]
pub struct Drawn {
    /// Changes whenever the points do.
    pub generation: u64,
    /// How they are looked at.
    pub view: PointsView,
    /// Width and height, pixels.
    pub size: [usize; 2],
}

impl PointsPicture {
    /// The points in a rectangle of the screen, as something to paint.
    pub fn shape(
        &mut self,
        ctx: &Context,
        rect: Rect,
        (points, generation): (&[PointInstance], u64),
        view: PointsView,
    ) -> Shape {
        let scale = ctx.pixels_per_point();
        let screen = (ctx.viewport_rect().size() * scale).round();
        // The pixels in which a paint callback would draw.
        let viewport = PaintCallbackInfo {
            viewport: rect,
            clip_rect: rect,
            pixels_per_point: scale,
            screen_size_px: [screen.x as u32, screen.y as u32],
        }
        .viewport_in_pixels();
        let size = [viewport.width_px.max(1), viewport.height_px.max(1)];
        let drawn = Drawn {
            generation,
            view,
            size: size.map(|side| side as usize),
        };
        let texture = self.texture(ctx, points, drawn);
        let corner = pos2(viewport.left_px as f32, viewport.top_px as f32);
        let pixels = Rect::from_min_size(corner, vec2(size[0] as f32, size[1] as f32));
        let whole = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
        Shape::image(texture, pixels / scale, whole, Color32::WHITE)
    }

    fn texture(&mut self, ctx: &Context, points: &[PointInstance], drawn: Drawn) -> TextureId {
        let is_new = self.drawn != Some(drawn);
        if is_new {
            self.draw(points, &drawn.view, drawn.size);
            self.drawn = Some(drawn);
        }
        let options = TextureOptions::NEAREST;
        let texture = self
            .texture
            .get_or_insert_with(|| ctx.load_texture("points", ColorImage::default(), options));
        if is_new {
            texture.set(ImageData::Color(Arc::clone(&self.image)), options);
        }
        texture.id()
    }

    /// Draws the points over nothing.
    fn draw(&mut self, points: &[PointInstance], view: &PointsView, size: [usize; 2]) {
        let [width, height] = size;
        let rows = height.div_ceil(*THREADS).max(ROWS_OF_A_THREAD);
        if self.image.size != size {
            self.bands = (0..height)
                .step_by(rows)
                .map(|top| Band::new(top, width, rows.min(height - top)))
                .collect();
        }
        let is_free = self.image.size == size && Arc::get_mut(&mut self.image).is_some();
        if !is_free {
            let nothing = vec![Color32::TRANSPARENT; width * height];
            self.image = Arc::new(ColorImage::new(size, nothing));
        }
        let spots: Vec<Spot> = points
            .iter()
            .filter_map(|point| spot(point, view, size))
            .collect();
        let pixels = &mut Arc::make_mut(&mut self.image).pixels;
        let last = self.bands.len() - 1;
        let bands = self.bands.iter_mut().zip(pixels.chunks_mut(rows * width));
        std::thread::scope(|scope| {
            for (k, (band, pixels)) in bands.enumerate() {
                let spots = &spots;
                let mut draw = move || band.draw(spots, view.rim, pixels);
                if k == last {
                    draw();
                } else {
                    scope.spawn(draw);
                }
            }
        });
    }
}

/// A point as it is to be drawn, in pixels of the picture.
pub struct Spot {
    /// Its middle, y downwards.
    pub at: [f32; 2],
    /// Its radius.
    pub radius: f32,
    /// [`crate::palette::Shape`].
    pub shape: u32,
    /// RGB.
    pub color: [u8; 3],
    /// In [0, 1].
    pub alpha: f32,
}

/// The vertex stage of `points.wgsl`: nothing of a hidden point.
fn spot(point: &PointInstance, view: &PointsView, [width, height]: [usize; 2]) -> Option<Spot> {
    let mix = |from: f32, to: f32, share: f32| from * (1.0 - share) + to * share;
    let at: [f32; 3] =
        std::array::from_fn(|axis| mix(point.from[axis], point.to[axis], view.glide));
    let turned = view
        .rotation
        .map(|row| row[0] * at[0] + row[1] * at[1] + row[2] * at[2]);
    let nearness = mix(1.0, 0.5 + 0.5 * turned[2].clamp(-1.0, 1.0), view.depth);
    let radius = view.radius * point.size * mix(0.7, 1.0, nearness);
    let x = (turned[0] * view.scale + view.offset[0]) / view.half_size[0];
    let y = (turned[1] * view.scale + view.offset[1]) / view.half_size[1];
    let [r, g, b, a] = point.color;
    (radius > 0.0).then_some(Spot {
        at: [
            0.5 * (1.0 + x) * width as f32,
            0.5 * (1.0 - y) * height as f32,
        ],
        radius,
        shape: point.shape,
        color: [r, g, b],
        alpha: f32::from(a) / 255.0 * mix(0.35, 1.0, nearness),
    })
}
