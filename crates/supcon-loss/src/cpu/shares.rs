//! The forward pass's second pass, for one denominator a positive: each positive's share of what it
//! and the negatives sum to.

use super::exp::exp;
use super::family::Meeting;
use super::for_each_block;
use super::forward::for_each_tile;
use super::log_sum::LogSum;
use super::rows::Operands;
use crate::op::Stat;
use supcon_math::{Role, Summation};

/// Completes the statistics that the first pass has written.
pub(super) fn complete(operands: &Operands<'_>, stats: &mut [f32]) {
    for_each_block(stats, Stat::COUNT, |first, block| {
        let negatives: Vec<f32> = block
            .chunks_exact(Stat::COUNT)
            .map(|stats| stats[Stat::LogDenominator as usize])
            .collect();
        let mut rows = vec![Shares::default(); negatives.len()];
        for_each_tile(operands, first, rows.len(), |r, column, logits| {
            let i = first + r;
            let itself = operands.itself(i, column, logits.len());
            for (at, &logit) in logits.iter().enumerate() {
                if itself != Some(at) && operands.role(i, column + at) == Role::Positive {
                    rows[r].add(&Meeting::new(negatives[r], logit));
                }
            }
        });
        for (stats, row) in block.chunks_exact_mut(Stat::COUNT).zip(&rows) {
            row.complete(stats, operands.spec.summation);
        }
    });
}

#[derive(Clone, Copy)]
struct Shares {
    logs: LogSum,
    log_total: f32,
    /// What the negatives take, summed.
    taken: f32,
    /// The same, each by its share relative to the largest.
    taken_by_share: f32,
}

impl Default for Shares {
    fn default() -> Self {
        Self {
            logs: LogSum::EMPTY,
            log_total: 0.0,
            taken: 0.0,
            taken_by_share: 0.0,
        }
    }
}

impl Shares {
    fn add(&mut self, meeting: &Meeting) {
        let before = self.logs.peak;
        self.logs.add(meeting.log_share);
        let peak = self.logs.peak;
        self.taken_by_share = self.taken_by_share * exp(before - peak)
            + meeting.taken * exp(meeting.log_share - peak);
        self.log_total += meeting.log_share;
        self.taken += meeting.taken;
    }

    fn complete(&self, stats: &mut [f32], summation: Summation) {
        let count = stats[Stat::PositiveCount as usize];
        if count == 0.0 || !stats[Stat::Peak as usize].is_finite() {
            return;
        }
        let mean_log_share = self.log_total / count;
        let mut set = |stat: Stat, value: f32| stats[stat as usize] = value;
        match summation {
            Summation::Out => {
                set(Stat::Loss, -mean_log_share);
                set(Stat::Share, self.taken / count);
            }
            Summation::In => {
                // −ln of the mean share, which may be all but 1.
                let count = f64::from(count);
                let beyond_mean = (self.logs.excess - (count - 1.0)) / count;
                set(Stat::Loss, -(self.logs.peak + beyond_mean.ln_1p() as f32));
                set(Stat::PositivePeak, self.logs.peak);
                set(Stat::PositiveExcess, self.logs.excess as f32);
                set(
                    Stat::Share,
                    self.taken_by_share / (1.0 + self.logs.excess as f32),
                );
            }
        }
        let mean = stats[Stat::PositiveMean as usize];
        stats[Stat::LogDenominator as usize] = mean - mean_log_share;
    }
}
