//! What a frame costs, counted instead of timed: pixels painted over and over, textures sent again.

use crate::window::{Window, map_rect, settings, settle, training};
use eframe::egui::epaint::{ClippedPrimitive, Primitive};
use eframe::egui::{self, FullOutput, Pos2, Rect, TexturesDelta, Theme, vec2};
use eframe::egui_wgpu::RendererOptions;
use eframe::wgpu;
use egui_kittest::wgpu::{WgpuTestRenderer, create_render_state, default_wgpu_setup};
use egui_kittest::{Harness, TestRenderer};
use image::RgbaImage;
use std::cell::Cell;
use std::rc::Rc;
use supcon_app::{App, Recorded, Target};

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

#[test]
fn the_image_of_points_is_sent_only_when_they_look_different() {
    let (mut window, counts) = window();
    window.state_mut().view.map.target = Some(Target {
        format: wgpu::TextureFormat::Rgba8Unorm,
        is_software: true,
    });
    settle(&mut window);
    let before = counts.textures.get();
    window.run_steps(5);
    assert_eq!(counts.textures.get(), before);
    for step in 1..=5 {
        window.state_mut().view.map.camera.center[0] += 0.05;
        window.run_steps(1);
        assert_eq!(counts.textures.get(), before + step);
    }
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

/// Text, grounds, soft edges, a picture and something to see through.
fn contents(ui: &mut egui::Ui, picture: &mut Option<egui::TextureHandle>) {
    let ground = egui::Frame::new().fill(egui::Color32::from_rgb(20, 26, 34));
    ground.inner_margin(20).show(ui, |ui| {
        ui.set_min_size(vec2(440.0, 300.0));
        ui.heading("Embedding");
        let _ = ui.button("Train");
        ui.add(egui::Slider::new(&mut 0.4, 0.0..=1.0).text("Temperature"));
        let texture = picture.get_or_insert_with(|| {
            let pixels = (0..64 * 64).map(|i| egui::Color32::from_gray((i % 251) as u8));
            let image = egui::ColorImage::new([64, 64], pixels.collect());
            let options = egui::TextureOptions::LINEAR;
            ui.ctx().load_texture("picture", image, options)
        });
        ui.image((texture.id(), vec2(90.0, 90.0)));
        let painter = ui.painter();
        let veil = egui::Color32::from_rgba_unmultiplied(200, 80, 40, 90);
        painter.circle_filled(egui::pos2(300.0, 160.0), 80.0, veil);
        let large = Rect::from_min_size(egui::pos2(30.0, 90.0), vec2(400.0, 200.0));
        painter.rect_filled(large, 0.0, veil.gamma_multiply(0.4));
        let rect = Rect::from_min_size(egui::pos2(240.0, 120.0), vec2(150.0, 90.0));
        painter.rect_filled(rect, 12.0, egui::Color32::from_rgb(40, 90, 160));
    });
}

fn drawn(by_software_painter: bool) -> RgbaImage {
    let options = RendererOptions {
        dithering: false,
        ..RendererOptions::default()
    };
    let state = create_render_state(default_wgpu_setup(), options);
    let of_context = state.clone();
    let mut picture = None;
    let mut window = Harness::builder()
        .with_size(vec2(480.0, 340.0))
        .with_context_setup(move |ctx| {
            if by_software_painter {
                supcon_app::software_painter::install(ctx, Some(&of_context));
            }
        })
        .renderer(WgpuTestRenderer::from_render_state(state))
        .build_ui(move |ui| contents(ui, &mut picture));
    window.run_steps(3);
    window.render().expect("a device that draws")
}

/// egui's own painter is the oracle.
#[test]
fn software_and_egui_draw_the_same() {
    if !crate::pictures::can_draw() {
        return;
    }
    let [egui, ours] = [false, true].map(drawn);
    assert_eq!(egui.dimensions(), ours.dimensions());
    let colors: std::collections::HashSet<_> = egui.pixels().map(|pixel| pixel.0).collect();
    assert!(colors.len() > 100, "{} colours", colors.len());
    for (x, y, pixel) in egui.enumerate_pixels() {
        let other = ours.get_pixel(x, y);
        let pairs = pixel.0.iter().zip(other.0);
        let apart = pairs.map(|(a, b)| a.abs_diff(b)).max();
        assert!(apart <= Some(2), "{pixel:?} and {other:?} at {x}, {y}");
    }
}
