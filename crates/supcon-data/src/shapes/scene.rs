use super::SIDE;
use super::marks::Mark;
use super::outline::{Outline, Point};
use super::parameters::PARAMETERS;
use super::surface::{Colour, Surface};
use crate::CHANNELS;
use crate::random::Random;

/// Draws one picture of `outline` into `out`, `[row, column, channel]`.
pub(super) fn draw(outline: &Outline, random: &mut Random, out: &mut [u8]) {
    let scene = Scene::draw(random);
    let noise = random.between(PARAMETERS.noise);
    for (index, pixel) in out.chunks_exact_mut(CHANNELS).enumerate() {
        let from_middle = |position: usize| position as f32 + 0.5 - SIDE as f32 / 2.0;
        let point = [from_middle(index % SIDE), from_middle(index / SIDE)];
        for (byte, value) in pixel.iter_mut().zip(scene.at(outline, point)) {
            let value = value + noise * bell(random);
            *byte = (value.clamp(0.0, 1.0) * 255.0 + 0.5) as u8;
        }
    }
}

/// Everything in a picture but its class.
struct Scene {
    ground: Surface,
    shape: Surface,
    pose: Pose,
    marks_below: Vec<Mark>,
    marks_above: Vec<Mark>,
    /// Change of luminance per pixel to the right and down.
    illumination: Point,
}

/// Where the shape is: a map from the image to the plane in which the outline has area 1.
struct Pose {
    centre: Point,
    /// Rows of the linear map.
    rows: [Point; 2],
    /// Pixels per unit.
    scale: f32,
}

impl Scene {
    fn draw(random: &mut Random) -> Self {
        let dark = random.between(PARAMETERS.dark);
        let bright = dark + random.between(PARAMETERS.contrast);
        let (ground, shape) = if random.chance(0.5) {
            (dark, bright)
        } else {
            (bright, dark)
        };
        Self {
            ground: Surface::draw(ground, random),
            shape: Surface::draw(shape, random),
            pose: Pose::draw(random),
            marks_below: Mark::draw_some(PARAMETERS.marks_below, random),
            marks_above: Mark::draw_some(PARAMETERS.marks_above, random),
            illumination: draw_illumination(random),
        }
    }

    /// Paints the layers at one point, from the ground up.
    fn at(&self, outline: &Outline, point: Point) -> Colour {
        let mut colour = self.ground.at(point);
        for mark in &self.marks_below {
            colour = cover(colour, mark.colour(), mark.distance(point));
        }
        colour = cover(
            colour,
            self.shape.at(point),
            self.pose.distance(outline, point),
        );
        for mark in &self.marks_above {
            colour = cover(colour, mark.colour(), mark.distance(point));
        }
        let light = self.illumination[0] * point[0] + self.illumination[1] * point[1];
        colour.map(|value| value + light)
    }
}

/// Light from one side: it moves every pixel, but no edge.
fn draw_illumination(random: &mut Random) -> Point {
    let slope = random.between(PARAMETERS.illumination) / (SIDE as f32 / 2.0);
    let angle = random.between([0.0, std::f32::consts::TAU]);
    [slope * libm::cosf(angle), slope * libm::sinf(angle)]
}

impl Pose {
    fn draw(random: &mut Random) -> Self {
        let scale = libm::sqrtf(random.between(PARAMETERS.area));
        let stretch = random.between(PARAMETERS.stretch);
        let angle = random.between([0.0, std::f32::consts::TAU]);
        let (sin, cos) = (libm::sinf(angle), libm::cosf(angle));
        // The second angle makes the axis of the stretch independent of the outline's own axes.
        let axis = random.between([0.0, std::f32::consts::TAU]);
        let (axis_sin, axis_cos) = (libm::sinf(axis), libm::cosf(axis));
        let stretched = [
            [cos * stretch, sin * stretch],
            [-sin / stretch, cos / stretch],
        ];
        let turn = |weights: Point| -> Point {
            let [first, second] = stretched;
            std::array::from_fn(|i| (weights[0] * first[i] + weights[1] * second[i]) / scale)
        };
        Self {
            centre: [
                random.between(PARAMETERS.offset),
                random.between(PARAMETERS.offset),
            ],
            rows: [turn([axis_cos, axis_sin]), turn([-axis_sin, axis_cos])],
            scale,
        }
    }

    /// Distance to the edge of the outline in pixels, but for the stretch; negative inside.
    fn distance(&self, outline: &Outline, [x, y]: Point) -> f32 {
        let [x, y] = [x - self.centre[0], y - self.centre[1]];
        outline.distance(self.rows.map(|row| row[0] * x + row[1] * y)) * self.scale
    }
}

/// Covers `below` with `above` by the share of the pixel that lies inside an edge at `distance`.
fn cover(below: Colour, above: Colour, distance: f32) -> Colour {
    let share = (0.5 - distance).clamp(0.0, 1.0);
    std::array::from_fn(|channel| below[channel] + share * (above[channel] - below[channel]))
}

/// Nearly normal, mean 0, variance 1: the sum of four uniform bytes of one draw.
fn bell(random: &mut Random) -> f32 {
    let sum: u32 = random
        .bits()
        .to_le_bytes()
        .iter()
        .map(|&byte| u32::from(byte))
        .sum();
    (sum as f32 - 510.0) * (1.0 / 147.8)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Purpose;

    #[test]
    fn noise_is_standard() {
        let mut random = Random::new(Purpose::Shapes, 0, [0; 5]);
        let draws: Vec<f64> = (0..100_000).map(|_| f64::from(bell(&mut random))).collect();
        let mean = draws.iter().sum::<f64>() / 1e5;
        let variance = draws.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / 1e5;
        assert!(
            mean.abs() < 0.01 && (variance - 1.0).abs() < 0.02,
            "{mean} {variance}"
        );
    }

    #[test]
    fn a_pose_keeps_areas() {
        for name in 0..50 {
            let mut random = Random::new(Purpose::Shapes, 1, [name, 0, 0, 0, 0]);
            let pose = Pose::draw(&mut random);
            let [a, b] = pose.rows;
            let determinant = (a[0] * b[1] - a[1] * b[0]) * pose.scale * pose.scale;
            assert!((determinant - 1.0).abs() < 1e-5, "{determinant}");
        }
    }

    #[test]
    fn an_edge_through_the_middle_of_a_pixel_covers_half() {
        assert_eq!(cover([0.0; 3], [1.0, 0.5, 0.0], 0.0), [0.5, 0.25, 0.0]);
        assert_eq!(cover([0.2; 3], [1.0; 3], 0.5), [0.2; 3]);
        assert_eq!(cover([0.2; 3], [1.0; 3], -0.5), [1.0; 3]);
    }
}
