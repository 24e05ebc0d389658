use super::{Run, execution, no_commands, small_config};
use supcon_protocol::{Command, RunState};

/// Stops a run at its `nth` chance to look at commands, by a full inbox of save commands.
fn stopped_after(steps: usize) -> Run {
    let (commands, inbox) = no_commands();
    for _ in 1..steps {
        // One command is taken a step, and saving changes nothing else.
        commands
            .send(Command::SaveCheckpoint)
            .expect("the engine listens");
    }
    commands.send(Command::Stop).expect("the engine listens");
    Run::start(&small_config(), execution(), inbox)
}

#[test]
fn a_stopped_run_resumes_to_the_same_bits_in_every_stage() {
    let config = small_config();
    let straight = Run::to_the_end(&config);
    // 20 linear, 12 contrastive, 20 linear, 12 cross-entropy: one stop inside each stage, one at the
    // last step of a stage.
    for steps in [7, 27, 32, 41, 60] {
        let stopped = stopped_after(steps);
        assert_eq!(
            stopped.result.as_ref().ok(),
            Some(&RunState::Stopped),
            "after {steps}"
        );
        let resumed = Run::resume(&config, stopped.files, no_commands().1);
        assert_eq!(
            resumed.result.as_ref().ok(),
            Some(&RunState::Finished),
            "after {steps}"
        );
        for stage in [
            "0-random-linear-s0",
            "1-supcon-contrastive-s0",
            "2-supcon-linear-s0",
            "3-cross_entropy-s0",
        ] {
            assert_eq!(
                resumed.weights(stage).tensors,
                straight.weights(stage).tensors,
                "{stage}, stopped after {steps}"
            );
        }
        assert_eq!(
            resumed.history().results,
            straight.history().results,
            "stopped after {steps}"
        );
    }
}

#[test]
fn a_resumed_log_has_neither_gaps_nor_duplicates() {
    let config = small_config();
    let stopped = stopped_after(27);
    let mut files = stopped.files;
    // Events after the checkpoint, as a crash leaves them: they will happen again.
    files
        .0
        .get_mut("events.jsonl")
        .expect("a log")
        .extend_from_slice(b"{\"torn");
    let resumed = Run::resume(&config, files, no_commands().1);
    let text = std::str::from_utf8(&resumed.files.0["events.jsonl"])
        .expect("UTF-8")
        .to_owned();
    let events = supcon_train::parse_events(&text).expect("whole");
    assert!(events.iter().zip(0..).all(|(event, seq)| event.seq == seq));
    for stage in resumed.history().stages {
        let steps: Vec<u64> = stage.steps.iter().map(|s| s.step).collect();
        assert!(
            steps.windows(2).all(|pair| pair[0] < pair[1]),
            "{}: {steps:?}",
            stage.info.plan
        );
    }
}

#[test]
fn a_checkpoint_of_another_configuration_is_refused() {
    let stopped = stopped_after(7);
    let mut other = small_config();
    other.contrastive.temperature = 0.2;
    let resumed = Run::resume(&other, stopped.files, no_commands().1);
    let error = resumed
        .result
        .expect_err("another configuration")
        .to_string();
    assert!(
        error.contains("resume with what the run was started with"),
        "{error}"
    );
}
