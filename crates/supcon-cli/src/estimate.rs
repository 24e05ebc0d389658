//! How long a run will take and what memory it needs, said before it starts.

use anyhow::bail;
use supcon_data::Splits;
use supcon_protocol::{RunPlan, StageKind, Subject, human_duration};
use supcon_train::{
    ComputeDevice, DataShape, StepMemory, TRAINING_FACTOR, TrainError, largest_batch, model,
    training_speed,
};
use sysinfo::{MemoryRefreshKind, RefreshKind, System};

/// Share of the free memory above which a run is tight: other programs live too.
const TIGHT: f64 = 0.8;

/// The time, from a pass of the encoder measured on the device that will train.
///
/// Not in it: making views and reading files, where the device is faster than they are.
pub fn time(plan: &RunPlan, splits: &Splits, device: &ComputeDevice) -> Result<String, TrainError> {
    let (network, side) = (plan.config().network(), splits.train.height());
    let speed = training_speed(network, side, &device.device);
    let speed = pollster::block_on(speed)?;
    let cost = model::cost(network, side).multiply_adds as f64;
    let (trained, seen) = images(plan, splits);
    let passes = trained * TRAINING_FACTOR as f64 + seen;
    Ok(format!(
        "about {}, by a pass measured just now ({:.1} billion multiply-adds a second)",
        human_duration(passes * cost / speed),
        speed / 1e9
    ))
}

/// Images that the encoder trains on, and those that it only looks at, over the whole run.
fn images(plan: &RunPlan, splits: &Splits) -> (f64, f64) {
    let config = plan.config();
    let n_train = splits.train.len();
    let evaluated = (n_train + splits.test.len()) as f64;
    let queries = config.evaluation.probe_images.min(splits.validation.len());
    let probed = (queries + (2 * queries).min(n_train)) as f64;
    let (mut trained, mut seen) = (0.0, 0.0);
    for stage in plan.stages() {
        let steps = plan.steps(stage, n_train);
        let batch = plan.batch_size(stage).min(n_train) as f64;
        let rows = steps as f64 * batch;
        match stage.kind {
            StageKind::Contrastive => {
                let views = match stage.subject {
                    Subject::Trained(method) => config.n_views_of(method),
                    Subject::RandomEncoder => 1,
                };
                trained += rows * views as f64;
            }
            StageKind::CrossEntropy => trained += rows,
            StageKind::Linear if config.linear.augment => seen += rows,
            StageKind::Linear => seen += n_train as f64,
        }
        let every = config.evaluation.probe_every;
        if stage.kind != StageKind::Linear && every > 0 {
            seen += steps.div_ceil(every) as f64 * probed;
        }
        if RunPlan::is_evaluated_after(stage) {
            seen += evaluated;
        }
    }
    (trained, seen)
}

fn data_shape(splits: &Splits) -> DataShape {
    DataShape {
        side: splits.train.height(),
        n_classes: splits.train.n_classes(),
        n_images: splits.train.len(),
    }
}

/// What the hungriest stage needs.
struct Need {
    /// The key that would make it less.
    key: &'static str,
    kind: StageKind,
    batch: usize,
    bytes: u64,
}

impl Need {
    fn of(plan: &RunPlan, splits: &Splits) -> Option<Self> {
        let data = data_shape(splits);
        let needs = plan.stages().iter().map(|stage| {
            let batch = plan.batch_size(stage).min(splits.train.len());
            Self {
                key: match stage.kind {
                    StageKind::Contrastive => "contrastive.batch_size",
                    StageKind::Linear => "linear.batch_size",
                    StageKind::CrossEntropy => "cross_entropy.batch_size",
                },
                kind: stage.kind,
                batch,
                bytes: StepMemory::of(plan.config(), stage.kind, batch, data).total(),
            }
        });
        needs.max_by_key(|need| need.bytes)
    }

    /// The fact and the way out, where `free` bytes do not suffice.
    fn refusal(&self, plan: &RunPlan, splits: &Splits, free: u64) -> String {
        let data = data_shape(splits);
        let share = (free as f64 * TIGHT) as u64;
        let batch = largest_batch(plan.config(), self.kind, data, share);
        // People think in eights, and devices too.
        let batch = if batch >= 8 { batch / 8 * 8 } else { batch };
        let smaller = if batch >= 2 {
            format!("try --set {}={batch}", self.key)
        } else {
            "not even two images fit: try a smaller encoder or --set data.side to fewer pixels"
                .to_owned()
        };
        format!(
            "{} = {} needs about {}, and {} are free: {smaller}, or start all the same with --ignore-memory",
            self.key,
            self.batch,
            human_bytes(self.bytes),
            human_bytes(free)
        )
    }
}

/// The memory in a sentence; an error with a way out where a run on the CPU cannot fit. What a GPU has
/// free is not known.
pub fn memory(
    plan: &RunPlan,
    splits: &Splits,
    on_cpu: bool,
    ignored: bool,
) -> anyhow::Result<Option<String>> {
    let Some(need) = Need::of(plan, splits) else {
        return Ok(None);
    };
    let needed = human_bytes(need.bytes);
    let free = free_memory();
    if !on_cpu || free == 0 {
        let place = if on_cpu { "" } else { " on the device" };
        return Ok(Some(format!("about {needed}{place} for a step")));
    }
    if need.bytes > free && !ignored {
        bail!(need.refusal(plan, splits, free));
    }
    let tight = if need.bytes as f64 > TIGHT * free as f64 {
        format!("; that is tight: a smaller {} is safer", need.key)
    } else {
        String::new()
    };
    Ok(Some(format!(
        "about {needed} for a step of {}; {} are free{tight}",
        need.batch,
        human_bytes(free)
    )))
}

/// Bytes that a program may take now: the system's, or what its container leaves; 0 if unknown.
fn free_memory() -> u64 {
    let memory = MemoryRefreshKind::nothing().with_ram();
    let system = System::new_with_specifics(RefreshKind::nothing().with_memory(memory));
    let available = system.available_memory();
    system
        .cgroup_limits()
        .map_or(available, |limits| available.min(limits.free_memory))
}

/// "9.1 GB", "640 MB".
fn human_bytes(bytes: u64) -> String {
    let megabytes = bytes as f64 / 1e6;
    if megabytes >= 1000.0 {
        format!("{:.1} GB", megabytes / 1000.0)
    } else {
        format!("{megabytes:.0} MB")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use supcon_data::shapes;
    use supcon_protocol::preset;

    #[test]
    fn a_run_that_cannot_fit_is_told_the_largest_batch_that_does() {
        let config = preset("khosla-cifar-supcon").expect("there").config();
        let plan = RunPlan::new(config);
        let splits = shapes::generate(2000, 100, 100, 0);
        let need = Need::of(&plan, &splits).expect("stages");
        assert_eq!((need.key, need.batch), ("contrastive.batch_size", 1024));
        let text = need.refusal(&plan, &splits, 8_000_000_000);
        assert!(
            text.contains("contrastive.batch_size = 1024 needs about "),
            "{text}"
        );
        assert!(text.contains("8.0 GB are free"), "{text}");
        let batch: usize = text
            .split("batch_size=")
            .nth(1)
            .and_then(|rest| rest.split(',').next())
            .and_then(|number| number.parse().ok())
            .expect("a batch size");
        let total = |batch| {
            StepMemory::of(plan.config(), need.kind, batch, data_shape(&splits)).total() as f64
        };
        assert!(total(batch) <= 6.4e9 && total(batch + 8) > 6.4e9, "{text}");
        let text = need.refusal(&plan, &splits, 1_000_000);
        assert!(text.contains("smaller encoder"), "{text}");
    }

    #[test]
    fn bytes_read_naturally() {
        assert_eq!(human_bytes(9_100_000_000), "9.1 GB");
        assert_eq!(human_bytes(640_000_000), "640 MB");
    }
}
