//! Points as egui's own shapes, where egui does not draw with wgpu: a page on WebGL.

use super::points_gpu::PointInstance;
use super::scene::Scene;
use crate::palette;
use eframe::egui::{Color32, Pos2, Shape, Stroke, Vec2};

/// Every point that is to be seen, at its place on the screen.
pub fn shapes(scene: &Scene, screen: &[(Pos2, f32)], radius: f32, rim: Color32) -> Vec<Shape> {
    let (instances, _) = scene.instances();
    let shape = |(instance, &(at, depth)): (&PointInstance, &(Pos2, f32))| {
        let [r, g, b, a] = instance.color;
        // As the shader has it: points at the back are smaller and fainter.
        let nearness = 0.5 + 0.5 * depth.clamp(-1.0, 1.0);
        let radius = radius * instance.size * (0.7 + 0.3 * nearness);
        let alpha = (f32::from(a) * (0.35 + 0.65 * nearness)) as u8;
        let color = Color32::from_rgba_unmultiplied(r, g, b, alpha);
        let rim = Stroke::new(1.0, rim);
        match palette::shape(instance.shape).corners() {
            [] => Shape::Vec(vec![
                Shape::circle_filled(at, radius, color),
                Shape::circle_stroke(at, radius, rim),
            ]),
            corners => {
                let corner = |corner: &Vec2| at + *corner * radius;
                Shape::convex_polygon(corners.iter().map(corner).collect(), color, rim)
            }
        }
    };
    let points = instances.iter().zip(screen);
    points
        .filter(|(instance, _)| instance.size > 0.0)
        .map(shape)
        .collect()
}
