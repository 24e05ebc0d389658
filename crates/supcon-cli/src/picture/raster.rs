use super::font;
use super::mark::{Mark, RADIUS};
use super::scatter::{ENTRY, Placed, TEXT_OFFSET, TITLE};

/// Samples along a side of a pixel, for smooth edges.
const SAMPLES: usize = 4;
/// How much of a mark covers what lies under it.
const OPACITY: f32 = 0.85;
/// Pixels of a letter's dot.
const DOT: usize = 2;
const INK: [u8; 3] = [32, 32, 32];

/// The plot in pixels.
pub(super) fn draw(plot: &Placed) -> Canvas {
    let mut canvas = Canvas::new(plot.width.ceil() as usize, plot.height.ceil() as usize);
    let letter_height = (font::HEIGHT * DOT) as f32;
    canvas.text(24.0, (TITLE - letter_height) / 2.0, &plot.title);
    for &(x, y, mark) in &plot.marks {
        canvas.mark(x, y, mark);
    }
    for (x, y, mark, name) in &plot.legend {
        canvas.mark(*x, *y, *mark);
        let top = y - letter_height.min(ENTRY) / 2.0;
        canvas.text(x + TEXT_OFFSET, top, name);
    }
    canvas
}

/// RGB pixels, row by row.
pub struct Canvas {
    pub width: usize,
    pub height: usize,
    pub pixels: Vec<u8>,
}

impl Canvas {
    fn new(width: usize, height: usize) -> Self {
        Self {
            width,
            height,
            pixels: vec![255; width * height * 3],
        }
    }

    /// Lays a colour on a pixel; outside of the canvas nothing happens.
    fn blend(&mut self, x: i64, y: i64, colour: [u8; 3], cover: f32) {
        let (Ok(x), Ok(y)) = (usize::try_from(x), usize::try_from(y)) else {
            return;
        };
        if x >= self.width || y >= self.height {
            return;
        }
        let pixel = &mut self.pixels[(y * self.width + x) * 3..][..3];
        for (under, over) in pixel.iter_mut().zip(colour) {
            let mixed = f32::from(*under) * (1.0 - cover) + f32::from(over) * cover;
            *under = mixed.round() as u8;
        }
    }

    fn mark(&mut self, centre_x: f32, centre_y: f32, mark: Mark) {
        let reach = 1.5 * RADIUS;
        let range = |centre: f32| (centre - reach).floor() as i64..=(centre + reach).ceil() as i64;
        for y in range(centre_y) {
            for x in range(centre_x) {
                let mut hits = 0;
                for sample in 0..SAMPLES * SAMPLES {
                    let step = |i: usize| (i as f32 + 0.5) / SAMPLES as f32;
                    let dx = x as f32 + step(sample % SAMPLES) - centre_x;
                    let dy = y as f32 + step(sample / SAMPLES) - centre_y;
                    hits += usize::from(mark.contains(dx, dy));
                }
                let cover = hits as f32 / (SAMPLES * SAMPLES) as f32;
                if hits > 0 {
                    self.blend(x, y, mark.colour, OPACITY * cover);
                }
            }
        }
    }

    fn text(&mut self, left: f32, top: f32, text: &str) {
        let (mut left, top) = (left.round() as i64, top.round() as i64);
        for letter in text.chars() {
            for (column, bits) in font::columns(letter).into_iter().enumerate() {
                for row in (0..8).filter(|row| bits >> row & 1 == 1) {
                    for dot in 0..DOT * DOT {
                        let x = left + (column * DOT + dot % DOT) as i64;
                        let y = top + (row * DOT + dot / DOT) as i64;
                        self.blend(x, y, INK, 1.0);
                    }
                }
            }
            left += (font::ADVANCE * DOT) as i64;
        }
    }
}
