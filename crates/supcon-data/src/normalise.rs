use crate::CHANNELS;
use crate::parallel::for_each_chunk;

/// Bytes `[n, h, w, c]` to `(x/255 − mean)/std` in the order `[n, c, h, w]`. A channel with
/// deviation 0 is only centred.
///
/// # Panics
/// When `pixels` is not `n·h·w·3` bytes long.
#[must_use]
pub fn to_nchw_f32(
    pixels: &[u8],
    n: usize,
    h: usize,
    w: usize,
    mean: [f32; 3],
    std: [f32; 3],
) -> Vec<f32> {
    let image_len = h * w * CHANNELS;
    assert_eq!(
        pixels.len(),
        n * image_len,
        "pixel bytes of {n} images of {h}×{w} RGB"
    );
    // A byte has 256 values: a table replaces the division of every pixel.
    let tables: [[f32; 256]; CHANNELS] = std::array::from_fn(|channel| {
        let scale = if std[channel] > 0.0 {
            1.0 / std[channel]
        } else {
            1.0
        };
        std::array::from_fn(|byte| (byte as f32 / 255.0 - mean[channel]) * scale)
    });
    let mut out = vec![0.0; pixels.len()];
    for_each_chunk(
        &mut out,
        image_len,
        || (),
        |(), index, planes| {
            let image = &pixels[index * image_len..(index + 1) * image_len];
            for (channel, plane) in planes.chunks_exact_mut(h * w).enumerate() {
                for (value, pixel) in plane.iter_mut().zip(image.chunks_exact(CHANNELS)) {
                    *value = tables[channel][usize::from(pixel[channel])];
                }
            }
        },
    );
    out
}

#[cfg(test)]
mod tests {
    use super::to_nchw_f32;

    #[test]
    fn channels_become_planes() {
        // Two images of 1×2.
        let pixels = [0, 51, 255, 255, 102, 0, 51, 51, 51, 0, 0, 0];
        let out = to_nchw_f32(&pixels, 2, 1, 2, [0.0, 0.2, 0.5], [1.0, 0.5, 0.0]);
        let expected = [
            0.0, 1.0, 0.0, 0.4, 0.5, -0.5, 0.2, 0.0, 0.0, -0.4, -0.3, -0.5,
        ];
        for (found, expected) in out.iter().zip(expected) {
            assert!((found - expected).abs() < 1e-6, "{found} {expected}");
        }
    }
}
