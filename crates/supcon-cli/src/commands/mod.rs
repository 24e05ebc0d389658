//! What each verb does.

mod completions;
mod data_fetch;
mod data_info;
mod devices;
mod embed;
mod eval;
mod man;
mod map;
mod predict;
mod presets;
mod report;
mod resume;
mod runs;
mod runs_compare;
mod runs_delete;
mod runs_rename;
mod selftest;
mod train;

pub use completions::completions;
pub use data_fetch::data_fetch;
pub use data_info::data_info;
pub use devices::devices;
pub use embed::embed;
pub use eval::eval;
pub use man::man;
pub use map::map;
pub use predict::predict;
pub use presets::presets;
pub use report::report;
pub use resume::resume;
pub use runs::runs;
pub use runs_compare::runs_compare;
pub use runs_delete::runs_delete;
pub use runs_rename::runs_rename;
pub use selftest::selftest;
pub use train::{train, use_threads};
