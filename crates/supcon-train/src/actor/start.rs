//! Starting runs and going on with them.

use super::gallery::Collection;
use super::{ActiveRun, Actor, RunStore};
use crate::engine::{Engine, Job};
use crate::error::{SinkError, TrainError};
use crate::files;
use crate::log::EventLog;
use crate::saved_run::{Invocation, SavedRun, SavedRunError};
use crate::sink::ArtifactSink;
use std::path::PathBuf;
use std::sync::mpsc;
use supcon_data::Splits;
use supcon_protocol::{
    DataRequest, DataSource, ErrorReport, ExecutionConfig, Notice, RunConfig, RunId, RunPlan,
    StartRequest,
};

impl<S: RunStore> Actor<S> {
    pub(super) async fn start(&mut self, request: Box<StartRequest>) {
        let (collection, loading) = self.mail.gallery.collection();
        if self.run.is_some() || self.start.is_some() {
            return self.refuse_second_run();
        }
        if loading {
            self.start = Some(request);
            return;
        }
        let started = match collection {
            Some(collection) => self.try_start(*request, &collection).await,
            None => Err(fact(
                "no images are loaded, so there is nothing to train on",
                "Load the built-in shapes or images of your own first.",
            )),
        };
        self.tell_failure(started);
    }

    /// The start that waited for images.
    pub(super) async fn start_waiting(&mut self) {
        if let Some(request) = self.start.take() {
            self.start(request).await;
        }
    }

    async fn try_start(
        &mut self,
        request: StartRequest,
        collection: &Collection,
    ) -> Result<(), ErrorReport> {
        let StartRequest {
            config,
            execution,
            watch,
        } = request;
        // What is trained on is what was loaded; a resume loads the same.
        let config = RunConfig {
            data: collection.request.config.clone(),
            ..config
        };
        config
            .check()
            .map_err(|error| ErrorReport::new(&error, None))?;
        let execution = ExecutionConfig {
            watch: Some(watch),
            ..resolved(execution)?
        };
        let device = self
            .device(execution.device)
            .await
            .map_err(|error| error.report())?;
        let (run, mut sink) = self.store.create(&config.name).await?;
        let place = self.store.place(&run);
        let invocation = invocation(&place, &collection.request);
        put_beginning(&mut *sink, &config, &invocation)
            .map_err(|error| TrainError::from(error).report())?;
        let job = Job {
            plan: RunPlan::new(config),
            splits: collection.splits.clone(),
            device,
            execution,
            host: host(),
            repeat_command: invocation.repeat_command,
            resume: None,
        };
        self.launch(job, EventLog::new(run, Vec::new()), sink)
    }

    pub(super) async fn resume(&mut self, run: &RunId) {
        if self.run.is_some() || self.start.is_some() {
            return self.refuse_second_run();
        }
        let resumed = self.try_resume(run).await;
        self.tell_failure(resumed);
    }

    async fn try_resume(&mut self, run: &RunId) -> Result<(), ErrorReport> {
        let mut sink = self.store.open(run).await?;
        let (store, of) = (self.store.clone(), run.clone());
        let read = move |name: &str| store.read(&of, name);
        let saved = SavedRun::open(self.store.place(run), Box::new(read)).map_err(unreadable)?;
        if saved.is_finished().map_err(unreadable)? {
            return Err(fact(
                &format!("{} is finished", saved.place()),
                "Look at its report, or start the same run again.",
            ));
        }
        let checkpoint = saved.checkpoint().map_err(unreadable)?;
        let events = saved
            .events_before(checkpoint.as_ref())
            .map_err(unreadable)?;
        let config = saved.plan().config().clone();
        let kept = saved.invocation().map_err(unreadable)?;
        let place = kept.as_ref().and_then(|kept| kept.data.clone());
        let request = DataRequest {
            config: config.data.clone(),
            place: place.map(|place| place.display().to_string()),
        };
        let splits = self.images_of(&request)?;
        let watch = sink
            .read(files::WATCH)
            .map_err(|error| TrainError::from(error).report())?;
        let watch = watch.and_then(|json| serde_json::from_slice(&json).ok());
        let execution = ExecutionConfig {
            watch: Some(watch.unwrap_or_default()),
            ..resolved(ExecutionConfig::default())?
        };
        let device = self
            .device(execution.device)
            .await
            .map_err(|error| error.report())?;
        if checkpoint.is_none() {
            // It starts over, and so does its log.
            sink.put(files::EVENTS, b"")
                .map_err(|error| TrainError::from(error).report())?;
        }
        let repeat_command = match kept {
            Some(kept) => kept.repeat_command,
            None => invocation(saved.place(), &request).repeat_command,
        };
        let job = Job {
            plan: RunPlan::new(config),
            splits,
            device,
            execution,
            host: host(),
            repeat_command,
            resume: checkpoint,
        };
        self.launch(job, EventLog::new(run.clone(), events), sink)
    }

    /// Images as they were loaded when the run began; those at hand, if they are the same.
    pub(super) fn images_of(&self, request: &DataRequest) -> Result<Splits, ErrorReport> {
        match self.mail.gallery.collection().0 {
            Some(collection) if collection.request == *request => Ok(collection.splits.clone()),
            _ => Ok((self.open)(request)?.splits),
        }
    }

    fn launch(
        &mut self,
        job: Job,
        log: EventLog,
        sink: Box<dyn ArtifactSink>,
    ) -> Result<(), ErrorReport> {
        let (commands, inbox) = mpsc::channel();
        let engine = Engine::new(job, log.clone(), inbox, sink).map_err(|error| error.report())?;
        self.board().open_run(&log);
        // What watched the run before goes, and its map with it.
        self.watch = None;
        let course = engine.run_in_view(self.board().clone());
        self.run = Some(ActiveRun {
            commands,
            log,
            course: Box::pin(course),
        });
        Ok(())
    }

    pub(super) fn refuse_second_run(&self) {
        self.board().fail(
            "a run is in progress, and there is one at a time".to_owned(),
            "Stop it first, which keeps a checkpoint, or wait for its end.",
        );
    }

    fn tell_failure(&self, result: Result<(), ErrorReport>) {
        if let Err(report) = result {
            self.board().answer(Notice::Failed(report));
        }
    }
}

/// What a run directory holds before the first step.
fn put_beginning(
    sink: &mut dyn ArtifactSink,
    config: &RunConfig,
    invocation: &Invocation,
) -> Result<(), SinkError> {
    sink.put(files::CONFIG, config.to_toml().as_bytes())?;
    let json = serde_json::to_vec(invocation).expect("an invocation is plain data");
    sink.put(files::INVOCATION, &json)
}

/// The command that repeats a run started from a window.
fn invocation(place: &str, request: &DataRequest) -> Invocation {
    let data = request
        .place
        .as_ref()
        .filter(|_| request.config.source == DataSource::Images)
        .map(PathBuf::from);
    let quoted = |text: &str| format!("'{}'", text.replace('\'', r"'\''"));
    let mut repeat_command = format!(
        "supcon train --config {}",
        quoted(&format!("{place}/{}", files::CONFIG))
    );
    if let Some(data) = &data {
        repeat_command += &format!(" --data {}", quoted(&data.display().to_string()));
    }
    Invocation {
        data,
        repeat_command,
    }
}

/// With the number of threads that there are.
fn resolved(execution: ExecutionConfig) -> Result<ExecutionConfig, ErrorReport> {
    #[cfg(not(target_family = "wasm"))]
    let there_are = {
        // The first run decides; 0 leaves it to the system. Later the pool is there already.
        let pool = rayon::ThreadPoolBuilder::new().num_threads(execution.threads);
        let _ = pool.build_global();
        rayon::current_num_threads()
    };
    #[cfg(target_family = "wasm")]
    let there_are = 1;
    if execution.threads != 0 && execution.threads != there_are {
        return Err(fact(
            &format!(
                "this program computes on {there_are} threads since its first run, not on {}",
                execution.threads
            ),
            "Choose that number or 0, or start the program again.",
        ));
    }
    Ok(ExecutionConfig {
        threads: there_are,
        ..execution
    })
}

#[allow(
    clippy::needless_pass_by_value,
    reason = "it ends here, and reads better in map_err"
)]
pub(super) fn unreadable(error: SavedRunError) -> ErrorReport {
    ErrorReport::new(&error, None)
}

pub(super) fn fact(message: &str, hint: &str) -> ErrorReport {
    ErrorReport {
        message: message.to_owned(),
        causes: Vec::new(),
        hint: Some(hint.to_owned()),
    }
}

/// The browser, for the record.
#[cfg(target_family = "wasm")]
fn host() -> String {
    crate::browser::user_agent()
}

/// Processor and operating system, for the record.
#[cfg(not(target_family = "wasm"))]
fn host() -> String {
    let os = std::env::consts::OS;
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let line = info.lines().find(|line| line.starts_with("model name"));
    let cpu = line.and_then(|line| line.split_once(':'));
    let cpu = cpu.map_or(std::env::consts::ARCH, |(_, name)| name.trim());
    format!("{cpu}, {os}")
}
