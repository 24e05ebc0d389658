//! Rows that meet through subgroup operations: the 2× rule, and the bits of rows that meet through
//! workgroup memory.

use super::modes::DIM;
use super::oracles::assert_two_times_rule_on;
use super::{Batch, Fused};
use crate::devices;
use supcon_loss::{ContrastiveLoss, Subgroups, Targets};
use supcon_math::{Denominator, Objective};

/// Every form of what a row knows: sums outside and inside, one denominator a positive, soft targets.
fn losses() -> [(&'static str, ContrastiveLoss); 4] {
    let (out, inside) = (Objective::supcon(0.1), Objective::supcon_in(0.1));
    let one_positive = Objective {
        denominator: Denominator::OnePositive,
        ..inside
    };
    let supcon = ContrastiveLoss::new(out);
    [
        ("supcon", supcon),
        ("supcon_in", ContrastiveLoss::new(inside)),
        ("one positive, in", ContrastiveLoss::new(one_positive)),
        ("soft targets", supcon.with_targets(Targets::LabelProduct)),
    ]
}

/// Two rows, and around the tiles of 64 rows.
fn batches() -> [Batch; 3] {
    [(1, 1), (32, 5), (70, 10)].map(|(images, classes)| {
        Batch::random(images, DIM, classes, images as u64).with_soft_labels(5)
    })
}

#[test]
fn rows_that_meet_through_subgroups_keep_the_rule_and_the_bits() {
    let Some(device) = devices::gpu() else { return };
    for (name, loss) in losses() {
        for batch in batches() {
            let what = format!("{} rows through subgroups", batch.labels.len());
            let forced = loss.with_subgroups(Subgroups::Forced);
            assert_two_times_rule_on(&[("wgpu", device.clone())], &batch, name, &forced, &what);
            let bits = |subgroups| {
                let outcome = batch.run(Fused, &loss.with_subgroups(subgroups), &device);
                let gradient = outcome.gradient.iter().map(|x| x.to_bits());
                (outcome.facts.loss.to_bits(), gradient.collect::<Vec<_>>())
            };
            // One order of joins: only a compiler that contracts the two texts apart could differ.
            assert!(
                bits(Subgroups::Forced) == bits(Subgroups::Never),
                "{name}, {what}"
            );
        }
    }
}

#[test]
fn what_is_not_finite_passes_through_subgroups() {
    let Some(device) = devices::gpu() else { return };
    let loss = ContrastiveLoss::new(Objective::supcon(0.1)).with_subgroups(Subgroups::Forced);
    for poison in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        let mut batch = Batch::random(23, DIM, 4, 23);
        batch.z[5 * DIM + 2] = poison;
        let outcome = batch.run(Fused, &loss, &device);
        assert!(!outcome.facts.loss.is_finite(), "{poison}");
        assert!(outcome.gradient.iter().all(|g| !g.is_finite()), "{poison}");
    }
}
