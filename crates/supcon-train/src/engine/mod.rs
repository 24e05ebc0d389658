//! The engine: takes a plan through its stages, reports events, obeys commands.

mod alarms;
mod record;
mod stages;

use crate::batch::Normalisation;
use crate::checkpoint::Checkpoint;
use crate::device::ComputeDevice;
use crate::error::TrainError;
use crate::evaluate::evaluate_network;
use crate::log::EventLog;
use crate::pace::{rest, yield_now};
use crate::probe::Probe;
use crate::schedule::LearningRate;
use crate::sink::ArtifactSink;
use crate::stage::Stage;
use crate::state::HostTensors;
use crate::{files, report};
use alarms::Alarms;
use record::{check_same, first_non_finite, run_info};
use std::sync::Arc;
use std::sync::mpsc::Receiver;
use supcon_data::{ImageSet, Splits};
use supcon_protocol::{
    Command, Event, ExecutionConfig, RunInfo, RunPlan, RunState, StageInfo, StageKind, StagePlan,
    StepMetrics, steps_per_epoch,
};
use web_time::Instant;

/// Everything a run needs.
pub struct Job {
    /// What to do.
    pub plan: RunPlan,
    /// On which images.
    pub splits: Splits,
    /// Where.
    pub device: ComputeDevice,
    /// How.
    pub execution: ExecutionConfig,
    /// Processor and operating system, for the record.
    pub host: String,
    /// The command that repeats the run, for the report.
    pub repeat_command: String,
    /// Where to go on; `None` starts at the beginning.
    pub resume: Option<Checkpoint>,
}

/// A run in progress.
pub struct Engine<'a> {
    pub(crate) plan: RunPlan,
    pub(crate) train: Arc<ImageSet>,
    pub(crate) validation: ImageSet,
    pub(crate) test: ImageSet,
    pub(crate) normalisation: Normalisation,
    pub(crate) device: ComputeDevice,
    pub(crate) log: EventLog,
    pub(crate) sink: &'a mut dyn ArtifactSink,
    pub(crate) repeat_command: String,
    execution: ExecutionConfig,
    info: RunInfo,
    inbox: Receiver<Command>,
    resume: Option<Checkpoint>,
    log_bytes: u64,
    alarms: Alarms,
}

/// How a stage ended.
enum StageEnd {
    Done(Box<Stage>),
    Stopped,
}

impl<'a> Engine<'a> {
    /// Prepares a run. `log` holds the events before the checkpoint when resuming.
    ///
    /// # Errors
    /// A checkpoint of another configuration or other data.
    pub fn new(
        job: Job,
        log: EventLog,
        inbox: Receiver<Command>,
        sink: &'a mut dyn ArtifactSink,
    ) -> Result<Self, TrainError> {
        let info = run_info(&job);
        let log_bytes = job
            .resume
            .as_ref()
            .map_or(0, |checkpoint| checkpoint.position.log_bytes);
        if let Some(checkpoint) = &job.resume {
            check_same(&checkpoint.position, &info)?;
            sink.truncate(files::EVENTS, log_bytes)?;
        }
        let Splits {
            train,
            validation,
            test,
            ..
        } = job.splits;
        Ok(Self {
            normalisation: Normalisation::of(&train),
            train: Arc::new(train),
            validation,
            test,
            plan: job.plan,
            device: job.device,
            execution: job.execution,
            repeat_command: job.repeat_command,
            resume: job.resume,
            info,
            log,
            sink,
            inbox,
            log_bytes,
            alarms: Alarms::new(0, None, 0, &[]),
        })
    }

    /// Runs to the end, to a stop, or to an error, and reports which. An error is also an event.
    ///
    /// # Errors
    /// Whatever ended the run.
    pub async fn run(mut self) -> Result<RunState, TrainError> {
        match self.run_stages().await {
            Ok(state) => Ok(state),
            Err(error) => {
                // The disk may be what failed, so the log in memory comes first.
                let line = self.log.push(Event::Failed(error.report()));
                let _ = self.sink.append(files::EVENTS, line.as_bytes());
                Err(error)
            }
        }
    }

    async fn run_stages(&mut self) -> Result<RunState, TrainError> {
        let started = Instant::now();
        self.emit(Event::Started(Box::new(self.info.clone())))?;
        self.emit(Event::State(RunState::Running))?;
        let first = self
            .resume
            .as_ref()
            .map_or(0, |checkpoint| checkpoint.position.stage);
        let plan = self.plan.clone();
        for plan in &plan.stages()[first..] {
            match self.run_stage(plan).await? {
                StageEnd::Stopped => {
                    self.emit(Event::State(RunState::Stopped))?;
                    return Ok(RunState::Stopped);
                }
                StageEnd::Done(stage) => self.finish_stage(plan, &stage).await?,
            }
        }
        report::write(self, started.elapsed().as_secs_f64()).await?;
        self.emit(Event::State(RunState::Finished))?;
        Ok(RunState::Finished)
    }

    async fn run_stage(&mut self, plan: &StagePlan) -> Result<StageEnd, TrainError> {
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
        let n_rows = batch_size * self.plan.config().views.n_views;
        self.alarms = Alarms::new(plan.index, landmarks, n_rows, &self.log.since(0));
        let rate = self.learning_rate(plan, steps, batch_size);
        let mut clock = Instant::now();
        let probe = Probe::new(
            &self.plan.config().evaluation,
            &self.train,
            &self.validation,
        );
        while step < steps {
            stage.step(step, rate.at(step))?;
            step += 1;
            let command = self.next_command().await?;
            let checkpoint_due = step % self.execution.checkpoint_every == 0 && step < steps;
            let stop = command == Some(Command::Stop);
            let save = stop || checkpoint_due || command == Some(Command::SaveCheckpoint);
            if save || step == steps || step % self.execution.log_every == 0 {
                self.report_steps(plan, &mut stage, step, rate.at(step - 1), &mut clock)
                    .await?;
            }
            if let Some(encoder) = stage.training_encoder()
                && let Some(metrics) = probe
                    .after_step(self, encoder, plan.index, step, steps)
                    .await?
            {
                self.emit(Event::Probe(metrics))?;
                // Looking does not count as training time.
                clock = Instant::now();
            }
            if save {
                let tensors = stage.state().await?;
                // The step after a finite loss may have been the fatal one.
                if let Some(value) = first_non_finite(&tensors) {
                    return Err(TrainError::NonFinite {
                        stage: plan.to_string(),
                        step,
                        value,
                    });
                }
                self.checkpoint(plan.index, step, tensors)?;
            }
            if stop {
                return Ok(StageEnd::Stopped);
            }
            yield_now().await;
        }
        Ok(StageEnd::Done(Box::new(stage)))
    }

    /// Weights kept, network evaluated, and the run stands at the next stage.
    async fn finish_stage(&mut self, plan: &StagePlan, stage: &Stage) -> Result<(), TrainError> {
        let weights = stage.weights().await?;
        let position = self.position(plan.index, self.plan.steps(plan, self.train.len()));
        let name = files::weights(plan);
        self.sink.put(
            &name,
            &Checkpoint {
                tensors: weights,
                position,
            }
            .to_bytes(),
        )?;
        if RunPlan::is_evaluated_after(plan) {
            self.evaluate(plan, stage).await?;
        }
        self.checkpoint(plan.index + 1, 0, HostTensors::new())
    }

    async fn evaluate(&mut self, plan: &StagePlan, stage: &Stage) -> Result<(), TrainError> {
        let Some(row) = evaluate_network(self, plan, stage).await? else {
            return Ok(());
        };
        self.emit(Event::Evaluated(Box::new(row)))
    }

    async fn report_steps(
        &mut self,
        plan: &StagePlan,
        stage: &mut Stage,
        step: u64,
        learning_rate: f64,
        clock: &mut Instant,
    ) -> Result<(), TrainError> {
        let images = stage.unread_steps() * self.batch_size(plan) as u64;
        let facts = stage.facts().await?;
        if !facts.loss.is_finite() {
            return Err(TrainError::NonFinite {
                stage: plan.to_string(),
                step,
                value: facts.loss,
            });
        }
        let secs = clock.elapsed().as_secs_f64();
        *clock = Instant::now();
        let metrics = StepMetrics {
            stage: plan.index,
            step,
            loss: facts.loss,
            accuracy: facts.accuracy,
            learning_rate,
            anchors_without_positives: facts.anchors_without_positives,
            view_similarity: facts.view_similarity,
            mutual_information_bound: facts.mutual_information_bound,
            images_per_second: images as f64 / secs.max(1e-9),
        };
        let warnings = self.alarms.meet(&metrics);
        self.emit(Event::Step(metrics))?;
        for message in warnings {
            self.emit(Event::Warning {
                stage: plan.index,
                step,
                message,
            })?;
        }
        Ok(())
    }

    /// The next command; holds here while the run is paused.
    async fn next_command(&mut self) -> Result<Option<Command>, TrainError> {
        let mut command = self.inbox.try_recv().ok();
        if command != Some(Command::Pause) {
            return Ok(command);
        }
        self.emit(Event::State(RunState::Paused))?;
        while matches!(command, Some(Command::Pause) | None) {
            rest().await;
            command = self.inbox.try_recv().ok();
        }
        self.emit(Event::State(RunState::Running))?;
        Ok(command)
    }

    fn batch_size(&self, plan: &StagePlan) -> usize {
        let config = self.plan.config();
        let wanted = match plan.kind {
            StageKind::Contrastive => config.contrastive.batch_size,
            StageKind::Linear => config.linear.batch_size,
            StageKind::CrossEntropy => config.cross_entropy.batch_size,
        };
        wanted.min(self.train.len())
    }

    fn learning_rate(&self, plan: &StagePlan, steps: u64, batch_size: usize) -> LearningRate {
        let config = self.plan.config();
        let optimizer = match plan.kind {
            StageKind::Contrastive => &config.contrastive.optimizer,
            StageKind::Linear => &config.linear.optimizer,
            StageKind::CrossEntropy => &config.cross_entropy.optimizer,
        };
        LearningRate::new(
            optimizer,
            steps,
            steps_per_epoch(self.train.len(), batch_size),
        )
    }
}
