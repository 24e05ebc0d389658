//! Readers of data set formats.

pub mod cifar;
