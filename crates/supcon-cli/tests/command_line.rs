//! The program as its users run it.

mod support;

mod help;
#[cfg(unix)]
mod kills;
#[cfg(target_os = "linux")]
mod memory;
mod messages;
mod runs;
