//! Watching: a fixed part of the images, embedded again and again while an encoder trains, mapped
//! beside it and recorded.
//!
//! *Invariant:* watching changes no bit of the weights. It looks through copies in evaluation mode,
//! draws views from a stream of its own and maps on threads of its own.

mod budget;
mod map_loop;
mod mapper;
mod network;
mod recorder;

use network::Views;
pub(crate) use network::{Network, Scene};

use crate::board::Board;
use crate::error::{SinkError, TrainError};
use crate::evaluate::fixed_subset;
use crate::samples::samples;
use crate::sink::ArtifactSink;
use budget::Budget;
use mapper::Mapper;
use recorder::Recorder;
use std::sync::Arc;
use supcon_protocol::recording::RecordedFrame;
use supcon_protocol::{EmbeddingFrame, Samples, Split, WatchConfig};
use web_time::Instant;

/// Images of a split that are embedded on demand, at most.
const MOST_EMBEDDED: usize = 50_000;

/// Where a run stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Moment {
    pub(crate) stage: usize,
    /// Steps done in it.
    pub(crate) step: u64,
}

/// Images to look at.
struct Subset {
    views: Views,
    samples: Arc<Samples>,
}

/// Looks at a network while it trains, and after.
pub(crate) struct Watch {
    config: WatchConfig,
    scene: Scene,
    board: Board,
    budget: Budget,
    mapper: Mapper,
    recorder: Option<Recorder>,
    watched: Subset,
    /// Whether the samples file of the run is the one of `watched`.
    samples_are_kept: bool,
    next_index: u64,
    /// Where the newest watched frame was taken.
    last: Option<Moment>,
    /// The newest watched frame.
    frame: Option<Arc<EmbeddingFrame>>,
    /// Whether it was recorded; that waits until its map had time.
    frame_is_recorded: bool,
    /// What one looks through when no stage that trains an encoder is at work.
    newest: Option<(Network, Moment)>,
    /// All images of a split are in view: watched frames are recorded, but not shown.
    shows_all: bool,
}

impl Watch {
    /// Prepares to watch a run that stands at (stage, step).
    pub(crate) fn new(
        mut config: WatchConfig,
        scene: Scene,
        board: Board,
        sink: &mut dyn ArtifactSink,
        (stage, step): (usize, u64),
    ) -> Result<Self, TrainError> {
        let mut recorder = None;
        let mut samples_are_kept = false;
        if config.record {
            let resumed = Recorder::resume(sink, stage, step)?;
            // The frames so far are of these images; so are those to come.
            if resumed.next_index() > 0
                && let Some(images) = Recorder::recorded_images(sink)?
            {
                config.images = images;
                samples_are_kept = true;
            }
            recorder = Some(resumed);
        }
        let split = if scene.validation.is_empty() {
            Split::Train
        } else {
            Split::Validation
        };
        let budget = Budget::new(config.budget);
        Ok(Self {
            watched: Subset::new(&scene, split, config.images),
            mapper: Mapper::new(board.clone(), budget.clone()),
            next_index: recorder.as_ref().map_or(0, Recorder::next_index),
            config,
            scene,
            board,
            budget,
            recorder,
            samples_are_kept,
            last: None,
            frame: None,
            frame_is_recorded: false,
            newest: None,
            shows_all: false,
        })
    }

    pub(crate) fn config(&self) -> &WatchConfig {
        &self.config
    }

    pub(crate) fn budget(&self) -> &Budget {
        &self.budget
    }

    /// Looks if it is time to, or if somebody asked. A recording that fails ends, and is handed back.
    pub(crate) async fn after_step(
        &mut self,
        now: Moment,
        network: impl Fn() -> Option<Network>,
        sink: &mut dyn ArtifactSink,
    ) -> Result<Option<SinkError>, TrainError> {
        self.budget.limit();
        self.mapper.between_steps();
        let mut failed = None;
        if self.is_due(now)
            && let Some(network) = network()
        {
            failed = self.record(sink, false).err();
            self.watch(&network, now).await?;
        }
        self.on_demand_at(now, network).await?;
        Ok(failed)
    }

    /// Looks at the end of a stage, whatever the time, and lets the map come to rest.
    pub(crate) async fn at_the_end(
        &mut self,
        now: Moment,
        network: impl Fn() -> Option<Network>,
        sink: &mut dyn ArtifactSink,
    ) -> Result<Option<SinkError>, TrainError> {
        let Some(network) = network() else {
            return Ok(None);
        };
        let mut failed = None;
        if self.last != Some(now) {
            failed = self.record(sink, false).err();
            self.watch(&network, now).await?;
        }
        self.budget.lift();
        self.mapper.settle().await;
        let failed = self.record(sink, true).err().or(failed);
        self.newest = Some((network, now));
        Ok(failed)
    }

    /// What was asked for meanwhile; while a run is paused, or after its end.
    pub(crate) async fn on_demand(
        &mut self,
        network: impl Fn() -> Option<Network>,
    ) -> Result<(), TrainError> {
        self.mapper.between_steps();
        let now = self.last.unwrap_or_default();
        self.on_demand_at(now, network).await
    }

    /// Lets the map go on where it has no thread of its own; whether it has more to do.
    pub(crate) fn take_turn(&mut self) -> bool {
        self.mapper.between_steps();
        self.mapper.needs_turns()
    }

    /// No steps are taken for a while: the map may have all the time.
    pub(crate) fn rest(&mut self) {
        self.budget.lift();
    }

    /// Watches with other settings from now on; says what stays as it was.
    pub(crate) fn change(&mut self, config: WatchConfig) -> Option<String> {
        let kept = self.config.images;
        let asked = config.images;
        let records = self.recorder.is_some();
        self.budget.set_share(config.budget);
        self.config = config;
        if asked != kept {
            if records {
                self.config.images = kept;
            } else {
                self.watched = Subset::new(&self.scene, self.watched.views.split, asked);
                self.last = None;
            }
        }
        let was_elsewhere = std::mem::take(&mut self.shows_all);
        match &self.frame {
            Some(frame) if frame.predictions.len() == self.watched.views.ids.len() => {
                if was_elsewhere {
                    self.board.show_samples(Arc::clone(&self.watched.samples));
                    self.board.show_embedding(Arc::clone(frame));
                }
                self.mapper.map(
                    Arc::clone(frame),
                    self.config.map.clone(),
                    self.watched.views.split,
                );
            }
            _ => {}
        }
        (asked != kept && records).then(|| {
            format!(
                "the number of watched images stays {kept} while frames are recorded: they are all of the same images"
            )
        })
    }

    fn is_due(&self, now: Moment) -> bool {
        let Some(last) = self.last.filter(|last| last.stage == now.stage) else {
            return true;
        };
        match self.config.every {
            0 => now.step > last.step && self.budget.has_room_for_embedding(),
            every => now.step > last.step && now.step.is_multiple_of(every),
        }
    }

    /// A frame of the watched images.
    async fn watch(&mut self, network: &Network, now: Moment) -> Result<(), TrainError> {
        if self.last.is_none_or(|last| last.stage != now.stage) {
            if let Some(recorder) = &mut self.recorder {
                recorder.begin_stage(now.stage);
            }
            self.mapper.forget();
            self.shows_all = false;
            self.board.show_samples(Arc::clone(&self.watched.samples));
        }
        self.last = Some(now);
        self.scene.wait_for_device().await?;
        let start = Instant::now();
        let index = self.take_index();
        let views = &mut self.watched.views;
        let frame = frame(&self.scene, network, views, now, index).await?;
        if !self.shows_all {
            self.board.show_embedding(Arc::clone(&frame));
            self.mapper.map(
                Arc::clone(&frame),
                self.config.map.clone(),
                self.watched.views.split,
            );
        }
        self.frame = Some(frame);
        self.frame_is_recorded = false;
        self.budget.embedded(start);
        Ok(())
    }

    fn take_index(&mut self) -> u64 {
        self.next_index += 1;
        self.next_index - 1
    }

    async fn on_demand_at(
        &mut self,
        now: Moment,
        network: impl Fn() -> Option<Network>,
    ) -> Result<(), TrainError> {
        let Some(split) = self.board.take_demand() else {
            return Ok(());
        };
        let seen = network().map(|network| (network, now));
        let Some((network, moment)) = seen.or_else(|| self.newest.clone()) else {
            self.board.fail(
                "there is no trained network to embed with yet".to_owned(),
                "Wait for the first stage that trains an encoder.",
            );
            return Ok(());
        };
        if self.scene.images(split).is_empty() {
            self.board.fail(
                "the split holds no image".to_owned(),
                "Choose another split, or hold out a share of the images for it.",
            );
            return Ok(());
        }
        let mut all = Subset::new(&self.scene, split, MOST_EMBEDDED);
        let index = self.take_index();
        let frame = frame(&self.scene, &network, &mut all.views, moment, index).await?;
        self.shows_all = true;
        self.board.show_samples(all.samples);
        self.board.show_embedding(Arc::clone(&frame));
        self.mapper.forget();
        self.mapper.map(frame, self.config.map.clone(), split);
        Ok(())
    }

    /// Records the newest frame with the map it has by now. A recorder that fails is given up.
    pub(crate) fn record(
        &mut self,
        sink: &mut dyn ArtifactSink,
        last: bool,
    ) -> Result<(), SinkError> {
        let Some(frame) = self.frame.clone().filter(|_| !self.frame_is_recorded) else {
            return Ok(());
        };
        let Some(mut recorder) = self.recorder.take() else {
            return Ok(());
        };
        let start = Instant::now();
        if !self.samples_are_kept {
            Recorder::keep_samples(sink, &self.watched.samples)?;
            self.samples_are_kept = true;
        }
        let map = self.board.map_of(frame.index);
        let recorded = RecordedFrame {
            map: map.map(Arc::unwrap_or_clone),
            embedding: Arc::unwrap_or_clone(frame),
        };
        recorder.record(sink, &recorded, last)?;
        self.recorder = Some(recorder);
        self.frame_is_recorded = true;
        self.budget.looked(start);
        Ok(())
    }
}

/// A frame of these views as a network sees them.
async fn frame(
    scene: &Scene,
    network: &Network,
    views: &mut Views,
    now: Moment,
    index: u64,
) -> Result<Arc<EmbeddingFrame>, TrainError> {
    let look = scene.look(network, views).await?;
    Ok(Arc::new(EmbeddingFrame {
        stage: now.stage,
        step: now.step,
        index,
        dim: look.dim,
        z: look.z,
        predictions: look.predictions,
    }))
}

impl Subset {
    fn new(scene: &Scene, split: Split, most: usize) -> Self {
        let images = scene.images(split);
        let ids = fixed_subset(images.len(), most.min(images.len()));
        let samples = Arc::new(samples(images, split, &ids));
        Self {
            views: Views::new(
                split,
                ids,
                supcon_data::CHANNELS * images.height() * images.width(),
            ),
            samples,
        }
    }
}
