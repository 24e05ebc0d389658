//! What each verb does.

mod devices;
mod eval;
mod presets;
mod report;
mod resume;
mod train;

pub use devices::devices;
pub use eval::eval;
pub use presets::presets;
pub use report::report;
pub use resume::resume;
pub use train::train;
