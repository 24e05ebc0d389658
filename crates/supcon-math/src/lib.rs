//! The contrastive losses in scalars: the `f64` reference that every faster version is held against,
//! closed forms to read a loss curve by, and the statistics of a comparison.
//!
//! Formulas are those of Khosla et al. 2020 (arXiv:2004.11362, "the paper"). Everything is a pure
//! function of slices; nothing here knows tensors, devices or files.
//!
//! # Edge rules
//! - The maximum subtracted inside a log-sum-exp runs over the denominator's own columns only,
//!   never over the anchor itself, so no temperature underflows.
//! - An anchor that contrasts nothing (no positive; with [`Denominator::OnlyNegatives`] also no
//!   negative) is *invalid*: it leaves the mean and has no gradient of its own, but stays a column
//!   of the others. With no valid anchor the loss is 0 and the gradient exactly 0.
//! - A non-finite embedding, or a temperature that is not positive and finite, makes the loss and
//!   the whole gradient NaN, even where the poisoned row would not have mattered.

mod batch;
pub mod calibration;
pub mod geometry;
mod gradient;
mod inspect;
mod kernel;
pub mod landmarks;
mod loss;
mod objective;
mod pairs;
mod row;
mod soft;
pub mod statistics;

pub use batch::{Anchors, Columns};
pub use gradient::{gradient, gradient_through_normalization, kernel_gradient};
pub use inspect::{Inspection, Similarities, inspect, similarities};
pub use kernel::Kernel;
pub use loss::{LossValue, RowStats, anchor_loss, kernel_loss, loss};
pub use objective::{Candidates, Denominator, Objective, Positives, Summation, pair_hash};
pub use pairs::{Pair, kernel_pairs, pairs};
pub use row::Role;
pub use soft::{soft_gradient, soft_loss};
