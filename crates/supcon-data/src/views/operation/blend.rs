use super::ByteImage;

impl ByteImage {
    pub(super) fn brightness(&mut self, factor: f32) {
        self.blend_with(factor, |_| 0);
    }

    pub(super) fn contrast(&mut self, factor: f32) {
        self.fill_gray();
        let sum: u64 = self.spare.iter().map(|&gray| u64::from(gray)).sum();
        let mean = (sum as f64 / self.spare.len() as f64 + 0.5) as u8;
        self.blend_with(factor, |_| mean);
    }

    pub(super) fn color(&mut self, factor: f32) {
        self.fill_gray();
        self.blend_with(factor, |gray| gray);
    }

    /// Blends with the mean of the 3×3 pixels around, the middle counted five times; the outermost
    /// pixels stay as they are.
    pub(super) fn sharpness(&mut self, factor: f32) {
        let (height, width) = (self.height, self.width);
        for channel in &mut self.channels {
            self.spare.copy_from_slice(channel);
            for y in 1..height.saturating_sub(1) {
                let above = &channel[(y - 1) * width..][..3 * width];
                let out = &mut self.spare[y * width..][..width];
                for x in 1..width.saturating_sub(1) {
                    let row = |row: usize| {
                        let bytes = &above[row * width + x - 1..][..3];
                        bytes.iter().map(|&byte| u32::from(byte)).sum::<u32>()
                    };
                    let sum = row(0) + row(1) + row(2) + 4 * u32::from(above[width + x]);
                    // Rounded; thirteenths have no ties.
                    out[x] = ((sum + 6) / 13) as u8;
                }
            }
            for (byte, &smooth) in channel.iter_mut().zip(&self.spare) {
                *byte = blend(smooth, *byte, factor);
            }
        }
    }

    /// The gray of each pixel (ITU-R BT.601 in 1/65 536, as in Pillow), into the spare channel.
    fn fill_gray(&mut self) {
        let [red, green, blue] = &self.channels;
        for (gray, ((&r, &g), &b)) in self.spare.iter_mut().zip(red.iter().zip(green).zip(blue)) {
            let weighted = 19_595 * u32::from(r) + 38_470 * u32::from(g) + 7_471 * u32::from(b);
            *gray = ((weighted + 0x8000) >> 16) as u8;
        }
    }

    /// Blends every byte with what `other` makes of the spare channel's.
    fn blend_with(&mut self, factor: f32, other: impl Fn(u8) -> u8) {
        for channel in &mut self.channels {
            for (byte, &spare) in channel.iter_mut().zip(&self.spare) {
                *byte = blend(other(spare), *byte, factor);
            }
        }
    }
}

/// From `first` at 0 over `second` at 1 and beyond, cut off and not rounded, as in Pillow.
fn blend(first: u8, second: u8, factor: f32) -> u8 {
    let (first, second) = (f32::from(first), f32::from(second));
    (first + factor * (second - first)) as u8
}
