//! Evaluation protocols on the test split, and the online probe on the validation split.

mod accuracy;
mod class_mean;
mod differences;
mod features;
mod geometry;
mod knn;
mod mistakes;
mod network;
mod scores;
mod settle;
mod subset;

pub use accuracy::{Ranking, result_row};
pub use class_mean::class_mean_ranking;
pub use differences::paired_differences;
pub(crate) use differences::{compare_outcomes, paired_seed_test};
pub(crate) use features::{EMBEDDED, embed_two_views};
pub use features::{Features, embed};
pub use knn::knn_ranking;
pub(crate) use knn::votes;
pub(crate) use mistakes::mistakes;
pub(crate) use network::{evaluate_network, project, saved_head};
pub use scores::Scores;
pub(crate) use settle::with_settled_statistics;
pub(crate) use subset::fixed_subset;
