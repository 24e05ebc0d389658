//! Where one stands before a map: pan and zoom, and the turn of a sphere.

use eframe::egui::{Pos2, Rect, Vec2, pos2, vec2};

/// Share of the smaller side that half a map of [−1, 1] takes.
const FIT: f32 = 0.46;

/// The way a map is looked at.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Camera {
    /// The map's point in the middle of the picture.
    pub center: [f32; 2],
    /// 1 shows the whole map.
    pub zoom: f32,
    /// Turn of the sphere about the upright axis, radians.
    pub yaw: f32,
    /// Turn of the sphere towards the eye, radians.
    pub pitch: f32,
}

impl Default for Camera {
    fn default() -> Self {
        Self {
            center: [0.0; 2],
            zoom: 1.0,
            yaw: 0.5,
            pitch: 0.35,
        }
    }
}

impl Camera {
    /// Rows of the rotation: of the sphere, or the identity for a flat map.
    #[must_use]
    pub fn rotation(&self, is_sphere: bool) -> [[f32; 3]; 3] {
        if !is_sphere {
            return [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
        }
        let (sin_yaw, cos_yaw) = self.yaw.sin_cos();
        let (sin_pitch, cos_pitch) = self.pitch.sin_cos();
        [
            [cos_yaw, 0.0, sin_yaw],
            [sin_pitch * sin_yaw, cos_pitch, -sin_pitch * cos_yaw],
            [-cos_pitch * sin_yaw, sin_pitch, cos_pitch * cos_yaw],
        ]
    }

    /// Points of the screen per unit of the map.
    #[must_use]
    pub fn scale(&self, rect: Rect) -> f32 {
        FIT * rect.width().min(rect.height()) * self.zoom
    }

    /// Offset of the map's origin from the middle of the picture, y upwards.
    #[must_use]
    pub fn offset(&self, rect: Rect) -> Vec2 {
        -vec2(self.center[0], self.center[1]) * self.scale(rect)
    }

    /// Where a turned point is on the screen.
    #[must_use]
    pub fn project(&self, turned: [f32; 3], rect: Rect) -> Pos2 {
        let at = vec2(turned[0], turned[1]) * self.scale(rect) + self.offset(rect);
        pos2(rect.center().x + at.x, rect.center().y - at.y)
    }

    /// Moves by a distance on the screen.
    pub fn pan(&mut self, delta: Vec2, rect: Rect) {
        let scale = self.scale(rect);
        self.center[0] -= delta.x / scale;
        self.center[1] += delta.y / scale;
    }

    /// Turns the sphere by a distance on the screen.
    pub fn turn(&mut self, delta: Vec2) {
        self.yaw += delta.x * 0.008;
        self.pitch = (self.pitch + delta.y * 0.008).clamp(-1.5, 1.5);
    }

    /// Zooms by a factor, around a place on the screen that stays where it is.
    pub fn zoom_at(&mut self, factor: f32, at: Pos2, rect: Rect) {
        let before = self.unproject(at, rect);
        self.zoom = (self.zoom * factor).clamp(0.3, 200.0);
        let after = self.unproject(at, rect);
        self.center[0] += before[0] - after[0];
        self.center[1] += before[1] - after[1];
    }

    fn unproject(&self, at: Pos2, rect: Rect) -> [f32; 2] {
        let scale = self.scale(rect);
        [
            (at.x - rect.center().x) / scale + self.center[0],
            (rect.center().y - at.y) / scale + self.center[1],
        ]
    }
}

/// A point turned by a rotation's rows.
#[must_use]
pub fn turned(rotation: &[[f32; 3]; 3], point: [f32; 3]) -> [f32; 3] {
    rotation.map(|row| row[0] * point[0] + row[1] * point[1] + row[2] * point[2])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zooming_keeps_the_point_under_the_pointer() {
        let rect = Rect::from_min_size(pos2(10.0, 20.0), vec2(400.0, 300.0));
        let mut camera = Camera::default();
        let at = pos2(77.0, 133.0);
        let before = camera.unproject(at, rect);
        camera.zoom_at(3.0, at, rect);
        let screen = camera.project([before[0], before[1], 0.0], rect);
        assert!((screen - at).length() < 1e-2, "{screen:?}");
    }

    #[test]
    fn a_turn_keeps_lengths() {
        let mut camera = Camera::default();
        camera.turn(vec2(40.0, 25.0));
        let point = turned(&camera.rotation(true), [0.36, 0.48, 0.8]);
        let length: f32 = point.iter().map(|x| x * x).sum();
        assert!((length - 1.0).abs() < 1e-5);
    }
}
