//! The objectives beyond the paper's equations, pair by pair: caps, denominators, soft targets.

use super::exp::exp;
use super::forward::Row;
use super::rows::Operands;
use crate::definition::Targets;
use supcon_math::{Denominator, Role, Summation};

/// Row i meets a tile of columns.
pub(super) fn meet(
    row: &mut Row,
    operands: &Operands<'_>,
    i: usize,
    column: usize,
    logits: &[f32],
) {
    let itself = operands.itself(i, column, logits.len());
    for (at, &logit) in logits.iter().enumerate() {
        if itself == Some(at) {
            continue;
        }
        let j = column + at;
        if !logit.is_finite() {
            row.poison = f32::NAN;
            continue;
        }
        if operands.same_instance(i, j) {
            row.view_sum += logit;
            row.view_count += 1.0;
        }
        match operands.spec.targets {
            Targets::Roles => meet_role(row, operands, operands.role(i, j), logit),
            Targets::LabelProduct | Targets::LabelDecay => {
                let weight = operands.soft_weight(i, j);
                row.denominator.add(logit);
                row.target_sum += weight;
                row.positive_sum += weight * logit;
                row.positive_count += f32::from(u8::from(weight > 0.0));
            }
        }
    }
}

fn meet_role(row: &mut Row, operands: &Operands<'_>, role: Role, logit: f32) {
    let spec = &operands.spec;
    let positive = role == Role::Positive;
    if role == Role::Negative || (positive && spec.denominator == Denominator::All) {
        row.denominator.add(logit);
    }
    if positive {
        row.positive_sum += logit;
        row.positive_count += 1.0;
        if spec.summation == Summation::In {
            row.positives.add(logit);
        }
    }
}

/// What an anchor's own gradient terms need: its statistics, as the backward pass reads them.
#[derive(Clone, Copy)]
pub(super) struct Anchor {
    pub(super) peak: f32,
    pub(super) excess: f32,
    pub(super) positive_peak: f32,
    pub(super) positive_excess: f32,
    pub(super) inv_count: f32,
    /// `Stat::Share`.
    pub(super) share: f32,
    /// Upstream; 0 for an anchor that is not valid.
    pub(super) weight: f32,
}

impl Anchor {
    /// τ·G of anchor i, which this is, against column j.
    pub(super) fn pull(&self, operands: &Operands<'_>, i: usize, j: usize, logit: f32) -> f32 {
        if self.weight == 0.0 {
            return 0.0;
        }
        let spec = &operands.spec;
        let difference = match (spec.targets, spec.denominator) {
            (Targets::LabelProduct | Targets::LabelDecay, _) => {
                self.outside(logit, operands.soft_weight(i, j) / self.share)
            }
            (Targets::Roles, denominator) => match (operands.role(i, j), denominator) {
                (Role::Itself | Role::Excluded, _) => 0.0,
                (Role::Negative, Denominator::OnePositive) => self.share * self.part(logit),
                (Role::Negative, _) => self.part(logit),
                (Role::Positive, Denominator::OnePositive) => {
                    self.one_positive(logit, spec.summation)
                }
                (Role::Positive, Denominator::OnlyNegatives) => match spec.summation {
                    Summation::Out => -self.inv_count,
                    Summation::In => -self.positive_part(logit),
                },
                (Role::Positive, Denominator::All) => match spec.summation {
                    Summation::Out => self.outside(logit, self.inv_count),
                    Summation::In => self.inside(logit),
                },
            },
        };
        self.weight * difference
    }

    /// P of a pair in the denominator.
    fn part(&self, logit: f32) -> f32 {
        exp(logit - self.peak) / (1.0 + self.excess)
    }

    /// X of a positive, summed inside the logarithm.
    fn positive_part(&self, logit: f32) -> f32 {
        exp(logit - self.positive_peak) / (1.0 + self.positive_excess)
    }

    /// P − target over one denominator.
    fn outside(&self, logit: f32, target: f32) -> f32 {
        (exp(logit - self.peak) - target - target * self.excess) / (1.0 + self.excess)
    }

    fn inside(&self, logit: f32) -> f32 {
        let (e, f) = (exp(logit - self.peak), exp(logit - self.positive_peak));
        (e - f + e * self.positive_excess - f * self.excess)
            / ((1.0 + self.excess) * (1.0 + self.positive_excess))
    }

    /// P − X of a positive that alone meets the negatives.
    fn one_positive(&self, logit: f32, summation: Summation) -> f32 {
        if self.share == 0.0 {
            return 0.0;
        }
        let meeting = Meeting::new(self.peak + self.excess.ln_1p(), logit);
        match summation {
            Summation::Out => -self.inv_count * meeting.taken,
            Summation::In => -self.positive_part(meeting.log_share) * meeting.taken,
        }
    }
}

/// One positive's own denominator, with the negatives.
pub(super) struct Meeting {
    /// ln of the positive's share.
    pub(super) log_share: f32,
    /// What the negatives take: 1 − share.
    pub(super) taken: f32,
}

impl Meeting {
    pub(super) fn new(log_negatives: f32, logit: f32) -> Self {
        let gap = log_negatives - logit;
        Self {
            log_share: -(gap.max(0.0) + (-gap.abs()).exp().ln_1p()),
            taken: 1.0 / (1.0 + (-gap).exp()),
        }
    }
}
