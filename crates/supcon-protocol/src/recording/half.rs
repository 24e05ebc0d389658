//! IEEE 754 binary16: half the bytes, and three digits are enough to look at.

/// The nearest half-precision number, ties to even; beyond its range infinity.
#[must_use]
pub fn f16_from_f32(value: f32) -> u16 {
    let bits = value.to_bits();
    let sign = (bits >> 16) as u16 & 0x8000;
    let magnitude = bits & 0x7fff_ffff;
    if magnitude > 0x7f80_0000 {
        return sign | 0x7e00;
    }
    // 65 520 is the first number that rounds beyond 65 504.
    if magnitude >= 0x477f_f000 {
        return sign | 0x7c00;
    }
    // The smallest normal half is 2^-14. Below, units of 2^-24 are counted, which the addition does:
    // the last digit of 0.5 as f32 is 2^-24.
    if magnitude < 0x3880_0000 {
        let counted = (f32::from_bits(magnitude) + 0.5).to_bits() - 0.5_f32.to_bits();
        return sign | counted as u16;
    }
    // The exponent's bias changes from 127 to 15, and 13 digits go, rounded.
    let odd = (magnitude >> 13) & 1;
    let rounded = magnitude - ((127 - 15) << 23) + 0xfff + odd;
    sign | (rounded >> 13) as u16
}

/// The same number in single precision.
#[must_use]
pub fn f32_from_f16(half: u16) -> f32 {
    let sign = u32::from(half & 0x8000) << 16;
    let (exponent, mantissa) = (half >> 10 & 0x1f, u32::from(half & 0x3ff));
    let magnitude = match exponent {
        0 => (mantissa as f32 * (1.0 / 16_777_216.0)).to_bits(),
        31 => 0x7f80_0000 | mantissa << 13,
        _ => (u32::from(exponent) + 127 - 15) << 23 | mantissa << 13,
    };
    f32::from_bits(sign | magnitude)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Published: the examples of IEEE 754 binary16 (<https://en.wikipedia.org/wiki/Half-precision_floating-point_format>).
    #[test]
    fn known_values() {
        for (half, value) in [
            (0x0000, 0.0),
            (0x0001, 5.960_464_5e-8),
            (0x03ff, 6.097_555e-5),
            (0x0400, 6.103_515_6e-5),
            (0x3555, 0.333_251_95),
            (0x3bff, 0.999_511_7),
            (0x3c00, 1.0),
            (0x3c01, 1.000_976_6),
            (0x7bff, 65504.0),
            (0x7c00, f32::INFINITY),
            (0xc000, -2.0),
        ] {
            assert_eq!(f32_from_f16(half), value, "{half:04x}");
            assert_eq!(f16_from_f32(value), half, "{value}");
        }
        assert_eq!(f32_from_f16(0x8000).to_bits(), (-0.0_f32).to_bits());
        assert!(f32_from_f16(f16_from_f32(f32::NAN)).is_nan());
    }

    #[test]
    fn every_half_comes_back() {
        for half in 0..=u16::MAX {
            let value = f32_from_f16(half);
            assert!(value.is_nan() || f16_from_f32(value) == half, "{half:04x}");
        }
    }

    #[test]
    fn the_nearest_is_taken_and_ties_go_to_even() {
        for half in 0..0x7bff_u16 {
            let (low, high) = (f32_from_f16(half), f32_from_f16(half + 1));
            let middle = low.midpoint(high);
            assert_eq!(f16_from_f32(middle), half + (half & 1), "{middle}");
            assert_eq!(f16_from_f32(middle.next_down()), half);
            assert_eq!(f16_from_f32(middle.next_up()), half + 1);
        }
        assert_eq!(f16_from_f32(65519.0), 0x7bff);
        assert_eq!(f16_from_f32(65520.0), 0x7c00);
    }
}
