//! Evaluation protocols on the test split, and the online probe on the validation split.

mod accuracy;
mod differences;
mod features;
mod knn;
mod subset;

pub use accuracy::{Ranking, result_row};
pub use differences::paired_differences;
pub(crate) use features::EMBEDDED;
pub use features::{Features, embed};
pub use knn::knn_ranking;
pub(crate) use subset::fixed_subset;
