//! Embeddings held as f16. The twin of `half_words.wgsl`.

use burn::tensor::f16;

/// Least number that stays: below it f16 has fewer digits, and an adapter may flush what it reads.
const LEAST: f32 = 6.103_515_6e-5; // 2⁻¹⁴

/// The nearest f16, ties to even; 0 below 2⁻¹⁴, infinity from 65 520.
fn half(x: f32) -> f16 {
    if x.abs() < LEAST {
        return f16::from_f32(0.0_f32.copysign(x));
    }
    f16::from_f32(x)
}

/// `z` as half storage holds it, in f32.
pub(crate) fn rounded(z: &[f32]) -> Vec<f32> {
    z.iter().map(|&x| half(x).to_f32()).collect()
}

/// `z` as the WGSL reads it from half storage: two f16 a word, the lower dimension in the lower bits,
/// and 0 beside the last of an odd length.
///
/// # Shapes
/// - `z`: `[n, dim]`
/// - returns `[n, ⌈dim/2⌉]`
#[must_use]
pub fn half_words(z: &[f32], dim: usize) -> Vec<u32> {
    let bits = |x: &f32| u32::from(half(*x).to_bits());
    let word = |pair: &[f32]| bits(&pair[0]) | pair.get(1).map_or(0, bits) << 16;
    z.chunks(dim)
        .flat_map(|row| row.chunks(2).map(word))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::half_words;

    #[test]
    fn words_are_padded_by_rows() {
        let words = half_words(&[1.0, -2.0, 0.5, 0.0, 1.0, 65_504.0], 3);
        assert_eq!(words, [0xc000_3c00, 0x3800, 0x3c00_0000, 0x7bff]);
    }
}
