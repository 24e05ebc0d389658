//! Points drawn by the processor look as those drawn by a GPU's shader.

use crate::pictures::can_draw;
use crate::recording;
use crate::window::{Window, builder, map_rect, settings, settle};
use eframe::egui::{Rect, Theme};
use image::RgbaImage;
use supcon_app::{App, Camera, Recorded, Settings};
use supcon_protocol::Notice;

/// Largest difference of a channel, of 255: both round at every point of a pile, and of what a faint point
/// covers to a fifth, halves add up to 2.5 for either. Seen on llvmpipe: 4.
const APART: u8 = 5;

/// Ten classes: every shape in two colours.
fn ten_classes(dim: usize) -> Vec<Notice> {
    let mut notices = recording::run("run-1", recording::FRAMES);
    for notice in &mut notices {
        if let Notice::Samples(samples) = notice {
            samples.labels = (0..samples.labels.len() as u32).map(|i| i % 10).collect();
        }
    }
    notices.push(Notice::Map(recording::map(recording::FRAMES - 1, dim)));
    notices
}

/// A map to look at.
#[derive(Clone, Copy, Debug)]
struct Case {
    theme: Theme,
    /// Pixels per point of the screen.
    scale: f32,
    /// 2, or 3 on the sphere.
    dim: usize,
    camera: Camera,
    /// Radius of a point.
    radius: f32,
    /// Whether some points are selected and the others fade.
    selects: bool,
}

const PLAIN: Case = Case {
    theme: Theme::Dark,
    scale: 1.0,
    dim: 2,
    camera: Camera {
        center: [0.0; 2],
        zoom: 1.0,
        yaw: 0.5,
        pitch: 0.35,
    },
    radius: 10.0,
    selects: false,
};

impl Case {
    fn window(&self) -> Window {
        let settings = Settings {
            point_radius: self.radius,
            show_images: false,
            ..settings(self.theme)
        };
        let notices = ten_classes(self.dim);
        let mut window = builder([1024.0, 640.0], self.theme)
            .with_pixels_per_point(self.scale)
            .wgpu()
            .build_eframe(|cc| App::new(cc, Recorded::new(notices), settings, None));
        let map = &mut window.state_mut().view.map;
        map.camera = self.camera;
        map.hidden.insert(7);
        if self.selects {
            map.selected = (0..120).step_by(3).collect();
        }
        // Past the gliding.
        settle(&mut window);
        window
    }
}

/// The map's pixels.
fn map_pixels(window: &mut Window, by_processor: bool, scale: f32) -> RgbaImage {
    let target = window.state_mut().view.map.target.as_mut();
    target.expect("a window drawn by wgpu").is_software = by_processor;
    window.run_steps(1);
    let image = window.render().expect("a device that draws");
    let Rect { min, max } = map_rect(window) * scale;
    let [x, y] = [min.x.round() as u32, min.y.round() as u32];
    let size = [max.x.round() as u32 - x, max.y.round() as u32 - y];
    image::imageops::crop_imm(&image, x, y, size[0], size[1]).to_image()
}

/// Compares the two ways; says how many pixels show more than the ground.
fn compare(case: Case) -> usize {
    let mut window = case.window();
    let [shader, processor] =
        [false, true].map(|by_processor| map_pixels(&mut window, by_processor, case.scale));
    let all = (0..10).collect();
    window.state_mut().view.map.hidden = all;
    let empty = map_pixels(&mut window, true, case.scale);
    let mut worst = (0, [0; 2]);
    for (x, y, pixel) in shader.enumerate_pixels() {
        let other = processor.get_pixel(x, y);
        let pairs = pixel.0.iter().zip(other.0);
        let apart = pairs.map(|(a, b)| a.abs_diff(b)).max();
        worst = worst.max((apart.unwrap_or(0), [x, y]));
    }
    let (apart, [x, y]) = worst;
    assert!(
        apart <= APART,
        "{:?} and {:?} at {x}, {y} of {case:?}",
        shader.get_pixel(x, y),
        processor.get_pixel(x, y)
    );
    let pixels = processor.pixels().zip(empty.pixels());
    pixels.filter(|(drawn, empty)| drawn != empty).count()
}

#[test]
fn the_processor_draws_points_as_the_shader_does() {
    if !can_draw() {
        return;
    }
    let sphere = Case { dim: 3, ..PLAIN };
    // Points at all edges of the map, cut through by them.
    let near = Camera {
        center: [-0.2, 0.1],
        zoom: 3.0,
        ..PLAIN.camera
    };
    let cases = [
        PLAIN,
        sphere,
        Case {
            camera: near,
            ..PLAIN
        },
        Case {
            radius: 2.3,
            ..PLAIN
        },
    ];
    for case in cases {
        for theme in [Theme::Dark, Theme::Light] {
            for scale in [1.0, 2.0] {
                for selects in [false, true] {
                    let drawn = compare(Case {
                        theme,
                        scale,
                        selects,
                        ..case
                    });
                    assert!(drawn > 1_000, "{drawn} pixels of points");
                }
            }
        }
    }
}
