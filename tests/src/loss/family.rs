//! Every member of the family by the 2× rule: denominators, caps, similarities, soft targets, columns.

use super::oracles::{assert_two_times_rule, assert_two_times_rule_on};
use super::{Batch, Fused, Plain};
use crate::devices;
use burn::tensor::{Tensor, TensorData};
use supcon_loss::{ContrastiveLoss, Identity, LossError, Targets};
use supcon_math::{Candidates, Denominator, Kernel, Objective, Positives, Summation};

/// All combinations of the objective's switches.
pub fn objectives(tau: f64) -> Vec<(String, ContrastiveLoss)> {
    let mut all = Vec::new();
    for summation in [Summation::Out, Summation::In] {
        for positives in [Positives::SameLabel, Positives::OtherView] {
            // Where own views are all the positives, a cap changes nothing.
            let caps: &[Option<usize>] = match positives {
                Positives::SameLabel => &[None, Some(0), Some(2)],
                Positives::OtherView => &[None],
            };
            for candidates in [Candidates::All, Candidates::DropSameClass] {
                for denominator in [
                    Denominator::All,
                    Denominator::OnePositive,
                    Denominator::OnlyNegatives,
                ] {
                    for &positives_cap in caps {
                        let objective = Objective {
                            temperature: tau,
                            summation,
                            positives,
                            candidates,
                            denominator,
                            positives_cap,
                        };
                        let name = format!(
                            "{summation:?} {positives:?} {candidates:?} {denominator:?} cap {positives_cap:?}"
                        );
                        all.push((name, ContrastiveLoss::new(objective)));
                    }
                }
            }
        }
    }
    all
}

pub const KERNELS: [Kernel; 6] = [
    Kernel::Cosine,
    Kernel::Rbf { width: 0.7 },
    Kernel::Laplacian { width: 1.5 },
    Kernel::Polynomial {
        offset: 0.5,
        degree: 3,
    },
    Kernel::StudentT { freedom: 1.0 },
    Kernel::StudentT { freedom: 7.0 },
];

/// Columns that share some labels and instances with the rows.
pub fn queue(dim: usize) -> Batch {
    Batch::random(41, dim, 5, 77)
}

/// Whether the objective is one of those that also meet separate columns on wgpu, where each costs a
/// software adapter seconds to compile: twelve of them hold every pair of values of two switches.
/// Alone, all run there.
pub fn is_among_the_pairs(loss: &ContrastiveLoss) -> bool {
    let objective = &loss.objective;
    let positives = match (objective.positives, objective.positives_cap) {
        (Positives::SameLabel, None) => 0,
        (Positives::SameLabel, Some(0)) => 1,
        (Positives::SameLabel, Some(_)) => 2,
        (Positives::OtherView, _) => 3,
    };
    let denominator = objective.denominator as usize;
    let summation = [Summation::Out, Summation::In][(positives + denominator) % 2];
    let candidates =
        [Candidates::All, Candidates::DropSameClass][(positives / 2 + denominator) % 2];
    objective.summation == summation && objective.candidates == candidates
}

#[test]
fn every_objective() {
    for (name, loss) in objectives(0.1) {
        let batch = Batch::random(35, 19, 5, 35);
        assert_two_times_rule(&batch, &name, &loss, "70 rows");
    }
}

#[test]
fn every_objective_against_separate_columns() {
    let batch = Batch::random(20, 19, 5, 12).against(queue(19));
    for (name, loss) in objectives(0.2) {
        let devices = if is_among_the_pairs(&loss) {
            devices::all()
        } else {
            devices::cpu()
        };
        assert_two_times_rule_on(&devices, &batch, &name, &loss, "40 rows, 82 columns");
    }
}

#[test]
fn one_positive_without_negatives_is_zero() {
    // On wgpu such an anchor's gradient was once that of a negative with logit 0.
    let batch = Batch::random(6, 19, 1, 3);
    for summation in [Summation::Out, Summation::In] {
        let loss = ContrastiveLoss::new(Objective {
            summation,
            denominator: Denominator::OnePositive,
            ..Objective::supcon(0.1)
        });
        for (device_name, device) in devices::all() {
            let outcome = batch.run(Fused, &loss, &device);
            assert_eq!(outcome.facts.loss, 0.0, "{summation:?} on {device_name}");
            let is_zero = outcome.gradient.iter().all(|g| *g == 0.0);
            assert!(is_zero, "{summation:?} on {device_name}");
        }
    }
}

#[test]
fn n_pairs() {
    let mut batch = Batch::random(50, 24, 6, 4);
    // One view an image.
    batch.instances = (0..100).collect();
    let loss = ContrastiveLoss::new(Objective::n_pairs());
    assert_two_times_rule(&batch, "n-pairs", &loss, "100 images");
}

#[test]
fn every_similarity() {
    for kernel in KERNELS {
        for objective in [Objective::supcon(0.5), Objective::supcon_in(0.5)] {
            let loss = ContrastiveLoss::new(objective).with_kernel(kernel);
            let name = format!("{kernel:?} {:?}", objective.summation);
            assert_two_times_rule(&Batch::random(35, 19, 5, 8), &name, &loss, "70 rows");
            let separate = Batch::random(10, 19, 5, 9).against(queue(19));
            assert_two_times_rule(&separate, &name, &loss, "20 rows, 82 columns");
        }
    }
}

#[test]
fn similarities_of_rows_that_are_not_unit() {
    for kernel in [Kernel::Dot, Kernel::Cosine, Kernel::Rbf { width: 2.0 }] {
        let mut batch = Batch::random(35, 19, 5, 8);
        let lengths = (0..).map(|row| 0.3 + (row % 7) as f32 * 0.4);
        for (row, length) in batch.z.chunks_mut(19).zip(lengths) {
            row.iter_mut().for_each(|x| *x *= length);
        }
        let loss = ContrastiveLoss::new(Objective::supcon(0.7)).with_kernel(kernel);
        assert_two_times_rule(
            &batch,
            &format!("{kernel:?}"),
            &loss,
            "rows of many lengths",
        );
    }
}

#[test]
fn soft_targets() {
    for targets in [Targets::LabelProduct, Targets::LabelDecay] {
        let loss = ContrastiveLoss::new(Objective::supcon(0.1)).with_targets(targets);
        let name = format!("{targets:?}");
        let batch = Batch::random(35, 19, 5, 3).with_soft_labels(5);
        assert_two_times_rule(&batch, &name, &loss, "70 rows");
        let separate = Batch::random(10, 19, 5, 5).with_soft_labels(5);
        let separate = separate.against(queue(19).with_soft_labels(5));
        assert_two_times_rule(&separate, &name, &loss, "20 rows, 82 columns");
    }
}

#[test]
fn one_hot_soft_labels_are_labels() {
    let mut batch = Batch::random(30, 16, 5, 6);
    let one_hot = |&label: &u32| (0..5).map(move |k| f32::from(u8::from(k == label)));
    batch.soft = (batch.labels.iter().flat_map(one_hot).collect(), 5);
    let hard = ContrastiveLoss::new(Objective::supcon(0.1));
    let soft = hard.with_targets(Targets::LabelProduct);
    for (device_name, device) in devices::all() {
        let (hard, soft) = (
            batch.run(Fused, &hard, &device),
            batch.run(Fused, &soft, &device),
        );
        let error = (hard.facts.loss - soft.facts.loss).abs() / hard.facts.loss;
        assert!(
            error < 1e-6,
            "{device_name}: {:?} vs {:?}",
            hard.facts,
            soft.facts
        );
        for (a, b) in hard.gradient.iter().zip(&soft.gradient) {
            assert!((a - b).abs() < 1e-6, "{device_name}: {a} vs {b}");
        }
    }
}

#[test]
fn duplicate_rows() {
    // Every row four times: similarities of exactly 1 between positives, and equal negatives.
    let quarter = Batch::random(10, 19, 4, 2);
    let batch = Batch {
        z: quarter.z.repeat(4),
        labels: quarter.labels.repeat(4),
        instances: quarter.instances.repeat(4),
        ..quarter
    };
    for (name, loss) in objectives(0.1) {
        assert_two_times_rule(&batch, &name, &loss, "duplicates");
    }
}

#[test]
fn anchor_weights_are_a_weighted_mean_of_row_losses() {
    let batch = Batch::random(20, 8, 3, 4);
    let loss = ContrastiveLoss::new(Objective::supcon(0.1));
    for (device_name, device) in devices::all() {
        let z = TensorData::new(batch.z.clone(), [40, 8]);
        let z = Tensor::<2>::from_data(z, &device);
        let rows = loss.fused(z, &batch.identity(), None).expect("sound");
        let losses: Vec<f32> = rows.losses().into_data().try_to_vec().expect("f32");
        let weights: Vec<f32> = (0..40).map(|i| (i % 4) as f32).collect();
        let total: f32 = weights.iter().sum();
        let expected: f32 = losses
            .iter()
            .zip(&weights)
            .map(|(l, w)| l * w / total)
            .sum();
        let weights = Tensor::from_data(TensorData::new(weights, [40]), &device);
        let found = rows.weighted_mean(weights).expect("40 weights").loss;
        let found: f32 = found.into_scalar();
        assert!(
            (found - expected).abs() < 1e-5,
            "{device_name}: {found} vs {expected}"
        );
        let too_few = Tensor::<1>::ones([39], &device);
        let refused = rows.weighted_mean(too_few).map(|_| ());
        assert_eq!(
            refused,
            Err(LossError::AnchorWeights {
                weights: 39,
                rows: 40
            })
        );
    }
}

#[test]
fn the_self_supervised_loss_is_known_at_no_extra_pass() {
    let batch = Batch::random(40, 16, 5, 21);
    let (nt_xent, _) = batch.reference(&ContrastiveLoss::new(Objective::nt_xent(0.1)));
    for (device_name, device) in devices::all() {
        let supcon = batch.run(
            Fused,
            &ContrastiveLoss::new(Objective::supcon(0.1)),
            &device,
        );
        let found = supcon.facts.self_supervised_loss(0.1);
        assert!(
            (found - nt_xent).abs() < 1e-5,
            "{device_name}: {found} vs {nt_xent}"
        );
    }
}

#[test]
fn refusals_name_what_is_wrong() {
    let device = burn::tensor::Device::flex();
    let z = || Tensor::<2>::ones([4, 2], &device);
    let identity = Identity::of_views(&[0, 1], 2);
    let refuse = |loss: ContrastiveLoss| {
        let fused = loss.fused(z(), &identity, None).expect_err("refused");
        let plain = loss.plain(z(), &identity, None).expect_err("refused");
        assert_eq!(fused.to_string(), plain.to_string());
        fused.to_string()
    };
    let supcon = ContrastiveLoss::new(Objective::supcon(0.1));
    let capped = |cap| Objective {
        positives_cap: Some(cap),
        ..Objective::supcon(0.1)
    };
    for (loss, part) in [
        (
            ContrastiveLoss::new(Objective::supcon(0.0)),
            "temperature 0",
        ),
        (
            ContrastiveLoss::new(Objective::supcon(f64::NAN)),
            "temperature NaN",
        ),
        (
            supcon.with_kernel(Kernel::Rbf { width: -1.0 }),
            "RBF width -1",
        ),
        (supcon.with_targets(Targets::LabelProduct), "soft labels"),
        (
            ContrastiveLoss::new(capped(2)).with_targets(Targets::LabelDecay),
            "without a cap",
        ),
    ] {
        let message = refuse(loss);
        assert!(message.contains(part), "{message}");
    }
    let short = identity.clone().with_soft_labels(vec![1.0; 7], 2);
    assert!(short.is_err_and(|e| e.to_string().contains("7 values")));
    let negative = identity.with_soft_labels(vec![0.5, 0.5, 0.5, -1.0], 1);
    assert!(negative.is_err_and(|e| e.to_string().contains("-1 of row 3")));
}

#[test]
fn an_anchor_without_positives_is_counted_and_has_no_pull() {
    // The last image's class is its own and its view is gone: 3 anchors have something to contrast.
    let random = Batch::random(4, 19, 2, 5);
    let batch = Batch {
        z: random.z[..4 * 19].to_vec(),
        labels: vec![7, 7, 7, 9],
        instances: vec![0, 1, 2, 3],
        ..random
    };
    for (name, loss) in objectives(0.3) {
        assert_two_times_rule(&batch, &name, &loss, "4 rows");
    }
    let loss = ContrastiveLoss::new(Objective::supcon(0.3));
    for (device_name, device) in devices::all() {
        for version in [Fused, Plain] {
            let found = batch.run(version, &loss, &device).facts.valid_anchors;
            assert_eq!(found, 3.0, "{version:?} on {device_name}");
        }
    }
}
