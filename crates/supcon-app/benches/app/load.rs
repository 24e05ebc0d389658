//! A run of `shapes` on the same cores, as the window would start it.

use std::time::Duration;
use supcon_protocol::{
    DataRequest, DeviceChoice, Event, ExecutionConfig, Length, Method, Notice, Request, RunConfig,
    StartRequest, WatchConfig, preset,
};
use supcon_train::{ActorHandle, Runs};

/// A run in progress.
pub struct Training {
    actor: ActorHandle,
    folder: std::path::PathBuf,
}

impl Training {
    /// Starts it and waits until it takes steps.
    pub fn start() -> Self {
        let folder = std::env::temp_dir().join(format!("supcon-bench-app-{}", std::process::id()));
        let actor = ActorHandle::spawn(Runs::new(folder.clone())).expect("a thread");
        let config = config();
        actor.send(Request::LoadData(DataRequest {
            config: config.data.clone(),
            place: None,
        }));
        actor.send(Request::Start(Box::new(StartRequest {
            config,
            execution: ExecutionConfig {
                device: DeviceChoice::Cpu,
                ..ExecutionConfig::default()
            },
            watch: WatchConfig::default(),
        })));
        let training = Self { actor, folder };
        while !training.contrastive_steps().iter().any(|steps| *steps > 0) {
            std::thread::sleep(Duration::from_millis(50));
        }
        training
    }

    fn contrastive_steps(&self) -> Vec<u64> {
        let steps = |notice: Notice| match notice {
            Notice::Event(envelope) => match envelope.msg {
                Event::Step(step) if step.stage == 1 => Some(step.step),
                Event::Failed(error) => panic!("{error}"),
                _ => None,
            },
            Notice::Failed(error) => panic!("{error}"),
            _ => None,
        };
        self.actor.poll().into_iter().filter_map(steps).collect()
    }

    /// Ends it; says how far it came.
    pub fn stop(self) -> String {
        let last = self.contrastive_steps().last().copied();
        self.actor.close();
        // The runs are of no use to anybody.
        let _ = std::fs::remove_dir_all(self.folder);
        match last {
            Some(step) => format!("{step} steps of SupCon on shapes"),
            None => "no step: the figures are those of an idle machine".to_owned(),
        }
    }
}

/// Long enough to outlast the frames.
fn config() -> RunConfig {
    let mut config = preset("shapes").expect("a preset").config();
    config.methods = vec![Method::Supcon];
    config.contrastive.length = Length::Steps(20_000);
    config.linear.length = Length::Steps(1);
    config
}
