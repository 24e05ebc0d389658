//! What front ends ask of a run.

use super::Engine;
use super::stage_run::StageRun;
use crate::error::TrainError;
use crate::pace::rest;
use std::ops::ControlFlow::{self, Break, Continue};
use std::sync::mpsc::TryRecvError;
use supcon_protocol::{Command, Event, RunState};
use web_time::Instant;

impl Engine<'_> {
    /// Obeys the next command, if there is one; `Break` ends the stage.
    pub(super) async fn obey_next(
        &mut self,
        run: &mut StageRun,
    ) -> Result<ControlFlow<()>, TrainError> {
        let flow = match self.inbox.try_recv() {
            Ok(Command::Pause) => self.hold(run).await?,
            Ok(command) => self.obey(run, command).await?,
            Err(_) => Continue(()),
        };
        if flow.is_break() {
            self.save(run).await?;
        }
        Ok(flow)
    }

    /// Holds until told to go on or to stop; everything else is obeyed meanwhile.
    async fn hold(&mut self, run: &mut StageRun) -> Result<ControlFlow<()>, TrainError> {
        self.emit(Event::State(RunState::Paused))?;
        self.rest_from_steps();
        let flow = loop {
            match self.inbox.try_recv() {
                Ok(Command::Continue) => break Continue(()),
                Ok(command) => {
                    if self.obey(run, command).await?.is_break() {
                        break Break(());
                    }
                }
                Err(TryRecvError::Empty) => {
                    self.look_on_demand(run).await?;
                    rest().await;
                }
                // Nobody is left who could tell it to go on.
                Err(TryRecvError::Disconnected) => break Break(()),
            }
        };
        self.emit(Event::State(RunState::Running))?;
        // Waiting does not count as training time.
        run.clock = Instant::now();
        Ok(flow)
    }

    async fn obey(
        &mut self,
        run: &mut StageRun,
        command: Command,
    ) -> Result<ControlFlow<()>, TrainError> {
        match command {
            Command::Stop => return Ok(Break(())),
            Command::Pause | Command::Continue => {}
            Command::SaveCheckpoint => self.save(run).await?,
            Command::EvaluateNow => self.evaluate_now(run).await?,
            Command::Patch(patch) => self.patch(run, patch).await?,
            Command::Watch(config) => self.watch_with(run, config).await?,
        }
        Ok(Continue(()))
    }

    async fn evaluate_now(&mut self, run: &mut StageRun) -> Result<(), TrainError> {
        self.report_steps(run).await?;
        if !self.probe(run).await? {
            let message = if self.validation.is_empty() {
                "there is nothing to probe: the validation split holds no image (data.validation_fraction)"
                    .to_owned()
            } else {
                format!(
                    "there is nothing new to probe: \"{}\" trains a classifier on an encoder that does not change",
                    run.plan
                )
            };
            self.warn(run, message)?;
        }
        Ok(())
    }
}
