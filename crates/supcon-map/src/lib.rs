//! Points `[n, d]` to maps `[n, 2]` or `[n, 3]`.

mod pca;

pub use pca::Pca;
