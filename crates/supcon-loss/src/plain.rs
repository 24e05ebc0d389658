use crate::definition::{ContrastiveLoss, Precision, Targets};
use crate::fused::Operands;
use crate::op::KernelSpec;
use crate::{Columns, Identity, LossError, RowLosses};
use burn::tensor::{Bool, Int, Tensor};
use supcon_math::{Candidates, Denominator, Kernel, Objective, Positives, Summation};

/// Stands for −∞ in masked logits: e^x is 0 and no NaN arises.
const MASKED: f32 = -1.0e30;

impl ContrastiveLoss {
    /// [`fused`](Self::fused) in plain tensor operations, with several n×c matrices: the oracle and
    /// the baseline.
    ///
    /// # Shapes
    /// As [`fused`](Self::fused), and any d.
    ///
    /// # Errors
    /// As [`fused`](Self::fused), and at any precision but the full one.
    pub fn plain(
        &self,
        z: Tensor<2>,
        identity: &Identity,
        columns: Option<Columns<'_>>,
    ) -> Result<RowLosses, LossError> {
        if self.precision != Precision::Full {
            return Err(LossError::PlainPrecision);
        }
        let operands = Operands::new(self, z, identity, columns)?;
        let similarity = similarities(self.kernel, operands.z.clone(), operands.columns.clone());
        let relations = Relations::new(self, &operands, identity, &similarity);
        let logits = similarity.clone().mul_scalar(operands.spec.inv_tau);
        let rows = Rows::new(logits, &relations, &operands.spec);
        let views = relations.views.clone().sum_dim(1).clamp_min(1.0);
        let view_similarity = (similarity * relations.views).sum_dim(1) / views;
        let zeros = rows.valid.zeros_like();
        let columns = vec![
            rows.loss * rows.valid.clone(),
            rows.log_denominator.clone(),
            zeros.clone(),
            zeros.clone(),
            zeros.clone(),
            rows.positive_count,
            rows.positive_mean,
            view_similarity,
            zeros,
            rows.valid,
            rows.log_denominator,
        ];
        Ok(RowLosses::from_stats(Tensor::cat(columns, 1)))
    }
}

/// `[n, d]` and `[c, d]` → `[n, c]`.
fn similarities(kernel: Kernel, z: Tensor<2>, columns: Tensor<2>) -> Tensor<2> {
    match kernel {
        Kernel::Dot | Kernel::Cosine => z.matmul(columns.transpose()),
        Kernel::Rbf { width } => squared_distances(z, columns).mul_scalar(-0.5 / (width * width)),
        Kernel::Laplacian { width } => {
            let distances = differences(z, columns).abs().sum_dim(2).squeeze_dim::<2>(2);
            distances.mul_scalar(-1.0 / width)
        }
        Kernel::Polynomial { offset, degree } => {
            let base = z.matmul(columns.transpose()).add_scalar(offset);
            (1..degree).fold(base.clone(), |power, _| power * base.clone())
        }
        Kernel::StudentT { freedom } => squared_distances(z, columns)
            .div_scalar(freedom)
            .log1p()
            .mul_scalar(-0.5 * (freedom + 1.0)),
    }
}

/// `[n, c, d]`.
fn differences(z: Tensor<2>, columns: Tensor<2>) -> Tensor<3> {
    let ([n, d], c) = (z.dims(), columns.dims()[0]);
    let rows = z.reshape([n, 1, d]).expand([n, c, d]);
    rows - columns.reshape([1, c, d]).expand([n, c, d])
}

fn squared_distances(z: Tensor<2>, columns: Tensor<2>) -> Tensor<2> {
    let squares = |x: &Tensor<2>| (x.clone() * x.clone()).sum_dim(1);
    let (of_z, of_columns) = (squares(&z), squares(&columns).transpose());
    let products = z.matmul(columns.transpose());
    (of_z + of_columns - products.mul_scalar(2.0)).clamp_min(0.0)
}

/// Who is what to whom, `[n, c]`.
struct Relations {
    /// 1 where the column is a positive of the row; soft: where it has a target.
    positives: Tensor<2>,
    /// 1 where it is a negative.
    negatives: Tensor<2>,
    /// 1 where the column is another view of the row's image.
    views: Tensor<2>,
    /// Targets before normalisation.
    targets: Tensor<2>,
}

impl Relations {
    fn new(
        loss: &ContrastiveLoss,
        operands: &Operands<'_>,
        identity: &Identity,
        like: &Tensor<2>,
    ) -> Self {
        let device = like.device();
        let spec = &operands.spec;
        let others = operands.column_identity.unwrap_or(identity);
        let rows = identity.packed(&loss.objective, operands.column_identity, 0, &device);
        let columns = others.packed(&Objective::supcon(1.0), None, 0, &device);
        let candidates = if spec.separate {
            like.ones_like()
        } else {
            like.ones_like() - Tensor::<2>::eye(identity.len(), &device)
        };
        let same_label = equal(&rows, &columns, 0).float() * candidates.clone();
        let views = equal(&rows, &columns, 1).float() * candidates.clone();
        if loss.targets != Targets::Roles {
            let targets =
                soft_targets(loss.targets, identity, others, &device) * candidates.clone();
            return Self {
                positives: targets.clone().greater_elem(0.0).float(),
                negatives: candidates,
                views,
                targets,
            };
        }
        let positives = match spec.positives {
            Positives::SameLabel => same_label.clone(),
            Positives::OtherView => views.clone(),
        };
        let excluded = match spec.candidates {
            Candidates::All => positives.clone(),
            Candidates::DropSameClass => (same_label + positives.clone()).clamp_max(1.0),
        };
        let negatives = candidates - excluded;
        let positives = match loss.objective.positives_cap {
            None => positives,
            Some(cap) => positives * identity.under_cap(cap, operands.column_identity, &device),
        };
        Self {
            targets: positives.clone(),
            positives,
            negatives,
            views,
        }
    }
}

/// Where column `at` of the packed identities agrees, `[n, c]`.
fn equal(rows: &Tensor<2, Int>, columns: &Tensor<2, Int>, at: usize) -> Tensor<2, Bool> {
    let (n, c) = (rows.dims()[0], columns.dims()[0]);
    let of = |ids: &Tensor<2, Int>, n: usize| ids.clone().slice([0..n, at..at + 1]);
    let columns = of(columns, c).transpose().expand([n, c]);
    of(rows, n).expand([n, c]).equal(columns)
}

fn soft_targets(
    targets: Targets,
    rows: &Identity,
    columns: &Identity,
    device: &burn::tensor::Device,
) -> Tensor<2> {
    let (rows, columns) = (rows.soft_labels(device), columns.soft_labels(device));
    match targets {
        Targets::LabelDecay => {
            let distances = differences(rows, columns).abs().sum_dim(2);
            distances.squeeze_dim::<2>(2).neg().exp()
        }
        Targets::Roles | Targets::LabelProduct => rows.matmul(columns.transpose()),
    }
}

/// What the rows' losses are made of, `[n, 1]` each.
struct Rows {
    loss: Tensor<2>,
    log_denominator: Tensor<2>,
    positive_count: Tensor<2>,
    positive_mean: Tensor<2>,
    valid: Tensor<2>,
}

impl Rows {
    fn new(logits: Tensor<2>, relations: &Relations, spec: &KernelSpec) -> Self {
        let positive_count = relations.positives.clone().sum_dim(1);
        let has_positive = positive_count.clone().clamp_max(1.0);
        let total = relations.targets.clone().sum_dim(1);
        let divisor = total + has_positive.ones_like() - has_positive.clone();
        let mean =
            |values: Tensor<2>| (values * relations.targets.clone()).sum_dim(1) / divisor.clone();
        let of = |mask: &Tensor<2>, logits: &Tensor<2>| {
            log_sum_exp(
                logits
                    .clone()
                    .mask_fill(mask.clone().equal_elem(0.0), MASKED),
            )
        };
        let positive_mean = mean(logits.clone());
        let candidates = (relations.positives.clone() + relations.negatives.clone()).clamp_max(1.0);
        let (log_denominator, loss) = match spec.denominator {
            Denominator::OnePositive => {
                let each = log_add_exp(of(&relations.negatives, &logits), logits.clone());
                let log_shares = logits - each.clone();
                let loss = match spec.summation {
                    Summation::Out => mean(log_shares).neg(),
                    Summation::In => divisor.clone().log() - of(&relations.positives, &log_shares),
                };
                (mean(each), loss)
            }
            denominator => {
                let mask = match denominator {
                    Denominator::All => &candidates,
                    _ => &relations.negatives,
                };
                let log_denominator = of(mask, &logits);
                let target = match spec.summation {
                    Summation::Out => positive_mean.clone(),
                    Summation::In => of(&relations.positives, &logits) - divisor.clone().log(),
                };
                (log_denominator.clone(), log_denominator - target)
            }
        };
        let valid = match spec.denominator {
            Denominator::OnlyNegatives => {
                has_positive * relations.negatives.clone().sum_dim(1).clamp_max(1.0)
            }
            _ => has_positive,
        };
        Self {
            loss,
            log_denominator,
            positive_count,
            positive_mean,
            valid,
        }
    }
}

/// `[n, c]` → `[n, 1]`.
fn log_sum_exp(logits: Tensor<2>) -> Tensor<2> {
    let peak = logits.clone().max_dim(1).detach();
    (logits - peak.clone()).exp().sum_dim(1).log() + peak
}

/// ln(e^a + e^b) for a `[n, 1]`, b `[n, c]`.
fn log_add_exp(a: Tensor<2>, b: Tensor<2>) -> Tensor<2> {
    let a = a.expand(b.dims());
    let peak = a.clone().max_pair(b.clone()).detach();
    ((a - peak.clone()).exp() + (b - peak.clone()).exp()).log() + peak
}
