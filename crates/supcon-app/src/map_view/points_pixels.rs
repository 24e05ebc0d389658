//! Pixels of points: the fragment stage of `points.wgsl` for eight pixels at a time, channel by channel, so that the
//! compiler finds instructions that take them together.

use super::points_cpu::Spot;
use super::raster::distance;
use crate::palette::Shape;
use eframe::egui::{Color32, vec2};

/// Pixels of the rim.
const RIM: f32 = 1.0;
/// Pixels beyond the rim that its soft edge reaches.
const SOFT: f32 = 0.5;
/// Pixels computed together.
const LANES: usize = 8;
/// Their places.
const LANE: [f32; LANES] = [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0];
/// Whole cover.
const WHOLE: u16 = 256;

/// Some rows of a picture, premultiplied.
pub struct Band {
    top: usize,
    width: usize,
    /// Bytes of a row: its last pixels too begin as many as are computed together.
    stride: usize,
    rows: usize,
    /// Red, green, blue, alpha.
    channels: [Vec<u8>; 4],
}

/// How much a point covers eight pixels.
struct Cover {
    /// Its colour, of 256.
    inner: [u16; LANES],
    /// Its rim.
    rim: [u16; LANES],
    /// What is left of the ground.
    ground: [u16; LANES],
}

/// What a point paints with: premultiplied RGBA.
struct Paint {
    inner: [u16; 4],
    rim: [u16; 4],
    /// Of the rim itself.
    rim_alpha: f32,
}

impl Band {
    /// Room for the pixels.
    pub fn new(top: usize, width: usize, rows: usize) -> Self {
        let stride = width + LANES - 1;
        Self {
            top,
            width,
            stride,
            rows,
            channels: std::array::from_fn(|_| vec![0; rows * stride]),
        }
    }

    /// Draws points over nothing, the later over the earlier, into the pixels of the band.
    pub fn draw(&mut self, spots: &[Spot], rim: [f32; 4], pixels: &mut [Color32]) {
        self.channels.iter_mut().for_each(|channel| channel.fill(0));
        for spot in spots {
            let paint = Paint::new(spot, rim);
            match spot.shape {
                0 => self.stamp(spot, &paint, |x, y| distance(Shape::Circle, vec2(x, y))),
                1 => self.stamp(spot, &paint, |x, y| distance(Shape::Square, vec2(x, y))),
                2 => self.stamp(spot, &paint, |x, y| distance(Shape::Triangle, vec2(x, y))),
                3 => self.stamp(spot, &paint, |x, y| distance(Shape::Diamond, vec2(x, y))),
                _ => self.stamp(spot, &paint, |x, y| {
                    distance(Shape::TriangleDown, vec2(x, y))
                }),
            }
        }
        self.copy_to(pixels);
    }

    fn stamp(&mut self, spot: &Spot, paint: &Paint, distance: impl Fn(f32, f32) -> f32) {
        let [left, right, up, down] = reach(spot.shape, spot.radius);
        let [x, y] = spot.at;
        let pixels = |low: f32, high: f32, count: usize| {
            low.floor().clamp(0.0, count as f32) as usize
                ..high.ceil().clamp(0.0, count as f32) as usize
        };
        let top = self.top as f32;
        let per_pixel = 1.0 / spot.radius;
        let columns = pixels(x - left, x + right, self.width);
        for row in pixels(y - up - top, y + down - top, self.rows) {
            let down = ((self.top + row) as f32 + 0.5 - y) * per_pixel;
            for column in columns.clone().step_by(LANES) {
                let first = column as f32 + 0.5 - x;
                let edges = LANE.map(|lane| {
                    let across = (first + lane) * per_pixel;
                    distance(across, down) * spot.radius
                });
                let cover = Cover::new(&edges, paint);
                for (k, channel) in self.channels.iter_mut().enumerate() {
                    let rest = &mut channel[row * self.stride + column..];
                    if let Some(pixels) = rest.first_chunk_mut() {
                        cover.blend(pixels, paint.inner[k], paint.rim[k]);
                    }
                }
            }
        }
    }

    fn copy_to(&self, pixels: &mut [Color32]) {
        for (row, pixels) in pixels.chunks_exact_mut(self.width).enumerate() {
            let [r, g, b, a] = self
                .channels
                .each_ref()
                .map(|channel| &channel[row * self.stride..][..self.width]);
            for (i, pixel) in pixels.iter_mut().enumerate() {
                *pixel = Color32::from_rgba_premultiplied(r[i], g[i], b[i], a[i]);
            }
        }
    }
}

/// Pixels that a shape with its rim and soft edge reaches from its middle: left, right, up, down.
fn reach(shape: u32, radius: f32) -> [f32; 4] {
    let soft = RIM + SOFT;
    let even = |radii: f32, corner: f32| [radii * radius + corner * soft; 4];
    match shape {
        0 => even(1.0, 1.0),
        1 => even(0.88, 1.0),
        3 => even(1.2, std::f32::consts::SQRT_2),
        // The tip and the two corners of a triangle stick out the further the sharper they are.
        _ => {
            let side = 1.151 * radius + 1.708 * soft;
            let tip = 1.201 * radius + 2.045 * soft;
            let base = 0.85 * radius + soft;
            match shape {
                2 => [side, side, tip, base],
                _ => [side, side, base, tip],
            }
        }
    }
}

impl Paint {
    fn new(spot: &Spot, rim: [f32; 4]) -> Self {
        let [r, g, b] = spot.color.map(f32::from);
        let [rim_r, rim_g, rim_b, rim_alpha] = rim;
        let whole = |channel: f32| (channel * spot.alpha).round() as u16;
        Self {
            inner: [r, g, b, 255.0].map(whole),
            rim: [255.0 * rim_r, 255.0 * rim_g, 255.0 * rim_b, 255.0].map(whole),
            rim_alpha,
        }
    }
}

impl Cover {
    /// From the signed distances of the pixels to the edge, in pixels.
    fn new(edges: &[f32; LANES], paint: &Paint) -> Self {
        let alpha = paint.inner[3];
        let mut cover = Self {
            inner: [0; LANES],
            rim: [0; LANES],
            ground: [0; LANES],
        };
        for (lane, edge) in edges.iter().enumerate() {
            let inside = (SOFT - edge).clamp(0.0, 1.0);
            let with_rim = (SOFT + RIM - edge).clamp(0.0, 1.0);
            let rim = with_rim * paint.rim_alpha;
            let covered = if inside > rim { inside } else { rim } * f32::from(WHOLE);
            let (inner, all) = (whole(covered * inside), whole(covered));
            cover.inner[lane] = inner;
            cover.rim[lane] = all - inner;
            // Rounded to the nearest: with the half below the sum of three stays in sixteen bits.
            cover.ground[lane] = WHOLE - (all * alpha + 127) / 255;
        }
        cover
    }

    fn blend(&self, pixels: &mut [u8; LANES], inner: u16, rim: u16) {
        for (lane, pixel) in pixels.iter_mut().enumerate() {
            let ground = u16::from(*pixel) * self.ground[lane];
            let sum = self.inner[lane] * inner + self.rim[lane] * rim + ground + 127;
            *pixel = (sum >> 8) as u8;
        }
    }
}

/// The nearest whole number, of one in [0, 256]. A conversion would look out for all the numbers that are not.
fn whole(value: f32) -> u16 {
    const SHIFTS_FRACTION_OUT: f32 = 8_388_608.0;
    (value + SHIFTS_FRACTION_OUT).to_bits() as u16
}
