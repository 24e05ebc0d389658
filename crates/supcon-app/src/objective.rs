//! The loss that trains what is looked at, as `supcon-math` knows it.

use crate::film::Frame;
use crate::session::Run;
use supcon_math::{Denominator, Kernel, Objective};
use supcon_protocol::{DenominatorMode, KernelConfig, KernelKind, Method, StagePlan, Subject};

/// The objective that trains the stage of a frame.
#[must_use]
pub fn trained_objective(run: Option<&Run>, frame: &Frame) -> Objective {
    let stages = run.map_or(&[][..], |run| &run.history.stages);
    let plan: Option<&StagePlan> = stages
        .iter()
        .map(|stage| &stage.info.plan)
        .find(|plan| plan.index == frame.embedding.stage);
    let temperature = match (run, plan) {
        (Some(run), Some(plan)) => run.temperature(plan),
        _ => 0.1,
    };
    let method = match plan.map(|plan| plan.subject) {
        Some(Subject::Trained(method)) => method,
        _ => Method::Supcon,
    };
    let mut objective = named_objective(method, temperature);
    if let Some(config) = run.and_then(|run| run.config.as_ref()) {
        objective.denominator = match config.contrastive.denominator {
            DenominatorMode::All => Denominator::All,
            DenominatorMode::OnePositive => Denominator::OnePositive,
            DenominatorMode::OnlyNegatives => Denominator::OnlyNegatives,
        };
        objective.positives_cap = config.positives_cap_of(method);
    }
    objective
}

/// The loss of a method; cross-entropy has no pairs and is shown under SupCon's.
fn named_objective(method: Method, temperature: f64) -> Objective {
    match method {
        Method::SupconIn => Objective::supcon_in(temperature),
        Method::Simclr => Objective::nt_xent(temperature),
        Method::DropSameClass => Objective::drop_same_class(temperature),
        Method::Supcon | Method::NPairs | Method::CrossEntropy => Objective::supcon(temperature),
    }
}

/// The similarity that trains, on the unit rows that frames hold: of a plain dot product too, whose lengths
/// they do not have.
#[must_use]
pub fn kernel(run: Option<&Run>) -> (Kernel, &'static str) {
    let config = run.and_then(|run| run.config.as_ref());
    let of = config.map_or_else(KernelConfig::default, |config| config.contrastive.kernel);
    let width = f64::from(of.width);
    match of.kind {
        KernelKind::Cosine => (Kernel::Dot, "cosine"),
        KernelKind::Dot => (Kernel::Dot, "dot product, shown of unit rows"),
        KernelKind::Rbf => (Kernel::Rbf { width }, "Gaussian"),
        KernelKind::Laplacian => (Kernel::Laplacian { width }, "Laplacian"),
        KernelKind::Polynomial => {
            let offset = f64::from(of.offset);
            let degree = of.degree;
            (Kernel::Polynomial { offset, degree }, "polynomial")
        }
        KernelKind::StudentT => {
            let freedom = f64::from(of.freedom);
            (Kernel::StudentT { freedom }, "Student-t")
        }
    }
}
