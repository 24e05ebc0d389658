use super::{Run, execution, no_commands, small_config};
use supcon_protocol::{
    Command, Event, ExecutionConfig, Length, Method, RunState, StageKind, Subject,
};
use supcon_train::TrainError;

#[test]
fn a_run_trains_evaluates_and_reports() {
    let config = small_config();
    let run = Run::to_the_end(&config);
    assert_eq!(run.result.as_ref().ok(), Some(&RunState::Finished));
    let history = run.history();
    let subjects: Vec<Subject> = history.results.iter().map(|row| row.subject).collect();
    let expected = [
        Subject::RandomEncoder,
        Subject::Trained(Method::Supcon),
        Subject::Trained(Method::CrossEntropy),
    ];
    assert_eq!(
        subjects, expected,
        "every table has a row for the random encoder"
    );
    assert!(
        history
            .results
            .iter()
            .all(|row| row.images == 100 && row.outcomes.len() == 100)
    );
    let contrastive = &history.stages[1];
    assert_eq!(contrastive.info.plan.kind, StageKind::Contrastive);
    assert!(
        contrastive
            .info
            .landmarks
            .is_some_and(|l| l.floor < l.chance)
    );
    let steps: Vec<u64> = contrastive.steps.iter().map(|s| s.step).collect();
    assert_eq!(
        steps,
        [4, 5, 8, 10, 12],
        "log cadence, checkpoints and the end, each once"
    );
    assert_eq!(
        contrastive
            .probes
            .iter()
            .map(|p| p.step)
            .collect::<Vec<_>>(),
        [6, 12]
    );
    let html = std::str::from_utf8(&run.files.0["report.html"]).expect("UTF-8");
    assert!(
        html.contains("report-data") && !html.contains("__DATA__") && !html.contains("/*SCRIPT*/")
    );
    for forbidden in ["src=\"http", "href=\"http", "@import", "fetch("] {
        assert!(
            !html.contains(forbidden),
            "the report must not ask the network: {forbidden}"
        );
    }
}

#[test]
fn the_loss_falls() {
    let mut config = small_config();
    config.methods = vec![Method::Supcon, Method::CrossEntropy];
    config.contrastive.length = Length::Steps(60);
    config.cross_entropy.length = Length::Steps(60);
    let history = Run::to_the_end(&config).history();
    for stage in &history.stages {
        let (first, last) = (&stage.steps[0], &stage.steps[stage.steps.len() - 1]);
        assert!(
            last.loss < first.loss,
            "{}: {} → {}",
            stage.info.plan,
            first.loss,
            last.loss
        );
    }
}

#[test]
fn a_linear_stage_keeps_no_encoder_of_its_own() {
    for augment in [false, true] {
        let mut config = small_config();
        config.methods = vec![Method::Supcon];
        config.linear.augment = augment;
        let run = Run::to_the_end(&config);
        // The linear stage saves its classifier alone; kNN on its encoder is kNN on the saved one.
        let before = run.weights("1-supcon-contrastive-s0");
        let names: Vec<&String> = before
            .tensors
            .keys()
            .filter(|name| name.contains("encoder") && name.contains("running"))
            .collect();
        assert_eq!(
            names.len(),
            8,
            "four normalisations with a mean and a variance each"
        );
        let linear = run.weights("2-supcon-linear-s0");
        assert!(
            linear.tensors.keys().all(|name| !name.contains("encoder")),
            "{:?}",
            linear.tensors.keys()
        );
    }
}

/// A frozen encoder and the same batches: the classifiers differ where, and only where, the views do.
#[test]
fn a_linear_stage_is_augmented_fully_when_asked() {
    let classifier = |fully: bool, jitter: f32| {
        let mut config = small_config();
        config.methods = vec![Method::Supcon];
        config.contrastive.length = Length::Steps(2);
        config.linear.length = Length::Steps(3);
        config.views.jitter.probability = jitter;
        config.views.grayscale_probability = 0.0;
        config.linear.augment = true;
        config.linear.augment_fully = fully;
        let run = Run::to_the_end(&config);
        assert!(run.result.is_ok(), "{:?}", run.result);
        run.weights("2-supcon-linear-s0").tensors
    };
    assert_eq!(classifier(true, 0.0), classifier(false, 0.0));
    assert_ne!(classifier(true, 1.0), classifier(false, 1.0));
}

#[test]
fn evaluation_and_logging_cadence_change_no_bit() {
    let config = small_config();
    let with = |execution: ExecutionConfig, probe_every: u64| {
        let mut config = config.clone();
        config.evaluation.probe_every = probe_every;
        Run::start(&config, execution, no_commands().1)
    };
    let often = with(
        ExecutionConfig {
            checkpoint_every: 1,
            log_every: 1,
            ..execution()
        },
        1,
    );
    let never = with(
        ExecutionConfig {
            checkpoint_every: 1000,
            log_every: 50,
            ..execution()
        },
        0,
    );
    for stage in [
        "1-supcon-contrastive-s0",
        "2-supcon-linear-s0",
        "3-cross_entropy-s0",
    ] {
        assert_eq!(
            often.weights(stage).tensors,
            never.weights(stage).tensors,
            "{stage}"
        );
    }
}

#[test]
fn pausing_changes_no_bit_and_shows_in_the_log() {
    let config = small_config();
    let (commands, inbox) = no_commands();
    for command in [Command::Pause, Command::Continue] {
        commands.send(command).expect("the engine listens");
    }
    let paused = Run::start(&config, execution(), inbox);
    let straight = Run::to_the_end(&config);
    let states: Vec<RunState> = paused
        .log
        .since(0)
        .into_iter()
        .filter_map(|envelope| match envelope.msg {
            Event::State(state) => Some(state),
            _ => None,
        })
        .collect();
    assert_eq!(
        states,
        [
            RunState::Running,
            RunState::Paused,
            RunState::Running,
            RunState::Finished
        ]
    );
    assert_eq!(
        paused.weights("1-supcon-contrastive-s0").tensors,
        straight.weights("1-supcon-contrastive-s0").tensors
    );
}

#[test]
fn the_log_has_no_gaps_and_survives_a_torn_line() {
    let run = Run::to_the_end(&small_config());
    let text = std::str::from_utf8(&run.files.0["events.jsonl"]).expect("UTF-8");
    let events = supcon_train::parse_events(text).expect("whole");
    assert!(events.iter().zip(0..).all(|(event, seq)| event.seq == seq));
    assert_eq!(events, run.log.since(0));
    let torn = &text[..text.len() - 7];
    assert_eq!(
        supcon_train::parse_events(torn).expect("the last line is dropped"),
        events[..events.len() - 1]
    );
    let broken = text.replacen("{\"protocol_version\"", "{\"protocol_", 1);
    assert_eq!(supcon_train::parse_events(&broken), Err(1));
}

#[test]
fn a_loss_that_is_not_finite_stops_the_run() {
    let mut config = small_config();
    config.methods = vec![Method::CrossEntropy];
    config.cross_entropy.optimizer.learning_rate = 1000.0;
    config.cross_entropy.optimizer.weight_decay = 1.0;
    config.cross_entropy.optimizer.momentum = 0.99;
    config.cross_entropy.length = Length::Steps(200);
    let run = Run::to_the_end(&config);
    let Err(error @ TrainError::NonFinite { .. }) = &run.result else {
        panic!("{:?}", run.result);
    };
    assert!(
        error
            .to_string()
            .contains("the last good checkpoint is kept"),
        "{error}"
    );
    assert!(
        run.history()
            .failure
            .is_some_and(|report| report.hint.is_some())
    );
    let last_good = run
        .files
        .0
        .get("checkpoints/latest.safetensors")
        .expect("a checkpoint");
    let last_good = supcon_train::Checkpoint::from_bytes("latest", last_good).expect("readable");
    assert!(
        last_good
            .tensors
            .values()
            .all(|tensor| tensor.values.iter().all(|x| x.is_finite()))
    );
}
