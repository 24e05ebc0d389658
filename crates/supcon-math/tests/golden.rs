//! Values of `reference/golden.py`, which shares no code with this crate.

use supcon_math::{Denominator, Objective, gradient, loss, soft_loss};

use crate::support::{GOLDEN_LABELS, assert_close, golden_batch};

#[test]
fn losses_at_three_temperatures() {
    // temperature: L_out, L_in, L_self, same-class negatives dropped, ONE_POSITIVE
    let table = [
        (
            0.07,
            [
                18.227593522,
                15.804458724,
                22.420761902,
                22.420482096,
                18.227406986,
            ],
        ),
        (
            0.1,
            [
                12.915254892,
                11.336211098,
                15.850472758,
                15.848439746,
                12.913899637,
            ],
        ),
        (
            0.5,
            [
                3.432834165,
                3.283671580,
                4.019877738,
                3.908368105,
                3.354258854,
            ],
        ),
    ];
    let batch = golden_batch(8, 4, &GOLDEN_LABELS);
    for (temperature, expected) in table {
        let one_positive = Objective {
            denominator: Denominator::OnePositive,
            ..Objective::supcon(temperature)
        };
        let objectives = [
            Objective::supcon(temperature),
            Objective::supcon_in(temperature),
            Objective::nt_xent(temperature),
            Objective::drop_same_class(temperature),
            one_positive,
        ];
        for (objective, expected) in objectives.iter().zip(expected) {
            let value = loss(objective, &batch.anchors(), None);
            assert_close(value.loss, expected, 6e-10);
            assert_eq!(value.valid_anchors, 8);
        }
    }
}

#[test]
fn gradient_of_the_first_row() {
    let batch = golden_batch(8, 4, &GOLDEN_LABELS);
    let table = [
        (
            Objective::supcon(0.1),
            [1.71997495, 0.87161137, -1.85800909, -0.76950327],
        ),
        (
            Objective::supcon_in(0.1),
            [2.22275856, -0.33879205, -1.61842504, 0.49316164],
        ),
    ];
    for (objective, expected) in table {
        let gradient = gradient(&objective, &batch.anchors(), None);
        for (actual, expected) in gradient.iter().zip(expected) {
            assert_close(*actual, expected, 6e-9);
        }
    }
}

#[test]
fn one_view_with_singleton_classes() {
    let batch = golden_batch(4, 4, &[0, 1, 1, 3]);
    let value = loss(&Objective::supcon(0.5), &batch.anchors(), None);
    assert_close(value.loss, 0.905838076, 6e-10);
    assert_eq!(value.valid_anchors, 2);
    let valid: Vec<bool> = value.rows.iter().map(|row| row.valid).collect();
    assert_eq!(valid, [false, true, true, false]);
}

#[test]
fn row_statistics_give_the_self_supervised_loss() {
    // The live mutual-information bound reads L_self from a SupCon step's statistics.
    let batch = golden_batch(8, 4, &GOLDEN_LABELS);
    let rows = loss(&Objective::supcon(0.1), &batch.anchors(), None).rows;
    let of_row = |row: &supcon_math::RowStats| {
        row.log_denominator - row.other_view_similarity.expect("two views") / 0.1
    };
    let mean = rows.iter().map(of_row).sum::<f64>() / 8.0;
    assert_close(mean, 15.850472758, 6e-10);
}

#[test]
fn one_hot_soft_labels_are_supcon() {
    let batch = golden_batch(8, 4, &GOLDEN_LABELS);
    let same = |index: usize| f64::from(batch.labels[index / 8] == batch.labels[index % 8]);
    let weights: Vec<f64> = (0..64).map(same).collect();
    let value = soft_loss(0.1, &batch.anchors(), None, &weights);
    assert_close(value.loss, 12.915254892, 6e-10);
}
