//! One stage: step after step, and what is due in between.

use super::Engine;
use super::alarms::Alarms;
use super::changes::Changes;
use super::record::first_non_finite;
use crate::error::TrainError;
use crate::pace::yield_now;
use crate::probe::Probe;
use crate::schedule::LearningRate;
use crate::stage::Stage;
use supcon_protocol::{Event, StageInfo, StagePlan, StepMetrics, Subject};
use web_time::Instant;

/// How a stage ended.
pub(super) enum StageEnd {
    Done(Box<Stage>),
    Stopped,
}

/// A stage in progress.
pub(super) struct StageRun {
    pub(super) plan: StagePlan,
    pub(super) stage: Stage,
    /// Steps done.
    pub(super) step: u64,
    /// Of so many.
    pub(super) steps: u64,
    pub(super) changes: Changes,
    pub(super) probe: Probe,
    /// Since the last report.
    pub(super) clock: Instant,
    batch_size: usize,
    rate: LearningRate,
    /// Steps done at the last checkpoint.
    saved_at: Option<u64>,
}

impl StageRun {
    /// Of step `step`, from 0.
    fn learning_rate(&self, step: u64) -> f64 {
        self.rate.at(step) * self.changes.learning_rate_factor
    }

    fn take_step(&mut self) -> Result<(), TrainError> {
        let rate = self.learning_rate(self.step);
        self.stage.step(self.step, rate)?;
        self.step += 1;
        Ok(())
    }
}

impl Engine<'_> {
    pub(super) async fn run_stage(&mut self, plan: &StagePlan) -> Result<StageEnd, TrainError> {
        let mut run = self.begin_stage(plan).await?;
        self.look(&mut run).await?;
        while run.step < run.steps {
            run.take_step()?;
            self.do_what_is_due(&mut run).await?;
            self.look(&mut run).await?;
            if self.obey_next(&mut run).await?.is_break() {
                self.keep_frames(&run)?;
                return Ok(StageEnd::Stopped);
            }
            yield_now().await;
        }
        self.look_last(&run).await?;
        Ok(StageEnd::Done(Box::new(run.stage)))
    }

    async fn begin_stage(&mut self, plan: &StagePlan) -> Result<StageRun, TrainError> {
        let mut stage = self.build_stage(plan).await?;
        let steps = self.plan.steps(plan, self.train.len());
        let mut step = 0;
        if let Some(checkpoint) = self.resume.take()
            && checkpoint.position.step > 0
        {
            stage.load(&checkpoint.tensors, &self.device.device)?;
            step = checkpoint.position.step;
        }
        let batch_size = self.batch_size(plan);
        let landmarks = stage.landmarks();
        self.emit(Event::StageStarted(StageInfo {
            plan: plan.clone(),
            steps,
            batch_size,
            landmarks,
        }))?;
        let n_views = match plan.subject {
            Subject::Trained(method) => self.plan.config().n_views_of(method),
            Subject::RandomEncoder => 1,
        };
        let n_rows = batch_size * n_views;
        let log = self.log.since(0);
        self.alarms = Alarms::new(plan.index, landmarks, n_rows, &log);
        let changes = Changes::of_stage(plan.index, &log);
        if let Some(temperature) = changes.temperature {
            stage.set_temperature(temperature);
        }
        let config = &self.plan.config().evaluation;
        Ok(StageRun {
            probe: Probe::new(config, &self.train, &self.validation),
            rate: self.learning_rate(plan, steps, batch_size),
            plan: plan.clone(),
            stage,
            step,
            steps,
            changes,
            clock: Instant::now(),
            batch_size,
            saved_at: None,
        })
    }

    /// Report, probe and checkpoint, each at its cadence.
    async fn do_what_is_due(&mut self, run: &mut StageRun) -> Result<(), TrainError> {
        let (step, steps) = (run.step, run.steps);
        let save = step.is_multiple_of(self.execution.checkpoint_every) && step < steps;
        if save || step == steps || step.is_multiple_of(self.execution.log_every) {
            self.report_steps(run).await?;
        }
        if run.probe.is_due(step, steps) {
            self.probe(run).await?;
        }
        if save {
            self.save(run).await?;
        }
        Ok(())
    }

    /// Reports the steps since the last report; nothing without any.
    pub(super) async fn report_steps(&mut self, run: &mut StageRun) -> Result<(), TrainError> {
        let steps = run.stage.unread_steps();
        if steps == 0 {
            return Ok(());
        }
        let facts = run.stage.facts().await?;
        if !facts.loss.is_finite() {
            return Err(run.non_finite(facts.loss));
        }
        let secs = run.clock.elapsed().as_secs_f64();
        run.clock = Instant::now();
        let images = steps * run.batch_size as u64;
        let metrics = StepMetrics {
            stage: run.plan.index,
            step: run.step,
            loss: facts.loss,
            accuracy: facts.accuracy,
            learning_rate: run.learning_rate(run.step - 1),
            anchors_without_positives: facts.anchors_without_positives,
            view_similarity: facts.view_similarity,
            mutual_information_bound: facts.mutual_information_bound,
            images_per_second: images as f64 / secs.max(1e-9),
            memory_bytes: crate::resident::resident_bytes(),
        };
        let warnings = self.alarms.meet(&metrics);
        self.emit(Event::Step(metrics))?;
        for message in warnings {
            self.warn(run, message)?;
        }
        Ok(())
    }

    /// A checkpoint from which the run can go on, once a step.
    pub(super) async fn save(&mut self, run: &mut StageRun) -> Result<(), TrainError> {
        if run.saved_at == Some(run.step) {
            return Ok(());
        }
        self.report_steps(run).await?;
        let tensors = run.stage.state().await?;
        // The step after a finite loss may have been the fatal one.
        if let Some(value) = first_non_finite(&tensors) {
            return Err(run.non_finite(value));
        }
        self.checkpoint(run.plan.index, run.step, tensors)?;
        run.saved_at = Some(run.step);
        Ok(())
    }

    pub(super) fn warn(&mut self, run: &StageRun, message: String) -> Result<(), TrainError> {
        self.emit(Event::Warning {
            stage: run.plan.index,
            step: run.step,
            message,
        })
    }
}

impl StageRun {
    fn non_finite(&self, value: f64) -> TrainError {
        TrainError::NonFinite {
            stage: self.plan.to_string(),
            step: self.step,
            value,
        }
    }

    /// A change of the experiment follows: what a checkpoint at this step held is no longer all.
    pub(super) fn changed(&mut self) {
        self.saved_at = None;
    }
}
