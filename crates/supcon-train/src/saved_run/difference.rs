use crate::evaluate::interval_of_mean;
use supcon_protocol::{Interval, ResultRow, Subject};

/// How much better the classifier of `subject` in one run is than that of `baseline` in another, in
/// top-1 on the same test images, with a paired bootstrap interval over the images. Each side is
/// averaged over its seeds, which need not be the same. `None` where one of them has no results, or
/// the test images differ in number.
#[must_use]
pub fn difference_between_runs(
    (results, subject): (&[ResultRow], Subject),
    (baseline_results, baseline): (&[ResultRow], Subject),
    resamples: usize,
) -> Option<Interval> {
    let ours = mean_outcomes(results, subject)?;
    let theirs = mean_outcomes(baseline_results, baseline)?;
    if ours.len() != theirs.len() {
        return None;
    }
    let gains: Vec<f64> = ours.iter().zip(&theirs).map(|(a, b)| a - b).collect();
    Some(interval_of_mean(&gains, resamples))
}

/// Share of the seeds that were right, image by image.
fn mean_outcomes(results: &[ResultRow], subject: Subject) -> Option<Vec<f64>> {
    let rows: Vec<&ResultRow> = results.iter().filter(|r| r.subject == subject).collect();
    let images = rows.first()?.images;
    let mut shares = vec![0.0; images];
    for row in &rows {
        if row.outcomes.len() != images {
            return None;
        }
        for (share, outcome) in shares.iter_mut().zip(row.outcomes.bytes()) {
            *share += f64::from(u8::from(outcome == b'1')) / rows.len() as f64;
        }
    }
    Some(shares)
}

#[cfg(test)]
mod tests {
    use super::*;
    use supcon_protocol::{Accuracy, ConfusionMatrix, Method};

    fn row(seed: u64, outcomes: &str) -> ResultRow {
        let nothing = Interval {
            value: 0.0,
            low: 0.0,
            high: 0.0,
        };
        let accuracy = Accuracy {
            top1: nothing,
            top5: nothing,
        };
        ResultRow {
            subject: Subject::Trained(Method::Supcon),
            seed,
            linear: accuracy,
            knn: accuracy,
            confusion: ConfusionMatrix { counts: Vec::new() },
            outcomes: outcomes.to_owned(),
            images: outcomes.len(),
        }
    }

    #[test]
    fn seeds_are_averaged_before_images_are_paired() {
        let supcon = Subject::Trained(Method::Supcon);
        let ours = [row(0, "1111"), row(1, "1100")];
        let theirs = [row(7, "1000")];
        let difference = difference_between_runs((&ours, supcon), (&theirs, supcon), 200).unwrap();
        // (0 + 1 + 0.5 + 0.5) / 4
        assert!((difference.value - 0.5).abs() < 1e-12);
        assert!(difference.low >= 0.0 && difference.high <= 1.0);
        let other = [row(0, "10")];
        assert!(difference_between_runs((&ours, supcon), (&other, supcon), 200).is_none());
        let simclr = Subject::Trained(Method::Simclr);
        assert!(difference_between_runs((&ours, simclr), (&theirs, supcon), 200).is_none());
    }
}
