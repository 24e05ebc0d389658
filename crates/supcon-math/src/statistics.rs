//! Is a difference between two results more than luck: resampling intervals and a permutation test.
//!
//! Everything random comes from [`SplitMix64`] and a seed, so a reported interval can be repeated.

/// The `SplitMix64` generator (Steele, Lea & Flood 2014): a counter stepped by the golden ratio and
/// passed through a 64-bit finaliser. Small, portable, good enough to resample; not for secrets.
#[derive(Clone, Debug)]
pub struct SplitMix64 {
    state: u64,
}

impl SplitMix64 {
    /// A generator whose stream is a function of `seed` alone.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// The next 64 bits.
    pub fn next_u64(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.state;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }

    /// An index below `n`, by multiply-and-shift; the bias of at most n / 2⁶⁴ is of no account.
    fn below(&mut self, n: usize) -> usize {
        ((u128::from(self.next_u64()) * n as u128) >> 64) as usize
    }
}

/// Arithmetic mean; `None` of nothing.
#[must_use]
pub fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

/// Sample standard deviation, divisor n − 1; `None` of fewer than two values.
#[must_use]
pub fn standard_deviation(values: &[f64]) -> Option<f64> {
    let centre = mean(values).filter(|_| values.len() > 1)?;
    let squares: f64 = values.iter().map(|value| (value - centre).powi(2)).sum();
    Some((squares / (values.len() - 1) as f64).sqrt())
}

/// Median, the mean of the middle two for an even count; `None` of nothing, NaN if a value is NaN.
#[must_use]
pub fn median(values: &[f64]) -> Option<f64> {
    if values.iter().any(|value| value.is_nan()) {
        return Some(f64::NAN);
    }
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    quantile(&sorted, 0.5)
}

/// Quantile of ascending values with linear interpolation between order statistics.
fn quantile(sorted: &[f64], fraction: f64) -> Option<f64> {
    let position = fraction.clamp(0.0, 1.0) * sorted.len().checked_sub(1)? as f64;
    let below = position.floor();
    let low = sorted.get(below as usize)?;
    let high = sorted.get(position.ceil() as usize)?;
    Some(low + (high - low) * (position - below))
}

/// A two-sided interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// How an interval is resampled.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bootstrap {
    /// Number of resamples; 10 000 gives the ends of a 95 % interval to about 1 % of its width.
    pub resamples: usize,
    /// Confidence level between 0 and 1.
    pub level: f64,
    /// Seed of the [`SplitMix64`] stream.
    pub seed: u64,
}

impl Default for Bootstrap {
    fn default() -> Self {
        Self {
            resamples: 10_000,
            level: 0.95,
            seed: 0,
        }
    }
}

impl Bootstrap {
    /// Percentile interval (Efron 1979) of the mean of yes-or-no outcomes, such as an accuracy.
    /// `None` without outcomes or resamples.
    #[must_use]
    pub fn mean_interval(&self, outcomes: &[bool]) -> Option<Interval> {
        let values: Vec<f64> = outcomes.iter().map(|&outcome| f64::from(outcome)).collect();
        self.interval(&values)
    }

    /// Percentile interval of `mean(first) − mean(second)` where both judge the same items:
    /// items are resampled, pairs stay together, and what both share cancels.
    ///
    /// # Panics
    /// If the two differ in length.
    #[must_use]
    pub fn paired_difference_interval(&self, first: &[bool], second: &[bool]) -> Option<Interval> {
        assert_eq!(
            first.len(),
            second.len(),
            "paired outcomes differ in length"
        );
        let pairs = first.iter().zip(second);
        let differences: Vec<f64> = pairs.map(|(&a, &b)| f64::from(a) - f64::from(b)).collect();
        self.interval(&differences)
    }

    /// Percentile interval of the mean of any values. `None` without values or resamples.
    #[must_use]
    pub fn interval(&self, values: &[f64]) -> Option<Interval> {
        if values.is_empty() {
            return None;
        }
        let mut generator = SplitMix64::new(self.seed);
        let mut means: Vec<f64> = (0..self.resamples)
            .map(|_| resampled_mean(values, &mut generator))
            .collect();
        means.sort_by(f64::total_cmp);
        let tail = (1.0 - self.level) / 2.0;
        Some(Interval {
            low: quantile(&means, tail)?,
            high: quantile(&means, 1.0 - tail)?,
        })
    }
}

fn resampled_mean(values: &[f64], generator: &mut SplitMix64) -> f64 {
    let draws = (0..values.len()).map(|_| values[generator.below(values.len())]);
    draws.sum::<f64>() / values.len() as f64
}

/// Outcome of [`paired_permutation_test`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PermutationTest {
    /// Mean of `first − second`.
    pub mean_difference: f64,
    /// Two-sided p-value: how often exchanging the pair members at random gives a mean difference
    /// at least as large.
    pub p_value: f64,
    /// Whether all 2ⁿ exchanges were counted, rather than a sample of them.
    pub exact: bool,
}

/// Up to this many pairs every exchange is counted (2²⁰ of them).
const EXACT_PAIRS: usize = 20;

/// Two-sided paired permutation (sign-flip) test of two methods on the same items, such as
/// accuracies on several data sets.
///
/// Exact up to 20 pairs; beyond, `samples` random exchanges, with the observed one counted so that
/// p is never 0 (Phipson & Smyth 2010). With n pairs p is at least 2^{1−n}: five data sets cannot
/// reach 0.05. `None` without pairs, NaN in gives NaN.
///
/// # Panics
/// If the two differ in length.
#[must_use]
pub fn paired_permutation_test(
    first: &[f64],
    second: &[f64],
    samples: usize,
    seed: u64,
) -> Option<PermutationTest> {
    assert_eq!(first.len(), second.len(), "paired values differ in length");
    let differences: Vec<f64> = first.iter().zip(second).map(|(a, b)| a - b).collect();
    let mean_difference = mean(&differences)?;
    let exact = differences.len() <= EXACT_PAIRS;
    let p_value = match (mean_difference.is_finite(), exact) {
        (false, _) => f64::NAN,
        (true, true) => exact_p_value(&differences),
        (true, false) => sampled_p_value(&differences, samples, seed),
    };
    Some(PermutationTest {
        mean_difference,
        p_value,
        exact,
    })
}

/// What a sum must reach to count as "at least as large": a little less than the observed one, since
/// sums that are equal on paper differ by rounding.
fn threshold(differences: &[f64]) -> f64 {
    let magnitude: f64 = differences.iter().map(|difference| difference.abs()).sum();
    differences.iter().sum::<f64>().abs() - 1e-12 * magnitude
}

fn exact_p_value(differences: &[f64]) -> f64 {
    let threshold = threshold(differences);
    let exchanges = 1_u64 << differences.len();
    let extreme = (0..exchanges).filter(|&signs| {
        let pairs = differences.iter().enumerate();
        let flipped = pairs.map(|(bit, d)| if signs >> bit & 1 == 1 { -d } else { *d });
        flipped.sum::<f64>().abs() >= threshold
    });
    extreme.count() as f64 / exchanges as f64
}

fn sampled_p_value(differences: &[f64], samples: usize, seed: u64) -> f64 {
    let threshold = threshold(differences);
    let mut generator = SplitMix64::new(seed);
    let extreme = (0..samples).filter(|_| {
        let flipped = differences.iter().map(|d| {
            if generator.next_u64() >> 63 == 1 {
                -d
            } else {
                *d
            }
        });
        flipped.sum::<f64>().abs() >= threshold
    });
    (extreme.count() + 1) as f64 / (samples + 1) as f64
}
