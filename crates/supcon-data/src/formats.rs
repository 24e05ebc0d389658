//! Readers of data set formats.

pub(crate) mod arrays;
pub mod cifar;
pub(crate) mod folder;
pub(crate) mod npy;
pub(crate) mod pickle;
pub(crate) mod picture;

pub use picture::{PictureError, decode_picture, is_picture};
