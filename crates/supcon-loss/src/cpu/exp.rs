//! e^x on slices, written so that the compiler vectorises it.

use std::f32::consts::LOG2_E;

/// ln 2 in two parts: n·HIGH is exact for every n that occurs.
const LN_2_HIGH: f32 = 0.693_359_4;
const LN_2_LOW: f32 = -2.121_944_4e-4;
/// Adding it rounds to the nearest integer, which then stands in the low mantissa bits.
const ROUND: f32 = 12_582_912.0;
/// Below it e^x is 0 for every purpose of a loss.
const SMALLEST: f32 = -87.0;
/// Above it e^x overflows.
const LARGEST: f32 = 88.0;

/// e^x to about 1 ulp in [−87, 88]; 0 below, +∞ above, NaN for NaN.
///
/// Cephes' polynomial (Moshier): e^x = 2^n · e^r with r = x − n·ln 2, |r| ≤ ln 2 / 2.
#[inline(always)]
pub(super) fn exp(x: f32) -> f32 {
    let shifted = x * LOG2_E + ROUND;
    let n = shifted - ROUND;
    let r = (x - n * LN_2_HIGH) - n * LN_2_LOW;
    let poly = ((((1.987_569_1e-4 * r + 1.398_199_9e-3) * r + 8.333_452e-3) * r + 4.166_579_6e-2)
        * r
        + 1.666_666_5e-1)
        * r
        + 0.5;
    let fraction = poly * r * r + r + 1.0;
    let scale = f32::from_bits(shifted.to_bits().wrapping_add(127) << 23);
    let value = fraction * scale;
    // Comparisons are false for NaN, so that NaN falls through to `value`, which is NaN.
    let value = if x < SMALLEST { 0.0 } else { value };
    if x > LARGEST { f32::INFINITY } else { value }
}

#[cfg(test)]
mod tests {
    use super::exp;

    #[test]
    fn exp_is_within_two_ulp_of_f64() {
        let worst = (-86_999..=87_999)
            .map(|i| f64::from(i) * 1e-3)
            .map(|x| {
                let x = x as f32;
                let exact = f64::from(x).exp();
                ((f64::from(exp(x)) - exact) / exact).abs()
            })
            .fold(0.0, f64::max);
        assert!(
            worst < 2.0 * f64::from(f32::EPSILON),
            "worst relative error {worst:e}"
        );
    }

    #[test]
    fn exp_of_extremes() {
        assert_eq!(exp(-1e30), 0.0);
        assert_eq!(exp(f32::NEG_INFINITY), 0.0);
        assert_eq!(exp(f32::INFINITY), f32::INFINITY);
        assert!(exp(f32::NAN).is_nan());
        assert_eq!(exp(0.0), 1.0);
    }
}
