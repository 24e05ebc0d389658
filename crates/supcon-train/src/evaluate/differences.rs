use super::accuracy::interval_of_mean;
use supcon_protocol::{PairedDifference, ResultRow, Subject};

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
    let pairs: Vec<(&ResultRow, &ResultRow)> = of(subject)
        .filter_map(|row| {
            of(baseline)
                .find(|other| other.seed == row.seed)
                .map(|other| (row, other))
        })
        .collect();
    let images = pairs.first()?.0.images;
    // Averaged over seeds, image by image: images are the independent items, seeds share them.
    let mut gains = vec![0.0; images];
    for (row, other) in &pairs {
        for ((gain, a), b) in gains
            .iter_mut()
            .zip(row.outcomes.bytes())
            .zip(other.outcomes.bytes())
        {
            *gain += (f64::from(a) - f64::from(b)) / pairs.len() as f64;
        }
    }
    let difference = interval_of_mean(&gains, resamples);
    Some(PairedDifference {
        subject,
        baseline,
        difference,
        seeds: pairs.len(),
    })
}
