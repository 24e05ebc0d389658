//! Twin of `shaders/supcon_backward.wgsl`.

use super::exp::exp;
use super::{COLUMN_TILE, ROW_BLOCK, Rows, for_each_block, tile};
use crate::op::{KernelSpec, Stat};
use supcon_math::{Candidates, Positives, Summation};

/// What a row's own gradient terms need, one slice a field so that columns vectorise.
struct Anchors {
    peak: Vec<f32>,
    inv_sum: Vec<f32>,
    positive_peak: Vec<f32>,
    inv_positive_sum: Vec<f32>,
    /// 1/|P(i)|; 0 without positives.
    inv_count: Vec<f32>,
    /// Upstream weight; 0 without positives (NaN if the row is poisoned).
    weight: Vec<f32>,
}

impl Anchors {
    fn new(stats: &[f32], row_weight: &[f32]) -> Self {
        let column = |stat: Stat| {
            stats
                .chunks_exact(Stat::COUNT)
                .map(move |row| row[stat as usize])
        };
        let invert = |x: f32| 1.0 / x;
        let peak: Vec<f32> = column(Stat::Peak).collect();
        let inv_count: Vec<f32> = column(Stat::PositiveCount)
            .map(|count| if count > 0.0 { 1.0 / count } else { 0.0 })
            .collect();
        let weight = row_weight
            .iter()
            .zip(&inv_count)
            .zip(&peak)
            .map(|((&weight, &inv_count), &peak)| if inv_count > 0.0 { weight } else { 0.0 * peak })
            .collect();
        Self {
            peak,
            inv_sum: column(Stat::Sum).map(invert).collect(),
            positive_peak: column(Stat::PositivePeak).collect(),
            inv_positive_sum: column(Stat::PositiveSum).map(invert).collect(),
            inv_count,
            weight,
        }
    }
}

/// dz `[n, dim]`.
pub(super) fn backward(
    rows: Rows<'_>,
    stats: &[f32],
    row_weight: &[f32],
    spec: &KernelSpec,
) -> Vec<f32> {
    let anchors = Anchors::new(stats, row_weight);
    let mut dz = vec![0.0; rows.z.len()];
    for_each_block(&mut dz, rows.dim, |first, block| {
        backward_block(rows, &anchors, spec, first, block);
    });
    dz
}

fn backward_block(
    rows: Rows<'_>,
    anchors: &Anchors,
    spec: &KernelSpec,
    first: usize,
    block: &mut [f32],
) {
    let n_rows = block.len() / rows.dim;
    let mut pairs = vec![0.0; ROW_BLOCK * COLUMN_TILE];
    let arch = pulp::Arch::new();
    for column in (0..rows.len()).step_by(COLUMN_TILE) {
        let end = rows.len().min(column + COLUMN_TILE);
        let width = end - column;
        let columns = rows.slice(column, end);
        tile::a_bt(
            &mut pairs,
            rows.slice(first, first + n_rows),
            columns,
            rows.dim,
            spec.inv_tau,
        );
        for r in 0..n_rows {
            let i = first + r;
            let segment = &mut pairs[r * width..][..width];
            arch.dispatch(|| weigh(segment, rows, anchors, spec, i, column));
            if let Some(at) = i.checked_sub(column).filter(|&at| at < width) {
                segment[at] = 0.0;
            }
        }
        tile::add_w_b(block, &pairs, columns, rows.dim, spec.inv_tau);
    }
}

/// Turns the logits of row i against the columns from `column` into τ·(G_ij + G_ji).
#[inline(always)]
fn weigh(
    pairs: &mut [f32],
    rows: Rows<'_>,
    anchors: &Anchors,
    spec: &KernelSpec,
    i: usize,
    column: usize,
) {
    let range = column..column + pairs.len();
    let ids = match spec.positives {
        Positives::SameLabel => rows.labels,
        Positives::OtherView => rows.instances,
    };
    let columns = Columns {
        ids: &ids[range.clone()],
        peak: &anchors.peak[range.clone()],
        inv_sum: &anchors.inv_sum[range.clone()],
        positive_peak: &anchors.positive_peak[range.clone()],
        inv_positive_sum: &anchors.inv_positive_sum[range.clone()],
        inv_count: &anchors.inv_count[range.clone()],
        weight: &anchors.weight[range.clone()],
    };
    match spec.summation {
        Summation::Out => weigh_outside(pairs, &columns, ids[i], anchors, i),
        Summation::In => weigh_inside(pairs, &columns, ids[i], anchors, i),
    }
    if spec.candidates == Candidates::DropSameClass {
        for (at, pair) in pairs.iter_mut().enumerate() {
            if rows.labels[column + at] == rows.labels[i] && columns.ids[at] != ids[i] {
                *pair = 0.0;
            }
        }
    }
}

/// The columns of a tile, equal in length.
struct Columns<'a> {
    ids: &'a [u32],
    peak: &'a [f32],
    inv_sum: &'a [f32],
    positive_peak: &'a [f32],
    inv_positive_sum: &'a [f32],
    inv_count: &'a [f32],
    weight: &'a [f32],
}

#[inline(always)]
#[expect(
    clippy::needless_range_loop,
    reason = "keeps the code comparable to the shader"
)]
fn weigh_outside(pairs: &mut [f32], columns: &Columns<'_>, id: u32, anchors: &Anchors, i: usize) {
    let (peak, inv_sum) = (anchors.peak[i], anchors.inv_sum[i]);
    let (inv_count, weight) = (anchors.inv_count[i], anchors.weight[i]);
    for at in 0..pairs.len() {
        let logit = pairs[at];
        let positive = f32::from(u8::from(columns.ids[at] == id));
        let mine = weight * (exp(logit - peak) * inv_sum - positive * inv_count);
        let share = exp(logit - columns.peak[at]) * columns.inv_sum[at];
        let theirs = columns.weight[at] * (share - positive * columns.inv_count[at]);
        pairs[at] = mine + theirs;
    }
}

#[inline(always)]
#[expect(
    clippy::needless_range_loop,
    reason = "keeps the code comparable to the shader"
)]
fn weigh_inside(pairs: &mut [f32], columns: &Columns<'_>, id: u32, anchors: &Anchors, i: usize) {
    let (peak, inv_sum, weight) = (anchors.peak[i], anchors.inv_sum[i], anchors.weight[i]);
    let (positive_peak, inv_positive_sum) = (anchors.positive_peak[i], anchors.inv_positive_sum[i]);
    for at in 0..pairs.len() {
        let logit = pairs[at];
        let positive = columns.ids[at] == id;
        let target = |peak: f32, inv_sum: f32| {
            if positive {
                exp(logit - peak) * inv_sum
            } else {
                0.0
            }
        };
        let mine = weight * (exp(logit - peak) * inv_sum - target(positive_peak, inv_positive_sum));
        let share = exp(logit - columns.peak[at]) * columns.inv_sum[at];
        let theirs = columns.weight[at]
            * (share - target(columns.positive_peak[at], columns.inv_positive_sum[at]));
        pairs[at] = mine + theirs;
    }
}
