use super::Planes;
use crate::CHANNELS;

/// One of the four steps of colour jitter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Adjustment {
    /// Multiplies.
    Brightness,
    /// Moves away from the mean gray of the image.
    Contrast,
    /// Moves away from the gray of the pixel.
    Saturation,
    /// Turns the hue.
    Hue,
}

impl Adjustment {
    /// The strength that changes nothing.
    fn neutral(self) -> f32 {
        if self == Self::Hue { 0.0 } else { 1.0 }
    }
}

/// Gray value of a colour (ITU-R BT.601, as in PIL and torchvision).
fn gray([red, green, blue]: [f32; CHANNELS]) -> f32 {
    0.299 * red + 0.587 * green + 0.114 * blue
}

fn clamp(value: f32) -> f32 {
    value.clamp(0.0, 1.0)
}

impl Planes {
    /// Makes one adjustment and clamps to [0, 1].
    pub(super) fn adjust(&mut self, adjustment: Adjustment, strength: f32) {
        if strength == adjustment.neutral() {
            return;
        }
        match adjustment {
            Adjustment::Brightness => self.map_values(|value| clamp(value * strength)),
            Adjustment::Contrast => {
                let offset = (1.0 - strength) * self.mean_gray();
                self.map_values(|value| clamp(value * strength + offset));
            }
            Adjustment::Saturation => self.map_pixels(|colour| {
                let offset = (1.0 - strength) * gray(colour);
                colour.map(|value| clamp(value * strength + offset))
            }),
            Adjustment::Hue => self.map_pixels(|colour| turn_hue(colour, strength).map(clamp)),
        }
    }

    pub(super) fn grayscale(&mut self) {
        self.map_pixels(|colour| [clamp(gray(colour)); CHANNELS]);
    }

    fn map_values(&mut self, change: impl Fn(f32) -> f32) {
        for plane in &mut self.channels {
            for value in plane {
                *value = change(*value);
            }
        }
    }

    fn map_pixels(&mut self, change: impl Fn([f32; CHANNELS]) -> [f32; CHANNELS]) {
        let [red, green, blue] = &mut self.channels;
        for ((r, g), b) in red.iter_mut().zip(green).zip(blue) {
            [*r, *g, *b] = change([*r, *g, *b]);
        }
    }

    fn mean_gray(&mut self) -> f32 {
        let [red, green, blue] = &self.channels;
        for (out, ((&r, &g), &b)) in self.spare.iter_mut().zip(red.iter().zip(green).zip(blue)) {
            *out = gray([r, g, b]);
        }
        sum(&self.spare) / self.spare.len() as f32
    }
}

/// Sums in eight lanes: a fixed order that compilers can vectorise.
fn sum(values: &[f32]) -> f32 {
    const LANES: usize = 8;
    let mut lanes = [0.0; LANES];
    let groups = values.chunks_exact(LANES);
    let rest: f32 = groups.remainder().iter().sum();
    for group in groups {
        for (lane, value) in lanes.iter_mut().zip(group) {
            *lane += value;
        }
    }
    lanes.iter().sum::<f32>() + rest
}

/// Turns the hue of HSV by `turns` in [−½, ½], keeping saturation and value.
///
/// With hue h in sixths of a turn, a channel of HSV is min + chroma · weight, where the weights of
/// red, green and blue are |h − 3| − 1, 2 − |h − 2| and 2 − |h − 4|, clamped to [0, 1]. Without
/// branches, so that compilers can vectorise it.
fn turn_hue([red, green, blue]: [f32; CHANNELS], turns: f32) -> [f32; CHANNELS] {
    let value = red.max(green).max(blue);
    let least = red.min(green).min(blue);
    let chroma = value - least;
    let (difference, base) = if value == green {
        (blue - red, 2.0)
    } else {
        (red - green, 4.0)
    };
    let (difference, base) = if value == red {
        (green - blue, 0.0)
    } else {
        (difference, base)
    };
    // Of a gray pixel the difference is 0 and any hue will do; it must only not divide by 0.
    let hue = difference / chroma.max(f32::MIN_POSITIVE) + base + turns * 6.0;
    let hue = if hue < 0.0 { hue + 6.0 } else { hue };
    let hue = if hue >= 6.0 { hue - 6.0 } else { hue };
    [
        (hue - 3.0).abs() - 1.0,
        2.0 - (hue - 2.0).abs(),
        2.0 - (hue - 4.0).abs(),
    ]
    .map(|weight| least + chroma * clamp(weight))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(found: [f32; 3], expected: [f32; 3]) {
        for (f, e) in found.iter().zip(expected) {
            assert!((f - e).abs() < 2e-6, "{found:?} {expected:?}");
        }
    }

    fn one_pixel(colour: [f32; 3], change: impl Fn(&mut Planes)) -> [f32; 3] {
        let mut planes = Planes::new(1, 1);
        planes.channels = colour.map(|value| vec![value]);
        change(&mut planes);
        std::array::from_fn(|channel| planes.channels[channel][0])
    }

    #[test]
    fn a_third_of_a_turn_takes_red_to_green_to_blue() {
        close(turn_hue([1.0, 0.0, 0.0], 1.0 / 3.0), [0.0, 1.0, 0.0]);
        close(turn_hue([0.0, 1.0, 0.0], 1.0 / 3.0), [0.0, 0.0, 1.0]);
        close(turn_hue([1.0, 0.0, 0.0], -1.0 / 3.0), [0.0, 0.0, 1.0]);
        close(turn_hue([0.8, 0.2, 0.2], 0.5), [0.2, 0.8, 0.8]);
        close(turn_hue([0.4, 0.4, 0.4], 0.3), [0.4, 0.4, 0.4]);
    }

    #[test]
    fn hue_turns_add_up_and_keep_value_and_chroma() {
        for step in 0..200 {
            let part = |stride: usize| ((step * stride) % 101) as f32 / 100.0;
            let colour = [part(7), part(31), part(57)];
            let once = turn_hue(colour, 0.3);
            close(turn_hue(once, -0.3), colour);
            close(turn_hue(turn_hue(once, 0.5), 0.2), colour);
            let extent = |c: [f32; 3]| {
                (
                    c.iter().copied().fold(0.0, f32::max),
                    c.iter().copied().fold(1.0, f32::min),
                )
            };
            let (a, b) = (extent(once), extent(colour));
            assert!((a.0 - b.0).abs() < 1e-6 && (a.1 - b.1).abs() < 1e-6);
        }
    }

    #[test]
    fn brightness_multiplies_and_clamps() {
        let found = one_pixel([0.2, 0.5, 0.9], |p| p.adjust(Adjustment::Brightness, 1.4));
        close(found, [0.28, 0.7, 1.0]);
    }

    #[test]
    fn saturation_blends_with_the_gray_of_the_pixel() {
        let gray = 0.299 * 0.8 + 0.587 * 0.4 + 0.114 * 0.2;
        let found = one_pixel([0.8, 0.4, 0.2], |p| p.adjust(Adjustment::Saturation, 0.5));
        close(found, [0.8, 0.4, 0.2].map(|value| 0.5 * value + 0.5 * gray));
        let none = one_pixel([0.8, 0.4, 0.2], |p| p.adjust(Adjustment::Saturation, 0.0));
        close(none, [gray; 3]);
    }

    #[test]
    fn contrast_blends_with_the_mean_gray_of_the_image() {
        let mut planes = Planes::new(1, 2);
        planes.channels = [vec![1.0, 0.0], vec![1.0, 0.0], vec![1.0, 0.5]];
        let mean = (1.0 + 0.114 * 0.5) / 2.0;
        planes.adjust(Adjustment::Contrast, 0.6);
        close(
            [
                planes.channels[0][0],
                planes.channels[1][1],
                planes.channels[2][1],
            ],
            [0.6 + 0.4 * mean, 0.4 * mean, 0.3 + 0.4 * mean],
        );
    }

    #[test]
    fn neutral_strengths_change_no_bit() {
        for adjustment in [
            Adjustment::Brightness,
            Adjustment::Contrast,
            Adjustment::Saturation,
        ] {
            let found = one_pixel([0.1, 0.7, 0.3], |p| p.adjust(adjustment, 1.0));
            assert_eq!(found, [0.1, 0.7, 0.3]);
        }
        let found = one_pixel([0.1, 0.7, 0.3], |p| p.adjust(Adjustment::Hue, 0.0));
        assert_eq!(found, [0.1, 0.7, 0.3]);
    }
}
