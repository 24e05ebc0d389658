//! A run of `shapes` on the same cores, as the window would start it.

use eframe::egui::Context;
use std::cell::{Cell, RefCell};
use std::time::Duration;
use supcon_app::{Engine, NativeEngine};
use supcon_protocol::{
    DataRequest, DeviceChoice, Event, ExecutionConfig, Length, Method, Notice, Request, RunConfig,
    StartRequest, WatchConfig, preset,
};

/// A run in progress.
pub struct Training {
    engine: RefCell<NativeEngine>,
    folder: std::path::PathBuf,
    last_step: Cell<Option<u64>>,
}

impl Training {
    /// Starts it and waits for a notice.
    pub fn start(config: RunConfig, is_awaited: impl FnMut(&Notice) -> bool) -> Self {
        let folder = std::env::temp_dir().join(format!("supcon-bench-app-{}", std::process::id()));
        let engine = NativeEngine::spawn(folder.clone(), Context::default()).expect("threads");
        let training = Self {
            engine: RefCell::new(engine),
            folder,
            last_step: Cell::new(None),
        };
        training.send(Request::LoadData(DataRequest {
            config: config.data.clone(),
            place: None,
        }));
        training.send(Request::Start(Box::new(StartRequest {
            config,
            execution: ExecutionConfig {
                device: DeviceChoice::Cpu,
                ..ExecutionConfig::default()
            },
            watch: WatchConfig::default(),
        })));
        training.wait(is_awaited);
        training
    }

    /// A run that outlasts the frames, taking steps.
    pub fn long() -> Self {
        Self::start(long(), |notice| contrastive_step(notice).is_some())
    }

    /// Hands a request over.
    pub fn send(&self, request: Request) {
        self.engine.borrow_mut().send(request);
    }

    /// Waits until a notice is the one.
    pub fn wait(&self, mut is_awaited: impl FnMut(&Notice) -> bool) {
        loop {
            let news = self.engine.borrow_mut().poll();
            for notice in news {
                self.last_step
                    .set(contrastive_step(&notice).or(self.last_step.get()));
                match &notice {
                    Notice::Failed(error) => panic!("{error}"),
                    notice if is_awaited(notice) => return,
                    _ => {}
                }
            }
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    /// Ends it; says how far it came.
    pub fn stop(self) -> String {
        let news = self.engine.borrow_mut().poll();
        let last = news.iter().filter_map(contrastive_step).next_back();
        let last = last.or(self.last_step.get());
        self.engine.borrow_mut().close();
        // The runs are of no use to anybody.
        let _ = std::fs::remove_dir_all(self.folder);
        match last {
            Some(step) => format!("up to step {step} of SupCon on shapes"),
            None => "nothing: the figures are those of an idle machine".to_owned(),
        }
    }
}

/// Steps done, of a report of them.
pub fn contrastive_step(notice: &Notice) -> Option<u64> {
    match notice {
        Notice::Event(envelope) => match &envelope.msg {
            Event::Step(step) if step.stage == 1 => Some(step.step),
            Event::Failed(error) => panic!("{error}"),
            _ => None,
        },
        _ => None,
    }
}

/// Long enough to outlast the frames.
pub fn long() -> RunConfig {
    let mut config = preset("shapes").expect("a preset").config();
    config.methods = vec![Method::Supcon];
    config.contrastive.length = Length::Steps(20_000);
    config.linear.length = Length::Steps(1);
    config
}
