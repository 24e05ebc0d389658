//! The points of a map on the screen.

use super::MapState;
use super::points_gpu::{PointsCallback, PointsView, rgba};
use super::points_mesh;
use crate::controls::palette as roles;
use crate::view_state::Settings;
use eframe::egui::{Pos2, Rect, Ui, Vec2, vec2};

/// Draws the points by what there is to draw with.
pub(super) fn draw_points(
    ui: &Ui,
    map: &mut MapState,
    settings: &Settings,
    screen: &[(Pos2, f32)],
    rect: Rect,
    key: u64,
) {
    let rim = roles(ui).canvas.gamma_multiply(0.85);
    let Some(target) = map.target else {
        let radius = point_radius(map, settings);
        ui.painter()
            .extend(points_mesh::shapes(&map.scene, screen, radius, rim));
        return;
    };
    let now = ui.input(|i| i.time);
    let pixels = ui.pixels_per_point();
    let rotation = map.camera.rotation(map.scene.is_sphere());
    let Some((seen, moved)) = seen_part(rect, ui.ctx().viewport_rect()) else {
        return;
    };
    let offset = (map.camera.offset(rect) + moved) * pixels;
    let (instances, generation) = map.scene.instances();
    let view = PointsView {
        rotation: rotation.map(|[x, y, z]| [x, y, z, 0.0]),
        offset: offset.into(),
        half_size: (seen.size() * pixels / 2.0).into(),
        scale: map.camera.scale(rect) * pixels,
        radius: point_radius(map, settings) * pixels,
        glide: map.scene.glide(now),
        depth: f32::from(map.scene.is_sphere()),
        rim: rgba(rim),
    };
    // A target of linear colours blends as no image of several points can.
    let shape = if target.is_software && !target.format.is_srgb() {
        let points = (&instances[..], generation);
        map.points.shape(ui.ctx(), seen, points, view)
    } else {
        PointsCallback {
            key,
            generation,
            instances,
            view,
            target: target.format,
        }
        .into_shape(seen)
    };
    ui.painter().add(shape);
}

/// The part of a canvas inside the window, and how far the canvas's middle lies from its middle, y upwards. The
/// renderer cuts a viewport at the window's edge and would squash the points into what is left.
fn seen_part(canvas: Rect, window: Rect) -> Option<(Rect, Vec2)> {
    let seen = canvas.intersect(window);
    let moved = canvas.center() - seen.center();
    seen.is_positive()
        .then_some((seen, vec2(moved.x, -moved.y)))
}

/// Points grow a little when one comes nearer, and are smaller where there are many: ten thousand large ones
/// would hide each other, and cost a software GPU a picture's worth of pixels.
pub(super) fn point_radius(map: &MapState, settings: &Settings) -> f32 {
    let points = map.scene.instances().0.len().max(1) as f32;
    let crowd = (1_000.0 / points).powf(0.18).clamp(0.4, 1.0);
    settings.point_radius * crowd * map.camera.zoom.powf(0.25).clamp(0.7, 2.5)
}

#[cfg(test)]
mod tests {
    use super::seen_part;
    use crate::map_view::Camera;
    use eframe::egui::{Rect, Vec2, pos2, vec2};

    /// Maps that stuck out of the window were squashed.
    #[test]
    fn a_point_stays_where_it_is_when_its_canvas_sticks_out_of_the_window() {
        let window = Rect::from_min_size(pos2(0.0, 0.0), vec2(1024.0, 640.0));
        let canvas = Rect::from_min_size(pos2(304.0, 345.0), vec2(449.0, 449.0));
        let camera = Camera::default();
        let point = [0.3, 0.4, 0.0];
        let (seen, moved) = seen_part(canvas, window).unwrap();
        assert_eq!(seen.bottom(), 640.0);
        // As the shader places it: from the middle of what is seen, y upwards.
        let at = vec2(point[0], point[1]) * camera.scale(canvas) + camera.offset(canvas) + moved;
        let placed = seen.center() + vec2(at.x, -at.y);
        assert!((placed - camera.project(point, canvas)).length() < 1e-3);
        assert_eq!(seen_part(window, window), Some((window, Vec2::ZERO)));
        assert_eq!(seen_part(canvas.translate(vec2(0.0, 900.0)), window), None);
    }
}
