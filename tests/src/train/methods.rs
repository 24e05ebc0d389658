//! Every contrastive method, and every choice within one, trains: a few steps on `shapes`, on the CPU.

use super::{Run, small_config};
use supcon_protocol::{
    DenominatorMode, KernelConfig, KernelKind, Length, LossScale, Method, PositivesCap, RunConfig,
    RunState, StageHistory, StageKind,
};

fn few_steps(methods: &[Method]) -> RunConfig {
    let mut config = small_config();
    config.methods = methods.to_vec();
    config.contrastive.length = Length::Steps(8);
    config.linear.length = Length::Steps(4);
    config
}

/// The contrastive stages of a run that must end well.
fn contrastive_stages(config: &RunConfig, what: &str) -> Vec<StageHistory> {
    config
        .check()
        .unwrap_or_else(|error| panic!("{what}: {error}"));
    let run = Run::to_the_end(config);
    let state = run
        .result
        .as_ref()
        .unwrap_or_else(|e| panic!("{what}: {e}"));
    assert_eq!(*state, RunState::Finished, "{what}");
    let stages = run.history().stages.into_iter();
    let stages: Vec<_> = stages
        .filter(|stage| stage.info.plan.kind == StageKind::Contrastive)
        .collect();
    assert_eq!(stages.len(), config.methods.len(), "{what}");
    for stage in &stages {
        let last = stage.steps.last().expect("reported steps");
        assert!(last.loss.is_finite(), "{what}: {last:?}");
    }
    stages
}

#[test]
fn every_contrastive_method_trains() {
    let methods: Vec<Method> = Method::ALL
        .into_iter()
        .filter(|method| method.is_contrastive())
        .collect();
    for stage in contrastive_stages(&few_steps(&methods), "all methods") {
        let last = stage.steps.last().expect("reported steps");
        let what = stage.info.plan.to_string();
        // One view, one positive of the class; a batch of 32 in ten classes leaves few without.
        let one_view = what.starts_with("N-pairs");
        assert_eq!(last.view_similarity.is_none(), one_view, "{what}");
        let every_row = !one_view && !what.contains("less same-class");
        assert_eq!(stage.info.landmarks.is_some(), every_row, "{what}");
        assert_eq!(last.mutual_information_bound.is_some(), every_row, "{what}");
        let without = last.anchors_without_positives.expect("counted");
        assert!(without < 0.2, "{what}: {without}");
        assert_eq!(
            without > 0.0,
            one_view && without > 0.0,
            "{what}: {without}"
        );
    }
}

#[test]
fn every_choice_within_a_method_trains() {
    let base = few_steps(&[Method::Supcon]);
    let with = |change: &dyn Fn(&mut RunConfig)| {
        let mut config = base.clone();
        change(&mut config);
        config
    };
    for denominator in [DenominatorMode::OnePositive, DenominatorMode::OnlyNegatives] {
        let config = with(&|config| config.contrastive.denominator = denominator);
        contrastive_stages(&config, &format!("{denominator:?}"));
    }
    for cap in [0, 3] {
        let config = with(&|config| config.contrastive.positives_cap = PositivesCap(Some(cap)));
        contrastive_stages(&config, &format!("cap {cap}"));
    }
    for kind in [
        KernelKind::Dot,
        KernelKind::Rbf,
        KernelKind::Laplacian,
        KernelKind::Polynomial,
        KernelKind::StudentT,
    ] {
        let config = with(&|config| {
            config.contrastive.kernel = KernelConfig {
                kind,
                ..KernelConfig::default()
            };
            // A dot product of the head's output has no bound on its logits.
            config.contrastive.temperature = if kind == KernelKind::Dot { 10.0 } else { 0.1 };
        });
        contrastive_stages(&config, &format!("{kind:?}"));
    }
}

#[test]
fn the_loss_scale_is_a_learning_rate_and_never_shown() {
    // So small that rounding stays rounding.
    const RATE: f64 = 0.01;
    let losses = |scale: LossScale, rate: f64| {
        let mut config = few_steps(&[Method::Supcon]);
        config.contrastive.loss_scale = scale;
        config.contrastive.optimizer.learning_rate = rate;
        config.contrastive.optimizer.weight_decay = 0.0;
        let stages = contrastive_stages(&config, &format!("{scale:?}"));
        let steps = stages[0].steps.iter();
        steps.map(|step| step.loss).collect::<Vec<f64>>()
    };
    let tau = f64::from(few_steps(&[]).contrastive.temperature);
    let unscaled = losses(LossScale::None, RATE);
    for (scale, factor) in [
        (LossScale::Temperature, tau),
        (LossScale::TemperatureOverBase, tau / 0.07),
    ] {
        let undone = losses(scale, RATE / factor);
        for (a, b) in unscaled.iter().zip(&undone) {
            assert!(
                (a - b).abs() < 1e-3 * a,
                "{scale:?}: {unscaled:?} vs {undone:?}"
            );
        }
        let other = losses(scale, RATE);
        let (last, other) = (unscaled.last(), other.last());
        assert_ne!(last, other, "{scale:?} moves nothing");
    }
}
