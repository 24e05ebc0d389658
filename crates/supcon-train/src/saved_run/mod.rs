//! A run directory read back: what the run is about, and the networks its finished stages left. The
//! command line and the window's app look into runs through this.

mod error;
mod evaluation;
mod map;
mod neighbors;
mod network;
#[cfg(not(target_family = "wasm"))]
mod summary;

pub use error::SavedRunError;
pub use map::map_features;
pub use neighbors::{Neighbor, nearest_neighbors};
pub use network::SavedNetwork;
#[cfg(not(target_family = "wasm"))]
pub use summary::{RunSummary, run_folders};

use crate::checkpoint::Checkpoint;
use crate::error::SinkError;
use crate::{files, parse_events};
use burn::tensor::Device;
use network::Parts;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use supcon_protocol::{
    Envelope, Event, RunConfig, RunHistory, RunPlan, RunState, StagePlan, Subject,
};

/// Kept beside the configuration: what is about this machine, not about the experiment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invocation {
    /// Where the images are, absolute; `None` where they are generated.
    pub data: Option<PathBuf>,
    /// The command that repeats the run.
    pub repeat_command: String,
}

type ReadFile = Box<dyn Fn(&str) -> Result<Option<Vec<u8>>, SinkError>>;

/// A run that was trained earlier, or still trains: looking takes no lock and changes nothing.
pub struct SavedRun {
    place: String,
    plan: RunPlan,
    read: ReadFile,
}

impl SavedRun {
    /// The run in a directory.
    ///
    /// # Errors
    /// No `config.toml`, or one that is refused.
    #[cfg(not(target_family = "wasm"))]
    pub fn at(path: &std::path::Path) -> Result<Self, SavedRunError> {
        use std::io::ErrorKind::{NotADirectory, NotFound};
        let folder = path.to_owned();
        let read = move |name: &str| {
            let path = folder.join(name);
            match std::fs::read(&path) {
                Ok(bytes) => Ok(Some(bytes)),
                Err(error) if matches!(error.kind(), NotFound | NotADirectory) => Ok(None),
                Err(error) => Err(SinkError {
                    action: "reading",
                    place: path.display().to_string(),
                    reason: error.to_string(),
                }),
            }
        };
        Self::open(path.display().to_string(), Box::new(read))
    }

    /// The run whose files `read` yields (`None` where there is none); `place` is for messages.
    ///
    /// # Errors
    /// No `config.toml`, or one that is refused.
    pub fn open(place: String, read: ReadFile) -> Result<Self, SavedRunError> {
        let Some(config) = read(files::CONFIG)? else {
            return Err(SavedRunError::NotARun { place });
        };
        let config_place = format!("{place}/{}", files::CONFIG);
        let config = text(config, &config_place)?;
        let plan = RunPlan::new(RunConfig::from_toml(&config_place, &config)?);
        Ok(Self { place, plan, read })
    }

    /// Where it is.
    #[must_use]
    pub fn place(&self) -> &str {
        &self.place
    }

    /// What it does.
    #[must_use]
    pub fn plan(&self) -> &RunPlan {
        &self.plan
    }

    /// What happened so far; nothing where there is no log.
    ///
    /// # Errors
    /// A log that is none.
    pub fn history(&self) -> Result<RunHistory, SavedRunError> {
        let events = self.events()?;
        Ok(events.iter().map(|envelope| &envelope.msg).collect())
    }

    /// The log; nothing where there is none.
    ///
    /// # Errors
    /// A log that is none, or cannot be read.
    pub fn events(&self) -> Result<Vec<Envelope<Event>>, SavedRunError> {
        let log = (self.read)(files::EVENTS)?.unwrap_or_default();
        self.parsed(log)
    }

    /// Whether the log ends with the end; the last checkpoint is older than that.
    ///
    /// # Errors
    /// What the system said.
    pub fn is_finished(&self) -> Result<bool, SavedRunError> {
        let log = (self.read)(files::EVENTS)?.unwrap_or_default();
        let text = String::from_utf8_lossy(&log);
        let last = text.lines().last().map(parse_events);
        let finished = Event::State(RunState::Finished);
        Ok(matches!(last, Some(Ok(events)) if events.last().is_some_and(|e| e.msg == finished)))
    }

    /// The events before a checkpoint. What came after it will happen again; without a checkpoint all
    /// of it will.
    ///
    /// # Errors
    /// A log that is shorter than its checkpoint says, or none.
    pub fn events_before(
        &self,
        checkpoint: Option<&Checkpoint>,
    ) -> Result<Vec<Envelope<Event>>, SavedRunError> {
        let Some(checkpoint) = checkpoint else {
            return Ok(Vec::new());
        };
        let mut log = (self.read)(files::EVENTS)?.unwrap_or_default();
        let len = checkpoint.position.log_bytes as usize;
        if log.len() < len {
            let place = self.place_of(files::EVENTS);
            return Err(SavedRunError::ShortLog { place });
        }
        log.truncate(len);
        self.parsed(log)
    }

    fn parsed(&self, log: Vec<u8>) -> Result<Vec<Envelope<Event>>, SavedRunError> {
        let place = self.place_of(files::EVENTS);
        parse_events(&text(log, &place)?).map_err(|line| SavedRunError::Log { place, line })
    }

    /// How it was started; `None` where that was not kept.
    ///
    /// # Errors
    /// A file that is none.
    pub fn invocation(&self) -> Result<Option<Invocation>, SavedRunError> {
        let Some(bytes) = (self.read)(files::INVOCATION)? else {
            return Ok(None);
        };
        let read = serde_json::from_slice(&bytes);
        read.map(Some).map_err(|error| SavedRunError::Invocation {
            place: self.place_of(files::INVOCATION),
            reason: error.to_string(),
        })
    }

    /// The checkpoint that `resume` goes on from, if there is one.
    ///
    /// # Errors
    /// One that cannot be read, or of another configuration.
    pub fn checkpoint(&self) -> Result<Option<Checkpoint>, SavedRunError> {
        self.saved(files::CHECKPOINT)
    }

    /// A trained network. `choice` is a method (`supcon`), a method and a seed (`supcon-s1`), a stage
    /// by its number in the log (`2`) or by the name of its file (`1-supcon-contrastive-s0`); `None`
    /// is the first method of the first seed.
    ///
    /// # Errors
    /// No such network, one that is not trained yet, or weights that cannot be used.
    pub fn network(
        &self,
        choice: Option<&str>,
        device: &Device,
    ) -> Result<SavedNetwork, SavedRunError> {
        let (subject, seed) = self.chosen(choice)?;
        let mut parts = Parts::default();
        let mut missing = false;
        for stage in self.stages_of(subject, seed) {
            match self.saved(&files::weights(stage))? {
                Some(weights) => parts.push(stage.kind, weights),
                None => missing = true,
            }
        }
        let place = self.place.clone();
        let network = SavedNetwork::new(self.plan.config(), subject, seed, &parts, device);
        match network {
            Ok(Some(network)) => Ok(network),
            Ok(None) if missing => Err(SavedRunError::Unfinished {
                place,
                network: name(subject, seed),
                ready: self.ready(),
            }),
            Ok(None) => Err(SavedRunError::NoInput { place }),
            Err((stage, source)) => Err(SavedRunError::Weights {
                place: self
                    .stages_of(subject, seed)
                    .find(|plan| plan.kind == stage)
                    .map_or(place, |plan| self.place_of(&files::weights(plan))),
                source,
            }),
        }
    }

    pub(crate) fn chosen(&self, choice: Option<&str>) -> Result<(Subject, u64), SavedRunError> {
        let stages = self.plan.stages();
        let is_meant = |stage: &&StagePlan| match choice {
            None => stage.subject != Subject::RandomEncoder,
            Some(choice) => {
                choice == key(stage.subject)
                    || choice == name(stage.subject, stage.seed)
                    || choice == stage.slug()
                    || choice == (stage.index + 1).to_string()
            }
        };
        let stage = stages.iter().find(is_meant);
        let unknown = || SavedRunError::UnknownNetwork {
            place: self.place.clone(),
            choice: choice.unwrap_or_default().to_owned(),
            known: self.names(),
        };
        stage
            .map(|stage| (stage.subject, stage.seed))
            .ok_or_else(unknown)
    }

    /// Names of all networks of the plan.
    fn names(&self) -> Vec<String> {
        let stages = self.plan.stages().iter();
        let mut names: Vec<String> = stages.map(|s| name(s.subject, s.seed)).collect();
        names.dedup();
        names
    }

    /// Names of the networks whose files are all there.
    pub(crate) fn ready(&self) -> Vec<String> {
        let is_saved = |stage: &StagePlan| {
            (self.read)(&files::weights(stage)).is_ok_and(|bytes| bytes.is_some())
        };
        let last = self
            .plan
            .stages()
            .iter()
            .filter(|s| RunPlan::is_evaluated_after(s));
        last.filter(|stage| self.stages_of(stage.subject, stage.seed).all(is_saved))
            .map(|stage| name(stage.subject, stage.seed))
            .collect()
    }

    pub(crate) fn stages_of(
        &self,
        subject: Subject,
        seed: u64,
    ) -> impl Iterator<Item = &StagePlan> {
        let stages = self.plan.stages().iter();
        stages.filter(move |stage| stage.subject == subject && stage.seed == seed)
    }

    /// A file of weights, checked to be of this configuration.
    fn saved(&self, file: &str) -> Result<Option<Checkpoint>, SavedRunError> {
        let Some(bytes) = (self.read)(file)? else {
            return Ok(None);
        };
        let place = self.place_of(file);
        let checkpoint = Checkpoint::from_bytes(&place, &bytes)?;
        let expected = self.plan.config().hash();
        let found = &checkpoint.position.config_hash;
        if *found != expected {
            return Err(SavedRunError::OtherConfig {
                place,
                found: found.clone(),
                expected,
            });
        }
        Ok(Some(checkpoint))
    }

    /// A file of the run; `None` if there is none.
    pub(crate) fn file(&self, name: &str) -> Result<Option<Vec<u8>>, SavedRunError> {
        Ok((self.read)(name)?)
    }

    pub(crate) fn place_of(&self, file: &str) -> String {
        format!("{}/{file}", self.place.trim_end_matches('/'))
    }
}

fn text(bytes: Vec<u8>, place: &str) -> Result<String, SavedRunError> {
    String::from_utf8(bytes).map_err(|_| SavedRunError::NotText {
        place: place.to_owned(),
    })
}

fn key(subject: Subject) -> &'static str {
    match subject {
        Subject::RandomEncoder => "random",
        Subject::Trained(method) => method.key(),
    }
}

/// Names a network within its run.
pub(crate) fn name(subject: Subject, seed: u64) -> String {
    format!("{}-s{seed}", key(subject))
}
