//! Running log-sum-exps, and sums over lanes that vectorise.

use super::exp::exp;

/// Independent sums: what a vector register holds.
const LANES: usize = 16;
/// Stands for −∞: below every logit.
pub(super) const LOWEST: f32 = -3.0e38;

/// A running log-sum-exp, ln Σ e^x = peak + ln(1 + excess). The peak's own term stands apart, so
/// that a sum that one term dominates keeps its digits. The excess is f64: over 65 536 columns, rounding
/// it at each addition in f32 would be the gradient's largest error.
#[derive(Clone, Copy)]
pub(super) struct LogSum {
    pub(super) peak: f32,
    pub(super) excess: f64,
}

impl LogSum {
    /// Of nothing.
    pub(super) const EMPTY: Self = Self {
        peak: LOWEST,
        excess: 0.0,
    };

    pub(super) fn is_empty(self) -> bool {
        self.peak == LOWEST
    }

    /// Nothing summed stands as ln 1.
    pub(super) fn or_one(self) -> Self {
        if self.is_empty() {
            Self {
                peak: 0.0,
                excess: 0.0,
            }
        } else {
            self
        }
    }

    pub(super) fn ln(self) -> f32 {
        (f64::from(self.peak) + self.excess.ln_1p()) as f32
    }

    pub(super) fn add(&mut self, x: f32) {
        if x > self.peak {
            self.excess = (self.excess + 1.0) * f64::from(exp(self.peak - x));
            self.peak = x;
        } else {
            self.excess += f64::from(exp(x - self.peak));
        }
    }

    /// Takes in the logits that are above [`LOWEST`]; leaves them as they were.
    #[inline(always)]
    pub(super) fn add_all(&mut self, logits: &mut [f32]) {
        let peak = max(logits);
        if peak <= self.peak {
            self.excess += f64::from(sum(logits, |x| exp(x - self.peak)));
            return;
        }
        let Some(at) = logits.iter().position(|&x| x == peak) else {
            return;
        };
        logits[at] = LOWEST;
        self.excess = (self.excess + 1.0) * f64::from(exp(self.peak - peak))
            + f64::from(sum(logits, |x| exp(x - peak)));
        self.peak = peak;
        logits[at] = peak;
    }
}

/// Σ f(x), in `LANES` independent sums.
#[inline(always)]
pub(super) fn sum(values: &[f32], f: impl Fn(f32) -> f32) -> f32 {
    let mut lanes = [0.0; LANES];
    let chunks = values.chunks_exact(LANES);
    let rest = chunks.remainder();
    for chunk in chunks {
        for lane in 0..LANES {
            lanes[lane] += f(chunk[lane]);
        }
    }
    lanes.iter().sum::<f32>() + rest.iter().map(|&x| f(x)).sum::<f32>()
}

#[inline(always)]
fn max(values: &[f32]) -> f32 {
    let larger = |a: f32, b: f32| if b > a { b } else { a };
    let mut lanes = [LOWEST; LANES];
    let chunks = values.chunks_exact(LANES);
    let rest = chunks.remainder();
    for chunk in chunks {
        for lane in 0..LANES {
            lanes[lane] = larger(lanes[lane], chunk[lane]);
        }
    }
    rest.iter().copied().chain(lanes).fold(LOWEST, larger)
}

/// Σ mask and Σ mask · x, where `mask(position)` is 0 or 1.
#[inline(always)]
pub(super) fn count_and_sum(values: &[f32], mask: impl Fn(usize) -> f32) -> (f32, f32) {
    let (mut counts, mut sums) = ([0.0; LANES], [0.0; LANES]);
    let whole = values.len() / LANES * LANES;
    for start in (0..whole).step_by(LANES) {
        for lane in 0..LANES {
            let m = mask(start + lane);
            counts[lane] += m;
            sums[lane] += m * values[start + lane];
        }
    }
    let (mut count, mut sum) = (counts.iter().sum::<f32>(), sums.iter().sum::<f32>());
    for (at, value) in values.iter().enumerate().skip(whole) {
        count += mask(at);
        sum += mask(at) * value;
    }
    (count, sum)
}

#[cfg(test)]
mod tests {
    use super::{LOWEST, LogSum};

    #[test]
    fn one_by_one_and_all_at_once_agree_with_f64() {
        let values: Vec<f32> = (0..97).map(|i| (i as f32 * 1.7).sin() * 30.0).collect();
        let exact = values.iter().map(|&x| f64::from(x).exp()).sum::<f64>().ln();
        let (mut each, mut all) = (LogSum::EMPTY, LogSum::EMPTY);
        values.iter().for_each(|&x| each.add(x));
        for chunk in values.clone().chunks_mut(20) {
            all.add_all(chunk);
        }
        for found in [each.ln(), all.ln()] {
            assert!(
                (f64::from(found) - exact).abs() < 1e-5,
                "{found} vs {exact}"
            );
        }
    }

    #[test]
    fn a_dominated_sum_keeps_its_small_remainder() {
        let mut sum = LogSum::EMPTY;
        sum.add_all(&mut [100.0, 70.0, LOWEST]);
        let remainder = (-30.0_f64).exp();
        let error = (sum.excess - remainder).abs() / remainder;
        assert!(error < 1e-6, "{} vs {remainder}", sum.excess);
    }

    #[test]
    fn nothing_is_empty() {
        let mut sum = LogSum::EMPTY;
        sum.add_all(&mut [LOWEST; 20]);
        assert!(sum.is_empty());
        assert_eq!(sum.or_one().ln(), 0.0);
    }
}
