use super::accuracy::interval_of_mean;
use supcon_math::statistics::paired_permutation_test;
use supcon_protocol::{Interval, PairedDifference, PermutationResult, ResultRow, Subject};

/// A test is part of the result and must repeat.
const PERMUTATION_SEED: u64 = 0x5eed;

/// Every method against every later one of the table, on the same test images, seeds pooled. No
/// ordering is claimed without these.
#[must_use]
pub fn paired_differences(results: &[ResultRow], resamples: usize) -> Vec<PairedDifference> {
    let mut subjects: Vec<Subject> = Vec::new();
    for row in results {
        if row.subject != Subject::RandomEncoder && !subjects.contains(&row.subject) {
            subjects.push(row.subject);
        }
    }
    let mut differences = Vec::new();
    for (at, &subject) in subjects.iter().enumerate() {
        for &baseline in &subjects[at + 1..] {
            differences.extend(paired_difference(results, subject, baseline, resamples));
        }
    }
    differences
}

fn paired_difference(
    results: &[ResultRow],
    subject: Subject,
    baseline: Subject,
    resamples: usize,
) -> Option<PairedDifference> {
    let of = |subject: Subject| results.iter().filter(move |row| row.subject == subject);
    let (first, second): (Vec<&ResultRow>, Vec<&ResultRow>) = of(subject)
        .filter_map(|row| Some((row, of(baseline).find(|other| other.seed == row.seed)?)))
        .unzip();
    let found = compare_outcomes(&first, &second, resamples)?;
    Some(PairedDifference {
        subject,
        baseline,
        difference: found.difference,
        seeds: first.len(),
        image_test: Some(found.image_test),
        seed_test: paired_seed_test(&first, &second, resamples),
    })
}

/// Two networks on the same test images, each averaged over its seeds.
pub(crate) struct OutcomeComparison {
    /// Of top-1, with a bootstrap interval over images.
    pub(crate) difference: Interval,
    /// Over images.
    pub(crate) image_test: PermutationResult,
}

/// Compares what two networks said of the same images, image by image: images are the independent
/// items, seeds share them. `None` without rows, without images, or if the numbers of images differ.
pub(crate) fn compare_outcomes(
    first: &[&ResultRow],
    second: &[&ResultRow],
    resamples: usize,
) -> Option<OutcomeComparison> {
    let (first, second) = (mean_outcomes(first)?, mean_outcomes(second)?);
    if first.len() != second.len() {
        return None;
    }
    let gains: Vec<f64> = first.iter().zip(&second).map(|(a, b)| a - b).collect();
    // Exchanging equal outcomes changes nothing: only the others make the test.
    let (first, second): (Vec<f64>, Vec<f64>) = first
        .into_iter()
        .zip(second)
        .filter(|(a, b)| a != b)
        .unzip();
    Some(OutcomeComparison {
        difference: interval_of_mean(&gains, resamples),
        image_test: permutation(&first, &second, resamples),
    })
}

/// Permutation test over the top-1 of networks paired by seed; `None` for fewer than two.
pub(crate) fn paired_seed_test(
    first: &[&ResultRow],
    second: &[&ResultRow],
    samples: usize,
) -> Option<PermutationResult> {
    let top1 = |rows: &[&ResultRow]| rows.iter().map(|row| row.linear.top1.value).collect();
    let (first, second): (Vec<f64>, Vec<f64>) = (top1(first), top1(second));
    (first.len() > 1).then(|| permutation(&first, &second, samples))
}

/// Without pairs nothing can differ: p = 1.
fn permutation(first: &[f64], second: &[f64], samples: usize) -> PermutationResult {
    let pairs = first.len();
    let test = paired_permutation_test(first, second, samples, PERMUTATION_SEED);
    let (p_value, exact) = test.map_or((1.0, true), |test| (test.p_value, test.exact));
    let least = if exact {
        2_f64.powi(1 - pairs.max(1) as i32)
    } else {
        1.0 / (samples + 1) as f64
    };
    PermutationResult {
        p_value,
        least,
        exact,
        pairs,
    }
}

/// Share of the rows that were right about each image.
fn mean_outcomes(rows: &[&ResultRow]) -> Option<Vec<f64>> {
    let images = rows.first()?.outcomes.len();
    if images == 0 || rows.iter().any(|row| row.outcomes.len() != images) {
        return None;
    }
    let mut right = vec![0.0; images];
    for row in rows {
        for (share, outcome) in right.iter_mut().zip(row.outcomes.bytes()) {
            *share += f64::from(outcome == b'1');
        }
    }
    right
        .iter_mut()
        .for_each(|share| *share /= rows.len() as f64);
    Some(right)
}

#[cfg(test)]
mod tests {
    use super::paired_differences;
    use crate::evaluate::{Ranking, result_row};
    use supcon_protocol::{Method, ResultRow, Subject};

    /// A network that is right where the digit is 1.
    fn row(method: Method, seed: u64, outcomes: &str) -> ResultRow {
        let scores: Vec<f32> = outcomes
            .bytes()
            .flat_map(|right| {
                if right == b'1' {
                    [1.0, 0.0]
                } else {
                    [0.0, 1.0]
                }
            })
            .collect();
        let ranking = Ranking::from_scores(&scores, 2);
        let labels = vec![0; outcomes.len()];
        result_row(
            Subject::Trained(method),
            seed,
            &ranking,
            &ranking,
            &labels,
            2,
            500,
        )
    }

    #[test]
    fn seven_images_gained_and_one_lost() {
        let rows = [
            row(Method::Supcon, 0, "1111111101111111"),
            row(Method::CrossEntropy, 0, "0000000111111111"),
        ];
        let found = &paired_differences(&rows, 500)[0];
        assert!((found.difference.value - 6.0 / 16.0).abs() < 1e-12);
        assert!(found.difference.low > 0.0);
        // McNemar's exact test of 8 discordant images: P(≤ 1 or ≥ 7 of 8 at 1/2) = 18/256.
        let test = found.image_test.unwrap();
        assert!(test.exact && test.pairs == 8, "{test:?}");
        assert!((test.p_value - 18.0 / 256.0).abs() < 1e-12, "{test:?}");
        assert!(found.seed_test.is_none());
    }

    #[test]
    fn three_seeds_cannot_show_less_than_a_quarter() {
        let mut rows = Vec::new();
        for seed in 0..3 {
            rows.push(row(Method::Supcon, seed, "1110"));
            rows.push(row(Method::CrossEntropy, seed, "1000"));
        }
        let found = &paired_differences(&rows, 500)[0];
        let test = found.seed_test.unwrap();
        assert_eq!((test.p_value, test.least, test.pairs), (0.25, 0.25, 3));
        assert_eq!(found.seeds, 3);
    }

    #[test]
    fn the_same_outcomes_differ_in_nothing() {
        let rows = [
            row(Method::Supcon, 0, "1010"),
            row(Method::Simclr, 0, "1010"),
        ];
        let found = &paired_differences(&rows, 500)[0];
        assert_eq!(found.difference.value, 0.0);
        assert_eq!(found.image_test.unwrap().p_value, 1.0);
    }
}
