//! A second opinion: the definitions written out with plain sums of exponentials, no log-sum-exp, no
//! shared code but the hash.

use supcon_math::{Candidates, Denominator, Objective, Positives, Summation, loss, pair_hash};

use crate::support::{Embeddings, all_objectives, assert_close, random_batch};

fn naive_loss(objective: &Objective, rows: &Embeddings, columns: Option<&Embeddings>) -> f64 {
    let others = columns.unwrap_or(rows);
    let losses: Vec<f64> = (0..rows.len())
        .filter_map(|i| {
            let candidates: Vec<usize> = (0..others.len())
                .filter(|&j| columns.is_some() || j != i)
                .collect();
            naive_row(objective, rows, others, i, &candidates)
        })
        .collect();
    losses.iter().sum::<f64>() / losses.len().max(1) as f64
}

fn naive_row(
    objective: &Objective,
    rows: &Embeddings,
    others: &Embeddings,
    i: usize,
    candidates: &[usize],
) -> Option<f64> {
    let same_class = |j: &usize| rows.labels[i] == others.labels[*j];
    let is_positive = |j: &usize| match objective.positives {
        Positives::SameLabel => same_class(j),
        Positives::OtherView => rows.instances[i] == others.instances[*j],
    };
    let (mut positives, mut negatives): (Vec<usize>, Vec<usize>) =
        candidates.iter().partition(|j| is_positive(j));
    if let Some(cap) = objective.positives_cap {
        let (own, mut other): (Vec<usize>, Vec<usize>) = positives
            .into_iter()
            .partition(|&j| rows.instances[i] == others.instances[j]);
        other.sort_by_key(|&j| pair_hash(i as u32, j as u32));
        positives = [own.as_slice(), &other[..cap.min(other.len())]].concat();
    }
    if objective.candidates == Candidates::DropSameClass {
        negatives.retain(|j| !same_class(j));
    }
    let no_contrast = objective.denominator == Denominator::OnlyNegatives && negatives.is_empty();
    if positives.is_empty() || no_contrast {
        return None;
    }
    let exp = |j: &usize| {
        let dot: f64 = rows
            .row(i)
            .iter()
            .zip(others.row(*j))
            .map(|(a, b)| a * b)
            .sum();
        (dot / objective.temperature).exp()
    };
    let negative_sum: f64 = negatives.iter().map(exp).sum();
    let denominator = |p: &usize| match objective.denominator {
        Denominator::All => negative_sum + positives.iter().map(exp).sum::<f64>(),
        Denominator::OnePositive => negative_sum + exp(p),
        Denominator::OnlyNegatives => negative_sum,
    };
    let shares: Vec<f64> = positives.iter().map(|p| exp(p) / denominator(p)).collect();
    let count = positives.len() as f64;
    Some(match objective.summation {
        Summation::Out => -shares.iter().map(|share| share.ln()).sum::<f64>() / count,
        Summation::In => -(shares.iter().sum::<f64>() / count).ln(),
    })
}

#[test]
fn every_mode_equals_the_plain_definition() {
    for seed in 0..10 {
        for temperature in [0.07, 0.5, 1.0] {
            let rows = random_batch(seed, 5, 2, 4, 3);
            let queue = random_batch(seed + 100, 7, 1, 4, 3);
            for objective in all_objectives(temperature) {
                let own = loss(&objective, &rows.anchors(), None).loss;
                assert_close(own, naive_loss(&objective, &rows, None), 1e-11);
                let queued = loss(&objective, &rows.anchors(), Some(&queue.columns())).loss;
                assert_close(queued, naive_loss(&objective, &rows, Some(&queue)), 1e-11);
            }
        }
    }
}

#[test]
fn one_view_batches_equal_the_plain_definition() {
    for seed in 0..20 {
        let rows = random_batch(seed, 6, 1, 3, 4);
        for objective in all_objectives(0.2) {
            let value = loss(&objective, &rows.anchors(), None).loss;
            assert_close(value, naive_loss(&objective, &rows, None), 1e-11);
        }
    }
}
