//! Laws that hold for every batch.

use proptest::prelude::*;
use supcon_math::{
    Objective, Role, Summation, gradient, gradient_through_normalization, loss, pairs,
    soft_gradient, soft_loss,
};

use crate::support::{Embeddings, all_objectives, random_batch, relative_error};

fn batches() -> impl Strategy<Value = Embeddings> {
    (any::<u64>(), 1_usize..6, 1_usize..4, 2_usize..6, 1_usize..5).prop_map(
        |(seed, images, views, dim, classes)| random_batch(seed, images, views, dim, classes),
    )
}

/// Objectives whose choice of positives does not depend on row indices.
fn uncapped(temperature: f64) -> impl Iterator<Item = Objective> {
    all_objectives(temperature)
        .into_iter()
        .filter(|objective| objective.positives_cap.is_none())
}

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-11 * (1.0 + b.abs())
}

/// Mirrors every row at the hyperplane orthogonal to (1, 2, 3, …).
fn reflect(z: &[f64], dim: usize) -> Vec<f64> {
    let normal: Vec<f64> = (1..=dim).map(|d| d as f64).collect();
    let length: f64 = normal.iter().map(|n| n * n).sum();
    let mirror = |row: &[f64]| -> Vec<f64> {
        let along = 2.0 * row.iter().zip(&normal).map(|(a, b)| a * b).sum::<f64>() / length;
        row.iter()
            .zip(&normal)
            .map(|(a, b)| a - along * b)
            .collect()
    };
    z.chunks(dim).flat_map(mirror).collect()
}

proptest! {
    #[test]
    fn the_sum_inside_is_never_above_the_sum_outside(batch in batches()) {
        for objective in all_objectives(0.1) {
            let out = Objective { summation: Summation::Out, ..objective };
            let inside = Objective { summation: Summation::In, ..objective };
            let (out, inside) = (loss(&out, &batch.anchors(), None), loss(&inside, &batch.anchors(), None));
            for (out, inside) in out.rows.iter().zip(&inside.rows) {
                prop_assert!(inside.loss <= out.loss + 1e-12 * (1.0 + out.loss.abs()));
            }
        }
    }

    #[test]
    fn the_order_of_rows_does_not_matter(batch in batches(), shift in 0_usize..20) {
        let n = batch.len();
        let order: Vec<usize> = (0..n).rev().map(|row| (row + shift) % n).collect();
        let moved = batch.select(&order);
        for objective in uncapped(0.1) {
            let value = loss(&objective, &batch.anchors(), None).loss;
            prop_assert!(close(loss(&objective, &moved.anchors(), None).loss, value));
            let original = Embeddings { z: gradient(&objective, &batch.anchors(), None), ..batch.clone() };
            let expected = original.select(&order).z;
            let actual = gradient(&objective, &moved.anchors(), None);
            prop_assert!(actual.iter().zip(&expected).all(|(a, b)| close(*a, *b)));
        }
    }

    #[test]
    fn the_names_of_classes_do_not_matter(batch in batches()) {
        let labels = batch.labels.iter().map(|label| u32::MAX - label * 65_537).collect();
        let renamed = Embeddings { labels, ..batch.clone() };
        for objective in all_objectives(0.1) {
            prop_assert_eq!(
                loss(&objective, &batch.anchors(), None),
                loss(&objective, &renamed.anchors(), None)
            );
        }
    }

    #[test]
    fn a_rotation_turns_the_gradient_and_keeps_the_loss(batch in batches()) {
        let turned = Embeddings { z: reflect(&batch.z, batch.dim), ..batch.clone() };
        for objective in all_objectives(0.1) {
            let value = loss(&objective, &batch.anchors(), None).loss;
            prop_assert!(close(loss(&objective, &turned.anchors(), None).loss, value));
            let expected = reflect(&gradient(&objective, &batch.anchors(), None), batch.dim);
            let actual = gradient(&objective, &turned.anchors(), None);
            prop_assert!(actual.iter().zip(&expected).all(|(a, b)| close(*a, *b)));
        }
    }

    #[test]
    fn one_positive_makes_all_three_losses_equal(seed: u64, images in 1_usize..6) {
        let mut batch = random_batch(seed, images, 2, 4, 1);
        batch.labels.clone_from(&batch.instances);
        let of = |objective: Objective| loss(&objective, &batch.anchors(), None).loss;
        prop_assert!(close(of(Objective::supcon_in(0.1)), of(Objective::supcon(0.1))));
        prop_assert!(close(of(Objective::nt_xent(0.1)), of(Objective::supcon(0.1))));
    }

    #[test]
    fn the_normalised_gradient_is_orthogonal_to_the_row(batch in batches()) {
        for objective in all_objectives(0.1) {
            let free = gradient(&objective, &batch.anchors(), None);
            let tangential = gradient_through_normalization(&batch.z, &free, batch.dim);
            for (g, z) in tangential.chunks(batch.dim).zip(batch.z.chunks(batch.dim)) {
                let radial: f64 = g.iter().zip(z).map(|(a, b)| a * b).sum();
                prop_assert!(radial.abs() <= 1e-11);
            }
        }
    }

    /// Anchors twice against fixed columns: the same mean, shared by twice as many rows.
    #[test]
    fn duplicated_anchors_share_the_gradient(batch in batches(), seed: u64) {
        let queue = random_batch(seed, 7, 1, batch.dim, 3);
        let twice: Vec<usize> = (0..batch.len()).chain(0..batch.len()).collect();
        let doubled = batch.select(&twice);
        for objective in uncapped(0.1) {
            let columns = queue.columns();
            let value = loss(&objective, &batch.anchors(), Some(&columns));
            let both = loss(&objective, &doubled.anchors(), Some(&columns));
            prop_assert!(close(both.loss, value.loss));
            prop_assert_eq!(both.valid_anchors, 2 * value.valid_anchors);
            let single = gradient(&objective, &batch.anchors(), Some(&columns));
            let halves = gradient(&objective, &doubled.anchors(), Some(&columns));
            for (index, half) in halves.iter().enumerate() {
                prop_assert!(close(2.0 * half, single[index % single.len()]));
            }
        }
    }

    /// Views twice: every term of a row counts twice, and the row's own copy joins its positives.
    #[test]
    fn doubled_views_have_a_closed_form(batch in batches()) {
        let (n, temperature) = (batch.len(), 0.5_f64);
        let twice: Vec<usize> = (0..n).chain(0..n).collect();
        let doubled = loss(&Objective::supcon(temperature), &batch.select(&twice).anchors(), None);
        let single = loss(&Objective::supcon(temperature), &batch.anchors(), None);
        prop_assert_eq!(doubled.valid_anchors, 2 * n);
        for (index, row) in doubled.rows.iter().enumerate() {
            let once = &single.rows[index % n];
            let own = 1.0 / temperature;
            let denominator = (2.0 * once.log_denominator.exp() + own.exp()).ln();
            let count = once.positive_count as f64;
            let positives = (2.0 * count * once.positive_mean_logit + own) / (2.0 * count + 1.0);
            prop_assert!(close(row.loss, denominator - positives));
        }
    }

    #[test]
    fn pair_weights_add_up_to_the_gradient(batch in batches()) {
        let (n, dim) = (batch.len(), batch.dim);
        for objective in all_objectives(0.1) {
            let mut sum = vec![0.0; n * dim];
            for i in 0..n {
                for pair in pairs(&objective, &batch.anchors(), None, i) {
                    let j = pair.column;
                    for d in 0..dim {
                        sum[i * dim + d] += pair.gradient_weight * batch.z[j * dim + d];
                        sum[j * dim + d] += pair.gradient_weight * batch.z[i * dim + d];
                    }
                }
            }
            let expected = gradient(&objective, &batch.anchors(), None);
            prop_assert!(sum.iter().zip(&expected).all(|(a, b)| close(*a, *b)));
        }
    }

    #[test]
    fn probabilities_and_targets_are_distributions(batch in batches()) {
        for objective in all_objectives(0.1) {
            let rows = loss(&objective, &batch.anchors(), None).rows;
            for (i, row) in rows.iter().enumerate().filter(|(_, row)| row.valid) {
                let pairs = pairs(&objective, &batch.anchors(), None, i);
                let p: f64 = pairs.iter().map(|pair| pair.probability).sum();
                let x: f64 = pairs.iter().map(|pair| pair.target).sum();
                prop_assert!(close(p, 1.0) && close(x, 1.0), "{objective:?} {p} {x}");
                prop_assert_eq!(pairs[i].role, Role::Itself);
                let positives = pairs.iter().filter(|pair| pair.role == Role::Positive).count();
                prop_assert_eq!(positives, row.positive_count);
            }
        }
    }

    /// Hard targets written as weights give `L_out`, and a common factor of a row's weights nothing.
    #[test]
    fn soft_targets_contain_the_hard_ones(batch in batches(), factor in 0.1_f64..10.0) {
        let n = batch.len();
        let same = |index: usize| f64::from(batch.labels[index / n] == batch.labels[index % n]);
        let weights: Vec<f64> = (0..n * n).map(|index| factor * same(index)).collect();
        let hard = loss(&Objective::supcon(0.1), &batch.anchors(), None);
        let soft = soft_loss(0.1, &batch.anchors(), None, &weights);
        prop_assert!(close(soft.loss, hard.loss));
        prop_assert_eq!(soft.valid_anchors, hard.valid_anchors);
        let expected = gradient(&Objective::supcon(0.1), &batch.anchors(), None);
        let actual = soft_gradient(0.1, &batch.anchors(), None, &weights);
        prop_assert!(actual.iter().zip(&expected).all(|(a, b)| close(*a, *b)));
    }

    /// With one positive the denominator of one positive is the whole one.
    #[test]
    fn gradients_of_the_same_loss_agree(seed: u64) {
        let batch = random_batch(seed, 4, 2, 3, 2);
        let all = Objective::nt_xent(0.1);
        let one = Objective { denominator: supcon_math::Denominator::OnePositive, ..all };
        let expected = gradient(&all, &batch.anchors(), None);
        let actual = gradient(&one, &batch.anchors(), None);
        prop_assert!(relative_error(&actual, &expected) < 1e-11);
    }
}
