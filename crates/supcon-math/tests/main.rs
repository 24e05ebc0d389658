//! One binary for all tests of the crate; `support` holds the batches and the naive second opinion.

mod edges;
mod finite_differences;
mod golden;
mod inspect;
mod kernels;
mod landmarks;
mod naive;
mod properties;
mod statistics;
mod support;
