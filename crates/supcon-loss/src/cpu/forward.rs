//! Twin of `shaders/supcon_forward.wgsl`.

use super::family;
use super::log_sum::{LOWEST, LogSum, count_and_sum, sum};
use super::rows::Operands;
use super::simd::vectorised;
use super::{COLUMN_TILE, ROW_BLOCK, for_each_block};
use crate::definition::Targets;
use crate::op::{KernelSpec, Stat};
use supcon_math::{Candidates, Denominator, Positives, Summation};

/// Row statistics `[n, Stat::COUNT]`.
pub(super) fn forward(operands: &Operands<'_>) -> Vec<f32> {
    let mut stats = vec![0.0; operands.rows.len() * Stat::COUNT];
    for_each_block(&mut stats, Stat::COUNT, |first, block| {
        let mut rows = vec![Row::default(); block.len() / Stat::COUNT];
        for_each_tile(operands, first, rows.len(), |r, column, logits| {
            let row = &mut rows[r];
            if operands.spec.is_plain() {
                let segment = Segment::new(operands, first + r, column);
                vectorised(
                    #[inline(always)]
                    || row.meet(&segment, logits),
                );
            } else {
                family::meet(row, operands, first + r, column, logits);
            }
        });
        for (stats, row) in block.chunks_exact_mut(Stat::COUNT).zip(&rows) {
            row.write(stats, &operands.spec);
        }
    });
    stats
}

/// Calls `work(row of the block, first column, logits)` for every row of a block and every tile.
pub(super) fn for_each_tile(
    operands: &Operands<'_>,
    first: usize,
    n_rows: usize,
    mut work: impl FnMut(usize, usize, &mut [f32]),
) {
    let Operands {
        rows,
        columns,
        spec,
    } = operands;
    let mut logits = vec![0.0; ROW_BLOCK * COLUMN_TILE];
    for column in (0..columns.len()).step_by(COLUMN_TILE) {
        let end = columns.len().min(column + COLUMN_TILE);
        let width = end - column;
        let tile = &mut logits[..n_rows * width];
        let (a, b) = (
            rows.slice(first, first + n_rows),
            columns.slice(column, end),
        );
        spec.similarity.sums(tile, a, b, rows.dim, spec.inv_tau);
        spec.similarity.logits(tile, spec.inv_tau);
        for (r, logits) in tile.chunks_exact_mut(width).enumerate() {
            work(r, column, logits);
        }
    }
}

/// Who one row's logits against a tile of columns belong to.
struct Segment<'a> {
    labels: &'a [u32],
    instances: &'a [u32],
    label: u32,
    instance: u32,
    /// Where the row meets itself.
    itself: Option<usize>,
    spec: &'a KernelSpec,
}

impl<'a> Segment<'a> {
    fn new(operands: &'a Operands<'_>, i: usize, column: usize) -> Self {
        let end = operands.columns.len().min(column + COLUMN_TILE);
        let (rows, columns) = (operands.rows.who, operands.columns.who);
        Self {
            labels: &columns.labels[column..end],
            instances: &columns.instances[column..end],
            label: rows.labels[i],
            instance: rows.instances[i],
            itself: operands.itself(i, column, end - column),
            spec: &operands.spec,
        }
    }
}

/// What a row knows of the columns it has met.
#[derive(Clone, Copy)]
pub(super) struct Row {
    pub(super) denominator: LogSum,
    pub(super) positives: LogSum,
    /// Of logits, by their targets.
    pub(super) positive_sum: f32,
    pub(super) positive_count: f32,
    /// Of soft targets.
    pub(super) target_sum: f32,
    pub(super) view_sum: f32,
    pub(super) view_count: f32,
    /// Becomes NaN when a logit is not finite, and stays so; else 0.
    pub(super) poison: f32,
}

impl Default for Row {
    fn default() -> Self {
        Self {
            denominator: LogSum::EMPTY,
            positives: LogSum::EMPTY,
            positive_sum: 0.0,
            positive_count: 0.0,
            target_sum: 0.0,
            view_sum: 0.0,
            view_count: 0.0,
            poison: 0.0,
        }
    }
}

impl Row {
    /// For the objectives of the paper's equations, in loops that vectorise.
    #[inline(always)]
    fn meet(&mut self, segment: &Segment<'_>, logits: &mut [f32]) {
        let Segment {
            labels,
            instances,
            label,
            instance,
            itself,
            spec,
        } = *segment;
        if let Some(at) = itself {
            // Out of the sums below, whatever it is; poison shows in the other rows' logits too.
            self.poison += logits[at] * 0.0;
            logits[at] = 0.0;
        }
        self.poison += sum(logits, |x| x * 0.0);
        let is_self = f32::from(u8::from(itself.is_some()));
        let same_instance = |at: usize| f32::from(u8::from(instances[at] == instance));
        let same_label = |at: usize| f32::from(u8::from(labels[at] == label));
        let (views, view_sum) = count_and_sum(logits, same_instance);
        self.view_count += views - is_self;
        self.view_sum += view_sum;
        let (positives, positive_sum) = match spec.positives {
            Positives::SameLabel => count_and_sum(logits, same_label),
            Positives::OtherView => (views, view_sum),
        };
        self.positive_count += positives - is_self;
        self.positive_sum += positive_sum;
        if let Some(at) = itself {
            logits[at] = LOWEST;
        }
        let is_positive = |at: usize| match spec.positives {
            Positives::SameLabel => labels[at] == label,
            Positives::OtherView => instances[at] == instance,
        };
        if spec.candidates == Candidates::DropSameClass {
            for (at, logit) in logits.iter_mut().enumerate() {
                if labels[at] == label && !is_positive(at) {
                    *logit = LOWEST;
                }
            }
        }
        self.denominator.add_all(logits);
        if spec.summation == Summation::In && positives > is_self {
            for (at, logit) in logits.iter_mut().enumerate() {
                *logit = if is_positive(at) { *logit } else { LOWEST };
            }
            self.positives.add_all(logits);
        }
    }

    fn write(&self, stats: &mut [f32], spec: &KernelSpec) {
        let needs_negatives = spec.denominator == Denominator::OnlyNegatives;
        let valid = self.positive_count > 0.0 && !(needs_negatives && self.denominator.is_empty());
        let divisor = match spec.targets {
            Targets::Roles => self.positive_count.max(1.0),
            Targets::LabelProduct | Targets::LabelDecay if valid => self.target_sum,
            Targets::LabelProduct | Targets::LabelDecay => 1.0,
        };
        let (denominator, positives) = (self.denominator.or_one(), self.positives.or_one());
        let positive_mean = self.positive_sum / divisor;
        let loss = match (valid, spec.summation) {
            (false, _) => 0.0,
            (true, Summation::Out) => {
                (denominator.peak - positive_mean) + denominator.excess.ln_1p() as f32
            }
            (true, Summation::In) => {
                (denominator.peak - positives.peak)
                    + log_quotient(denominator, positives)
                    + divisor.ln()
            }
        };
        let log_denominator = if self.denominator.is_empty() {
            LOWEST
        } else {
            denominator.ln()
        };
        let view_similarity = self.view_sum / self.view_count.max(1.0) / spec.inv_tau;
        let mut set = |stat: Stat, value: f32| stats[stat as usize] = value;
        set(Stat::Loss, loss + self.poison);
        set(Stat::Peak, denominator.peak + self.poison);
        set(Stat::Excess, denominator.excess as f32);
        set(Stat::PositivePeak, positives.peak);
        set(Stat::PositiveExcess, positives.excess as f32);
        set(Stat::PositiveCount, self.positive_count);
        set(Stat::PositiveMean, positive_mean);
        set(Stat::ViewSimilarity, view_similarity);
        set(Stat::Share, self.target_sum);
        set(Stat::Valid, f32::from(u8::from(valid)));
        set(Stat::LogDenominator, log_denominator);
    }
}

/// ln((1 + excess of a) / (1 + excess of b)), which may nearly agree.
fn log_quotient(a: LogSum, b: LogSum) -> f32 {
    ((a.excess - b.excess) / (1.0 + b.excess)).ln_1p() as f32
}
