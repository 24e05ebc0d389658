//! Image bytes to labelled image sets to augmented view batches.
//!
//! Everything here runs on the CPU and is a pure function of its arguments: the same bits for any
//! number of threads, natively and in the browser.
//!
//! The way of the data: a [`BlobSource`] yields bytes, [`cifar`] (or the generator [`shapes`])
//! makes [`Splits`] of them, a [`Sampler`] picks image ids, [`view_batch`] draws augmented views,
//! [`to_nchw_f32`] prepares them for the encoder.

mod error;
mod fingerprint;
mod formats;
mod image_set;
mod normalise;
mod parallel;
mod random;
mod sampler;
pub mod shapes;
mod source;
mod split;
mod views;

pub use error::DataError;
pub use formats::cifar;
pub use image_set::{ImageSet, Splits};
pub use normalise::to_nchw_f32;
pub use sampler::Sampler;
#[cfg(not(target_family = "wasm"))]
pub use source::Directory;
pub use source::{BlobSource, Memory};
pub use split::stratified_split;
pub use views::{ViewBatch, ViewKey, view_batch};

/// Colour channels of every image: red, green, blue.
pub const CHANNELS: usize = 3;
