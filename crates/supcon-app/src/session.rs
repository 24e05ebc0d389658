//! What the engine has told so far: the fold of its notices. Panels read it and change nothing.

use crate::film::Film;
use std::collections::VecDeque;
use supcon_protocol::{
    DataInfo, ErrorReport, Notice, PreviewSheet, ResultRow, RunConfig, RunHistory, RunId, RunPlan,
    RunState, StageHistory, StageKind, StagePlan, Subject,
};

/// The way out of images that cannot be used.
const OTHER_IMAGES: &str =
    "Choose a folder with one sub-folder of pictures per class, or stay with the built-in shapes.";

/// A device that was opened.
#[derive(Clone, Debug, PartialEq)]
pub struct Device {
    /// Backend, adapter and driver in words.
    pub description: String,
    /// Whether it is a GPU made of software.
    pub is_software: bool,
    /// Whether it is the processor itself.
    pub is_cpu: bool,
}

impl Device {
    /// Whether large encoders are worth a try on it.
    #[must_use]
    pub fn is_fast(&self) -> bool {
        !self.is_software && !self.is_cpu
    }
}

/// One run.
#[derive(Clone, Debug)]
pub struct Run {
    /// Names it.
    pub id: RunId,
    /// What defines it, where known.
    pub config: Option<RunConfig>,
    /// Its events, folded.
    pub history: RunHistory,
    /// Its frames.
    pub film: Film,
    /// Whether it was read from disk: then it is not in progress, whatever its log says.
    pub is_recorded: bool,
}

/// Everything the engine has told.
#[derive(Debug, Default)]
pub struct Session {
    /// The device in use.
    pub device: Option<Device>,
    /// The images loaded.
    pub data: Option<DataInfo>,
    /// Whether images are being loaded.
    pub is_loading: bool,
    /// The newest views drawn.
    pub preview: Option<PreviewSheet>,
    /// Runs of this session, oldest first.
    pub runs: Vec<Run>,
    /// Runs of the runs folder, the latest first.
    #[cfg(not(target_family = "wasm"))]
    pub listed: Vec<crate::shelf::ListedRun>,
    /// Which of the runs of this session is looked at.
    pub selected_run: usize,
    /// The run that the engine's frames belong to.
    live_run: Option<usize>,
    /// A stored run and what its networks measured here, until it was read.
    pub measured: Option<(RunId, Vec<ResultRow>)>,
    /// Errors not yet read, oldest first.
    pub errors: VecDeque<ErrorReport>,
    /// The configuration sent with the last start, until its run opens.
    pub started_config: Option<RunConfig>,
}

impl Session {
    /// Takes a notice in.
    pub fn apply(&mut self, notice: Notice) {
        match notice {
            Notice::Device {
                description,
                is_software,
                is_cpu,
            } => {
                self.device = Some(Device {
                    description,
                    is_software,
                    is_cpu,
                });
            }
            Notice::DataLoaded(data) => {
                self.data = Some(*data);
                self.preview = None;
                self.is_loading = false;
            }
            Notice::Preview(sheet) => self.preview = Some(sheet),
            Notice::RunOpened(id) => self.open(id),
            Notice::Event(envelope) => {
                if let Some(run) = self.runs.iter_mut().rfind(|run| run.id == envelope.run) {
                    run.history.apply(&envelope.msg);
                }
            }
            Notice::Samples(samples) => self.newest(|film| film.show(*samples)),
            Notice::Embedding(frame) => self.newest(|film| film.push(frame)),
            Notice::Map(map) => self.newest(|film| film.map(map)),
            Notice::Measured { run, rows } => self.measured = Some((run, rows)),
            Notice::Failed(mut report) => {
                if self.is_loading && report.hint.is_none() {
                    report.hint = Some(OTHER_IMAGES.to_owned());
                }
                self.is_loading = false;
                self.started_config = None;
                self.errors.push_back(report);
            }
        }
    }

    /// Opens a run, or opens a known one again: its events then follow from the first.
    fn open(&mut self, id: RunId) {
        let config = self.started_config.take();
        let known = self.runs.iter().position(|run| run.id == id);
        if let Some(index) = known {
            self.runs[index].history = RunHistory::default();
            self.runs[index].film.go_back();
            self.runs[index].is_recorded = false;
            self.selected_run = index;
            self.live_run = known;
            return;
        }
        self.runs.push(Run {
            id,
            config,
            history: RunHistory::default(),
            film: Film::default(),
            is_recorded: false,
        });
        self.selected_run = self.runs.len() - 1;
        self.live_run = Some(self.selected_run);
    }

    /// Adds a run read from disk and looks at it; one that is known already is only looked at.
    pub fn add_recorded(&mut self, run: Run) {
        let known = self.runs.iter().position(|other| other.id == run.id);
        let at = known.unwrap_or(self.runs.len());
        match known {
            Some(at) if !self.runs[at].is_active() => self.runs[at] = run,
            Some(_) => {}
            None => self.runs.push(run),
        }
        self.selected_run = at;
    }

    /// A run got another name.
    #[cfg(not(target_family = "wasm"))]
    pub fn rename(&mut self, from: &RunId, to: RunId) {
        if let Some(run) = self.runs.iter_mut().find(|run| run.id == *from) {
            run.id = to;
        }
    }

    /// Frames belong to the run the engine opened last.
    fn newest(&mut self, with: impl FnOnce(&mut Film)) {
        if let Some(run) = self.live_run.and_then(|index| self.runs.get_mut(index)) {
            with(&mut run.film);
        }
    }

    /// Whether the engine still has the network of the run looked at.
    #[must_use]
    pub fn has_network(&self) -> bool {
        self.live_run == Some(self.selected_run)
            && self
                .run()
                .is_some_and(|run| !run.is_recorded && run.film.latest().is_some())
    }

    /// The run looked at.
    #[must_use]
    pub fn run(&self) -> Option<&Run> {
        self.runs.get(self.selected_run)
    }

    /// The run that is training or paused, if any.
    #[must_use]
    pub fn active_run(&self) -> Option<&Run> {
        self.runs.iter().rfind(|run| run.is_active())
    }

    /// Steps trained in all stages of all runs.
    #[must_use]
    pub fn steps(&self) -> u64 {
        let stages = self.runs.iter().flat_map(|run| &run.history.stages);
        let last = stages.filter_map(|stage| stage.steps.last());
        last.map(|step| step.step).sum()
    }

    /// Names of the classes.
    #[must_use]
    pub fn classes(&self) -> &[String] {
        let of_run = self.run().and_then(|run| run.history.info.as_ref());
        match (of_run, &self.data) {
            (Some(info), _) => &info.classes,
            (None, Some(data)) => &data.classes,
            (None, None) => &[],
        }
    }

    /// Name of a class.
    #[must_use]
    pub fn class(&self, label: u32) -> String {
        self.classes()
            .get(label as usize)
            .cloned()
            .unwrap_or_else(|| format!("class {label}"))
    }
}

impl Run {
    /// Whether it trains or is paused.
    #[must_use]
    pub fn is_active(&self) -> bool {
        !self.is_recorded
            && self.history.failure.is_none()
            && !matches!(
                self.history.state,
                Some(RunState::Stopped | RunState::Finished)
            )
    }

    /// The stage begun last.
    #[must_use]
    pub fn stage(&self) -> Option<&StageHistory> {
        self.history.stages.last()
    }

    /// Stages that train an encoder, in order: what frames, landmarks and curves are about. A linear classifier
    /// learns from features that are there already.
    pub fn encoder_stages(&self) -> impl DoubleEndedIterator<Item = &StageHistory> {
        let trains = |stage: &&StageHistory| {
            stage.info.plan.subject != Subject::RandomEncoder
                && stage.info.plan.kind != StageKind::Linear
        };
        self.history.stages.iter().filter(trains)
    }

    /// The stage whose figures stand beside the controls: the present one, or of a run that has ended the last
    /// that trained an encoder.
    #[must_use]
    pub fn telling_stage(&self) -> Option<&StageHistory> {
        let ended = self
            .encoder_stages()
            .next_back()
            .filter(|_| !self.is_active());
        ended.or_else(|| self.stage())
    }

    /// The plan, where the configuration is known.
    #[must_use]
    pub fn plan(&self) -> Option<RunPlan> {
        self.config.clone().map(RunPlan::new)
    }

    /// τ in force at a stage: the configuration's, changed by patches.
    #[must_use]
    pub fn temperature(&self, stage: &StagePlan) -> f64 {
        let patched = self.history.patches.iter().rev();
        let patch = patched
            .filter(|(index, ..)| *index == stage.index)
            .find_map(|(_, _, patch)| patch.temperature);
        let configured = self.config.as_ref().map_or(0.1, |config| {
            let Subject::Trained(method) = stage.subject else {
                return config.contrastive.temperature;
            };
            config.contrastive.temperature_of(method)
        });
        f64::from(patch.unwrap_or(configured))
    }

    /// What to call it: its methods, or its id.
    #[must_use]
    pub fn name(&self) -> String {
        match &self.config {
            Some(config) => {
                let methods: Vec<_> = config.methods.iter().map(ToString::to_string).collect();
                format!("{} · {}", config.name, methods.join(", "))
            }
            None => self.id.0.clone(),
        }
    }

    /// Progress of the present stage in [0, 1], and the seconds it still takes, where known.
    #[must_use]
    pub fn stage_progress(&self) -> Option<(f32, Option<f64>)> {
        let stage = self.stage()?;
        let share = stage.done() as f32 / stage.info.steps.max(1) as f32;
        Some((share, stage.secs_left()))
    }
}
