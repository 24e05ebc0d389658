//! The contrastive losses on tensors, in nats.
//!
//! [`contrastive_loss`] is what a trainer calls: a fused op that never stores the n×n similarity
//! matrix, as WGSL on wgpu and as a blocked twin on Burn's CPU backend, both with a hand-written
//! backward pass. [`plain_loss`] is the same in plain tensor operations: the oracle of the tests,
//! and the baseline of the benches. The `f64` reference of all three is `supcon_math`.

mod autodiff;
mod batch;
mod cpu;
mod error;
mod fused;
mod gpu;
mod identity;
mod op;
mod plain;

pub use batch::{BatchFacts, BatchLoss};
pub use error::LossError;
pub use fused::contrastive_loss;
pub use gpu::{BACKWARD_WGSL, FORWARD_WGSL, specialise};
pub use identity::Identity;
pub use plain::plain_loss;
