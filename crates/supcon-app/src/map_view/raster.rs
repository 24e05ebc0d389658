//! Maps as files: pixels, shapes, and a film.

use super::camera::{Camera, turned};
use super::coloring::{Paint, values};
use super::scene::positions;
use crate::fields::Question;
use crate::film::Frame;
use crate::palette::{self, Shape};
use crate::theme::Colors;
use crate::view_state::ColorBy;
use eframe::egui::{Color32, Pos2, Rect, Vec2, pos2, vec2};
use image::codecs::gif::{GifEncoder, Repeat};
use image::{Delay, ImageError, Rgba, RgbaImage};
use std::collections::BTreeSet;
use std::fmt::Write;
use thiserror::Error;

/// Frames between two of the film, so that points glide.
const TWEENS: usize = 3;
/// Milliseconds a picture of the film stays.
const DELAY_MS: u32 = 60;

/// Why a picture could not be made.
#[derive(Debug, Error)]
pub enum ExportError {
    /// There is no map yet.
    #[error("there is no map to save yet: train first")]
    NoMap,
    /// The encoder failed.
    #[error("the picture could not be encoded")]
    Encode(#[from] ImageError),
}

/// How a map is drawn into a file.
#[derive(Clone, Copy, Debug)]
pub struct Drawing {
    /// Side of the square picture in pixels.
    pub side: u32,
    /// Radius of a point in pixels.
    pub radius: f32,
    /// Where one stands.
    pub camera: Camera,
    /// Whether the ground is dark.
    pub dark: bool,
    /// Roles of colours.
    pub roles: &'static Colors,
}

/// What the points tell.
#[derive(Clone, Debug, Default)]
pub struct Look {
    /// By their colour.
    pub by: ColorBy,
    /// The number that it tells, if it tells one.
    pub question: Option<Question>,
    /// Classes left out.
    pub hidden: BTreeSet<u32>,
}

impl Look {
    /// Colour of every point of a frame; none of those left out.
    fn colors(&self, frame: &Frame, drawing: &Drawing) -> Vec<Option<Color32>> {
        let values = self.question.map(|question| values(frame, question));
        let paint = Paint {
            by: self.by,
            frame,
            values: values.as_ref(),
            dark: drawing.dark,
            roles: drawing.roles,
        };
        let labels = frame.samples.labels.iter().enumerate();
        labels
            .map(|(i, label)| (!self.hidden.contains(label)).then(|| paint.color(i)))
            .collect()
    }
}

struct Mark {
    at: Pos2,
    color: Color32,
    shape: Shape,
}

impl Drawing {
    fn rect(&self) -> Rect {
        Rect::from_min_size(Pos2::ZERO, Vec2::splat(self.side as f32))
    }

    fn marks(&self, points: &[[f32; 3]], frame: &Frame, colors: &[Option<Color32>]) -> Vec<Mark> {
        let is_sphere = frame.map.as_ref().is_some_and(|map| map.dim == 3);
        let rotation = self.camera.rotation(is_sphere);
        let mark = |((point, color), &label): ((&[f32; 3], &Option<Color32>), &u32)| {
            Some(Mark {
                at: self.camera.project(turned(&rotation, *point), self.rect()),
                color: (*color)?,
                shape: palette::shape(label),
            })
        };
        let points = points.iter().zip(colors).zip(&frame.samples.labels);
        points.filter_map(mark).collect()
    }

    fn pixels(&self, marks: &[Mark]) -> RgbaImage {
        let [r, g, b, _] = self.roles.canvas.to_array();
        let mut image = RgbaImage::from_pixel(self.side, self.side, Rgba([r, g, b, 255]));
        for mark in marks {
            self.stamp(&mut image, mark);
        }
        image
    }

    /// Draws a mark with soft edges.
    fn stamp(&self, image: &mut RgbaImage, mark: &Mark) {
        let reach = self.radius * 1.3 + 1.0;
        let range = |center: f32| {
            let low = (center - reach).floor().clamp(0.0, self.side as f32) as u32;
            let high = (center + reach).ceil().clamp(0.0, self.side as f32) as u32;
            low..high
        };
        for y in range(mark.at.y) {
            for x in range(mark.at.x) {
                let local = (pos2(x as f32 + 0.5, y as f32 + 0.5) - mark.at) / self.radius;
                let edge = distance(mark.shape, local) * self.radius;
                let cover = 0.9 * (0.5 - edge).clamp(0.0, 1.0);
                let pixel = image.get_pixel_mut(x, y);
                for (channel, color) in pixel.0.iter_mut().zip(mark.color.to_array()).take(3) {
                    let mixed = f32::from(*channel) * (1.0 - cover) + f32::from(color) * cover;
                    *channel = mixed.round() as u8;
                }
            }
        }
    }
}

/// Signed distance to a shape's edge, in radii: what `points.wgsl` computes.
pub(super) fn distance(shape: Shape, p: Vec2) -> f32 {
    match shape {
        Shape::Circle => p.length_sq().sqrt() - 1.0,
        Shape::Square => p.x.abs().max(p.y.abs()) - 0.88,
        Shape::Diamond => (p.x.abs() + p.y.abs() - 1.2) * std::f32::consts::FRAC_1_SQRT_2,
        Shape::Triangle => (p.x.abs() * 0.872 - p.y * 0.489 - 0.587).max(p.y - 0.85),
        Shape::TriangleDown => (p.x.abs() * 0.872 + p.y * 0.489 - 0.587).max(-p.y - 0.85),
    }
}

/// The map of a frame as a PNG file.
///
/// # Errors
/// If the frame has no map or the encoder fails.
pub fn png(frame: &Frame, look: &Look, drawing: &Drawing) -> Result<Vec<u8>, ExportError> {
    let marks = frame_marks(frame, look, drawing)?;
    let mut bytes = std::io::Cursor::new(Vec::new());
    drawing
        .pixels(&marks)
        .write_to(&mut bytes, image::ImageFormat::Png)?;
    Ok(bytes.into_inner())
}

/// The map of a frame as an SVG file.
///
/// # Errors
/// If the frame has no map.
pub fn svg(frame: &Frame, look: &Look, drawing: &Drawing) -> Result<String, ExportError> {
    let marks = frame_marks(frame, look, drawing)?;
    let side = drawing.side;
    let mut text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {side} {side}\">\n<rect width=\"{side}\" height=\"{side}\" fill=\"{}\"/>\n",
        hex(drawing.roles.canvas)
    );
    for mark in &marks {
        text.push_str(&element(mark, drawing.radius));
    }
    text.push_str("</svg>\n");
    Ok(text)
}

fn element(mark: &Mark, radius: f32) -> String {
    let color = hex(mark.color);
    if mark.shape == Shape::Circle {
        let Pos2 { x, y } = mark.at;
        return format!(
            "<circle cx=\"{x:.2}\" cy=\"{y:.2}\" r=\"{radius:.2}\" fill=\"{color}\"/>\n"
        );
    }
    let mut corners = String::new();
    for corner in mark.shape.corners() {
        let at = mark.at + vec2(corner.x, corner.y) * radius;
        let _ = write!(corners, "{:.2},{:.2} ", at.x, at.y);
    }
    format!(
        "<polygon points=\"{}\" fill=\"{color}\"/>\n",
        corners.trim_end()
    )
}

fn hex(color: Color32) -> String {
    let [r, g, b, _] = color.to_array();
    format!("#{r:02x}{g:02x}{b:02x}")
}

fn frame_marks(frame: &Frame, look: &Look, drawing: &Drawing) -> Result<Vec<Mark>, ExportError> {
    let map = frame.map.as_ref().ok_or(ExportError::NoMap)?;
    let points = positions(&map.points, map.dim);
    Ok(drawing.marks(&points, frame, &look.colors(frame, drawing)))
}

/// The frames as an animated GIF file that repeats; points glide between frames of the same images. A film
/// takes seconds: where the window draws on the same thread, `pause` lets it, after every picture.
///
/// # Errors
/// If no frame has a map or the encoder fails.
pub async fn gif<P: Future<Output = ()>>(
    frames: &[Frame],
    look: &Look,
    drawing: &Drawing,
    pause: impl Fn() -> P,
) -> Result<Vec<u8>, ExportError> {
    if frames.iter().all(|frame| frame.map.is_none()) {
        return Err(ExportError::NoMap);
    }
    let mut bytes = Vec::new();
    let mut encoder = GifEncoder::new_with_speed(&mut bytes, 20);
    encoder.set_repeat(Repeat::Infinite)?;
    for (k, frame) in frames.iter().enumerate() {
        let next = frames.get(k + 1);
        let colors = look.colors(frame, drawing);
        for points in tweens(frame, next) {
            let marks = drawing.marks(&points, frame, &colors);
            let delay = Delay::from_numer_denom_ms(DELAY_MS, 1);
            let picture = image::Frame::from_parts(drawing.pixels(&marks), 0, 0, delay);
            encoder.encode_frame(picture)?;
            pause().await;
        }
    }
    drop(encoder);
    Ok(bytes)
}

/// A frame's points, and those on the way to the next frame's where they are the same images.
fn tweens(frame: &Frame, next: Option<&Frame>) -> Vec<Vec<[f32; 3]>> {
    let of = |frame: &Frame| {
        frame
            .map
            .as_ref()
            .map(|map| positions(&map.points, map.dim))
    };
    let Some(here) = of(frame) else {
        return Vec::new();
    };
    let goes_on = next.filter(|next| {
        std::sync::Arc::ptr_eq(&next.samples, &frame.samples)
            && next.map.as_ref().map(|map| map.dim) == frame.map.as_ref().map(|map| map.dim)
    });
    let Some(there) = goes_on.and_then(of) else {
        return vec![here];
    };
    let between = |k: usize| {
        let share = k as f32 / TWEENS as f32;
        let mixed = |(a, b): (&[f32; 3], &[f32; 3])| {
            std::array::from_fn(|axis| a[axis] + (b[axis] - a[axis]) * share)
        };
        here.iter().zip(&there).map(mixed).collect()
    };
    (0..TWEENS).map(between).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn corners_lie_on_the_edge_of_their_shape() {
        for shape in [
            Shape::Square,
            Shape::Diamond,
            Shape::Triangle,
            Shape::TriangleDown,
        ] {
            for corner in shape.corners() {
                assert!(
                    distance(shape, *corner).abs() < 0.02,
                    "{shape:?} {corner:?}"
                );
            }
            assert!(distance(shape, Vec2::ZERO) < -0.5);
        }
    }
}
