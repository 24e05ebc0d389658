use super::outline::Point;
use super::parameters::PARAMETERS;
use crate::CHANNELS;
use crate::random::Random;

/// A colour; white is 1.
pub(super) type Colour = [f32; CHANNELS];

const LUMINANCE: Colour = [0.299, 0.587, 0.114];

/// A colour of the given luminance in a random hue, as far from gray as drawn or as bytes can show.
pub(super) fn draw_colour(luminance: f32, random: &mut Random) -> Colour {
    let hue: Colour = std::array::from_fn(|_| random.uniform());
    let gray: f32 = hue
        .iter()
        .zip(LUMINANCE)
        .map(|(value, weight)| value * weight)
        .sum();
    let direction = hue.map(|value| value - gray);
    // Clamping the channels instead would move the luminance, and with it the contrast that every
    // shape is promised after grayscale.
    let room = |slope: f32| {
        (if slope > 0.0 {
            1.0 - luminance
        } else {
            luminance
        }) / slope.abs()
    };
    let most = direction
        .map(room)
        .into_iter()
        .fold(f32::INFINITY, f32::min);
    let strength = (2.0 * random.between(PARAMETERS.chroma)).min(most);
    direction.map(|slope| luminance + strength * slope)
}

/// What the shape and the ground are painted with.
pub(super) struct Surface {
    colour: Colour,
    pattern: Pattern,
    amplitude: f32,
    /// Waves per pixel along the pattern's direction.
    frequency: Point,
    phase: Point,
}

#[derive(Clone, Copy)]
enum Pattern {
    Plain,
    Gradient,
    Stripes,
    Checks,
    Speckle,
}

impl Surface {
    pub(super) fn draw(luminance: f32, random: &mut Random) -> Self {
        let colour = draw_colour(luminance, random);
        let textured = random.chance(PARAMETERS.texture_probability);
        let patterns = [
            Pattern::Gradient,
            Pattern::Stripes,
            Pattern::Checks,
            Pattern::Speckle,
        ];
        let pattern = patterns[random.below(patterns.len())];
        let angle = random.between([0.0, std::f32::consts::TAU]);
        let frequency = 1.0 / random.between(PARAMETERS.texture_period);
        Self {
            colour,
            pattern: if textured { pattern } else { Pattern::Plain },
            amplitude: random.between(PARAMETERS.texture_amplitude),
            frequency: [frequency * libm::cosf(angle), frequency * libm::sinf(angle)],
            phase: [random.uniform(), random.uniform()],
        }
    }

    /// The colour at a point given from the middle of the image.
    pub(super) fn at(&self, point: Point) -> Colour {
        let shade = self.amplitude * self.pattern_at(point);
        self.colour.map(|value| value + shade)
    }

    /// The pattern, in [−1, 1].
    fn pattern_at(&self, [x, y]: Point) -> f32 {
        let [fx, fy] = self.frequency;
        // Coordinates along and across the pattern, in periods.
        let (along, across) = (fx * x + fy * y, fx * y - fy * x);
        let (u, v) = (along + self.phase[0], across + self.phase[1]);
        match self.pattern {
            Pattern::Plain => 0.0,
            Pattern::Gradient => (along / libm::sqrtf(fx * fx + fy * fy) / 16.0).clamp(-1.0, 1.0),
            Pattern::Stripes => square_wave(u),
            Pattern::Checks => square_wave(u) * square_wave(v),
            Pattern::Speckle => speckle(3.0 * u, 3.0 * v),
        }
    }
}

/// −1 and 1 in turns, once per unit, with edges soft enough not to flicker on the pixel grid.
fn square_wave(x: f32) -> f32 {
    let phase = x - libm::floorf(x);
    let triangle = 1.0 - 4.0 * (phase - 0.5).abs();
    (triangle * 2.0).clamp(-1.0, 1.0)
}

/// Random values on a unit lattice, constant in each cell.
fn speckle(u: f32, v: f32) -> f32 {
    let cell = |x: f32| libm::floorf(x) as i32 as u32;
    let mixed = cell(u).wrapping_mul(0x9e37_79b1) ^ cell(v).wrapping_mul(0x85eb_ca6b);
    let mixed = (mixed ^ (mixed >> 15)).wrapping_mul(0xc2b2_ae35);
    ((mixed >> 16) & 0xff) as f32 / 127.5 - 1.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Purpose;

    #[test]
    fn colours_keep_their_luminance_and_fit_in_bytes() {
        let mut random = Random::new(Purpose::Shapes, 0, [0; 5]);
        for step in 0..1000 {
            let luminance = 0.05 + 0.9 * step as f32 / 1000.0;
            let colour = draw_colour(luminance, &mut random);
            assert!(
                colour
                    .iter()
                    .all(|value| (-1e-5..=1.0 + 1e-5).contains(value)),
                "{colour:?}"
            );
            let found: f32 = colour
                .iter()
                .zip(LUMINANCE)
                .map(|(value, weight)| value * weight)
                .sum();
            assert!((found - luminance).abs() < 1e-5, "{found} {luminance}");
        }
    }

    #[test]
    fn patterns_stay_in_range_and_average_out() {
        for name in 0..100 {
            let mut random = Random::new(Purpose::Shapes, 0, [name, 0, 0, 0, 0]);
            let surface = Surface::draw(0.5, &mut random);
            let values: Vec<f32> = (0..4096)
                .map(|i| surface.pattern_at([(i % 64) as f32 - 31.5, (i / 64) as f32 - 31.5]))
                .collect();
            assert!(values.iter().all(|value| (-1.0..=1.0).contains(value)));
            let mean = values.iter().sum::<f32>() / 4096.0;
            assert!(mean.abs() < 0.2, "{name}: {mean}");
        }
    }
}
