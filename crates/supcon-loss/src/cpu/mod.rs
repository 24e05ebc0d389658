//! The op on Burn's CPU backend: row blocks in parallel, column tiles through `gemm`, O(n·d) memory.
//!
//! Twins of the shaders, function by function. A block has one writer and a fixed order of tiles, so
//! the bits do not depend on the number of threads.

mod backward;
mod exp;
mod forward;
mod tile;

use crate::op::{ContrastiveOp, KernelSpec, Stat};
use burn::backend::{
    Flex,
    tensor::{FloatTensor, IntTensor},
};
use burn::tensor::{DType, TensorData};

/// Both kinds of tensor of the CPU backend.
type FlexTensor = FloatTensor<Flex>;

/// Rows a task owns.
const ROW_BLOCK: usize = 64;
/// Columns of a tile: a tile and its two operands fit a core's second-level cache.
const COLUMN_TILE: usize = 256;

/// A view of the batch that blocks share.
#[derive(Clone, Copy)]
struct Rows<'a> {
    /// `[n, dim]`.
    z: &'a [f32],
    dim: usize,
    labels: &'a [u32],
    instances: &'a [u32],
}

impl Rows<'_> {
    fn len(&self) -> usize {
        self.labels.len()
    }

    /// Rows `from..to` of z.
    fn slice(&self, from: usize, to: usize) -> &[f32] {
        &self.z[from * self.dim..to * self.dim]
    }
}

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

/// Labels and instances, from whichever integer type the device uses.
fn identities(tensor: &FlexTensor) -> (Vec<u32>, Vec<u32>) {
    let bits: Vec<u32> = match tensor.dtype() {
        DType::I32 => tensor
            .storage::<i32>()
            .iter()
            .map(|bits| bits.cast_unsigned())
            .collect(),
        DType::I64 => tensor
            .storage::<i64>()
            .iter()
            .map(|&bits| bits as u32)
            .collect(),
        other => panic!("identities are i32 or i64, not {other:?}"),
    };
    bits.chunks_exact(2).map(|pair| (pair[0], pair[1])).unzip()
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
        identity: IntTensor<Self>,
        spec: KernelSpec,
    ) -> FloatTensor<Self> {
        let z = float(&z);
        let dim = z.layout().shape()[1];
        let (labels, instances) = identities(&identity.to_contiguous());
        let rows = Rows {
            z: z.storage(),
            dim,
            labels: &labels,
            instances: &instances,
        };
        let stats = forward::forward(rows, &spec);
        FlexTensor::from_data(TensorData::new(stats, [rows.len(), Stat::COUNT]))
    }

    fn contrastive_backward(
        z: FloatTensor<Self>,
        identity: IntTensor<Self>,
        stats: FloatTensor<Self>,
        row_weight: FloatTensor<Self>,
        spec: KernelSpec,
    ) -> FloatTensor<Self> {
        let (z, stats, row_weight) = (float(&z), float(&stats), float(&row_weight));
        let dim = z.layout().shape()[1];
        let (labels, instances) = identities(&identity.to_contiguous());
        let rows = Rows {
            z: z.storage(),
            dim,
            labels: &labels,
            instances: &instances,
        };
        let dz = backward::backward(rows, stats.storage(), row_weight.storage(), &spec);
        FlexTensor::from_data(TensorData::new(dz, [rows.len(), dim]))
    }
}
