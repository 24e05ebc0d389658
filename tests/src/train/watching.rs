//! Watching and changing a run: what may move bits, and what may not.

use super::{Run, execution, no_commands, small_config};
use supcon_protocol::recording::{FrameIndex, decode_frame, decode_samples, frame_file};
use supcon_protocol::{
    Command, Event, ExecutionConfig, MapConfig, Patch, RunConfig, RunState, WatchConfig,
};
use supcon_train::MemorySink;

const STAGES: [&str; 3] = [
    "1-supcon-contrastive-s0",
    "2-supcon-linear-s0",
    "3-cross_entropy-s0",
];

fn watched(every: u64) -> ExecutionConfig {
    ExecutionConfig {
        watch: Some(WatchConfig {
            images: 25,
            every,
            map: MapConfig::Pca,
            ..WatchConfig::default()
        }),
        ..execution()
    }
}

fn frames(files: &MemorySink) -> FrameIndex {
    FrameIndex::from_json(&files.0["frames/index.json"]).expect("an index")
}

#[test]
fn watching_changes_no_bit_at_any_cadence() {
    let config = small_config();
    let blind = Run::start(&config, execution(), no_commands().1);
    for every in [1, 5] {
        let watched = Run::start(&config, watched(every), no_commands().1);
        assert_eq!(watched.result.as_ref().ok(), Some(&RunState::Finished));
        for stage in STAGES {
            assert_eq!(
                watched.weights(stage).tensors,
                blind.weights(stage).tensors,
                "{stage}, watched every {every} steps"
            );
        }
    }
}

#[test]
fn frames_are_recorded_at_their_cadence_with_their_images() {
    let run = Run::start(&small_config(), watched(5), no_commands().1);
    let places: Vec<(usize, u64)> = frames(&run.files)
        .frames
        .iter()
        .map(|frame| (frame.stage, frame.step))
        .collect();
    let expected = [1, 3].map(|stage| [0, 5, 10, 12].map(|step| (stage, step)));
    assert_eq!(places, expected.concat());
    let samples = decode_samples(&run.files.0["samples.bin"]).expect("samples");
    assert_eq!(samples.images.len(), 25);
    for entry in frames(&run.files).frames {
        let frame = decode_frame(&run.files.0[&frame_file(entry.file)]).expect("a frame");
        // z has the head's 64 dimensions, or the features' 128 where there is no head.
        let dim = if entry.stage == 1 { 64 } else { 128 };
        assert_eq!(
            (frame.embedding.dim, frame.embedding.z.len()),
            (dim, 50 * dim)
        );
    }
}

#[test]
fn a_stopped_recording_goes_on_without_gaps() {
    let config = small_config();
    let (commands, inbox) = no_commands();
    // 20 linear steps, then 7 contrastive ones.
    for _ in 0..26 {
        commands
            .send(Command::Continue)
            .expect("the engine listens");
    }
    commands.send(Command::Stop).expect("the engine listens");
    let stopped = Run::start(&config, watched(2), inbox);
    assert_eq!(stopped.result.as_ref().ok(), Some(&RunState::Stopped));
    let resumed = Run::resume_with(&config, watched(2), stopped.files, no_commands().1);
    let steps: Vec<u64> = frames(&resumed.files)
        .frames
        .iter()
        .filter(|frame| frame.stage == 1)
        .map(|frame| frame.step)
        .collect();
    assert_eq!(steps, [0, 2, 4, 6, 7, 8, 10, 12]);
}

/// Commands taken one a step: nothing for a while, then these, then nothing.
fn after(steps: usize, then: &[Command]) -> std::sync::mpsc::Receiver<Command> {
    let (commands, inbox) = no_commands();
    let nothing = std::iter::repeat_n(Command::Continue, steps - 1);
    for command in nothing.chain(then.iter().cloned()) {
        commands.send(command).expect("the engine listens");
    }
    inbox
}

fn patch(temperature: f32, factor: f64) -> Command {
    Command::Patch(Patch {
        temperature: Some(temperature),
        learning_rate_factor: Some(factor),
    })
}

#[test]
fn a_patched_run_resumes_to_the_same_bits() {
    let config = small_config();
    let patched = |then: &[Command]| Run::start(&config, execution(), after(23, then));
    let straight = patched(&[patch(0.3, 0.25)]);
    let unpatched = Run::to_the_end(&config);
    assert_ne!(
        straight.weights(STAGES[0]).tensors,
        unpatched.weights(STAGES[0]).tensors
    );
    let changed = straight.log.since(0).into_iter().find_map(|e| match e.msg {
        Event::ConfigChanged { stage, step, .. } => Some((stage, step)),
        _ => None,
    });
    assert_eq!(changed, Some((1, 3)), "20 linear steps come first");
    let stopped = patched(&[patch(0.3, 0.25), Command::Continue, Command::Stop]);
    assert_eq!(stopped.result.as_ref().ok(), Some(&RunState::Stopped));
    let resumed = Run::resume(&config, stopped.files, no_commands().1);
    for stage in STAGES {
        assert_eq!(
            resumed.weights(stage).tensors,
            straight.weights(stage).tensors,
            "{stage}"
        );
    }
    assert_eq!(resumed.history().patches, straight.history().patches);
    // The next contrastive step after the change was at a quarter of the rate.
    let rates = |run: &Run| -> Vec<f64> {
        let stage = &run.history().stages[1];
        let late = stage.steps.iter().filter(|s| s.step > 3);
        late.filter(|s| s.step % 4 == 0)
            .map(|s| s.learning_rate)
            .collect()
    };
    for (patched, rate) in rates(&straight).iter().zip(rates(&unpatched)) {
        assert!((patched - rate / 4.0).abs() < 1e-12);
    }
}

#[test]
fn changes_in_a_pause_equal_changes_at_the_step() {
    let config = small_config();
    let at_the_step = Run::start(&config, execution(), after(25, &[patch(0.2, 1.5)]));
    let paused = [
        Command::Pause,
        patch(0.2, 1.5),
        Command::EvaluateNow,
        Command::Continue,
    ];
    let in_a_pause = Run::start(&config, execution(), after(25, &paused));
    for stage in STAGES {
        assert_eq!(
            in_a_pause.weights(stage).tensors,
            at_the_step.weights(stage).tensors,
            "{stage}"
        );
    }
    let probes = |run: &Run| run.history().stages[1].probes.len();
    assert_eq!(probes(&in_a_pause), probes(&at_the_step) + 1);
}

#[test]
fn what_cannot_be_done_is_said_and_changes_nothing() {
    let config: RunConfig = small_config();
    let impossible = [patch(0.0, -1.0), patch(0.2, f64::NAN), Command::EvaluateNow];
    // All of it in the first, linear stage.
    let run = Run::start(&config, execution(), after(2, &impossible));
    let history = run.history();
    assert!(history.patches.is_empty());
    let warned = |words: &str| history.warnings.iter().any(|w| w.contains(words));
    assert!(
        warned("must lie between 0.001 and 100"),
        "{:?}",
        history.warnings
    );
    assert!(warned("has no contrastive loss"), "{:?}", history.warnings);
    assert!(warned("nothing new to probe"), "{:?}", history.warnings);
    let straight = Run::to_the_end(&config);
    assert_eq!(
        run.weights(STAGES[0]).tensors,
        straight.weights(STAGES[0]).tensors
    );
}
