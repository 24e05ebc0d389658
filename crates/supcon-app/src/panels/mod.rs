//! The panels: functions of what the engine told, what the user looks at, and what they ask for.

pub mod compare;
pub mod curves;
pub mod dialogs;
pub mod histogram;
pub mod inspector;
pub mod kept;
pub mod preview;
pub mod results;
pub mod running;
pub mod setup;
pub mod top_bar;
