//! A loss as the dispatches it takes, before any device is asked.

use super::specialisation::Specialisation;
use super::{ROW, SIDE};
use crate::LossError;
use crate::definition::{ContrastiveLoss, Subgroups, Targets};
use crate::op::{KernelSpec, Stat};
use std::ops::Range;
use supcon_math::Denominator;

/// Most workgroups along one axis (WebGPU's default limit).
pub(super) const MAX_GROUPS: usize = 65_535;
/// Most multiply-adds of one dispatch, so that no driver's watchdog takes it for hung.
const DISPATCH_MULTIPLY_ADDS: usize = 1_000_000_000;
/// Most rows of one dispatch: enough groups to fill a large GPU.
const DISPATCH_ROWS: usize = 8_192;
/// Most loop iterations of one invocation. Mesa's llvmpipe leaves its loops after 65 535 in all
/// (`LP_MAX_TGSI_LOOP_ITERATIONS`), and says nothing.
const LOOP_ITERATIONS: usize = 50_000;
/// Embedding dimensions held in workgroup memory at a time.
const PANEL: usize = 16;
/// Workgroup memory of the larger tile, bytes: two panels and the backward pass's pairs.
const LARGE_TILE_BYTES: usize = (2 * 64 * 17 + 64 * 65) * 4;
/// Longest embedding with the larger tile: its gradient is held in registers.
const LARGE_TILE_DIM: usize = 128;

/// One of the shaders.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Pass {
    /// `supcon_forward.wgsl`.
    Forward,
    /// `supcon_shares.wgsl`: the forward pass's second, for one denominator a positive.
    Shares,
    /// `supcon_backward.wgsl`.
    Backward,
}

impl Pass {
    /// Multiply-adds for one row and column, per dimension: the backward pass recomputes.
    fn multiply_adds(self) -> usize {
        match self {
            Self::Forward | Self::Shares => 1,
            Self::Backward => 2,
        }
    }

    /// Loop iterations of one invocation for a tile of columns, where no loop is unrolled but those
    /// over an invocation's own pairs; those that set sums to 0 or add them up count. Half storage
    /// takes fewer: its panels hold twice the dimensions.
    fn iterations(self, dim: usize, tile: usize) -> usize {
        let (panels, slots) = (dim.div_ceil(PANEL), dim.div_ceil(SIDE));
        let similarities = panels * (1 + PANEL + tile / PANEL);
        let gradient = match self {
            Self::Forward | Self::Shares => 0,
            Self::Backward => tile * (1 + slots) + 2 * slots * (tile / SIDE),
        };
        similarities + gradient + 32
    }
}

/// One launch of a kernel: some rows against some columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dispatch {
    /// Which shader.
    pub pass: Pass,
    /// Its constants.
    pub constants: Specialisation,
    /// Its `params` buffer.
    pub params: [u32; 10],
    /// Workgroups along x and y.
    pub groups: [u32; 2],
}

/// What an adapter has that kernels differ by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Adapter {
    /// Workgroup memory, bytes.
    pub workgroup_memory: usize,
    /// Whether it offers subgroup operations.
    pub subgroups: bool,
}

/// What a plan depends on besides the loss.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// Anchors, n.
    pub rows: usize,
    /// Columns, c, where they are a set of their own.
    pub columns: Option<usize>,
    /// Length of an embedding, d.
    pub dim: usize,
    /// Length of a soft label, where the targets are soft.
    pub soft_dim: usize,
    /// Where it runs.
    pub adapter: Adapter,
}

impl ContrastiveLoss {
    /// The dispatches that [`fused`](Self::fused) makes on wgpu, forward then backward, for whoever
    /// runs the WGSL elsewhere: the browser test does.
    ///
    /// Bindings, in order: z `[n, d]`, columns `[c, d]` or anything (held in half storage: as
    /// [`half_words`](crate::half_words)), identities, columns'
    /// identities or anything ([`Identity::packed_bits`](crate::Identity::packed_bits)), statistics
    /// `[n, STATISTICS]`; then scratch `[n, SCRATCH]` and params forward, the rows' weights `[n]`,
    /// ∂z `[n, d]` and params backward.
    ///
    /// # Errors
    /// As [`fused`](Self::fused).
    pub fn dispatches(&self, shape: Shape) -> Result<Vec<Dispatch>, LossError> {
        let soft_dim = match self.targets {
            Targets::Roles => 0,
            Targets::LabelProduct | Targets::LabelDecay => shape.soft_dim,
        };
        let spec = KernelSpec::new(self, soft_dim, shape.columns.is_some())?;
        let passes = forward_passes(&spec).iter().chain(&[Pass::Backward]);
        Ok(passes
            .flat_map(|&pass| {
                let columns = shape.columns.unwrap_or(shape.rows);
                plan(pass, &spec, shape.rows, columns, shape.dim, shape.adapter)
            })
            .collect())
    }

    /// Floats a row has in the statistics; the first is its loss, the tenth 1 where it is valid.
    pub const STATISTICS: usize = Stat::COUNT;
    /// Floats a row has in the forward passes' scratch.
    pub const SCRATCH: usize = ROW;
}

/// The passes that write the statistics.
pub(super) fn forward_passes(spec: &KernelSpec) -> &'static [Pass] {
    if spec.denominator == Denominator::OnePositive {
        &[Pass::Forward, Pass::Shares]
    } else {
        &[Pass::Forward]
    }
}

/// A pass over all rows and columns, in as many dispatches as it takes.
pub(super) fn plan(
    pass: Pass,
    spec: &KernelSpec,
    n: usize,
    n_columns: usize,
    dim: usize,
    adapter: Adapter,
) -> Vec<Dispatch> {
    let micro = micro(adapter.workgroup_memory, dim);
    let subgroups = match spec.subgroups {
        Subgroups::Offered => adapter.subgroups,
        Subgroups::Never => false,
        Subgroups::Forced => true,
    };
    // Backward, no row meets another: one kernel for both.
    let constants = Specialisation::new(dim, spec, micro, subgroups && pass != Pass::Backward);
    let part = Part::largest(pass, n, dim, SIDE * micro);
    let mut dispatches = Vec::new();
    for row_start in (0..n).step_by(part.rows) {
        let rows = row_start..n.min(row_start + part.rows);
        for column_start in (0..n_columns).step_by(part.columns) {
            let columns = column_start..n_columns.min(column_start + part.columns);
            let groups = rows.len().div_ceil(SIDE * micro);
            let across = groups.min(MAX_GROUPS);
            dispatches.push(Dispatch {
                pass,
                constants,
                params: params(spec, n, rows.clone(), n_columns, columns),
                groups: [across as u32, groups.div_ceil(across) as u32],
            });
        }
    }
    dispatches
}

fn params(
    spec: &KernelSpec,
    n: usize,
    rows: Range<usize>,
    n_columns: usize,
    columns: Range<usize>,
) -> [u32; 10] {
    let [a, b] = spec.similarity.constants();
    [
        n as u32,
        rows.start as u32,
        rows.end as u32,
        n_columns as u32,
        columns.start as u32,
        columns.end as u32,
        spec.inv_tau.to_bits(),
        f32::NAN.to_bits(),
        a.to_bits(),
        b.to_bits(),
    ]
}

/// Rows and columns of one dispatch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Part {
    rows: usize,
    columns: usize,
}

impl Part {
    /// As much of n rows as a dispatch may do, in whole tiles.
    fn largest(pass: Pass, n: usize, dim: usize, tile: usize) -> Self {
        let rows = n.clamp(1, DISPATCH_ROWS);
        let by_work = DISPATCH_MULTIPLY_ADDS / (rows * dim * pass.multiply_adds());
        let by_loops = LOOP_ITERATIONS / pass.iterations(dim, tile) * tile;
        Self {
            rows,
            columns: by_work.min(by_loops).max(tile).next_multiple_of(tile),
        }
    }
}

/// Pairs of an invocation, by the adapter's workgroup memory in bytes.
fn micro(workgroup_memory: usize, dim: usize) -> usize {
    if workgroup_memory >= LARGE_TILE_BYTES && dim <= LARGE_TILE_DIM {
        4
    } else {
        2
    }
}

#[cfg(test)]
mod tests {
    use super::{DISPATCH_MULTIPLY_ADDS, LOOP_ITERATIONS, Part, Pass};

    #[test]
    fn a_dispatch_stays_within_its_bounds() {
        for pass in [Pass::Forward, Pass::Shares, Pass::Backward] {
            for n in [1, 31, 1_000, 65_536, 1_000_000] {
                for (dim, tile) in [(1, 64), (64, 64), (128, 64), (129, 32), (512, 32)] {
                    let part = Part::largest(pass, n, dim, tile);
                    let place = format!("{pass:?}, n {n}, dim {dim}: {part:?}");
                    assert!(
                        part.columns.is_multiple_of(tile) && part.rows >= 1,
                        "{place}"
                    );
                    let tiles = part.columns / tile;
                    let iterations = tiles * pass.iterations(dim, tile);
                    assert!(
                        iterations <= LOOP_ITERATIONS.max(pass.iterations(dim, tile)),
                        "{place}"
                    );
                    let work = part.rows * part.columns * dim * pass.multiply_adds();
                    let one_tile = part.rows * tile * dim * pass.multiply_adds();
                    assert!(work <= DISPATCH_MULTIPLY_ADDS + one_tile, "{place}");
                }
            }
        }
    }
}
