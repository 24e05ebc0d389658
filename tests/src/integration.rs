//! Cross-crate tests: everything in one binary, so that Burn is linked once.

mod devices;
mod data;
mod loss;
mod shaders;
mod train;
