//! The actor, driven as a front end would drive it.

use super::small_config;
use std::path::PathBuf;
use std::time::{Duration, Instant};
use supcon_protocol::{
    Command, DataRequest, DeviceChoice, Event, ExecutionConfig, Length, MapConfig, Method, Notice,
    Patch, PreviewRequest, Request, RunConfig, RunId, RunState, Split, StartRequest, TsneConfig,
    WatchConfig,
};
use supcon_train::replay::Replay;
use supcon_train::{ActorHandle, Runs};

/// A folder of its own, gone in the end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("supcon-live-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A front end: an actor, and everything it said.
struct Window {
    actor: ActorHandle,
    notices: Vec<Notice>,
    /// Notices looked at by [`Window::wait_for`].
    seen: usize,
}

impl Window {
    fn open(folder: &Folder) -> Self {
        let actor = ActorHandle::spawn(Runs::new(folder.0.clone())).expect("threads");
        Self {
            actor,
            notices: Vec::new(),
            seen: 0,
        }
    }

    fn with_images(folder: &Folder, config: &RunConfig) -> Self {
        let window = Self::open(folder);
        window.actor.send(Request::LoadData(DataRequest {
            config: config.data.clone(),
            place: None,
        }));
        window
    }

    fn run(&self, command: Command) {
        self.actor.send(Request::Run(command));
    }

    /// Waits for the next notice that `wanted` makes something of.
    fn wait_for<T>(&mut self, what: &str, wanted: impl Fn(&Notice) -> Option<T>) -> T {
        let start = Instant::now();
        loop {
            while self.seen < self.notices.len() {
                self.seen += 1;
                if let Some(found) = wanted(&self.notices[self.seen - 1]) {
                    return found;
                }
            }
            assert!(
                start.elapsed() < Duration::from_secs(120),
                "no {what} among {} notices",
                self.notices.len()
            );
            self.notices.extend(self.actor.poll());
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    fn wait_for_event<T>(&mut self, what: &str, wanted: impl Fn(&Event) -> Option<T>) -> T {
        self.wait_for(what, |notice| match notice {
            Notice::Event(envelope) => wanted(&envelope.msg),
            _ => None,
        })
    }

    fn wait_for_state(&mut self, state: RunState) {
        self.wait_for_event(&format!("{state:?}"), |event| {
            (*event == Event::State(state)).then_some(())
        });
    }

    fn failure(&mut self) -> String {
        self.wait_for("failure", |notice| match notice {
            Notice::Failed(report) => Some(report.to_string()),
            _ => None,
        })
    }
}

fn watch() -> WatchConfig {
    WatchConfig {
        images: 30,
        every: 3,
        map: MapConfig::Tsne(TsneConfig {
            iterations: 60,
            exaggeration_iterations: 20,
            ..TsneConfig::default()
        }),
        ..WatchConfig::default()
    }
}

fn start(config: &RunConfig) -> Request {
    Request::Start(Box::new(StartRequest {
        config: config.clone(),
        execution: ExecutionConfig {
            device: DeviceChoice::Cpu,
            log_every: 2,
            checkpoint_every: 5,
            ..ExecutionConfig::default()
        },
        watch: watch(),
    }))
}

/// One contrastive stage long enough to be interrupted.
fn config() -> RunConfig {
    let mut config = small_config();
    config.methods = vec![Method::Supcon];
    config.contrastive.length = Length::Steps(40);
    config
}

#[test]
fn a_front_end_sees_a_run_form_and_steers_it() {
    let folder = Folder::new("steers");
    let config = config();
    let mut window = Window::with_images(&folder, &config);
    let info = window.wait_for("images", |notice| match notice {
        Notice::DataLoaded(info) => Some(info.clone()),
        _ => None,
    });
    assert_eq!(info.images, [270, 30, 100]);
    assert_eq!(info.examples.labels.len(), 80);
    window.actor.send(Request::PreviewViews(PreviewRequest {
        views: config.views.clone(),
        images: vec![0, 5],
        seed: 1,
    }));
    let sheet = window.wait_for("preview", |notice| match notice {
        Notice::Preview(sheet) => Some(sheet.clone()),
        _ => None,
    });
    assert_eq!(sheet.pixels.len(), 2 * 2 * 32 * 32 * 3);

    window.actor.send(start(&config));
    let run = window.wait_for("run", |notice| match notice {
        Notice::RunOpened(run) => Some(run.clone()),
        _ => None,
    });
    let samples = window.wait_for("samples", |notice| match notice {
        Notice::Samples(samples) => Some(samples.clone()),
        _ => None,
    });
    assert_eq!(
        (samples.split, samples.labels.len()),
        (Split::Validation, 30)
    );
    let frame = window.wait_for("embedding", |notice| match notice {
        Notice::Embedding(frame) => Some(frame.clone()),
        _ => None,
    });
    assert_eq!((frame.stage, frame.z.len()), (1, 2 * 30 * frame.dim));
    for row in frame.z.chunks_exact(frame.dim) {
        let norm: f32 = row.iter().map(|x| x * x).sum();
        assert!((norm - 1.0).abs() < 1e-4, "{norm}");
    }
    window.run(Command::Pause);
    window.wait_for_state(RunState::Paused);
    window.run(Command::EvaluateNow);
    window.run(Command::Patch(Patch {
        temperature: Some(0.2),
        learning_rate_factor: Some(0.5),
    }));
    window.run(Command::Watch(WatchConfig {
        map: MapConfig::Sphere,
        ..watch()
    }));
    window.run(Command::SaveCheckpoint);
    window.wait_for_event("probe", |event| {
        matches!(event, Event::Probe(_)).then_some(())
    });
    window.wait_for_event("change", |event| match event {
        Event::ConfigChanged { patch, .. } => (patch.temperature == Some(0.2)).then_some(()),
        _ => None,
    });
    window.wait_for_event("checkpoint", |event| {
        matches!(event, Event::Checkpoint { .. }).then_some(())
    });
    window.seen = 0;
    window.wait_for("sphere", |notice| match notice {
        Notice::Map(map) => (map.dim == 3 && map.points.len() == 90).then_some(()),
        _ => None,
    });
    // All of this without the run going on.
    window.actor.send(Request::PreviewViews(PreviewRequest {
        views: config.views.clone(),
        images: vec![1],
        seed: 2,
    }));
    window.wait_for("preview", |notice| {
        matches!(notice, Notice::Preview(sheet) if sheet.seed == 2).then_some(())
    });
    window.actor.send(start(&config));
    assert!(window.failure().contains("one at a time"));
    window.run(Command::Stop);
    window.wait_for_state(RunState::Stopped);
    let states: Vec<RunState> = states(&window);
    assert_eq!(
        states,
        [
            RunState::Running,
            RunState::Paused,
            RunState::Running,
            RunState::Stopped
        ]
    );

    window.actor.send(Request::Resume(run.clone()));
    window.wait_for_state(RunState::Finished);
    window.actor.send(Request::EmbedAll(Split::Test));
    let all = window.wait_for("all images", |notice| match notice {
        Notice::Embedding(frame) => (frame.predictions.len() == 100).then(|| frame.clone()),
        _ => None,
    });
    assert_eq!(all.stage, 1, "the newest network");
    window.wait_for("their map", |notice| match notice {
        Notice::Map(map) => {
            (map.index == all.index && map.points.len() == 100 * map.dim).then_some(())
        }
        _ => None,
    });
    window.actor.send(Request::Resume(run.clone()));
    assert!(window.failure().contains("is finished"));
    window.actor.close();
    check_replay(&folder, &run);
}

fn states(window: &Window) -> Vec<RunState> {
    let state = |notice: &Notice| match notice {
        Notice::Event(envelope) => match envelope.msg {
            Event::State(state) => Some(state),
            _ => None,
        },
        _ => None,
    };
    window.notices.iter().filter_map(state).collect()
}

/// What is left behind is what was seen.
fn check_replay(folder: &Folder, run: &RunId) {
    let replay = Replay::at(&folder.0.join(&run.0)).expect("a recording");
    let history = replay.history();
    assert_eq!(history.state, Some(RunState::Finished));
    assert_eq!(history.patches.len(), 1);
    assert!(
        replay
            .events()
            .iter()
            .zip(0..)
            .all(|(event, seq)| event.seq == seq)
    );
    let frames = replay.frames();
    assert!(frames.len() >= 8, "{} frames", frames.len());
    assert_eq!((frames[0].stage, frames[0].step), (1, 0));
    assert!(frames.windows(2).all(|two| two[0].step < two[1].step));
    // The resume goes on with what was watched.
    assert!(frames.iter().filter(|frame| frame.step % 3 == 0).count() >= 8);
    let last = frames[frames.len() - 1];
    assert_eq!(last.step, 40);
    let frame = replay.frame(&last).expect("readable");
    assert_eq!(frame.embedding.predictions.len(), 30);
    assert!(frame.map.is_some_and(|map| map.index == last.index));
    let json = std::fs::read_to_string(folder.0.join(&run.0).join("report.json")).expect("text");
    assert!(json.contains("while it ran: temperature 0.2 and learning rate × 0.5 after step"));
}

/// A run that came from elsewhere is measured where it is now; here that is the same processor.
#[test]
fn a_finished_run_measures_the_same_again() {
    let folder = Folder::new("measured");
    let mut config = config();
    config.contrastive.length = Length::Steps(6);
    let mut window = Window::with_images(&folder, &config);
    window.actor.send(start(&config));
    let run = window.wait_for("run", |notice| match notice {
        Notice::RunOpened(run) => Some(run.clone()),
        _ => None,
    });
    window.wait_for_state(RunState::Finished);
    let evaluated = |notice: &Notice| match notice {
        Notice::Event(envelope) => match &envelope.msg {
            Event::Evaluated(row) => Some((**row).clone()),
            _ => None,
        },
        _ => None,
    };
    let recorded: Vec<_> = window.notices.iter().filter_map(evaluated).collect();
    // An actor that has seen nothing of it.
    let mut later = Window::open(&folder);
    later.actor.send(Request::Measure(run.clone()));
    let measured = later.wait_for("measures", |notice| match notice {
        Notice::Measured { run: of, rows } if *of == run => Some(rows.clone()),
        _ => None,
    });
    assert_eq!(measured.len(), 2);
    for (recorded, measured) in recorded.iter().zip(&measured) {
        assert_eq!(recorded.subject, measured.subject);
        assert_eq!(recorded.outcomes, measured.outcomes);
        assert_eq!(recorded.knn, measured.knn);
        assert_eq!(recorded.class_mean, measured.class_mean);
    }
    later
        .actor
        .send(Request::Measure(RunId("nobody".to_owned())));
    assert!(later.failure().contains("nobody"));
}

#[test]
fn impossible_requests_are_answered_with_a_way_out() {
    let folder = Folder::new("impossible");
    let config = config();
    let mut window = Window::open(&folder);
    window.actor.send(start(&config));
    assert!(window.failure().contains("no images are loaded"));
    window.run(Command::Pause);
    assert!(window.failure().contains("no run is in progress"));
    window
        .actor
        .send(Request::Resume(RunId("nowhere".to_owned())));
    assert!(window.failure().contains("is not a run"));
    window.actor.send(Request::EmbedAll(Split::Test));
    assert!(window.failure().contains("no run of this session"));
    let mut images = config.data.clone();
    images.source = supcon_protocol::DataSource::Images;
    let request = |place: Option<&str>| {
        Request::LoadData(DataRequest {
            config: images.clone(),
            place: place.map(str::to_owned),
        })
    };
    window.actor.send(request(None));
    assert!(window.failure().contains("no images were chosen"));
    window.actor.send(request(Some("/nonexistent/images")));
    assert!(window.failure().contains("/nonexistent/images"));
    // It lives on.
    window.actor.send(Request::LoadData(DataRequest {
        config: config.data.clone(),
        place: None,
    }));
    window.actor.send(start(&config));
    window.wait_for_state(RunState::Finished);
    assert!(
        window
            .notices
            .iter()
            .any(|notice| matches!(notice, Notice::Device { .. }))
    );
}

#[test]
fn a_window_that_never_looks_changes_no_bit_and_makes_nothing_grow() {
    let config = config();
    let folders = [Folder::new("looks"), Folder::new("never-looks")];
    let mut window = Window::with_images(&folders[0], &config);
    window.actor.send(start(&config));
    window.wait_for_state(RunState::Finished);

    let blind = Window::with_images(&folders[1], &config);
    blind.actor.send(start(&config));
    let report = folders[1].0.join("shapes-1/report.json");
    let begun = Instant::now();
    while !report.exists() {
        assert!(
            begun.elapsed() < Duration::from_secs(120),
            "the run does not end"
        );
        std::thread::sleep(Duration::from_millis(20));
    }
    let left = blind.actor.poll();
    let count = |wanted: fn(&Notice) -> bool| left.iter().filter(|n| wanted(n)).count();
    assert_eq!(
        count(|n| matches!(n, Notice::Embedding(_))),
        1,
        "only the newest"
    );
    assert!(count(|n| matches!(n, Notice::Map(_))) <= 1);
    assert!(count(|n| matches!(n, Notice::Samples(_))) == 1);
    assert!(
        count(|n| matches!(n, Notice::Event(_))) > 20,
        "events are never lost"
    );
    let weights = |folder: &Folder| {
        let name = "shapes-1/checkpoints/1-supcon-contrastive-s0.safetensors";
        let bytes = std::fs::read(folder.0.join(name)).expect("weights");
        supcon_train::Checkpoint::from_bytes(name, &bytes)
            .expect("readable")
            .tensors
    };
    assert_eq!(weights(&folders[0]), weights(&folders[1]));
}

#[test]
fn closing_stops_a_run_with_a_checkpoint() {
    let folder = Folder::new("closing");
    let mut config = config();
    config.contrastive.length = Length::Steps(5_000);
    let mut window = Window::with_images(&folder, &config);
    window.actor.send(start(&config));
    window.wait_for_event("step", |event| match event {
        Event::Step(metrics) => (metrics.stage == 1).then_some(()),
        _ => None,
    });
    window.actor.close();
    let replay = Replay::at(&folder.0.join("shapes-1")).expect("a recording");
    assert_eq!(replay.history().state, Some(RunState::Stopped));
    assert!(
        folder
            .0
            .join("shapes-1/checkpoints/latest.safetensors")
            .exists()
    );
}
