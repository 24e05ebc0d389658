//! The contrastive losses on tensors, in nats.
//!
//! [`contrastive_loss`] is what a trainer calls: a fused op that never stores the n×n similarity
//! matrix, as WGSL on wgpu and as a blocked twin on Burn's CPU backend, both with a hand-written
//! backward pass. [`ContrastiveLoss`] is the whole family: denominators, caps, other similarities,
//! soft targets, separate columns; [`ContrastiveLoss::plain`] is the same in plain tensor operations,
//! the oracle of the tests and the baseline of the benches. The `f64` reference of all is
//! `supcon_math`.

mod autodiff;
mod batch;
mod cpu;
mod definition;
mod error;
mod fused;
mod gpu;
mod half;
mod identity;
mod op;
mod plain;
mod unit_rows;

pub use batch::{BatchFacts, BatchLoss, RowLosses};
pub use definition::{ContrastiveLoss, Precision, Subgroups, Targets};
pub use error::LossError;
pub use fused::{Columns, contrastive_loss};
pub use gpu::{Adapter, Dispatch, Pass, Shape, Specialisation, half_words_text};
pub use half::half_words;
pub use identity::Identity;
pub use unit_rows::unit_rows;
