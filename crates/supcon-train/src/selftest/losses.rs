//! The contrastive losses: value and gradient.

use super::{Values, no_gradient, noise, unit_noise};
use crate::error::{TrainError, read_back};
use crate::stage::StageLoss;
use burn::tensor::{Device, Tensor};
use supcon_loss::{Columns, ContrastiveLoss, Identity, Precision, Targets};
use supcon_math::{Candidates, Denominator, Kernel, Objective, Positives, Summation};
use supcon_protocol::{Method, RunConfig};

/// Rows of a loss's test; no multiple of a tile.
const ROWS: usize = 70;
/// Columns, where they are a set of their own.
const COLUMNS: usize = 83;
/// Length of its embeddings.
const DIM: usize = 33;
const CLASSES: u32 = 5;

/// A loss and the batch it is tried on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct LossCase {
    loss: ContrastiveLoss,
    dim: usize,
    n_views: usize,
    separate: bool,
    /// Whether anchors have weights of their own.
    weighted: bool,
}

impl LossCase {
    fn new(loss: ContrastiveLoss) -> Self {
        Self {
            loss,
            dim: DIM,
            n_views: 2,
            separate: false,
            weighted: false,
        }
    }

    /// What a method of a run trains with, at the length of its embeddings.
    pub(super) fn of_method(config: &RunConfig, method: Method, dim: usize) -> (String, Self) {
        let stage = StageLoss::new(config, method);
        let case = Self {
            dim,
            n_views: stage.n_views.min(2),
            ..Self::new(stage.loss)
        };
        let objective = &case.loss.objective;
        let cap = objective
            .positives_cap
            .map_or_else(|| "none".to_owned(), |cap| cap.to_string());
        let what = format!(
            "loss of {method}, denominator {:?}, cap {cap}, similarity {:?}, τ = {}, d = {dim}, precision {:?}",
            objective.denominator,
            case.loss.kernel,
            objective.temperature as f32,
            case.loss.precision
        );
        (what, case)
    }

    /// The loss, then its gradient.
    pub(super) async fn run(&self, device: &Device) -> Result<Values, TrainError> {
        let device = device.clone().autodiff();
        let z = unit_noise([ROWS, self.dim], 3, &device).require_grad();
        let labels: Vec<u32> = (0..(ROWS / self.n_views) as u32)
            .map(|image| image % CLASSES)
            .collect();
        let identity = self.with_soft_labels(Identity::of_views(&labels, self.n_views))?;
        // Keys of the first images, then entries of a queue.
        let met = (0..COLUMNS as u32).map(|column| (column % CLASSES, column));
        let met = self.with_soft_labels(Identity::of_rows(met))?;
        let columns = self.separate.then(|| Columns {
            z: unit_noise([COLUMNS, self.dim], 4, &device),
            identity: &met,
        });
        let rows = self.loss.fused(z.clone(), &identity, columns)?;
        let value = if self.weighted {
            let weights = noise::<1>([ROWS], 5, &device).add_scalar(1.0);
            rows.weighted_mean(weights)?.loss
        } else {
            rows.mean().loss
        };
        let gradients = value.backward();
        let gradient: Tensor<2> = z.grad(&gradients).ok_or_else(|| no_gradient("the loss"))?;
        Ok(vec![
            read_back(value.inner()).await?,
            read_back(gradient).await?,
        ])
    }

    fn with_soft_labels(&self, identity: Identity) -> Result<Identity, TrainError> {
        if self.loss.targets == Targets::Roles {
            return Ok(identity);
        }
        let soft = (0..identity.len() * CLASSES as usize).map(|at| (at * 7 % 11) as f32 / 11.0);
        Ok(identity.with_soft_labels(soft.collect(), CLASSES as usize)?)
    }
}

/// Every value of every switch of the family.
pub(super) fn all() -> Vec<(String, LossCase)> {
    let mut all = switches();
    let supcon = ContrastiveLoss::new(Objective::supcon(0.1));
    let mut push = |what: &str, case: LossCase| all.push((format!("loss, {what}"), case));
    for (what, objective) in [
        ("NT-Xent", Objective::nt_xent(0.5)),
        (
            "NT-Xent less same-class negatives",
            Objective::drop_same_class(0.5),
        ),
    ] {
        push(what, LossCase::new(ContrastiveLoss::new(objective)));
    }
    for (what, objective) in [
        ("L_out", Objective::supcon(0.1)),
        ("L_in", Objective::supcon_in(0.1)),
        ("NT-Xent", Objective::nt_xent(0.1)),
    ] {
        let case = LossCase {
            separate: true,
            ..LossCase::new(ContrastiveLoss::new(objective))
        };
        push(&format!("{what} against separate columns"), case);
    }
    for kernel in [
        Kernel::Cosine,
        Kernel::Rbf { width: 0.7 },
        Kernel::Laplacian { width: 1.5 },
        Kernel::Polynomial {
            offset: 0.5,
            degree: 3,
        },
        Kernel::StudentT { freedom: 1.0 },
    ] {
        let loss = ContrastiveLoss::new(Objective::supcon(0.5)).with_kernel(kernel);
        push(&format!("similarity {kernel:?}"), LossCase::new(loss));
    }
    for targets in [Targets::LabelProduct, Targets::LabelDecay] {
        let case = LossCase::new(supcon.with_targets(targets));
        push(&format!("soft targets {targets:?}"), case);
    }
    let weighted = LossCase {
        weighted: true,
        ..LossCase::new(supcon)
    };
    push("anchors with weights", weighted);
    // An odd length: the last word of a row holds one f16.
    let half = LossCase::new(supcon.with_precision(Precision::HalfStorage));
    push("half storage", half);
    // Beyond 128 dimensions tiles are smaller, whatever the adapter has.
    for dim in [1, 130] {
        let case = LossCase {
            dim,
            ..LossCase::new(supcon)
        };
        push(&format!("d = {dim}"), case);
    }
    all
}

fn switches() -> Vec<(String, LossCase)> {
    let mut all = Vec::new();
    for summation in [Summation::Out, Summation::In] {
        for denominator in [
            Denominator::All,
            Denominator::OnePositive,
            Denominator::OnlyNegatives,
        ] {
            for positives_cap in [None, Some(0), Some(2)] {
                let objective = Objective {
                    summation,
                    denominator,
                    positives_cap,
                    positives: Positives::SameLabel,
                    candidates: Candidates::All,
                    temperature: 0.1,
                };
                let cap = positives_cap.map_or_else(String::new, |cap| format!(", cap {cap}"));
                let what = format!("loss, sum {summation:?}, denominator {denominator:?}{cap}");
                all.push((what, LossCase::new(ContrastiveLoss::new(objective))));
            }
        }
    }
    all
}
