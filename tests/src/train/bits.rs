//! What must change no bit of the weights, and what may.

use super::{Run, execution, no_commands, small_config, splits};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use supcon_protocol::{Command, RunConfig, RunId, RunPlan, RunState};
use supcon_train::{Checkpoint, ComputeDevice, Engine, EventLog, HostTensors, Job, MemorySink};

const STAGES: [&str; 4] = [
    "0-random-linear-s0",
    "1-supcon-contrastive-s0",
    "2-supcon-linear-s0",
    "3-cross_entropy-s0",
];
/// All steps of [`small_config`].
const STEPS: usize = 20 + 12 + 20 + 12;

fn tensors(files: &MemorySink, stage: &str) -> HostTensors {
    let name = format!("checkpoints/{stage}.safetensors");
    let read = Checkpoint::from_bytes(&name, &files.0[&name]);
    read.expect("readable").tensors
}

fn assert_same_bits(a: &MemorySink, b: &MemorySink) {
    for stage in STAGES {
        assert_eq!(tensors(a, stage), tensors(b, stage), "{stage}");
    }
}

#[test]
fn a_pause_after_every_step_changes_no_bit() {
    let (commands, inbox) = no_commands();
    for _ in 0..STEPS {
        for command in [Command::Pause, Command::Continue] {
            commands.send(command).expect("the engine listens");
        }
    }
    let paused = Run::start(&small_config(), execution(), inbox);
    assert_eq!(paused.result.ok(), Some(RunState::Finished));
    assert_same_bits(&paused.files, &Run::to_the_end(&small_config()).files);
}

/// One listener that copies everything as fast as it can, and one that never looks.
#[test]
fn listeners_change_no_bit() {
    let config = small_config();
    let log = EventLog::new(RunId("test".to_owned()), Vec::new());
    let _never_looks = log.clone();
    let over = Arc::new(AtomicBool::new(false));
    let listener = {
        let (log, over) = (log.clone(), Arc::clone(&over));
        std::thread::spawn(move || {
            let mut heard = 0;
            while !over.load(Ordering::Relaxed) {
                heard = heard.max(log.since(0).len());
                let _ = log.history();
            }
            heard
        })
    };
    let mut files = MemorySink::default();
    let job = Job {
        plan: RunPlan::new(config.clone()),
        splits: splits(&config),
        device: ComputeDevice::cpu(),
        execution: execution(),
        host: "test".to_owned(),
        repeat_command: String::new(),
        resume: None,
    };
    let engine = Engine::new(job, log, no_commands().1, &mut files).expect("a run");
    pollster::block_on(engine.run()).expect("ends");
    over.store(true, Ordering::Relaxed);
    assert!(listener.join().expect("listened") > 10);
    assert_same_bits(&files, &Run::to_the_end(&config).files);
}

fn on_threads(config: &RunConfig, threads: usize) -> MemorySink {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
    let pool = pool.build().expect("threads");
    pool.install(|| Run::to_the_end(config).files)
}

/// Thread counts are part of what bits depend on (`RunInfo`): the same count gives the same bits;
/// another may round sums in another order. How far apart they end is printed.
#[test]
fn one_two_and_three_threads_compared() {
    let config = small_config();
    let one = on_threads(&config, 1);
    for threads in [1, 2, 3] {
        let first = on_threads(&config, threads);
        assert_same_bits(&first, &on_threads(&config, threads));
        for stage in STAGES {
            let (a, b) = (tensors(&one, stage), tensors(&first, stage));
            let difference = largest_difference(&a, &b);
            println!("{stage}: 1 and {threads} threads differ by {difference:.1e} of the largest");
            assert!(
                difference < 1e-2,
                "{stage}: rounding does not explain {difference}"
            );
        }
    }
}

/// Of any tensor, relative to its largest entry.
fn largest_difference(a: &HostTensors, b: &HostTensors) -> f32 {
    let of_tensor = |(name, a): (&String, &supcon_train::HostTensor)| {
        let largest = a.values.iter().fold(1e-6_f32, |most, x| most.max(x.abs()));
        let pairs = a.values.iter().zip(&b[name].values);
        pairs.fold(0.0_f32, |most, (x, y)| most.max((x - y).abs())) / largest
    };
    a.iter().map(of_tensor).fold(0.0, f32::max)
}
