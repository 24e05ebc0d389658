//! The op on wgpu: launches the WGSL of `/shaders`.

mod plan;
mod specialisation;

pub use plan::{Dispatch, Pass, Shape};
pub use specialisation::{BACKWARD_WGSL, FORWARD_WGSL, SHARES_WGSL, Specialisation};

use crate::op::{ContrastiveOp, KernelSpec, Stat};
use burn::backend::{
    TensorMetadata,
    tensor::{FloatTensor, IntTensor},
    wgpu::{CubeBackend, CubeTensor, KernelSource, SourceKernel, SourceTemplate, into_contiguous},
};
use burn::cubecl::{CubeCount, CubeDim, prelude::KernelId, server::KernelArguments};
use burn::tensor::{DType, Shape as TensorShape};

/// The workgroup is `SIDE` × `SIDE`.
const SIDE: usize = 16;
/// Floats of the forward pass's `Row`.
const ROW: usize = 10;

#[derive(Clone, Debug)]
struct Kernel {
    pass: Pass,
    constants: Specialisation,
}

impl KernelSource for Kernel {
    fn source(&self) -> SourceTemplate {
        SourceTemplate::new(self.constants.apply(self.pass.source()))
    }

    fn id(&self) -> KernelId {
        KernelId::new::<Self>().info((self.pass, self.constants))
    }

    fn lang(&self) -> &'static str {
        "wgsl"
    }
}

/// Rows, columns and who they are, as the kernels bind them.
struct Operands {
    z: CubeTensor,
    /// Columns and their identities, where they are a set of their own.
    separate: Option<(CubeTensor, CubeTensor)>,
    identity: CubeTensor,
}

impl Operands {
    fn new(
        z: CubeTensor,
        columns: CubeTensor,
        identity: CubeTensor,
        column_identity: CubeTensor,
        spec: &KernelSpec,
    ) -> Self {
        let separate = spec
            .separate
            .then(|| (float(columns), integer(column_identity)));
        Self {
            z: float(z),
            separate,
            identity: integer(identity),
        }
    }

    fn n_columns(&self) -> usize {
        let columns = self.separate.as_ref().map_or(&self.z, |(z, _)| z);
        columns.shape()[0]
    }

    /// Runs a pass over all rows and columns.
    fn launch(&self, pass: Pass, others: &[&CubeTensor], spec: &KernelSpec) {
        let [n, dim] = self.z.shape().dims();
        let memory = self.z.client.properties().hardware.max_shared_memory_size;
        for dispatch in plan::plan(pass, spec, n, self.n_columns(), dim, memory) {
            self.dispatch(&dispatch, others);
        }
    }

    fn dispatch(&self, dispatch: &Dispatch, others: &[&CubeTensor]) {
        let client = &self.z.client;
        let params = client.create_from_slice(bytemuck::cast_slice(&dispatch.params));
        // No two bindings may share memory, so rows that are their own columns are bound once.
        let nothing = || client.empty(size_of::<u32>()).binding();
        let bound = |tensor: &CubeTensor| tensor.handle.clone().binding();
        let (separate_z, separate_identity) = match &self.separate {
            Some((z, identity)) => (bound(z), bound(identity)),
            None => (nothing(), nothing()),
        };
        let mut buffers = vec![
            bound(&self.z),
            separate_z,
            bound(&self.identity),
            separate_identity,
        ];
        buffers.extend(others.iter().map(|tensor| bound(tensor)));
        buffers.push(params.binding());
        let kernel = Kernel {
            pass: dispatch.pass,
            constants: dispatch.constants,
        };
        let [across, down] = dispatch.groups;
        client.launch(
            Box::new(SourceKernel::new(
                kernel,
                CubeDim::new_2d(SIDE as u32, SIDE as u32),
            )),
            CubeCount::Static(across, down, 1),
            KernelArguments::new().with_buffers(buffers),
        );
    }
}

fn allocate(like: &CubeTensor, shape: TensorShape) -> CubeTensor {
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

fn integer(tensor: CubeTensor) -> CubeTensor {
    assert_eq!(
        tensor.dtype,
        DType::I32,
        "the kernels read labels as 32 bits"
    );
    into_contiguous(tensor)
}

impl ContrastiveOp for CubeBackend {
    fn contrastive_forward(
        z: FloatTensor<Self>,
        columns: FloatTensor<Self>,
        identity: IntTensor<Self>,
        column_identity: IntTensor<Self>,
        spec: KernelSpec,
    ) -> FloatTensor<Self> {
        let operands = Operands::new(z, columns, identity, column_identity, &spec);
        let stats = allocate(
            &operands.z,
            TensorShape::new([operands.z.shape()[0], Stat::COUNT]),
        );
        let scratch = allocate(&operands.z, TensorShape::new([operands.z.shape()[0], ROW]));
        for &pass in plan::forward_passes(&spec) {
            operands.launch(pass, &[&stats, &scratch], &spec);
        }
        stats
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
        let operands = Operands::new(z, columns, identity, column_identity, &spec);
        let (stats, row_weight) = (float(stats), float(row_weight));
        let dz = allocate(&operands.z, operands.z.shape());
        operands.launch(Pass::Backward, &[&stats, &row_weight, &dz], &spec);
        dz
    }
}
