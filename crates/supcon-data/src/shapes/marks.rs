use super::outline::Point;
use super::parameters::PARAMETERS;
use super::surface::{Colour, draw_colour};
use crate::random::Random;

/// A small dot or line that is no class: it lies around, or hides a part of the shape.
pub(super) struct Mark {
    colour: Colour,
    middle: Point,
    /// From the middle to one end.
    half: Point,
    radius: f32,
}

impl Mark {
    /// Up to `most` marks anywhere in the image.
    pub(super) fn draw_some(most: usize, random: &mut Random) -> Vec<Self> {
        let count = random.below(most + 1);
        (0..count).map(|_| Self::draw(random)).collect()
    }

    fn draw(random: &mut Random) -> Self {
        let luminance = random.between([0.1, 0.9]);
        let colour = draw_colour(luminance, random);
        let middle = [random.between([-16.0, 16.0]), random.between([-16.0, 16.0])];
        let angle = random.between([0.0, std::f32::consts::PI]);
        let half = 0.5 * random.between(PARAMETERS.mark_length);
        Self {
            colour,
            middle,
            half: [half * libm::cosf(angle), half * libm::sinf(angle)],
            radius: random.between(PARAMETERS.mark_radius),
        }
    }

    pub(super) fn colour(&self) -> Colour {
        self.colour
    }

    /// Distance to the edge, negative inside.
    pub(super) fn distance(&self, point: Point) -> f32 {
        let [x, y] = [point[0] - self.middle[0], point[1] - self.middle[1]];
        let [hx, hy] = self.half;
        let squared = hx * hx + hy * hy;
        let along = if squared > 0.0 {
            ((x * hx + y * hy) / squared).clamp(-1.0, 1.0)
        } else {
            0.0
        };
        let [gx, gy] = [x - hx * along, y - hy * along];
        libm::sqrtf(gx * gx + gy * gy) - self.radius
    }
}
