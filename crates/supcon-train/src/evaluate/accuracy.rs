use supcon_math::statistics::Bootstrap;
use supcon_protocol::{Accuracy, ConfusionMatrix, Interval, ResultRow, Subject};

/// Guesses that count for top-5.
const TOP: usize = 5;

/// The first guesses of a classifier for each image, best first.
#[derive(Clone, Debug)]
pub struct Ranking {
    guesses: Vec<Vec<u32>>,
}

impl Ranking {
    /// From scores `[n, n_classes]`; of equal scores the lower class comes first.
    #[must_use]
    pub fn from_scores(scores: &[f32], n_classes: usize) -> Self {
        let rank = |row: &[f32]| {
            let mut classes: Vec<u32> = (0..n_classes as u32).collect();
            classes.sort_by(|&a, &b| row[b as usize].total_cmp(&row[a as usize]));
            classes.truncate(TOP);
            classes
        };
        Self {
            guesses: scores.chunks_exact(n_classes).map(rank).collect(),
        }
    }

    /// The first guess for each image.
    pub fn predictions(&self) -> impl Iterator<Item = u32> + '_ {
        self.guesses.iter().map(|guesses| guesses[0])
    }

    /// Share of images whose first guess is right.
    #[must_use]
    pub fn top1(&self, labels: &[u32]) -> f64 {
        let right = self
            .predictions()
            .zip(labels)
            .filter(|(guess, label)| guess == *label)
            .count();
        right as f64 / labels.len().max(1) as f64
    }

    fn outcomes(&self, labels: &[u32], top: usize) -> Vec<bool> {
        let among = |(guesses, label): (&Vec<u32>, &u32)| {
            guesses.iter().take(top).any(|guess| guess == label)
        };
        self.guesses.iter().zip(labels).map(among).collect()
    }

    pub(crate) fn accuracy(&self, labels: &[u32], resamples: usize) -> Accuracy {
        let interval = |top| {
            let outcomes = self.outcomes(labels, top).into_iter().map(f64::from);
            interval_of_mean(&outcomes.collect::<Vec<_>>(), resamples)
        };
        Accuracy {
            top1: interval(1),
            top5: interval(TOP),
        }
    }

    fn confusion(&self, labels: &[u32], n_classes: usize) -> ConfusionMatrix {
        let mut counts = vec![vec![0; n_classes]; n_classes];
        for (guess, &label) in self.predictions().zip(labels) {
            counts[label as usize][guess as usize] += 1;
        }
        ConfusionMatrix { counts }
    }
}

/// A network's row in the table of results: the accuracies that every row has.
#[must_use]
pub fn result_row(
    subject: Subject,
    seed: u64,
    linear: &Ranking,
    knn: &Ranking,
    labels: &[u32],
    n_classes: usize,
    resamples: usize,
) -> ResultRow {
    let outcomes = linear.outcomes(labels, 1);
    ResultRow {
        subject,
        seed,
        linear: linear.accuracy(labels, resamples),
        knn: knn.accuracy(labels, resamples),
        confusion: linear.confusion(labels, n_classes),
        outcomes: outcomes
            .iter()
            .map(|&right| if right { '1' } else { '0' })
            .collect(),
        images: labels.len(),
        class_mean: None,
        calibration: None,
        geometry: Vec::new(),
        mistakes: None,
    }
}

/// The mean with its 95 % percentile bootstrap interval. The seed is fixed: an interval is part of
/// the result and must repeat.
pub(crate) fn interval_of_mean(values: &[f64], resamples: usize) -> Interval {
    let mean = supcon_math::statistics::mean(values).unwrap_or(f64::NAN);
    let bootstrap = Bootstrap {
        resamples,
        level: 0.95,
        seed: 0x5eed,
    };
    let (low, high) = bootstrap
        .interval(values)
        .map_or((mean, mean), |ends| (ends.low, ends.high));
    Interval {
        value: mean,
        low,
        high,
    }
}
