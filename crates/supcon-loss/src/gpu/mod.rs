//! The op on wgpu: launches the WGSL of `/shaders`.

mod embeddings;
mod plan;
mod specialisation;

pub use plan::{Adapter, Dispatch, Pass, Shape};
pub use specialisation::{Specialisation, half_words_text};

use crate::op::{ContrastiveOp, KernelSpec, Stat};
use burn::backend::{
    tensor::{FloatTensor, IntTensor},
    wgpu::{CubeBackend, CubeTensor, KernelSource, SourceKernel, SourceTemplate, into_contiguous},
};
use burn::cubecl::{
    CubeCount, CubeDim, features::Plane, prelude::KernelId, server::KernelArguments,
};
use burn::tensor::{DType, Shape as TensorShape};
use embeddings::Embeddings;

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
        SourceTemplate::new(self.constants.text(self.pass))
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
    rows: Embeddings,
    /// Columns and their identities, where they are a set of their own.
    separate: Option<(Embeddings, CubeTensor)>,
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
        let held = |z| Embeddings::new(float(z), spec.precision);
        let separate = spec
            .separate
            .then(|| (held(columns), integer(column_identity)));
        Self {
            rows: held(z),
            separate,
            identity: integer(identity),
        }
    }

    /// Runs a pass over all rows and columns.
    fn launch(&self, pass: Pass, others: &[&CubeTensor], spec: &KernelSpec) {
        let Embeddings { n, dim, .. } = self.rows;
        let n_columns = self.separate.as_ref().map_or(n, |(columns, _)| columns.n);
        let properties = self.identity.client.properties();
        let adapter = Adapter {
            workgroup_memory: properties.hardware.max_shared_memory_size,
            subgroups: properties.features.plane.contains(Plane::Ops),
        };
        for dispatch in plan::plan(pass, spec, n, n_columns, dim, adapter) {
            self.dispatch(&dispatch, others);
        }
    }

    fn dispatch(&self, dispatch: &Dispatch, others: &[&CubeTensor]) {
        let client = &self.identity.client;
        let params = client.create_from_slice(bytemuck::cast_slice(&dispatch.params));
        // No two bindings may share memory, so rows that are their own columns are bound once.
        let nothing = || client.empty(size_of::<u32>()).binding();
        let bound = |tensor: &CubeTensor| tensor.handle.clone().binding();
        let (separate_z, separate_identity) = match &self.separate {
            Some((columns, identity)) => (columns.words.clone().binding(), bound(identity)),
            None => (nothing(), nothing()),
        };
        let mut buffers = vec![
            self.rows.words.clone().binding(),
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

    /// Room for floats of that shape.
    fn allocate(&self, shape: [usize; 2]) -> CubeTensor {
        let like = &self.identity;
        let shape = TensorShape::new(shape);
        let buffer = like.client.empty(shape.num_elements() * DType::F32.size());
        CubeTensor::new_contiguous(
            like.client.clone(),
            like.device.clone(),
            shape,
            buffer,
            DType::F32,
        )
    }
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
        let stats = operands.allocate([operands.rows.n, Stat::COUNT]);
        let scratch = operands.allocate([operands.rows.n, ROW]);
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
        let dz = operands.allocate([operands.rows.n, operands.rows.dim]);
        operands.launch(Pass::Backward, &[&stats, &row_weight, &dz], &spec);
        dz
    }
}
