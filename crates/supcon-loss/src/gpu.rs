//! The op on wgpu: launches the WGSL of `/shaders`.

use crate::op::{ContrastiveOp, KernelSpec, Stat};
use burn::backend::{
    TensorMetadata,
    tensor::{FloatTensor, IntTensor},
    wgpu::{CubeBackend, CubeTensor, KernelSource, SourceKernel, SourceTemplate, into_contiguous},
};
use burn::cubecl::{CubeCount, CubeDim, prelude::KernelId, server::KernelArguments};
use burn::tensor::{DType, Shape};

/// `shaders/supcon_forward.wgsl`.
pub const FORWARD_WGSL: &str = include_str!("../../../shaders/supcon_forward.wgsl");
/// `shaders/supcon_backward.wgsl`.
pub const BACKWARD_WGSL: &str = include_str!("../../../shaders/supcon_backward.wgsl");

/// Rows of a workgroup: `TILE` of the shaders.
const TILE: usize = 32;
/// The workgroup is `SIDE` × `SIDE`.
const SIDE: usize = 16;
/// Most workgroups along one axis (WebGPU's default limit).
const MAX_GROUPS: usize = 65_535;
/// Most multiply-adds of one dispatch, so that no driver's watchdog takes it for hung.
const DISPATCH_MULTIPLY_ADDS: usize = 1_000_000_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Pass {
    Forward,
    Backward,
}

impl Pass {
    /// Multiply-adds for one row and column, per dimension: the backward pass recomputes.
    fn multiply_adds(self) -> usize {
        match self {
            Self::Forward => 1,
            Self::Backward => 2,
        }
    }
}

/// A shader with its `DIM` (and, where declared, `SLOTS`) set for embeddings of length `dim`.
#[must_use]
pub fn specialise(source: &str, dim: usize) -> String {
    source
        .replacen(
            "const DIM: u32 = 64u;",
            &format!("const DIM: u32 = {dim}u;"),
            1,
        )
        .replacen(
            "const SLOTS: u32 = 4u;",
            &format!("const SLOTS: u32 = {}u;", dim.div_ceil(SIDE)),
            1,
        )
}

#[derive(Debug)]
struct Kernel {
    pass: Pass,
    dim: usize,
}

impl KernelSource for Kernel {
    fn source(&self) -> SourceTemplate {
        SourceTemplate::new(match self.pass {
            Pass::Forward => specialise(FORWARD_WGSL, self.dim),
            Pass::Backward => specialise(BACKWARD_WGSL, self.dim),
        })
    }

    fn id(&self) -> KernelId {
        KernelId::new::<Self>().info((self.pass, self.dim))
    }

    fn lang(&self) -> &'static str {
        "wgsl"
    }
}

/// Runs a pass over all rows, in as many dispatches as it takes.
fn launch(
    pass: Pass,
    z: &CubeTensor,
    inputs: &[&CubeTensor],
    output: &CubeTensor,
    spec: &KernelSpec,
) {
    let [n, dim] = z.shape().dims();
    let tile_cost = TILE * n * dim * pass.multiply_adds();
    let tiles_at_once = (DISPATCH_MULTIPLY_ADDS / tile_cost.max(1)).max(1);
    for row_start in (0..n).step_by(tiles_at_once * TILE) {
        let row_end = n.min(row_start + tiles_at_once * TILE);
        let params = [
            n as u32,
            row_start as u32,
            row_end as u32,
            spec.flags(),
            spec.inv_tau.to_bits(),
            f32::NAN.to_bits(),
        ];
        let params = z.client.create_from_slice(bytemuck::cast_slice(&params));
        let mut buffers = vec![z.handle.clone().binding()];
        buffers.extend(inputs.iter().map(|input| input.handle.clone().binding()));
        buffers.push(output.handle.clone().binding());
        buffers.push(params.binding());
        let kernel = SourceKernel::new(
            Kernel { pass, dim },
            CubeDim::new_2d(SIDE as u32, SIDE as u32),
        );
        let groups = (row_end - row_start).div_ceil(TILE);
        let across = groups.min(MAX_GROUPS);
        z.client.launch(
            Box::new(kernel),
            CubeCount::Static(across as u32, groups.div_ceil(across) as u32, 1),
            KernelArguments::new().with_buffers(buffers),
        );
    }
}

fn allocate(like: &CubeTensor, shape: Shape) -> CubeTensor {
    let buffer = like.client.empty(shape.num_elements() * like.dtype.size());
    CubeTensor::new_contiguous(
        like.client.clone(),
        like.device.clone(),
        shape,
        buffer,
        like.dtype,
    )
}

fn float(tensor: CubeTensor) -> CubeTensor {
    assert_eq!(
        tensor.dtype,
        DType::F32,
        "the loss is computed in f32: cast z before it"
    );
    into_contiguous(tensor)
}

impl ContrastiveOp for CubeBackend {
    fn contrastive_forward(
        z: FloatTensor<Self>,
        identity: IntTensor<Self>,
        spec: KernelSpec,
    ) -> FloatTensor<Self> {
        let (z, identity) = (float(z), into_contiguous(identity));
        assert_eq!(
            identity.dtype,
            DType::I32,
            "the kernels read labels as 32 bits"
        );
        let stats = allocate(&z, Shape::new([z.shape()[0], Stat::COUNT]));
        launch(Pass::Forward, &z, &[&identity], &stats, &spec);
        stats
    }

    fn contrastive_backward(
        z: FloatTensor<Self>,
        identity: IntTensor<Self>,
        stats: FloatTensor<Self>,
        row_weight: FloatTensor<Self>,
        spec: KernelSpec,
    ) -> FloatTensor<Self> {
        let (z, identity) = (float(z), into_contiguous(identity));
        let (stats, row_weight) = (float(stats), float(row_weight));
        let dz = allocate(&z, z.shape());
        launch(
            Pass::Backward,
            &z,
            &[&identity, &stats, &row_weight],
            &dz,
            &spec,
        );
        dz
    }
}
