//! The op on Burn's CPU backend: row blocks in parallel, column tiles through `gemm`, O(n·d) memory.
//!
//! Twins of the shaders. A block has one writer and a fixed order of tiles, so the bits do not depend
//! on the number of threads. Objectives of the paper's equations run through vectorised loops
//! (`forward`, `backward`); the rest of the family meets pair by pair (`family`, `shares`).

mod backward;
mod exp;
mod family;
mod forward;
mod log_sum;
mod rows;
mod shares;
mod simd;
mod tile;

use crate::definition::Precision;
use crate::half;
use crate::op::{ContrastiveOp, KernelSpec, Stat};
use burn::backend::{
    Flex,
    tensor::{FloatTensor, IntTensor},
};
use burn::tensor::{DType, TensorData};
use rows::{Identities, Operands, Rows};
use supcon_math::Denominator;

/// Both kinds of tensor of the CPU backend.
type FlexTensor = FloatTensor<Flex>;

/// Rows a task owns.
const ROW_BLOCK: usize = 64;
/// Columns of a tile: a tile and its two operands fit a core's second-level cache.
const COLUMN_TILE: usize = 256;

/// Runs `work(first_row, rows_of_output)` for every block of `width`-wide output rows.
fn for_each_block(output: &mut [f32], width: usize, work: impl Fn(usize, &mut [f32]) + Sync) {
    #[cfg(not(target_family = "wasm"))]
    {
        use rayon::prelude::*;
        let blocks = output.par_chunks_mut(ROW_BLOCK * width).enumerate();
        blocks.for_each(|(block, rows)| work(block * ROW_BLOCK, rows));
    }
    #[cfg(target_family = "wasm")]
    for (block, rows) in output.chunks_mut(ROW_BLOCK * width).enumerate() {
        work(block * ROW_BLOCK, rows);
    }
}

/// The tensors of the op, kept alive while slices of them are at work.
struct Inputs {
    z: FlexTensor,
    columns: FlexTensor,
    identity: Identities,
    column_identity: Identities,
}

impl Inputs {
    fn new(
        z: &FlexTensor,
        columns: &FlexTensor,
        identity: &FlexTensor,
        column_identity: &FlexTensor,
        spec: &KernelSpec,
    ) -> Self {
        Self {
            z: held(z, spec.precision),
            columns: held(columns, spec.precision),
            identity: Identities::unpack(identity, spec.soft_dim),
            column_identity: Identities::unpack(column_identity, spec.soft_dim),
        }
    }

    fn operands(&self, spec: KernelSpec) -> Operands<'_> {
        let dim = self.z.layout().shape()[1];
        let rows = Rows {
            z: self.z.storage(),
            dim,
            who: &self.identity,
        };
        let separate = Rows {
            z: self.columns.storage(),
            dim,
            who: &self.column_identity,
        };
        Operands {
            rows,
            columns: if spec.separate { separate } else { rows },
            spec,
        }
    }
}

/// Embeddings as the loss sees them.
fn held(z: &FlexTensor, precision: Precision) -> FlexTensor {
    let z = float(z);
    match precision {
        Precision::Full => z,
        Precision::HalfStorage => {
            let shape = z.layout().shape().clone();
            FlexTensor::from_data(TensorData::new(half::rounded(z.storage()), shape))
        }
    }
}

fn float(tensor: &FlexTensor) -> FlexTensor {
    assert_eq!(
        tensor.dtype(),
        DType::F32,
        "the loss is computed in f32: cast z before it"
    );
    tensor.to_contiguous()
}

impl ContrastiveOp for Flex {
    fn contrastive_forward(
        z: FloatTensor<Self>,
        columns: FloatTensor<Self>,
        identity: IntTensor<Self>,
        column_identity: IntTensor<Self>,
        spec: KernelSpec,
    ) -> FloatTensor<Self> {
        let inputs = Inputs::new(&z, &columns, &identity, &column_identity, &spec);
        let operands = inputs.operands(spec);
        let mut stats = forward::forward(&operands);
        if spec.denominator == Denominator::OnePositive {
            shares::complete(&operands, &mut stats);
        }
        FlexTensor::from_data(TensorData::new(stats, [operands.rows.len(), Stat::COUNT]))
    }

    fn contrastive_backward(
        z: FloatTensor<Self>,
        columns: FloatTensor<Self>,
        identity: IntTensor<Self>,
        column_identity: IntTensor<Self>,
        stats: FloatTensor<Self>,
        row_weight: FloatTensor<Self>,
        spec: KernelSpec,
    ) -> FloatTensor<Self> {
        let inputs = Inputs::new(&z, &columns, &identity, &column_identity, &spec);
        let operands = inputs.operands(spec);
        let (stats, row_weight) = (float(&stats), float(&row_weight));
        let dz = backward::backward(&operands, stats.storage(), row_weight.storage());
        let shape = [operands.rows.len(), operands.rows.dim];
        FlexTensor::from_data(TensorData::new(dz, shape))
    }
}
