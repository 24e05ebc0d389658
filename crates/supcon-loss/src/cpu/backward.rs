//! Twin of `shaders/supcon_backward.wgsl`.

use super::exp::exp;
use super::family::Anchor;
use super::rows::Operands;
use super::simd::vectorised;
use super::{COLUMN_TILE, ROW_BLOCK, for_each_block};
use crate::definition::Similarity;
use crate::op::Stat;
use supcon_math::{Candidates, Positives, Summation};

/// dz `[n, dim]`.
pub(super) fn backward(operands: &Operands<'_>, stats: &[f32], row_weight: &[f32]) -> Vec<f32> {
    let anchors = Anchors::new(stats, row_weight);
    let mut dz = vec![0.0; operands.rows.z.len()];
    for_each_block(&mut dz, operands.rows.dim, |first, block| {
        backward_block(operands, &anchors, first, block);
    });
    dz
}

fn backward_block(operands: &Operands<'_>, anchors: &Anchors, first: usize, block: &mut [f32]) {
    let Operands {
        rows,
        columns,
        spec,
    } = operands;
    let (dim, similarity) = (rows.dim, spec.similarity);
    let n_rows = block.len() / dim;
    let a = rows.slice(first, first + n_rows);
    let mut pairs = vec![0.0; ROW_BLOCK * COLUMN_TILE];
    let mut sums = Vec::new();
    for column in (0..columns.len()).step_by(COLUMN_TILE) {
        let end = columns.len().min(column + COLUMN_TILE);
        let width = end - column;
        let b = columns.slice(column, end);
        let tile = &mut pairs[..n_rows * width];
        similarity.sums(tile, a, b, dim, spec.inv_tau);
        if similarity != Similarity::Dot {
            sums.clear();
            sums.extend_from_slice(tile);
            similarity.logits(tile, spec.inv_tau);
        }
        for (r, pairs) in tile.chunks_exact_mut(width).enumerate() {
            let i = first + r;
            vectorised(
                #[inline(always)]
                || weigh(pairs, operands, anchors, i, column),
            );
            if let Some(at) = operands.itself(i, column, width) {
                pairs[at] = 0.0;
            }
        }
        for (pair, sum) in tile.iter_mut().zip(&sums) {
            *pair *= similarity.slope(*sum);
        }
        similarity.add_gradient(block, tile, a, b, dim, spec.inv_tau);
    }
    // A poisoned row shows it, whatever its pairs' pulls came to.
    for (row, peak) in block.chunks_exact_mut(dim).zip(&anchors.peak[first..]) {
        if !peak.is_finite() {
            row.fill(f32::NAN);
        }
    }
}

/// What the anchors' own gradient terms need, one slice a field so that columns vectorise.
struct Anchors {
    each: Vec<Anchor>,
    peak: Vec<f32>,
    excess: Vec<f32>,
    inv_sum: Vec<f32>,
    positive_peak: Vec<f32>,
    positive_excess: Vec<f32>,
    inv_positive_sum: Vec<f32>,
    inv_count: Vec<f32>,
    weight: Vec<f32>,
}

impl Anchors {
    fn new(stats: &[f32], row_weight: &[f32]) -> Self {
        let anchor = |(stats, &weight): (&[f32], &f32)| {
            let of = |stat: Stat| stats[stat as usize];
            Anchor {
                peak: of(Stat::Peak),
                excess: of(Stat::Excess),
                positive_peak: of(Stat::PositivePeak),
                positive_excess: of(Stat::PositiveExcess),
                inv_count: 1.0 / of(Stat::PositiveCount).max(1.0),
                share: of(Stat::Share),
                weight: if of(Stat::Valid) > 0.0 { weight } else { 0.0 },
            }
        };
        let rows = stats.chunks_exact(Stat::COUNT);
        let each: Vec<Anchor> = rows.zip(row_weight).map(anchor).collect();
        let field = |f: fn(&Anchor) -> f32| each.iter().map(f).collect();
        Self {
            peak: field(|a| a.peak),
            excess: field(|a| a.excess),
            inv_sum: field(|a| 1.0 / (1.0 + a.excess)),
            positive_peak: field(|a| a.positive_peak),
            positive_excess: field(|a| a.positive_excess),
            inv_positive_sum: field(|a| 1.0 / (1.0 + a.positive_excess)),
            inv_count: field(|a| a.inv_count),
            weight: field(|a| a.weight),
            each,
        }
    }

    /// The anchors `from..to`.
    fn columns(&self, from: usize, to: usize) -> Columns<'_> {
        Columns {
            peak: &self.peak[from..to],
            excess: &self.excess[from..to],
            inv_sum: &self.inv_sum[from..to],
            positive_peak: &self.positive_peak[from..to],
            positive_excess: &self.positive_excess[from..to],
            inv_positive_sum: &self.inv_positive_sum[from..to],
            inv_count: &self.inv_count[from..to],
            weight: &self.weight[from..to],
        }
    }
}

/// The columns of a tile as anchors, equal in length.
struct Columns<'a> {
    peak: &'a [f32],
    excess: &'a [f32],
    inv_sum: &'a [f32],
    positive_peak: &'a [f32],
    positive_excess: &'a [f32],
    inv_positive_sum: &'a [f32],
    inv_count: &'a [f32],
    weight: &'a [f32],
}

/// Turns the logits of row i against the columns from `column` into τ·(G_ij + G_ji), or τ·G_ij
/// where the columns are a set of their own.
#[inline(always)]
fn weigh(pairs: &mut [f32], operands: &Operands<'_>, anchors: &Anchors, i: usize, column: usize) {
    let spec = &operands.spec;
    if spec.separate || !spec.is_plain() {
        for (at, pair) in pairs.iter_mut().enumerate() {
            let (j, logit) = (column + at, *pair);
            *pair = anchors.each[i].pull(operands, i, j, logit);
            if !spec.separate {
                *pair += anchors.each[j].pull(operands, j, i, logit);
            }
        }
        return;
    }
    let who = operands.rows.who;
    let ids = match spec.positives {
        Positives::SameLabel => &who.labels,
        Positives::OtherView => &who.instances,
    };
    let end = column + pairs.len();
    let (column_ids, columns) = (&ids[column..end], anchors.columns(column, end));
    match spec.summation {
        Summation::Out => weigh_outside(pairs, column_ids, &columns, ids[i], anchors, i),
        Summation::In => weigh_inside(pairs, column_ids, &columns, ids[i], anchors, i),
    }
    if spec.candidates == Candidates::DropSameClass {
        for (at, pair) in pairs.iter_mut().enumerate() {
            if who.labels[column + at] == who.labels[i] && column_ids[at] != ids[i] {
                *pair = 0.0;
            }
        }
    }
}

#[inline(always)]
fn weigh_outside(
    pairs: &mut [f32],
    ids: &[u32],
    columns: &Columns<'_>,
    id: u32,
    anchors: &Anchors,
    i: usize,
) {
    let (peak, excess, inv_sum) = (anchors.peak[i], anchors.excess[i], anchors.inv_sum[i]);
    let (inv_count, weight) = (anchors.inv_count[i], anchors.weight[i]);
    for at in 0..pairs.len() {
        let logit = pairs[at];
        let positive = f32::from(u8::from(ids[at] == id));
        let target = positive * inv_count;
        let mine = weight * inv_sum * (exp(logit - peak) - target - target * excess);
        let target = positive * columns.inv_count[at];
        let share = exp(logit - columns.peak[at]) - target - target * columns.excess[at];
        pairs[at] = mine + columns.weight[at] * columns.inv_sum[at] * share;
    }
}

#[inline(always)]
fn weigh_inside(
    pairs: &mut [f32],
    ids: &[u32],
    columns: &Columns<'_>,
    id: u32,
    anchors: &Anchors,
    i: usize,
) {
    let (peak, excess, inv_sum) = (anchors.peak[i], anchors.excess[i], anchors.inv_sum[i]);
    let (positive_peak, positive_excess) = (anchors.positive_peak[i], anchors.positive_excess[i]);
    let weight = anchors.weight[i] * inv_sum * anchors.inv_positive_sum[i];
    for at in 0..pairs.len() {
        let logit = pairs[at];
        let positive = ids[at] == id;
        let target = |peak: f32| if positive { exp(logit - peak) } else { 0.0 };
        let (e, f) = (exp(logit - peak), target(positive_peak));
        let mine = weight * (e - f + e * positive_excess - f * excess);
        let (e, f) = (
            exp(logit - columns.peak[at]),
            target(columns.positive_peak[at]),
        );
        let difference = e - f + e * columns.positive_excess[at] - f * columns.excess[at];
        let scale = columns.weight[at] * columns.inv_sum[at] * columns.inv_positive_sum[at];
        pairs[at] = mine + scale * difference;
    }
}
