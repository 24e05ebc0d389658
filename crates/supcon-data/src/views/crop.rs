use super::Planes;
use super::choice::Rectangle;
use crate::CHANNELS;

/// Where an output row or column takes its value from: two input positions and the weight of the
/// second.
#[derive(Clone, Copy)]
struct Tap {
    first: usize,
    second: usize,
    weight: f32,
}

impl Planes {
    /// Resizes a part of an image to the whole view, bilinearly with half-pixel centres, mirrored
    /// if `flip`. The whole image passes through unchanged.
    pub(super) fn crop(&mut self, image: &[u8], part: Rectangle, flip: bool) {
        let columns: Vec<Tap> = (0..self.width)
            .map(|x| if flip { self.width - 1 - x } else { x })
            .map(|x| tap(x, part.left, part.width, self.width))
            .collect();
        let row_len = self.width * CHANNELS;
        for y in 0..self.height {
            let tap = tap(y, part.top, part.height, self.height);
            let upper = &image[tap.first * row_len..][..row_len];
            let lower = &image[tap.second * row_len..][..row_len];
            for ((value, &upper), &lower) in self.row.iter_mut().zip(upper).zip(lower) {
                *value = blend(f32::from(upper), f32::from(lower), tap.weight) * (1.0 / 255.0);
            }
            for (channel, plane) in self.channels.iter_mut().enumerate() {
                let out = &mut plane[y * self.width..][..self.width];
                for (value, tap) in out.iter_mut().zip(&columns) {
                    let at = |x: usize| self.row[x * CHANNELS + channel];
                    *value = blend(at(tap.first), at(tap.second), tap.weight);
                }
            }
        }
    }
}

fn blend(first: f32, second: f32, weight: f32) -> f32 {
    first + (second - first) * weight
}

/// The tap of `position` when `part_len` input positions from `start` fill `len` output positions.
/// Beyond the outermost centres the edge of the part repeats.
fn tap(position: usize, start: usize, part_len: usize, len: usize) -> Tap {
    let centre = (position as f32 + 0.5) * (part_len as f32 / len as f32) - 0.5;
    let centre = centre.clamp(0.0, (part_len - 1) as f32);
    let first = centre as usize;
    let second = (first + 1).min(part_len - 1);
    Tap {
        first: start + first,
        second: start + second,
        weight: centre - first as f32,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_the_same_length_maps_to_itself() {
        for len in [1, 2, 31, 32, 33, 96] {
            for position in 0..len {
                let tap = tap(position, 0, len, len);
                assert_eq!((tap.first, tap.weight), (position, 0.0));
            }
        }
    }

    #[test]
    fn doubling_uses_quarter_weights() {
        let found: Vec<(usize, usize, f32)> = (0..4)
            .map(|x| tap(x, 5, 2, 4))
            .map(|t| (t.first, t.second, t.weight))
            .collect();
        assert_eq!(
            found,
            [(5, 6, 0.0), (5, 6, 0.25), (5, 6, 0.75), (6, 6, 0.0)]
        );
    }
}
