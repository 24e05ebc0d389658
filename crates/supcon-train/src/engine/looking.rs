//! Looking at a network while it trains. Nothing here changes a bit of it.

use super::Engine;
use super::stage_run::StageRun;
use crate::board::Board;
use crate::error::{SinkError, TrainError};
use crate::files;
use crate::sink::ArtifactSink;
use crate::watch::{Moment, Scene, Watch};
use supcon_protocol::{Event, WatchConfig};
use web_time::Instant;

impl Engine<'_> {
    /// Prepares to watch, if the execution says so.
    pub(super) fn start_watching(&mut self, board: Board) -> Result<(), TrainError> {
        let Some(config) = self.execution.watch.clone() else {
            return Ok(());
        };
        let config_of_run = self.plan.config();
        let scene = Scene {
            train: self.train.clone(),
            validation: self.validation.clone(),
            test: self.test.clone(),
            normalisation: self.normalisation,
            views: config_of_run.views.clone(),
            evaluation: config_of_run.evaluation.clone(),
            device: self.device.device.clone().inner(),
        };
        keep(&mut *self.sink, &config)?;
        let resumed = self.resume.as_ref().map(|checkpoint| &checkpoint.position);
        let from = resumed.map_or((0, 0), |position| (position.stage, position.step));
        self.watch = Some(Watch::new(config, scene, board, &mut *self.sink, from)?);
        Ok(())
    }

    /// Looks at the watched images, if it is time to.
    pub(super) async fn look(&mut self, run: &mut StageRun) -> Result<(), TrainError> {
        let Some(mut watch) = self.watch.take() else {
            return Ok(());
        };
        let start = Instant::now();
        let looked = watch
            .after_step(run.moment(), || run.stage.network(), &mut *self.sink)
            .await;
        self.watch = Some(watch);
        // Looking does not count as training time.
        run.clock += start.elapsed();
        self.without_recording(run, looked)
    }

    /// What was asked for, whatever the time.
    pub(super) async fn look_on_demand(&mut self, run: &StageRun) -> Result<(), TrainError> {
        match &mut self.watch {
            Some(watch) => watch.on_demand(|| run.stage.network()).await,
            None => Ok(()),
        }
    }

    /// Looks once more at the end of a stage.
    pub(super) async fn look_last(&mut self, run: &StageRun) -> Result<(), TrainError> {
        let Some(mut watch) = self.watch.take() else {
            return Ok(());
        };
        let looked = watch
            .at_the_end(run.moment(), || run.stage.network(), &mut *self.sink)
            .await;
        self.watch = Some(watch);
        self.without_recording(run, looked)
    }

    /// No steps are taken for a while.
    pub(super) fn rest_from_steps(&mut self) {
        if let Some(watch) = &mut self.watch {
            watch.rest();
        }
    }

    pub(super) async fn watch_with(
        &mut self,
        run: &StageRun,
        config: WatchConfig,
    ) -> Result<(), TrainError> {
        let Some(watch) = &mut self.watch else {
            let message = "this run is not watched: start it with something to watch".to_owned();
            return self.warn(run, message);
        };
        let message = watch.change(config);
        keep(&mut *self.sink, watch.config())?;
        match message {
            Some(message) => self.warn(run, message),
            None => Ok(()),
        }
    }

    /// Records what was seen before a stop.
    pub(super) fn keep_frames(&mut self, run: &StageRun) -> Result<(), TrainError> {
        let kept = self
            .watch
            .as_mut()
            .map(|watch| watch.record(&mut *self.sink, false));
        self.without_recording(run, Ok(kept.and_then(Result::err)))
    }

    /// Probes the validation split; whether there was something to probe.
    pub(super) async fn probe(&mut self, run: &mut StageRun) -> Result<bool, TrainError> {
        let Some(encoder) = run.stage.training_encoder() else {
            return Ok(false);
        };
        let start = Instant::now();
        let metrics = run
            .probe
            .look(self, encoder, run.plan.index, run.step)
            .await?;
        if let Some(watch) = &self.watch {
            watch.budget().probed(start);
        }
        let Some(metrics) = metrics else {
            return Ok(false);
        };
        self.emit(Event::Probe(metrics))?;
        // Looking does not count as training time.
        run.clock = Instant::now();
        Ok(true)
    }

    /// A recording that fails ends itself, not the run.
    fn without_recording(
        &mut self,
        run: &StageRun,
        looked: Result<Option<SinkError>, TrainError>,
    ) -> Result<(), TrainError> {
        match looked? {
            Some(error) => self.warn(
                run,
                format!("{error}; the run goes on without recording frames"),
            ),
            None => Ok(()),
        }
    }
}

/// For a resume to go on with.
fn keep(sink: &mut dyn ArtifactSink, config: &WatchConfig) -> Result<(), SinkError> {
    let json = serde_json::to_vec_pretty(config).expect("settings are plain data");
    sink.put(files::WATCH, &json)
}

impl StageRun {
    fn moment(&self) -> Moment {
        Moment {
            stage: self.plan.index,
            step: self.step,
        }
    }
}
