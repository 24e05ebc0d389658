//! Image bytes to labelled image sets to augmented view batches.
//!
//! Everything here runs on the CPU and is a pure function of its arguments: the same bits for any
//! number of threads, natively and in the browser.
//!
//! The way of the data: a [`BlobSource`] yields bytes, [`load`] recognises their format and makes
//! [`Splits`] of them (or the generator [`shapes`] does), a [`DataSummary`] says what they are, a
//! [`Sampler`] picks image ids, [`view_batch`] draws augmented views, [`to_nchw_f32`] prepares them
//! for the encoder.

mod archive;
mod error;
mod fingerprint;
mod formats;
#[doc(hidden)]
pub mod fuzzing;
mod image_set;
mod load;
mod normalise;
mod options;
mod parallel;
pub mod published;
mod random;
mod sampler;
pub mod shapes;
mod source;
mod split;
mod summary;
#[cfg(test)]
mod testing;
mod views;

pub use archive::{Archive, ArchiveLimits};
pub use error::DataError;
pub use formats::{PictureError, cifar, decode_picture, is_picture};
pub use image_set::{ImageSet, Splits};
#[cfg(not(target_family = "wasm"))]
pub use load::load_path;
pub use load::{Format, Loaded, Skipped, load};
pub use normalise::to_nchw_f32;
pub use options::LoadOptions;
pub use sampler::Sampler;
#[cfg(not(target_family = "wasm"))]
pub use source::Directory;
pub use source::{BlobSource, Memory};
pub use split::stratified_split;
pub use summary::{
    ClassCount, DataSummary, DuplicatePair, NearDuplicates, SplitSummary, contact_sheet,
    near_duplicates,
};
pub use views::{ViewBatch, ViewKey, view_batch};

/// Colour channels of every image: red, green, blue.
pub const CHANNELS: usize = 3;
