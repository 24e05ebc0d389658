//! Learning rates of the published schedules, step by step.

use super::{list, number, numbers, read, text};
use serde_json::Value;
use supcon_protocol::{Length, OptimizerConfig, Schedule, ScheduleClock};
use supcon_train::LearningRate;

/// The configuration of a table, its steps and steps an epoch.
fn config(kind: &str, a: &Value) -> (OptimizerConfig, u64, u64) {
    let whole = |key: &str| a[key].as_u64().expect("a whole number");
    let peak = number(&a["lr"]);
    let epochs_of = |key: &str| {
        let list = a[key].as_array().cloned().unwrap_or_default();
        list.iter().map(|m| m.as_u64().expect("an epoch")).collect()
    };
    let base = OptimizerConfig::sgd(peak, 0.0, Length::Steps(0));
    if kind == "joined" {
        let config = OptimizerConfig {
            schedule: match text(&a["kind"]) {
                "cosine" => Schedule::Cosine,
                _ => Schedule::Linear,
            },
            floor: number(&a["end"]),
            warmup: Length::Steps(whole("warmup")),
            warmup_start: number(&a["start"]),
            ..base
        };
        return (config, whole("steps"), 1);
    }
    let per_epoch = whole("steps_per_epoch");
    let steps = whole("epochs") * per_epoch;
    let decay_factor = a["decay_rate"].as_f64().unwrap_or(1.0);
    let config = match kind {
        "hobbit" => OptimizerConfig {
            schedule: match a["cosine"].as_bool() {
                Some(true) => Schedule::Cosine,
                _ => Schedule::Step,
            },
            schedule_clock: ScheduleClock::Epoch,
            floor: decay_factor.powi(3),
            decay_factor,
            milestones: epochs_of("milestones"),
            warmup: Length::Epochs(whole("warm_epochs")),
            warmup_start: number(&a["warmup_from"]) / peak,
            ..base
        },
        _ => OptimizerConfig {
            schedule: match text(&a["kind"]) {
                "cosine" => Schedule::Cosine,
                "exponential" => Schedule::Exponential,
                _ => Schedule::Step,
            },
            floor: 0.0,
            decay_factor,
            decay_every: a["epochs_per_decay"].as_f64().unwrap_or(1.0),
            milestones: epochs_of("boundary_epochs"),
            warmup: Length::Epochs(whole("warmup_epochs")),
            warmup_start: 0.0,
            ..base
        },
    };
    (config, steps, per_epoch)
}

#[test]
fn schedules_are_the_published_ones_step_by_step() {
    let file = read("optimizers.json");
    let mut compared = 0;
    for table in list(&file["schedules"]) {
        let name = text(&table["name"]);
        let (config, steps, per_epoch) = config(text(&table["kind"]), &table["arguments"]);
        let rate = LearningRate::new(&config, steps, per_epoch, 256);
        let rates = numbers(&table["rates"]);
        for (step, expected) in numbers(&table["steps"]).into_iter().zip(rates) {
            let step = step as u64;
            // Google's rates beyond the last step are 0; nobody asks for them.
            if step > steps {
                continue;
            }
            compared += 1;
            let (found, peak) = (rate.at(step), config.learning_rate);
            assert!(
                (found - expected).abs() < 1e-12 * peak,
                "{name}, step {step}: {found} vs {expected}"
            );
        }
    }
    assert!(compared > 450, "{compared} rates");
}
