//! Embeddings as the kernels read them.

use super::plan::MAX_GROUPS;
use super::specialisation::half_words_text;
use crate::definition::Precision;
use burn::backend::{
    TensorMetadata,
    wgpu::{CubeTensor, KernelSource, SourceKernel, SourceTemplate},
};
use burn::cubecl::{
    CubeCount, CubeDim,
    prelude::KernelId,
    server::{Handle, KernelArguments},
};

/// Invocations of a workgroup of `half_words.wgsl`.
const SIDE: usize = 256;

/// A set of embeddings on the device.
pub(super) struct Embeddings {
    /// `[n, dim]` f32, or `[n, ⌈dim/2⌉]` pairs of f16.
    pub(super) words: Handle,
    pub(super) n: usize,
    pub(super) dim: usize,
}

impl Embeddings {
    /// Of contiguous floats.
    pub(super) fn new(z: CubeTensor, precision: Precision) -> Self {
        let [n, dim] = z.shape().dims();
        let words = match precision {
            Precision::Full => z.handle,
            Precision::HalfStorage => half_words(&z, n, dim),
        };
        Self { words, n, dim }
    }
}

fn half_words(z: &CubeTensor, n: usize, dim: usize) -> Handle {
    let client = &z.client;
    let n_words = n * dim.div_ceil(2);
    let words = client.empty(n_words * size_of::<u32>());
    let params = client.create_from_slice(bytemuck::bytes_of(&(n as u32)));
    let groups = n_words.div_ceil(SIDE);
    let across = groups.clamp(1, MAX_GROUPS);
    let buffers = vec![
        z.handle.clone().binding(),
        words.clone().binding(),
        params.binding(),
    ];
    client.launch(
        Box::new(SourceKernel::new(
            Rounding { dim },
            CubeDim::new_1d(SIDE as u32),
        )),
        CubeCount::Static(across as u32, groups.div_ceil(across) as u32, 1),
        KernelArguments::new().with_buffers(buffers),
    );
    words
}

/// `half_words.wgsl`.
#[derive(Clone, Debug)]
struct Rounding {
    dim: usize,
}

impl KernelSource for Rounding {
    fn source(&self) -> SourceTemplate {
        SourceTemplate::new(half_words_text(self.dim))
    }

    fn id(&self) -> KernelId {
        KernelId::new::<Self>().info(self.dim)
    }

    fn lang(&self) -> &'static str {
        "wgsl"
    }
}
