//! Every mode of the family (objectives, similarities, soft targets, half storage) at awkward sizes,
//! labels, temperatures and lengths, and its bits.

use super::family::{KERNELS, is_among_the_pairs, objectives, queue};
use super::oracles::assert_two_times_rule_on;
use super::{Batch, Fused};
use crate::devices;
use burn::tensor::Device;
use supcon_loss::{ContrastiveLoss, Precision, Targets};
use supcon_math::{Kernel, Objective};

/// Length of an embedding and of a soft label in the family's other tests: a software adapter, which
/// takes a second or more for each, compiles no kernel twice.
pub const DIM: usize = 19;
const SOFT_DIM: usize = 5;

/// A member of the family.
pub struct Mode {
    pub name: String,
    pub loss: ContrastiveLoss,
    /// Whether wgpu runs it with the rows as their own columns, and against columns of their own.
    on_wgpu: [bool; 2],
}

impl Mode {
    /// Where it runs.
    pub fn devices(&self, separate: bool) -> Vec<(&'static str, Device)> {
        if self.on_wgpu[usize::from(separate)] {
            devices::all()
        } else {
            devices::cpu()
        }
    }

    /// The batch with what the mode needs of it.
    pub fn batch(&self, batch: Batch) -> Batch {
        match self.loss.targets {
            Targets::Roles => batch,
            Targets::LabelProduct | Targets::LabelDecay => batch.with_soft_labels(SOFT_DIM),
        }
    }
}

/// Every mode in full precision.
pub fn full(tau: f64) -> Vec<Mode> {
    let objectives = objectives(tau).into_iter().map(|(name, loss)| Mode {
        name,
        loss,
        on_wgpu: [true, is_among_the_pairs(&loss)],
    });
    let kernels = KERNELS.into_iter().flat_map(|kernel| {
        [Objective::supcon(tau), Objective::supcon_in(tau)].map(|objective| Mode {
            name: format!("{kernel:?} {:?}", objective.summation),
            loss: ContrastiveLoss::new(objective).with_kernel(kernel),
            on_wgpu: [true; 2],
        })
    });
    let targets = [Targets::LabelProduct, Targets::LabelDecay].map(|targets| Mode {
        name: format!("{targets:?}"),
        loss: ContrastiveLoss::new(Objective::supcon(tau)).with_targets(targets),
        on_wgpu: [true; 2],
    });
    objectives.chain(kernels).chain(targets).collect()
}

/// The same in half storage, on wgpu those that the tests of it compile.
pub fn halves(tau: f64) -> Vec<Mode> {
    let half = |mode: Mode| Mode {
        name: format!("{} in halves", mode.name),
        loss: mode.loss.with_precision(Precision::HalfStorage),
        on_wgpu: [
            mode.loss.targets != Targets::LabelDecay
                && mode.loss.kernel != Kernel::Cosine
                && (mode.loss.kernel == Kernel::Dot && is_among_the_pairs(&mode.loss)
                    || mode.loss.objective == Objective::supcon(tau)),
            mode.loss == ContrastiveLoss::new(Objective::supcon(tau)),
        ],
    };
    full(tau).into_iter().map(half).collect()
}

/// Awkward batches, none of them a whole number of tiles.
fn awkward() -> Vec<(&'static str, Batch)> {
    let with_labels = |labels: &dyn Fn(u32) -> u32| {
        let mut batch = Batch::random(23, DIM, 4, 6);
        batch.labels = batch.instances.iter().map(|&i| labels(i)).collect();
        batch
    };
    let quarter = Batch::random(10, DIM, 4, 2);
    let duplicates = Batch {
        z: quarter.z.repeat(4),
        labels: quarter.labels.repeat(4),
        instances: quarter.instances.repeat(4),
        ..quarter
    };
    vec![
        ("two rows", Batch::random(1, DIM, 1, 1)),
        ("one class", with_labels(&|_| 7)),
        (
            "all distinct, up to 2³² − 1",
            with_labels(&|i| u32::MAX - i),
        ),
        (
            "labels that agree in f32 and in their lower 16 bits",
            with_labels(&|i| [0x8000_0001, 0x8000_0000, 1, 0x0001_0001][i as usize % 4]),
        ),
        ("duplicates", duplicates),
    ]
}

#[test]
fn every_mode_on_awkward_batches() {
    for mode in full(0.1) {
        for (what, batch) in awkward() {
            let devices = mode.devices(false);
            let batch = mode.batch(batch);
            assert_two_times_rule_on(&devices, &batch, &mode.name, &mode.loss, what);
        }
    }
}

#[test]
fn every_mode_at_the_ends_of_the_temperatures() {
    for tau in [0.01, 1.0] {
        for mode in full(tau) {
            // Classes that overlap: at τ = 0.01 others leave losses below the last digit of f32.
            let mut batch = Batch::random(23, DIM, 1, 9);
            batch.labels = batch.instances.iter().map(|i| i % 4).collect();
            let batch = mode.batch(batch);
            let what = format!("46 rows, tau {tau}");
            let devices = mode.devices(false);
            assert_two_times_rule_on(&devices, &batch, &mode.name, &mode.loss, &what);
        }
    }
}

#[test]
fn every_mode_at_many_lengths() {
    // L1 distances grow with the length: at τ = 1 their logits keep the digits that the bar asks for.
    for (at, mode) in full(1.0).into_iter().enumerate() {
        for dim in [1, 2, 3, 15, 16, 17, 33, 127, 128, 129, 255, 511, 512] {
            let batch = mode.batch(Batch::random(12, dim, 3, dim as u64));
            let what = format!("24 rows, d = {dim}");
            assert_two_times_rule_on(&devices::cpu(), &batch, &mode.name, &mode.loss, &what);
        }
        // Seconds to compile: a length for each, where the length meets what differs between them.
        let is_rare = mode.loss.kernel != Kernel::Dot || mode.loss.targets != Targets::Roles;
        if is_rare && let Some(device) = devices::gpu() {
            let dim = [511, 1, 130, 33][at % 4];
            let batch = mode.batch(Batch::random(12, dim, 3, dim as u64));
            let what = format!("24 rows, d = {dim}");
            let wgpu = [("wgpu", device)];
            assert_two_times_rule_on(&wgpu, &batch, &mode.name, &mode.loss, &what);
        }
    }
}

#[test]
fn every_mode_without_positives_is_zero_with_zero_gradient() {
    for mode in full(0.1).into_iter().chain(halves(0.1)) {
        let mut batch = mode.batch(Batch::random(12, DIM, 3, 4));
        batch.labels = (0..24).collect();
        batch.instances.clone_from(&batch.labels);
        batch.soft.0.fill(0.0);
        // Where e^0 is a target, every other row is a positive.
        if mode.loss.targets == Targets::LabelDecay {
            continue;
        }
        for (device_name, device) in mode.devices(false) {
            let place = format!("{} on {device_name}", mode.name);
            let outcome = batch.run(Fused, &mode.loss, &device);
            assert_eq!(outcome.facts.loss, 0.0, "{place}");
            assert_eq!(outcome.facts.valid_anchors, 0.0, "{place}");
            assert!(outcome.gradient.iter().all(|g| *g == 0.0), "{place}");
        }
    }
}

#[test]
fn every_mode_gives_the_same_bits_twice() {
    for mode in full(0.1).into_iter().chain(halves(0.1)) {
        for separate in [false, true] {
            let rows = mode.batch(Batch::random(40, DIM, 5, 3));
            let batch = if separate {
                rows.against(mode.batch(queue(DIM)))
            } else {
                rows
            };
            for (device_name, device) in mode.devices(separate) {
                let bits = || {
                    let outcome = batch.run(Fused, &mode.loss, &device);
                    let gradient = outcome.gradient.iter().map(|x| x.to_bits());
                    (outcome.facts.loss.to_bits(), gradient.collect::<Vec<_>>())
                };
                assert!(bits() == bits(), "{} on {device_name}", mode.name);
            }
        }
    }
}
