//! Degenerate batches and poisoned numbers.

use supcon_math::{
    Columns, Denominator, Objective, Role, gradient, gradient_through_normalization, loss,
    pair_hash, pairs, soft_gradient, soft_loss,
};

use crate::support::{Embeddings, all_objectives, assert_close, random_batch};

fn batch(z: &[f64], dim: usize, labels: &[u32]) -> Embeddings {
    Embeddings {
        z: z.to_vec(),
        dim,
        labels: labels.to_vec(),
        instances: (0..labels.len() as u32).collect(),
    }
}

#[test]
fn one_row_or_none_is_no_contrast() {
    for labels in [&[][..], &[7][..]] {
        let rows = batch(&vec![0.6; labels.len() * 2], 2, labels);
        for objective in all_objectives(0.1) {
            let value = loss(&objective, &rows.anchors(), None);
            assert_eq!((value.loss, value.valid_anchors), (0.0, 0));
            assert!(
                gradient(&objective, &rows.anchors(), None)
                    .iter()
                    .all(|&g| g == 0.0)
            );
        }
    }
}

#[test]
fn anchors_without_positives_give_exactly_zero() {
    let mut rows = random_batch(1, 5, 1, 3, 1);
    rows.labels = vec![0, 1, 2, 3, u32::MAX];
    let value = loss(&Objective::supcon(0.1), &rows.anchors(), None);
    assert_eq!((value.loss, value.valid_anchors), (0.0, 0));
    assert!(
        gradient(&Objective::supcon(0.1), &rows.anchors(), None)
            .iter()
            .all(|&g| g == 0.0)
    );
    let zeros = vec![0.0; 25];
    assert_eq!(
        soft_loss(0.1, &rows.anchors(), None, &zeros).valid_anchors,
        0
    );
    assert!(
        soft_gradient(0.1, &rows.anchors(), None, &zeros)
            .iter()
            .all(|&g| g == 0.0)
    );
}

#[test]
fn an_invalid_anchor_still_repels_the_others() {
    let rows = random_batch(2, 3, 1, 3, 1);
    let rows = Embeddings {
        labels: vec![0, 0, 1],
        ..rows
    };
    let gradient = gradient(&Objective::supcon(0.1), &rows.anchors(), None);
    assert!(gradient[6..].iter().any(|&g| g != 0.0));
}

#[test]
fn no_negatives_leave_nothing_to_decouple() {
    let rows = random_batch(3, 3, 2, 3, 1);
    let objective = Objective {
        denominator: Denominator::OnlyNegatives,
        ..Objective::supcon(0.1)
    };
    let value = loss(&objective, &rows.anchors(), None);
    assert_eq!((value.loss, value.valid_anchors), (0.0, 0));
    let objective = Objective {
        denominator: Denominator::OnePositive,
        ..objective
    };
    let value = loss(&objective, &rows.anchors(), None);
    assert_close(value.loss, 0.0, 1e-15);
    assert_eq!(value.valid_anchors, 6);
}

#[test]
fn poison_never_comes_out_finite() {
    for poison in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        for place in 0..24 {
            let mut rows = random_batch(4, 4, 2, 3, 2);
            let clean = rows.clone();
            rows.z[place] = poison;
            for objective in all_objectives(0.1) {
                assert!(loss(&objective, &rows.anchors(), None).loss.is_nan());
                assert!(
                    gradient(&objective, &rows.anchors(), None)
                        .iter()
                        .all(|g| g.is_nan())
                );
                let columns = rows.columns();
                assert!(
                    loss(&objective, &clean.anchors(), Some(&columns))
                        .loss
                        .is_nan()
                );
                let queued = gradient(&objective, &clean.anchors(), Some(&columns));
                assert!(queued.iter().all(|g| g.is_nan()));
            }
            let weights = vec![1.0; 64];
            assert!(
                soft_loss(0.1, &rows.anchors(), None, &weights)
                    .loss
                    .is_nan()
            );
            assert!(
                soft_gradient(0.1, &rows.anchors(), None, &weights)
                    .iter()
                    .all(|g| g.is_nan())
            );
        }
    }
}

#[test]
fn poisoned_temperatures_and_weights_come_out_as_nan() {
    let rows = random_batch(5, 4, 2, 3, 2);
    for temperature in [f64::NAN, f64::INFINITY, 0.0, -0.1] {
        let objective = Objective::supcon(temperature);
        assert!(loss(&objective, &rows.anchors(), None).loss.is_nan());
        assert!(
            gradient(&objective, &rows.anchors(), None)
                .iter()
                .all(|g| g.is_nan())
        );
    }
    let mut weights = vec![1.0; 64];
    weights[1] = f64::NAN;
    assert!(
        soft_loss(0.1, &rows.anchors(), None, &weights)
            .loss
            .is_nan()
    );
    assert!(
        soft_gradient(0.1, &rows.anchors(), None, &weights)
            .iter()
            .all(|g| g.is_nan())
    );
}

#[test]
fn overflow_of_finite_vectors_comes_out_as_nan() {
    // Rows 0 and 2 have a product of −∞, which would vanish from the denominator.
    let rows = batch(&[1e200, 1e200, -1e200, -1e200], 1, &[0, 0, 1, 1]);
    let value = loss(&Objective::supcon(0.1), &rows.anchors(), None);
    assert!(value.loss.is_nan());
    assert!(
        gradient(&Objective::supcon(0.1), &rows.anchors(), None)
            .iter()
            .all(|g| g.is_nan())
    );
    let weights = vec![1.0; 16];
    assert!(
        soft_loss(0.1, &rows.anchors(), None, &weights)
            .loss
            .is_nan()
    );
    assert!(
        soft_gradient(0.1, &rows.anchors(), None, &weights)
            .iter()
            .all(|g| g.is_nan())
    );
}

#[test]
fn a_far_row_does_not_underflow_at_a_tiny_temperature() {
    // Against a maximum that includes the anchor itself, e^{−2/0.001} would be 0 and its log −∞.
    let rows = batch(&[1.0, 0.0, -1.0, 0.0, -1.0, 0.0], 2, &[0, 0, 1]);
    let value = loss(&Objective::supcon(0.001), &rows.anchors(), None);
    assert_close(value.rows[0].loss, 2_f64.ln(), 1e-12);
    assert_close(value.rows[1].loss, 2000.0, 1e-9);
}

#[test]
fn zero_vectors_have_no_gradient_and_no_cosine() {
    let rows = Embeddings {
        instances: vec![0, 0],
        ..batch(&[0.0, 0.0, 0.6, 0.8], 2, &[1, 1])
    };
    let value = loss(&Objective::supcon(0.1), &rows.anchors(), None);
    assert_eq!(value.rows[0].other_view_similarity, None);
    let through = gradient_through_normalization(&rows.z, &[1.0, 2.0, 3.0, 4.0], 2);
    assert_eq!(through[..2], [0.0, 0.0]);
}

#[test]
fn a_query_meets_its_key_and_the_queue() {
    // MoCo: column 0 is the key of row 0, then a queue; with labels also class mates are positives.
    let query = batch(&[1.0, 0.0], 2, &[3]);
    let columns = Columns {
        z: &[0.8, 0.6, 0.0, 1.0, -1.0, 0.0],
        labels: &[3, 3, 4],
        instances: &[0, 10, 11],
    };
    let sum = (0.8_f64 / 0.2).exp() + 1.0 + (-1.0_f64 / 0.2).exp();
    let unlabelled = loss(&Objective::nt_xent(0.2), &query.anchors(), Some(&columns));
    assert_close(unlabelled.loss, sum.ln() - 0.8 / 0.2, 1e-12);
    let labelled = loss(&Objective::supcon(0.2), &query.anchors(), Some(&columns));
    assert_close(labelled.loss, sum.ln() - 0.8 / 0.2 / 2.0, 1e-12);
    assert_eq!(labelled.rows[0].other_view_similarity, Some(0.8));
}

#[test]
fn the_cap_keeps_own_views_and_the_first_others_by_hash_and_drops_the_rest() {
    // One class of six images in two views; row 10 is the other view of row 4.
    let rows = random_batch(6, 6, 2, 3, 1);
    let objective = Objective {
        positives_cap: Some(3),
        ..Objective::supcon(0.1)
    };
    let pairs = pairs(&objective, &rows.anchors(), None, 4);
    let mut others: Vec<usize> = (0..12).filter(|column| ![4, 10].contains(column)).collect();
    others.sort_by_key(|&column| pair_hash(4, column as u32));
    let mut first = [&others[..3], &[10]].concat();
    first.sort_unstable();
    let kept = pairs.iter().filter(|pair| pair.role == Role::Positive);
    assert_eq!(kept.map(|pair| pair.column).collect::<Vec<_>>(), first);
    assert_eq!(
        pairs
            .iter()
            .filter(|pair| pair.role == Role::Excluded)
            .count(),
        7
    );
}

#[test]
fn a_cap_of_0_is_the_control_experiment() {
    // The official TensorFlow code's way to say "only remove same-class negatives".
    let rows = random_batch(7, 9, 2, 4, 3);
    let capped = Objective {
        positives_cap: Some(0),
        ..Objective::supcon(0.2)
    };
    let control = Objective::drop_same_class(0.2);
    let (a, b) = (
        loss(&capped, &rows.anchors(), None),
        loss(&control, &rows.anchors(), None),
    );
    assert_eq!((a.loss, a.valid_anchors), (b.loss, b.valid_anchors));
    assert_eq!(
        gradient(&capped, &rows.anchors(), None),
        gradient(&control, &rows.anchors(), None)
    );
}

#[test]
fn a_cap_without_own_views_counts_all_positives() {
    // One view an image: N-pairs has exactly one positive.
    let rows = random_batch(8, 12, 1, 3, 2);
    for row in loss(&Objective::n_pairs(), &rows.anchors(), None).rows {
        assert!(row.positive_count <= 1);
    }
}

#[test]
fn the_hash_is_frozen_for_the_shader() {
    let values = [(0, 0), (0, 1), (1, 0), (1234, 4_000_000_000)].map(|(i, j)| pair_hash(i, j));
    assert_eq!(values, HASHES);
}

const HASHES: [u32; 4] = [0xae6f_80f1, 0xa07c_7a97, 0x2306_4794, 0xa429_3159];
