use super::Planes;

impl Planes {
    /// Gaussian blur, rows then columns, with borders reflected about the outermost pixels.
    pub(super) fn blur(&mut self, sigma: f32) {
        let radius = blur_radius(self.height.min(self.width));
        // Below 20 pixels the kernel is a single one.
        if radius == 0 {
            return;
        }
        let kernel = gaussian(radius, sigma);
        let (height, width) = (self.height, self.width);
        for plane in &mut self.channels {
            for (out, row) in self
                .spare
                .chunks_exact_mut(width)
                .zip(plane.chunks_exact(width))
            {
                for (x, value) in out.iter_mut().enumerate() {
                    *value = weighted(&kernel, x, width, |x| row[x]);
                }
            }
            for (y, out) in plane.chunks_exact_mut(width).enumerate() {
                for (x, value) in out.iter_mut().enumerate() {
                    let sum = weighted(&kernel, y, height, |y| self.spare[y * width + x]);
                    // Rounding may lift a sum of ones above one.
                    *value = sum.clamp(0.0, 1.0);
                }
            }
        }
    }
}

/// Radius of the kernel of `2⌊(side/10)/2⌋ + 1` pixels.
fn blur_radius(side: usize) -> usize {
    side / 10 / 2
}

/// Weights from −radius to radius, with sum 1.
fn gaussian(radius: usize, sigma: f32) -> Vec<f32> {
    let weight = |offset: usize| {
        let distance = (offset as f32 - radius as f32) / sigma;
        libm::expf(-0.5 * distance * distance)
    };
    let weights: Vec<f32> = (0..=2 * radius).map(weight).collect();
    let sum: f32 = weights.iter().sum();
    weights.iter().map(|weight| weight / sum).collect()
}

fn weighted(kernel: &[f32], centre: usize, len: usize, value: impl Fn(usize) -> f32) -> f32 {
    let radius = kernel.len() / 2;
    kernel
        .iter()
        .enumerate()
        .map(|(tap, weight)| weight * value(reflect(centre + tap, radius, len)))
        .sum()
}

/// The position `padded − radius`, mirrored about the ends. A radius is at most a twentieth of a
/// side, so once is enough.
fn reflect(padded: usize, radius: usize, len: usize) -> usize {
    let distance = padded.abs_diff(radius);
    if distance < len {
        distance
    } else {
        2 * (len - 1) - distance
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kernel_sizes_of_the_papers() {
        assert_eq!(
            [32, 96, 224].map(|side| 2 * blur_radius(side) + 1),
            [3, 9, 23]
        );
    }

    #[test]
    fn borders_are_mirrored_without_repeating_the_edge() {
        let found: Vec<usize> = (0..9).map(|padded| reflect(padded, 2, 5)).collect();
        assert_eq!(found, [2, 1, 0, 1, 2, 3, 4, 3, 2]);
    }

    #[test]
    fn a_point_becomes_the_kernel_squared() {
        let mut planes = Planes::new(32, 32);
        planes.channels[1][10 * 32 + 12] = 1.0;
        planes.blur(1.0);
        let side = libm::expf(-0.5);
        let expected = side / (1.0 + 2.0 * side);
        let corner = planes.channels[1][11 * 32 + 11];
        assert!((corner - expected * expected).abs() < 1e-6);
        assert_eq!(planes.channels[1][10 * 32 + 14], 0.0);
        assert!(planes.channels[0].iter().all(|&value| value == 0.0));
    }

    #[test]
    fn a_flat_plane_stays_flat() {
        let mut planes = Planes::new(32, 40);
        planes.channels[2].fill(1.0);
        planes.blur(0.7);
        assert!(
            planes.channels[2]
                .iter()
                .all(|&value| (value - 1.0).abs() < 1e-6)
        );
    }
}
