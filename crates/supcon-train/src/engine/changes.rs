//! Changes of a running experiment.

use super::Engine;
use super::stage_run::StageRun;
use crate::error::TrainError;
use supcon_protocol::{Envelope, Event, Patch, StagePlan};

/// What was changed in a stage so far. A later stage begins as configured.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Changes {
    /// τ, if it was changed.
    pub(super) temperature: Option<f32>,
    pub(super) learning_rate_factor: f64,
}

impl Changes {
    /// A fold of the log, so that a resume goes on with what had been changed.
    pub(super) fn of_stage(stage: usize, log: &[Envelope<Event>]) -> Self {
        let mut changes = Self {
            temperature: None,
            learning_rate_factor: 1.0,
        };
        for envelope in log {
            if let Event::ConfigChanged {
                stage: of, patch, ..
            } = &envelope.msg
                && *of == stage
            {
                changes.apply(*patch);
            }
        }
        changes
    }

    fn apply(&mut self, patch: Patch) {
        self.temperature = patch.temperature.or(self.temperature);
        if let Some(factor) = patch.learning_rate_factor {
            self.learning_rate_factor = factor;
        }
    }
}

impl Engine<'_> {
    /// Changes the experiment from the next step on. What cannot be changed is said and left as it is.
    pub(super) async fn patch(
        &mut self,
        run: &mut StageRun,
        patch: Patch,
    ) -> Result<(), TrainError> {
        // Means over steps of different temperatures would mean nothing.
        self.report_steps(run).await?;
        let mut patch = patch;
        for message in refuse_impossible(&mut patch) {
            self.warn(run, message.to_owned())?;
        }
        if let Some(temperature) = patch.temperature
            && !run.stage.set_temperature(temperature)
        {
            patch.temperature = None;
            let message = format!(
                "the temperature stays as it is: \"{}\" has no contrastive loss",
                run.plan
            );
            self.warn(run, message)?;
        }
        if patch == Patch::default() {
            return Ok(());
        }
        run.changes.apply(patch);
        run.changed();
        self.emit(Event::ConfigChanged {
            stage: run.plan.index,
            step: run.step,
            patch,
        })
    }
}

/// Takes out of a patch what no stage can do.
fn refuse_impossible(patch: &mut Patch) -> Vec<&'static str> {
    let mut refused = Vec::new();
    if patch
        .temperature
        .is_some_and(|temperature| !(0.001..=100.0).contains(&temperature))
    {
        patch.temperature = None;
        refused.push("the temperature stays as it is: it must lie between 0.001 and 100");
    }
    if patch
        .learning_rate_factor
        .is_some_and(|factor| !(0.0..=1000.0).contains(&factor))
    {
        patch.learning_rate_factor = None;
        refused.push("the learning rate stays as it is: its factor must lie between 0 and 1000");
    }
    refused
}

/// The changes of a run as a comment behind the command that repeats it.
pub(super) fn in_words(patches: &[(usize, u64, Patch)], stages: &[StagePlan]) -> String {
    let words = patches.iter().map(|(stage, step, patch)| {
        let stage = stages
            .get(*stage)
            .map_or_else(|| stage.to_string(), ToString::to_string);
        let temperature = patch.temperature.map(|t| format!("temperature {t}"));
        let factor = patch.learning_rate_factor;
        let factor = factor.map(|f| format!("learning rate × {f}"));
        let what: Vec<String> = [temperature, factor].into_iter().flatten().collect();
        format!("{} after step {step} of {stage}", what.join(" and "))
    });
    let words: Vec<String> = words.collect();
    if words.is_empty() {
        return String::new();
    }
    format!("  # and, while it ran: {}", words.join("; "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn impossible_changes_are_taken_out_and_others_kept() {
        let mut patch = Patch {
            temperature: Some(f32::NAN),
            learning_rate_factor: Some(0.5),
        };
        assert_eq!(refuse_impossible(&mut patch).len(), 1);
        assert_eq!(
            (patch.temperature, patch.learning_rate_factor),
            (None, Some(0.5))
        );
        let mut patch = Patch {
            temperature: Some(0.0),
            learning_rate_factor: Some(-1.0),
        };
        assert_eq!(refuse_impossible(&mut patch).len(), 2);
        assert_eq!(patch, Patch::default());
    }
}
