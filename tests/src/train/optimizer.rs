use super::{Run, execution, no_commands, small_config};
use supcon_protocol::{Command, Exclusion, Method, OptimizerConfig, OptimizerKind, RunState};

/// Every kind, with everything it remembers in use.
fn kinds() -> Vec<OptimizerConfig> {
    let base = small_config().contrastive.optimizer;
    let with = |kind, learning_rate| OptimizerConfig {
        kind,
        learning_rate,
        ..base.clone()
    };
    vec![
        OptimizerConfig {
            nesterov: true,
            ..with(OptimizerKind::Sgd, 0.1)
        },
        with(OptimizerKind::AdamW, 0.002),
        OptimizerConfig {
            exclude: Exclusion::BatchNorm,
            ..with(OptimizerKind::Lars, 10.0)
        },
        OptimizerConfig {
            exclude: Exclusion::OneDimensional,
            trust_clip: true,
            ..with(OptimizerKind::LarsSolo, 0.3)
        },
        OptimizerConfig {
            square_decay: 0.9,
            epsilon: 0.001,
            ..with(OptimizerKind::Rmsprop, 0.01)
        },
    ]
}

#[test]
fn every_optimizer_resumes_to_the_same_bits() {
    for optimizer in kinds() {
        let mut config = small_config();
        config.methods = vec![Method::Supcon];
        config.contrastive.optimizer = optimizer.clone();
        config.linear.optimizer = OptimizerConfig {
            warmup: config.linear.optimizer.warmup,
            ..optimizer.clone()
        };
        let kind = optimizer.kind;
        let straight = Run::to_the_end(&config);
        assert_eq!(
            straight.result.as_ref().ok(),
            Some(&RunState::Finished),
            "{kind:?}"
        );
        // 20 linear, 12 contrastive, 20 linear: once inside each kind of stage.
        for steps in [27, 38] {
            let (commands, inbox) = no_commands();
            for _ in 1..steps {
                commands.send(Command::SaveCheckpoint).expect("listening");
            }
            commands.send(Command::Stop).expect("listening");
            let stopped = Run::start(&config, execution(), inbox);
            let resumed = Run::resume(&config, stopped.files, no_commands().1);
            for stage in ["1-supcon-contrastive-s0", "2-supcon-linear-s0"] {
                assert_eq!(
                    resumed.weights(stage).tensors,
                    straight.weights(stage).tensors,
                    "{kind:?}, {stage}, stopped after {steps}"
                );
            }
        }
    }
}
