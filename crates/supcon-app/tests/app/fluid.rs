//! What a frame costs, counted instead of timed: pixels painted over and over, textures sent again.

use crate::window::{Window, map_rect, settings, settle, training};
use eframe::egui::epaint::{ClippedPrimitive, Primitive};
use eframe::egui::{self, FullOutput, Pos2, Rect, TexturesDelta, Theme, vec2};
use egui_kittest::{Harness, TestRenderer};
use image::RgbaImage;
use std::cell::Cell;
use std::rc::Rc;
use supcon_app::{App, Recorded};

/// Pixels between those looked at.
const STRIDE: usize = 4;

/// Shared between a test and the renderer that counts for it.
#[derive(Default)]
struct Counts {
    /// Textures, or parts of them, sent.
    textures: Cell<usize>,
    /// How often a pixel was painted in the last frame, on average.
    layers: Cell<f32>,
}

struct Counter(Rc<Counts>);

impl TestRenderer for Counter {
    fn handle_delta(&mut self, delta: &mut TexturesDelta) {
        let textures = self.0.textures.get() + delta.set.len();
        self.0.textures.set(textures);
        delta.clear();
    }

    fn render(&mut self, ctx: &egui::Context, output: &FullOutput) -> Result<RgbaImage, String> {
        let primitives = ctx.tessellate(output.shapes.clone(), ctx.pixels_per_point());
        let painted: usize = primitives.iter().map(painted).sum();
        let all = ctx.content_rect().area() / (STRIDE * STRIDE) as f32;
        self.0.layers.set(painted as f32 / all);
        Ok(RgbaImage::new(1, 1))
    }
}

/// How many of every sixteenth pixel the triangles of a mesh cover; one that two of them cover counts twice.
fn painted(primitive: &ClippedPrimitive) -> usize {
    let Primitive::Mesh(mesh) = &primitive.primitive else {
        return 0;
    };
    let triangles = mesh.indices.as_chunks::<3>().0.iter();
    triangles
        .map(|corners| {
            let corners = corners.map(|at| mesh.vertices[at as usize].pos);
            pixels(primitive.clip_rect.intersect(Rect::from_points(&corners)))
                .filter(|&pixel| is_inside(pixel, corners))
                .count()
        })
        .sum()
}

fn pixels(rect: Rect) -> impl Iterator<Item = Pos2> {
    let range = move |low: f32, high: f32| {
        let low = (low.max(0.0) / STRIDE as f32).floor() as usize;
        let high = (high.max(0.0) / STRIDE as f32).ceil() as usize;
        (low..high).map(|k| (STRIDE * k) as f32 + 0.5)
    };
    let columns = range(rect.left(), rect.right()).filter(move |&x| rect.x_range().contains(x));
    let rows =
        move || range(rect.top(), rect.bottom()).filter(move |&y| rect.y_range().contains(y));
    columns.flat_map(move |x| rows().map(move |y| Pos2::new(x, y)))
}

fn is_inside(at: Pos2, [a, b, c]: [Pos2; 3]) -> bool {
    let side = |from: Pos2, to: Pos2| {
        let (edge, way) = (to - from, at - from);
        edge.x * way.y - edge.y * way.x
    };
    let sides = [side(a, b), side(b, c), side(c, a)];
    sides.iter().all(|&side| side > 0.0) || sides.iter().all(|&side| side < 0.0)
}

fn window() -> (Window, Rc<Counts>) {
    let counts = Rc::new(Counts::default());
    let settings = settings(Theme::Dark);
    let mut window = Harness::builder()
        .with_size(vec2(1280.0, 800.0))
        .with_step_dt(0.1)
        .renderer(Counter(Rc::clone(&counts)))
        .build_eframe(|cc| App::new(cc, Recorded::new(training()), settings, None));
    settle(&mut window);
    (window, counts)
}

/// Once around, with the pointer held down.
fn pan(window: &mut Window) {
    let center = map_rect(window).center();
    for k in 0..=12 {
        let angle = std::f32::consts::TAU * k as f32 / 12.0;
        let at = center + 60.0 * vec2(angle.cos(), angle.sin());
        if k == 0 {
            window.hover_at(at);
            window.run_steps(1);
            window.drag_at(at);
        } else {
            window.hover_at(at);
        }
        window.run_steps(1);
    }
    window.drop_at(center);
    window.run_steps(1);
}

#[test]
fn a_pan_sends_no_texture_again() {
    let (mut window, counts) = window();
    // Letters of cards that appear under the pointer are sent once.
    pan(&mut window);
    let before = counts.textures.get();
    pan(&mut window);
    assert_eq!(counts.textures.get(), before);
    assert!(window.state().view.map.thumbnails.is_loaded());
    assert!(before > 0, "the pictures were sent");
}

/// A processor that plays GPU pays for every pixel of every layer. Grounds that others hid made a second
/// layer and more.
#[test]
fn grounds_that_others_hide_are_not_painted() {
    let (mut window, counts) = window();
    window.render().expect("a count");
    let layers = counts.layers.get();
    assert!((1.0..1.5).contains(&layers), "{layers:.2} layers");
}
