//! The engine: takes a plan through its stages, reports events, obeys commands.

mod alarms;
mod changes;
mod commands;
mod looking;
mod record;
mod stage_run;
mod stages;

use crate::batch::Normalisation;
use crate::board::Board;
use crate::checkpoint::{Checkpoint, put_part};
use crate::device::ComputeDevice;
use crate::error::TrainError;
use crate::evaluate::evaluate_network;
use crate::learner::MODEL;
use crate::log::EventLog;
use crate::schedule::LearningRate;
use crate::sink::ArtifactSink;
use crate::stage::Stage;
use crate::state::{HostTensors, StateTensors};
use crate::watch::Watch;
use crate::{files, report};
use alarms::Alarms;
use record::{check_same, run_info};
use stage_run::StageEnd;
use std::sync::Arc;
use std::sync::mpsc::Receiver;
use supcon_data::{ImageSet, Splits};
use supcon_protocol::{
    Command, Event, ExecutionConfig, RunInfo, RunPlan, RunState, StagePlan, Subject,
    steps_per_epoch,
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
    pub(crate) validation: Arc<ImageSet>,
    pub(crate) test: Arc<ImageSet>,
    pub(crate) normalisation: Normalisation,
    pub(crate) device: ComputeDevice,
    pub(crate) log: EventLog,
    pub(crate) sink: Box<dyn ArtifactSink + 'a>,
    pub(crate) repeat_command: String,
    execution: ExecutionConfig,
    info: RunInfo,
    inbox: Receiver<Command>,
    resume: Option<Checkpoint>,
    log_bytes: u64,
    alarms: Alarms,
    watch: Option<Watch>,
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
        mut sink: impl ArtifactSink + 'a,
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
            validation: Arc::new(validation),
            test: Arc::new(test),
            plan: job.plan,
            device: job.device,
            execution: job.execution,
            repeat_command: job.repeat_command,
            resume: job.resume,
            info,
            log,
            sink: Box::new(sink),
            inbox,
            watch: None,
            log_bytes,
            alarms: Alarms::new(0, None, 0, &[]),
        })
    }

    /// Runs to the end, to a stop, or to an error, and reports which. An error is also an event.
    ///
    /// # Errors
    /// Whatever ended the run.
    pub async fn run(mut self) -> Result<RunState, TrainError> {
        self.start_watching(Board::default())?;
        self.run_to_its_end().await
    }

    /// [`Engine::run`] for somebody who looks on: notices hang on `board`. What watched is handed back, to
    /// look through the newest network after the end.
    pub(crate) async fn run_in_view(
        mut self,
        board: Board,
    ) -> (Result<RunState, TrainError>, Option<Watch>) {
        if let Err(error) = self.start_watching(board) {
            return (Err(error), None);
        }
        let result = self.run_to_its_end().await;
        (result, self.watch)
    }

    async fn run_to_its_end(&mut self) -> Result<RunState, TrainError> {
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
        let changes = &self.log.history().patches;
        self.repeat_command += &changes::in_words(changes, plan.stages());
        report::write(self, started.elapsed().as_secs_f64()).await?;
        self.emit(Event::State(RunState::Finished))?;
        Ok(RunState::Finished)
    }

    /// Weights kept, network evaluated, and the run stands at the next stage.
    async fn finish_stage(&mut self, plan: &StagePlan, stage: &Stage) -> Result<(), TrainError> {
        let mut weights = stage.weights().await?;
        if plan.subject == Subject::RandomEncoder {
            // No other stage saves it, and its statistics have settled.
            let encoder = StateTensors::of(stage.encoder()).to_host().await?;
            put_part(&mut weights, &format!("{MODEL}.encoder"), encoder);
        }
        let position = self.position(plan.index, self.plan.steps(plan, self.train.len()));
        let name = files::weights(plan);
        self.sink.put(
            &name,
            &Checkpoint {
                tensors: weights,
                position,
                input: Some(self.input()),
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

    fn batch_size(&self, plan: &StagePlan) -> usize {
        self.plan.batch_size(plan).min(self.train.len())
    }

    fn learning_rate(&self, plan: &StagePlan, steps: u64, batch_size: usize) -> LearningRate {
        LearningRate::new(
            &self.plan.optimizer(plan),
            steps,
            steps_per_epoch(self.train.len(), batch_size),
            batch_size,
        )
    }
}
