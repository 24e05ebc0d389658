use super::ByteImage;
use crate::views::choice::Rectangle;

/// Binary digits after the point of a position.
const FRACTION_BITS: u32 = 16;

impl ByteImage {
    /// The pixel at (x, y) becomes the one around (a·x + b·y + c, d·x + e·y + f), centres being at
    /// halves; what lies outside becomes `fill`. Positions are counted in 1/65 536 pixels, as in Pillow.
    pub(super) fn transform(&mut self, [a, b, c, d, e, f]: [f64; 6], fill: u8) {
        let start = [c + 0.5 * (a + b), f + 0.5 * (d + e)].map(fixed);
        let (by_column, by_row) = ([a, d].map(fixed), [b, e].map(fixed));
        for channel in &mut self.channels {
            let rows = self.spare.chunks_exact_mut(self.width);
            for (y, row) in rows.enumerate() {
                let mut at = [0, 1].map(|axis| start[axis] + by_row[axis] * y as i64);
                for byte in row {
                    let [x, y] = at.map(|position| position >> FRACTION_BITS);
                    let is_inside =
                        (0..self.width as i64).contains(&x) && (0..self.height as i64).contains(&y);
                    *byte = if is_inside {
                        channel[y as usize * self.width + x as usize]
                    } else {
                        fill
                    };
                    at = [0, 1].map(|axis| at[axis] + by_column[axis]);
                }
            }
            std::mem::swap(channel, &mut self.spare);
        }
    }

    /// Turns the image against the clock about its middle.
    pub(super) fn rotate(&mut self, degrees: f64, fill: u8) {
        let (sin, cos) = libm::sincos(-degrees.to_radians());
        let middle = [self.width, self.height].map(|length| length as f64 / 2.0);
        let x = middle[0] - cos * middle[0] - sin * middle[1];
        let y = middle[1] + sin * middle[0] - cos * middle[1];
        self.transform([cos, sin, x, -sin, cos, y], fill);
    }

    pub(super) fn cutout(&mut self, part: Rectangle, fill: u8) {
        for channel in &mut self.channels {
            let rows = channel.chunks_exact_mut(self.width);
            for row in rows.skip(part.top).take(part.height) {
                row[part.left..][..part.width].fill(fill);
            }
        }
    }
}

fn fixed(value: f64) -> i64 {
    (value * f64::from(1 << FRACTION_BITS) + 0.5).floor() as i64
}
