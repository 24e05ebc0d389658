//! Points on adapters made of software: the picture of them that `points.wgsl` would give, drawn by the processor
//! itself and shown as an image. Such an adapter spends two microseconds on a point before it shades a pixel of it.

use super::points_gpu::{PointInstance, PointsView};
use super::points_pixels::Band;
use eframe::egui::{
    Color32, ColorImage, Context, PaintCallbackInfo, Rect, Shape, TextureHandle, TextureOptions,
    pos2, vec2,
};
use std::sync::LazyLock;

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
        Shape::image(texture.id(), pixels / scale, whole, Color32::WHITE)
    }

    fn texture(&mut self, ctx: &Context, points: &[PointInstance], drawn: Drawn) -> &TextureHandle {
        let options = TextureOptions::NEAREST;
        if self.drawn != Some(drawn) {
            let image = picture(points, &drawn.view, drawn.size);
            match &mut self.texture {
                Some(texture) => texture.set(image, options),
                None => self.texture = Some(ctx.load_texture("points", image, options)),
            }
            self.drawn = Some(drawn);
        }
        self.texture
            .get_or_insert_with(|| ctx.load_texture("points", ColorImage::default(), options))
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
    /// RGBA, not premultiplied.
    pub color: [u8; 3],
    /// In [0, 1].
    pub alpha: f32,
}

/// Draws the points over nothing.
fn picture(points: &[PointInstance], view: &PointsView, size: [usize; 2]) -> ColorImage {
    let [width, height] = size;
    let spots: Vec<Spot> = points
        .iter()
        .filter_map(|point| spot(point, view, size))
        .collect();
    let mut pixels = vec![Color32::TRANSPARENT; width * height];
    let rows = height.div_ceil(*THREADS).max(ROWS_OF_A_THREAD);
    let bands = pixels.chunks_mut(rows * width).enumerate();
    let draw = |(k, pixels): (usize, &mut [Color32])| {
        Band::new(k * rows, width, pixels.len() / width).draw(&spots, view.rim, pixels);
    };
    std::thread::scope(|scope| {
        for band in bands {
            if band.0 + 1 == height.div_ceil(rows) {
                draw(band);
            } else {
                scope.spawn(move || draw(band));
            }
        }
    });
    ColorImage::new(size, pixels)
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
