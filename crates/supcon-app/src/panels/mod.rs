//! The panels: functions of what the engine told, what the user looks at, and what they ask for.

#[cfg(not(target_family = "wasm"))]
mod asking;
mod axes;
pub mod compare;
pub mod compare_curves;
pub mod compare_table;
pub mod confusion;
pub mod curves;
#[cfg(not(target_family = "wasm"))]
pub mod desk;
pub mod dialogs;
pub mod histogram;
pub mod inspector;
pub mod kept;
mod measured;
pub mod mistakes;
pub mod overlays;
pub mod preview;
pub mod reliability;
pub mod results;
pub mod running;
#[cfg(not(target_family = "wasm"))]
pub mod runs;
pub mod setup;
pub mod top_bar;
