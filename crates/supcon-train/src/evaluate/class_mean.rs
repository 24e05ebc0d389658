use super::{Features, Ranking};

/// Classes of each query by the cosine between its features and the class's mean, the mean of the
/// unit-length bank rows of the class (Mensink et al. 2013; the mean classifier of Arora et al. 2019,
/// arXiv:1902.09229, §3). A class without a bank row comes last.
#[must_use]
pub fn class_mean_ranking(
    queries: &Features,
    bank: &Features,
    bank_labels: &[u32],
    n_classes: usize,
) -> Ranking {
    let means = class_means(bank, bank_labels, n_classes);
    let score = |query: &[f32], mean: &Option<Vec<f32>>| {
        mean.as_ref().map_or(f32::NEG_INFINITY, |mean| {
            query.iter().zip(mean).map(|(a, b)| a * b).sum()
        })
    };
    // A query's own length changes no order.
    let scores: Vec<f32> = (0..queries.rows())
        .flat_map(|i| means.iter().map(move |mean| score(queries.row(i), mean)))
        .collect();
    Ranking::from_scores(&scores, n_classes)
}

/// Unit-length mean direction of each class.
fn class_means(bank: &Features, labels: &[u32], n_classes: usize) -> Vec<Option<Vec<f32>>> {
    let mut sums = vec![None; n_classes];
    for (i, &label) in labels.iter().enumerate() {
        let row = bank.row(i);
        let length = length_of(row);
        let sum = sums[label as usize].get_or_insert_with(|| vec![0.0; bank.len]);
        for (total, value) in sum.iter_mut().zip(row) {
            *total += f64::from(*value) / length;
        }
    }
    let unit = |sum: Vec<f64>| {
        let length = sum.iter().map(|x| x * x).sum::<f64>().sqrt();
        let length = length.max(f64::MIN_POSITIVE);
        sum.iter().map(|x| (x / length) as f32).collect()
    };
    sums.into_iter().map(|sum| sum.map(unit)).collect()
}

/// Never 0: a row of zeros has no direction and adds none.
fn length_of(row: &[f32]) -> f64 {
    let squares = row.iter().map(|&x| f64::from(x) * f64::from(x));
    squares.sum::<f64>().sqrt().max(f64::MIN_POSITIVE)
}

#[cfg(test)]
mod tests {
    use super::class_mean_ranking;
    use crate::evaluate::Features;

    fn features(values: &[f32]) -> Features {
        Features {
            values: values.to_vec(),
            len: 2,
        }
    }

    #[test]
    fn directions_count_and_lengths_do_not() {
        // Class 0 along x, with one very long row off it; class 1 along y; class 2 has no row.
        let bank = features(&[1.0, 0.0, 1.0, 0.0, 50.0, 50.0, 0.0, 0.1]);
        let queries = features(&[0.001, 0.0, 3.0, 9.0, 0.0, 0.0]);
        let ranking = class_mean_ranking(&queries, &bank, &[0, 0, 0, 1], 3);
        assert_eq!(ranking.predictions().collect::<Vec<_>>(), [0, 1, 0]);
        assert!((ranking.top1(&[0, 1, 1]) - 2.0 / 3.0).abs() < 1e-12);
    }
}
