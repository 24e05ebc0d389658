//! Evaluation protocols on the test split, and the online probe on the validation split.

mod accuracy;
mod differences;
mod features;
mod knn;
mod subset;

pub(crate) use accuracy::interval_of_mean;
pub use accuracy::{Ranking, result_row};
pub use differences::paired_differences;
pub use features::{Features, embed};
pub use knn::knn_ranking;
pub(crate) use knn::votes;
pub(crate) use subset::fixed_subset;
