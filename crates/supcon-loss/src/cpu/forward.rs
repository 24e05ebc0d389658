//! Twin of `shaders/supcon_forward.wgsl`.

use super::exp::exp;
use super::{COLUMN_TILE, ROW_BLOCK, Rows, for_each_block, tile};
use crate::op::{KernelSpec, Stat};
use supcon_math::{Candidates, Positives, Summation};

/// Independent sums: what a vector register holds, so that summing vectorises.
const LANES: usize = 16;
const LOWEST: f32 = -3.0e38;

/// Row statistics `[n, Stat::COUNT]`.
pub(super) fn forward(rows: Rows<'_>, spec: &KernelSpec) -> Vec<f32> {
    let mut stats = vec![0.0; rows.len() * Stat::COUNT];
    for_each_block(&mut stats, Stat::COUNT, |first, block| {
        forward_block(rows, spec, first, block);
    });
    stats
}

fn forward_block(rows: Rows<'_>, spec: &KernelSpec, first: usize, block: &mut [f32]) {
    let n_rows = block.len() / Stat::COUNT;
    let mut logits = vec![0.0; ROW_BLOCK * COLUMN_TILE];
    let mut accumulators = vec![Row::default(); n_rows];
    let arch = pulp::Arch::new();
    for column in (0..rows.len()).step_by(COLUMN_TILE) {
        let end = rows.len().min(column + COLUMN_TILE);
        let width = end - column;
        tile::a_bt(
            &mut logits,
            rows.slice(first, first + n_rows),
            rows.slice(column, end),
            rows.dim,
            spec.inv_tau,
        );
        for (r, accumulator) in accumulators.iter_mut().enumerate() {
            let i = first + r;
            let segment = Segment {
                logits: &mut logits[r * width..][..width],
                labels: &rows.labels[column..end],
                instances: &rows.instances[column..end],
                label: rows.labels[i],
                instance: rows.instances[i],
                itself: i.checked_sub(column).filter(|&at| at < width),
            };
            arch.dispatch(|| accumulator.meet(segment, spec));
        }
    }
    for (stats, accumulator) in block.chunks_exact_mut(Stat::COUNT).zip(&accumulators) {
        accumulator.write(stats, spec);
    }
}

/// One row's logits against a tile of columns.
struct Segment<'a> {
    logits: &'a mut [f32],
    labels: &'a [u32],
    instances: &'a [u32],
    label: u32,
    instance: u32,
    /// Where the row meets itself.
    itself: Option<usize>,
}

/// A running log-sum-exp.
#[derive(Clone, Copy)]
struct LogSum {
    peak: f32,
    sum: f32,
}

impl LogSum {
    /// Nothing summed stands as ln 1.
    fn or_empty(self) -> Self {
        if self.sum > 0.0 {
            self
        } else {
            Self {
                peak: 0.0,
                sum: 1.0,
            }
        }
    }

    /// Takes in the logits that are above [`LOWEST`].
    #[inline(always)]
    fn add(&mut self, logits: &[f32]) {
        let peak = max(logits).max(self.peak);
        if peak == LOWEST {
            return;
        }
        self.sum = self.sum * exp(self.peak - peak) + sum(logits, |x| exp(x - peak));
        self.peak = peak;
    }
}

/// What a row knows of the columns it has met.
#[derive(Clone, Copy)]
struct Row {
    candidates: LogSum,
    positives: LogSum,
    positive_sum: f32,
    positive_count: f32,
    view_sum: f32,
    view_count: f32,
    /// Becomes NaN when a logit is not finite, and stays so; else 0.
    poison: f32,
}

impl Default for Row {
    fn default() -> Self {
        let empty = LogSum {
            peak: LOWEST,
            sum: 0.0,
        };
        Self {
            candidates: empty,
            positives: empty,
            positive_sum: 0.0,
            positive_count: 0.0,
            view_sum: 0.0,
            view_count: 0.0,
            poison: 0.0,
        }
    }
}

impl Row {
    #[inline(always)]
    fn meet(&mut self, segment: Segment<'_>, spec: &KernelSpec) {
        let Segment {
            logits,
            labels,
            instances,
            label,
            instance,
            itself,
        } = segment;
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
        self.candidates.add(logits);
        if spec.summation == Summation::In && positives > is_self {
            for (at, logit) in logits.iter_mut().enumerate() {
                *logit = if is_positive(at) { *logit } else { LOWEST };
            }
            self.positives.add(logits);
        }
    }

    fn write(&self, stats: &mut [f32], spec: &KernelSpec) {
        let valid = self.positive_count > 0.0;
        let count = self.positive_count.max(1.0);
        let candidates = self.candidates.or_empty();
        let inside = spec.summation == Summation::In && valid;
        let positives = self.positives.or_empty();
        let positive_mean = self.positive_sum / count;
        let loss = match (valid, inside) {
            (false, _) => 0.0,
            (true, false) => (candidates.peak - positive_mean) + candidates.sum.ln(),
            (true, true) => {
                (candidates.peak - positives.peak) + (candidates.sum / positives.sum * count).ln()
            }
        };
        stats[Stat::Loss as usize] = loss + self.poison;
        stats[Stat::Peak as usize] = candidates.peak + self.poison;
        stats[Stat::Sum as usize] = candidates.sum;
        stats[Stat::PositivePeak as usize] = positives.peak;
        stats[Stat::PositiveSum as usize] = positives.sum;
        stats[Stat::PositiveCount as usize] = self.positive_count;
        stats[Stat::PositiveMean as usize] = positive_mean;
        stats[Stat::ViewSimilarity as usize] =
            self.view_sum / self.view_count.max(1.0) / spec.inv_tau;
    }
}

/// Σ f(x), in `LANES` independent sums.
#[inline(always)]
fn sum(values: &[f32], f: impl Fn(f32) -> f32) -> f32 {
    let mut lanes = [0.0; LANES];
    let chunks = values.chunks_exact(LANES);
    let rest = chunks.remainder();
    for chunk in chunks {
        for lane in 0..LANES {
            lanes[lane] += f(chunk[lane]);
        }
    }
    lanes.iter().sum::<f32>() + rest.iter().map(|&x| f(x)).sum::<f32>()
}

#[inline(always)]
fn max(values: &[f32]) -> f32 {
    let larger = |a: f32, b: f32| if b > a { b } else { a };
    let mut lanes = [LOWEST; LANES];
    let chunks = values.chunks_exact(LANES);
    let rest = chunks.remainder();
    for chunk in chunks {
        for lane in 0..LANES {
            lanes[lane] = larger(lanes[lane], chunk[lane]);
        }
    }
    rest.iter().copied().chain(lanes).fold(LOWEST, larger)
}

/// Σ mask and Σ mask · x, where `mask(position)` is 0 or 1.
#[inline(always)]
fn count_and_sum(values: &[f32], mask: impl Fn(usize) -> f32) -> (f32, f32) {
    let (mut counts, mut sums) = ([0.0; LANES], [0.0; LANES]);
    let whole = values.len() / LANES * LANES;
    for start in (0..whole).step_by(LANES) {
        for lane in 0..LANES {
            let m = mask(start + lane);
            counts[lane] += m;
            sums[lane] += m * values[start + lane];
        }
    }
    let (mut count, mut sum) = (counts.iter().sum::<f32>(), sums.iter().sum::<f32>());
    for (at, value) in values.iter().enumerate().skip(whole) {
        count += mask(at);
        sum += mask(at) * value;
    }
    (count, sum)
}
