use crate::{
    ErrorReport, Event, Patch, ProbeMetrics, ResultRow, RunInfo, RunState, StageInfo, StepMetrics,
};
use serde::{Deserialize, Serialize};

/// A run so far: the fold of its events. Command line, curves and tests share it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RunHistory {
    /// Facts of the run, once started.
    pub info: Option<RunInfo>,
    /// Stages begun, in order.
    pub stages: Vec<StageHistory>,
    /// Networks evaluated, in order.
    pub results: Vec<ResultRow>,
    /// Warnings, in order.
    pub warnings: Vec<String>,
    /// Changes made while it ran, in order: stage, steps done, change.
    #[serde(default)]
    pub patches: Vec<(usize, u64, Patch)>,
    /// The last state reported.
    pub state: Option<RunState>,
    /// The error that ended the run.
    pub failure: Option<ErrorReport>,
}

/// One stage so far.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StageHistory {
    /// What it is.
    pub info: StageInfo,
    /// Its curve.
    pub steps: Vec<StepMetrics>,
    /// Its probes.
    pub probes: Vec<ProbeMetrics>,
}

impl RunHistory {
    /// Takes an event in. Pure: the same events give the same history.
    pub fn apply(&mut self, event: &Event) {
        match event {
            Event::State(state) => self.state = Some(*state),
            Event::Started(info) => self.info = Some((**info).clone()),
            Event::StageStarted(info) => self.start_stage(info),
            Event::Step(step) => {
                if let Some(stage) = self.stage_mut(step.stage) {
                    stage.steps.push(step.clone());
                }
            }
            Event::Probe(probe) => {
                if let Some(stage) = self.stage_mut(probe.stage) {
                    stage.probes.push(probe.clone());
                }
            }
            Event::Evaluated(row) => self.results.push((**row).clone()),
            Event::Warning { message, .. } => self.warnings.push(message.clone()),
            Event::ConfigChanged { stage, step, patch } => {
                self.patches.push((*stage, *step, *patch));
            }
            Event::Checkpoint { .. } => {}
            Event::Failed(report) => self.failure = Some(report.clone()),
        }
    }

    /// A resumed stage starts a second time; its curve goes on.
    fn start_stage(&mut self, info: &StageInfo) {
        if self.stage_mut(info.plan.index).is_none() {
            self.stages.push(StageHistory {
                info: info.clone(),
                steps: Vec::new(),
                probes: Vec::new(),
            });
        }
    }

    /// A stage begun, by its place in the plan.
    #[must_use]
    pub fn stage(&self, index: usize) -> Option<&StageHistory> {
        self.stages
            .iter()
            .find(|stage| stage.info.plan.index == index)
    }

    fn stage_mut(&mut self, index: usize) -> Option<&mut StageHistory> {
        self.stages
            .iter_mut()
            .find(|stage| stage.info.plan.index == index)
    }
}

/// Reports that the time left is estimated from: one alone is noisy, and the first after a resume slow.
const RECENT: usize = 10;

impl StageHistory {
    /// Steps done, as far as reported: also right after a resume.
    #[must_use]
    pub fn done(&self) -> u64 {
        self.steps.last().map_or(0, |step| step.step)
    }

    /// Seconds that the rest of the stage takes at the pace of the last reports; `None` before the first.
    #[must_use]
    pub fn secs_left(&self) -> Option<f64> {
        let first = self.steps.len().saturating_sub(RECENT);
        let before = first
            .checked_sub(1)
            .map_or(0, |before| self.steps[before].step);
        let (mut last, mut secs) = (before, 0.0);
        for report in &self.steps[first..] {
            let images = report.step.saturating_sub(last) * self.info.batch_size as u64;
            secs += images as f64 / report.images_per_second;
            last = report.step;
        }
        let steps = last.saturating_sub(before);
        let left = self.info.steps.saturating_sub(last);
        (steps > 0 && secs.is_finite()).then(|| left as f64 * secs / steps as f64)
    }
}

impl<'a> FromIterator<&'a Event> for RunHistory {
    fn from_iter<I: IntoIterator<Item = &'a Event>>(events: I) -> Self {
        let mut history = Self::default();
        events.into_iter().for_each(|event| history.apply(event));
        history
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Method, StageKind, StagePlan, Subject};

    fn started() -> Event {
        Event::StageStarted(StageInfo {
            plan: StagePlan {
                index: 1,
                seed: 0,
                subject: Subject::Trained(Method::Supcon),
                kind: StageKind::Contrastive,
            },
            steps: 1_000,
            batch_size: 32,
            landmarks: None,
        })
    }

    fn report(step: u64, images_per_second: f64) -> Event {
        Event::Step(StepMetrics {
            stage: 1,
            step,
            loss: 1.0,
            accuracy: None,
            learning_rate: 0.1,
            anchors_without_positives: None,
            view_similarity: None,
            mutual_information_bound: None,
            images_per_second,
            memory_bytes: None,
        })
    }

    #[test]
    fn the_time_left_counts_steps_done_before_a_resume_and_not_the_time_they_took() {
        let mut history = RunHistory::default();
        history.apply(&started());
        assert_eq!(
            (history.stages[0].done(), history.stages[0].secs_left()),
            (0, None)
        );
        // 320 images a second: a step takes 0.1 s.
        (1..=60).for_each(|k| history.apply(&report(10 * k, 320.0)));
        // A resume: the stage starts a second time, and its curve goes on.
        history.apply(&started());
        let stage = &history.stages[0];
        assert_eq!(stage.done(), 600);
        assert!((stage.secs_left().unwrap() - 40.0).abs() < 1e-9);
        // On a machine half as fast: the last ten reports count, the first of them slow.
        history.apply(&report(610, 32.0));
        let slow = history.stages[0].secs_left().unwrap();
        assert!(
            (slow - 390.0 * (9.0 * 0.1 + 1.0) / 10.0).abs() < 1e-9,
            "{slow}"
        );
        (62..=71).for_each(|k| history.apply(&report(10 * k, 160.0)));
        let left = history.stages[0].secs_left().unwrap();
        assert!((left - 290.0 * 0.2).abs() < 1e-9, "{left}");
    }

    #[test]
    fn no_pace_gives_no_time_left() {
        let mut history = RunHistory::default();
        history.apply(&started());
        history.apply(&report(0, 100.0));
        assert_eq!(history.stages[0].secs_left(), None);
        history.apply(&report(10, 0.0));
        assert_eq!(history.stages[0].secs_left(), None);
    }
}
