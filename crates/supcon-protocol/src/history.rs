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

    fn stage_mut(&mut self, index: usize) -> Option<&mut StageHistory> {
        self.stages
            .iter_mut()
            .find(|stage| stage.info.plan.index == index)
    }
}

impl<'a> FromIterator<&'a Event> for RunHistory {
    fn from_iter<I: IntoIterator<Item = &'a Event>>(events: I) -> Self {
        let mut history = Self::default();
        events.into_iter().for_each(|event| history.apply(event));
        history
    }
}
