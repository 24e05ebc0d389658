//! How long a run will take, said before it starts.

use supcon_data::Splits;
use supcon_protocol::{RunPlan, StageKind, Subject, human_duration};
use supcon_train::model;

/// Multiply-adds a second in training (forward and backward, per image) that Burn's CPU backend was
/// reached with the `tiny` encoder on two cores of an AMD EPYC (3 000 views a second, one run).
const CPU_RATE: f64 = 9.0e9;
/// Encoders train at about three times their forward cost.
const TRAINING_FACTOR: f64 = 3.0;
/// Share of the training time that probes and evaluation add.
const LOOKING: f64 = 1.15;

/// A sentence, or nothing where no honest figure can be given (GPUs differ a thousandfold).
pub fn sentence(plan: &RunPlan, splits: &Splits, on_cpu: bool, threads: usize) -> Option<String> {
    if !on_cpu {
        return None;
    }
    let cost = model::cost(plan.config().encoder, splits.train.height()).multiply_adds as f64;
    let images: f64 = plan
        .stages()
        .iter()
        .map(|stage| {
            let steps = plan.steps(stage, splits.train.len()) as f64;
            match stage.kind {
                StageKind::Contrastive => {
                    let views = match stage.subject {
                        Subject::Trained(method) => plan.config().n_views_of(method),
                        Subject::RandomEncoder => 1,
                    };
                    steps * (plan.config().contrastive.batch_size * views) as f64
                }
                StageKind::CrossEntropy => steps * plan.config().cross_entropy.batch_size as f64,
                // Frozen features: one pass over the images.
                StageKind::Linear => {
                    (splits.train.len() + splits.test.len()) as f64 / TRAINING_FACTOR
                }
            }
        })
        .sum();
    let rate = CPU_RATE * (threads as f64 / 2.0).min(8.0);
    let secs = images * cost * TRAINING_FACTOR / rate * LOOKING;
    Some(format!(
        "about {} on {threads} threads, by measurements on another machine; the progress line knows better",
        human_duration(secs)
    ))
}
