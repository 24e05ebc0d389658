//! How much better one network is than another on the same test images.

use supcon_math::statistics::{Bootstrap, mean, paired_permutation_test};
use supcon_protocol::{Interval, ResultRow};

/// Resamples of the bootstrap, and exchanges of the permutation test.
const RESAMPLES: usize = 2_000;
/// An interval that is shown twice is the same twice.
const SEED: u64 = 0x5eed;

/// A difference of linear top-1, in [−1, 1].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Difference {
    /// With its paired 95 % bootstrap interval over images.
    pub interval: Interval,
    /// Of a permutation test over images.
    pub p_value: f64,
}

/// `first` minus `second`, each a network's results of one or more seeds: images are the independent items,
/// seeds are averaged. `None` where the two were not tested on as many images.
#[must_use]
pub fn difference(first: &[&ResultRow], second: &[&ResultRow]) -> Option<Difference> {
    let (first, second) = (mean_outcomes(first)?, mean_outcomes(second)?);
    if first.len() != second.len() {
        return None;
    }
    let gains: Vec<f64> = first.iter().zip(&second).map(|(a, b)| a - b).collect();
    let bootstrap = Bootstrap {
        resamples: RESAMPLES,
        level: 0.95,
        seed: SEED,
    };
    let ends = bootstrap.interval(&gains)?;
    // Exchanging equal outcomes changes nothing: only the others make the test.
    let unequal = first.into_iter().zip(second).filter(|(a, b)| a != b);
    let (first, second): (Vec<f64>, Vec<f64>) = unequal.unzip();
    let test = paired_permutation_test(&first, &second, RESAMPLES, SEED);
    Some(Difference {
        interval: Interval {
            value: mean(&gains)?,
            low: ends.low,
            high: ends.high,
        },
        p_value: test.map_or(1.0, |test| test.p_value),
    })
}

/// How often each image was classified rightly, over seeds.
fn mean_outcomes(rows: &[&ResultRow]) -> Option<Vec<f64>> {
    let images = rows.first()?.outcomes.len();
    let mut sums = vec![0.0; images];
    for row in rows {
        if row.outcomes.len() != images || images == 0 {
            return None;
        }
        for (sum, outcome) in sums.iter_mut().zip(row.outcomes.bytes()) {
            *sum += f64::from(outcome == b'1') / rows.len() as f64;
        }
    }
    Some(sums)
}

/// Differences asked for so far: the bootstrap takes longer than a frame may.
#[derive(Debug, Default)]
pub struct Differences {
    known: Vec<(String, Option<Difference>)>,
}

impl Differences {
    /// The difference of that name, computed when it is asked for the first time. The name says which rows
    /// went into it.
    pub fn get(
        &mut self,
        name: String,
        make: impl FnOnce() -> Option<Difference>,
    ) -> Option<Difference> {
        if let Some((_, known)) = self.known.iter().find(|(known, _)| *known == name) {
            return *known;
        }
        let difference = make();
        self.known.push((name, difference));
        difference
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use supcon_protocol::{Accuracy, ConfusionMatrix, Subject};

    fn row(outcomes: String) -> ResultRow {
        let interval = Interval {
            value: 0.0,
            low: 0.0,
            high: 0.0,
        };
        let accuracy = Accuracy {
            top1: interval,
            top5: interval,
        };
        ResultRow {
            subject: Subject::RandomEncoder,
            seed: 0,
            linear: accuracy,
            knn: accuracy,
            confusion: ConfusionMatrix { counts: Vec::new() },
            images: outcomes.len(),
            outcomes,
            class_mean: None,
            calibration: None,
            geometry: Vec::new(),
            mistakes: None,
        }
    }

    /// Half of 400 images are gained: by the normal approximation ±1.96·√(0.25/400) = ±0.049.
    #[test]
    fn half_of_the_images_gained_is_a_half_give_or_take_five_percent() {
        let all = row("1".repeat(400));
        let half = row("10".repeat(200));
        let found = difference(&[&all], &[&half]).unwrap();
        assert_eq!(found.interval.value, 0.5);
        assert!((found.interval.high - 0.549).abs() < 0.005, "{found:?}");
        assert!((found.interval.low - 0.451).abs() < 0.005, "{found:?}");
        assert!(found.p_value < 0.001);
        assert_eq!(difference(&[&all], &[&row("1".into())]), None);
    }
}
