//! The points as they stand on the screen now: between two frames of the film they glide.

use super::camera::{Camera, turned};
use super::points_gpu::PointInstance;
use crate::film::Frame;
use eframe::egui::{Pos2, Rect};
use std::sync::Arc;

/// Seconds a point takes to its new place.
const GLIDE_SECS: f64 = 0.3;

/// Where the points of a map are.
#[derive(Debug, Default)]
pub struct Scene {
    shown: Option<Frame>,
    from: Vec<[f32; 3]>,
    to: Vec<[f32; 3]>,
    since: f64,
    glides: bool,
    is_sphere: bool,
    instances: Arc<Vec<PointInstance>>,
    generation: u64,
    look: Option<u64>,
}

/// How one point looks.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    /// RGBA, not premultiplied.
    pub color: [u8; 4],
    /// [`crate::palette::Shape`].
    pub shape: u32,
    /// Times the common radius; 0 hides it.
    pub size: f32,
}

impl Scene {
    /// Takes over the frame to show. Points that were there before glide to their new places, unless
    /// motion is to be reduced.
    pub fn show(&mut self, frame: &Frame, now: f64, reduce_motion: bool) {
        let Some(map) = &frame.map else { return };
        let is_shown = self
            .shown
            .as_ref()
            .is_some_and(|shown| shown.map.as_ref().is_some_and(|old| Arc::ptr_eq(old, map)));
        if is_shown {
            return;
        }
        let same_points = self
            .shown
            .as_ref()
            .is_some_and(|shown| Arc::ptr_eq(&shown.samples, &frame.samples));
        let to = positions(&map.points, map.dim);
        let keeps = same_points && self.is_sphere == (map.dim == 3) && !reduce_motion;
        self.from = if keeps {
            self.positions(now)
        } else {
            to.clone()
        };
        self.glides = keeps;
        self.to = to;
        self.since = now;
        self.is_sphere = map.dim == 3;
        self.shown = Some(frame.clone());
        self.look = None;
    }

    /// Gives every point its look; `key` says whether anything changed since the last time.
    pub fn dress(&mut self, key: u64, look: impl Fn(usize) -> Look) {
        if self.look == Some(key) {
            return;
        }
        let instance = |(i, (from, to)): (usize, (&[f32; 3], &[f32; 3]))| {
            let look = look(i);
            PointInstance {
                from: *from,
                to: *to,
                color: look.color,
                shape: look.shape,
                size: look.size,
            }
        };
        let points = self.from.iter().zip(&self.to).enumerate();
        self.instances = Arc::new(points.map(instance).collect());
        self.generation += 1;
        self.look = Some(key);
    }

    /// The frame shown.
    #[must_use]
    pub fn frame(&self) -> Option<&Frame> {
        self.shown.as_ref()
    }

    /// How far the points have glided at a time, 0 to 1, slow at both ends.
    #[must_use]
    pub fn glide(&self, now: f64) -> f32 {
        if !self.glides {
            return 1.0;
        }
        let t = ((now - self.since) / GLIDE_SECS).clamp(0.0, 1.0) as f32;
        t * t * (3.0 - 2.0 * t)
    }

    /// Whether the map is the unit sphere.
    #[must_use]
    pub fn is_sphere(&self) -> bool {
        self.is_sphere
    }

    /// The points as the GPU takes them, and a number that changes with them.
    #[must_use]
    pub fn instances(&self) -> (Arc<Vec<PointInstance>>, u64) {
        (self.instances.clone(), self.generation)
    }

    fn positions(&self, now: f64) -> Vec<[f32; 3]> {
        let glide = self.glide(now);
        let pairs = self.from.iter().zip(&self.to);
        pairs.map(|(from, to)| mixed(*from, *to, glide)).collect()
    }

    /// Where every point is on the screen, and how near the eye (1 for flat maps).
    #[must_use]
    pub fn on_screen(&self, camera: &Camera, rect: Rect, now: f64) -> Vec<(Pos2, f32)> {
        let rotation = camera.rotation(self.is_sphere);
        let place = |point: [f32; 3]| {
            let point = turned(&rotation, point);
            let depth = if self.is_sphere { point[2] } else { 1.0 };
            (camera.project(point, rect), depth)
        };
        self.positions(now).into_iter().map(place).collect()
    }
}

fn mixed(from: [f32; 3], to: [f32; 3], share: f32) -> [f32; 3] {
    std::array::from_fn(|axis| from[axis] + (to[axis] - from[axis]) * share)
}

/// Map points `[n, dim]`, with a third coordinate of 0 where there are two.
#[must_use]
pub fn positions(points: &[f32], dim: usize) -> Vec<[f32; 3]> {
    let point = |p: &[f32]| [p[0], p[1], p.get(2).copied().unwrap_or(0.0)];
    points.chunks_exact(dim.max(2)).map(point).collect()
}
