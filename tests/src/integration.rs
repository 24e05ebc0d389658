//! Cross-crate tests: everything in one binary, so that Burn is linked once.

mod browser;
mod data;
mod devices;
mod golden;
mod loss;
mod shaders;
mod train;
