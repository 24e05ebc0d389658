//! The engine: training, stopping, resuming, and what must not move.

mod engine;
mod live;
mod model;
mod optimizer;
mod resume;
mod watching;

use std::sync::mpsc::{self, Receiver, Sender};
use supcon_data::Splits;
use supcon_protocol::{
    Command, Envelope, Event, ExecutionConfig, Length, Method, PRESETS, RunConfig, RunHistory,
    RunId, RunPlan, RunState,
};
use supcon_train::{Checkpoint, ComputeDevice, Engine, EventLog, Job, MemorySink, TrainError};

/// A run of seconds: every stage kind, few images, few steps.
pub fn small_config() -> RunConfig {
    let mut config = PRESETS[0].config();
    config.data.shapes_train = 300;
    config.data.shapes_test = 100;
    config.methods = vec![Method::Supcon, Method::CrossEntropy];
    config.contrastive.length = Length::Steps(12);
    config.contrastive.batch_size = 32;
    config.contrastive.optimizer.warmup = Length::Steps(3);
    config.linear.length = Length::Steps(20);
    config.linear.batch_size = 64;
    config.cross_entropy.length = Length::Steps(12);
    config.cross_entropy.batch_size = 32;
    config.cross_entropy.optimizer.warmup = Length::Steps(3);
    config.evaluation.bootstrap_resamples = 100;
    config.evaluation.probe_every = 6;
    config.evaluation.probe_images = 30;
    config
}

pub fn splits(config: &RunConfig) -> Splits {
    let data = &config.data;
    let validation = (data.shapes_train as f32 * data.validation_fraction) as usize;
    supcon_data::shapes::generate(
        data.shapes_train - validation,
        validation,
        data.shapes_test,
        data.seed,
    )
}

pub fn execution() -> ExecutionConfig {
    ExecutionConfig {
        checkpoint_every: 5,
        log_every: 4,
        threads: 2,
        ..ExecutionConfig::default()
    }
}

/// One run in memory, ended or stopped.
pub struct Run {
    pub result: Result<RunState, TrainError>,
    pub log: EventLog,
    pub files: MemorySink,
}

impl Run {
    pub fn start(config: &RunConfig, execution: ExecutionConfig, inbox: Receiver<Command>) -> Self {
        Self::go(
            config,
            execution,
            inbox,
            MemorySink::default(),
            None,
            Vec::new(),
        )
    }

    pub fn to_the_end(config: &RunConfig) -> Self {
        Self::start(config, execution(), no_commands().1)
    }

    /// Goes on from the files a run left, as `supcon resume` does.
    pub fn resume(config: &RunConfig, files: MemorySink, inbox: Receiver<Command>) -> Self {
        Self::resume_with(config, execution(), files, inbox)
    }

    pub fn resume_with(
        config: &RunConfig,
        execution: ExecutionConfig,
        files: MemorySink,
        inbox: Receiver<Command>,
    ) -> Self {
        let checkpoint = files
            .0
            .get("checkpoints/latest.safetensors")
            .expect("a checkpoint");
        let checkpoint = Checkpoint::from_bytes("latest", checkpoint).expect("readable");
        let bytes = &files.0["events.jsonl"][..checkpoint.position.log_bytes as usize];
        let text = std::str::from_utf8(bytes).expect("UTF-8");
        let events = supcon_train::parse_events(text).expect("whole lines");
        Self::go(config, execution, inbox, files, Some(checkpoint), events)
    }

    fn go(
        config: &RunConfig,
        execution: ExecutionConfig,
        inbox: Receiver<Command>,
        mut files: MemorySink,
        resume: Option<Checkpoint>,
        events: Vec<Envelope<Event>>,
    ) -> Self {
        let log = EventLog::new(RunId("test".to_owned()), events);
        let job = Job {
            plan: RunPlan::new(config.clone()),
            splits: splits(config),
            device: ComputeDevice::cpu(),
            execution,
            host: "test".to_owned(),
            repeat_command: "supcon train".to_owned(),
            resume,
        };
        let engine = Engine::new(job, log.clone(), inbox, &mut files);
        let result = engine.and_then(|engine| pollster::block_on(engine.run()));
        Self { result, log, files }
    }

    pub fn history(&self) -> RunHistory {
        self.log.history()
    }

    /// Weights that a finished stage left.
    pub fn weights(&self, name: &str) -> Checkpoint {
        let name = format!("checkpoints/{name}.safetensors");
        let bytes = self
            .files
            .0
            .get(&name)
            .unwrap_or_else(|| panic!("{name} among {:?}", self.files.0.keys()));
        Checkpoint::from_bytes(&name, bytes).expect("readable")
    }
}

pub fn no_commands() -> (Sender<Command>, Receiver<Command>) {
    mpsc::channel()
}
