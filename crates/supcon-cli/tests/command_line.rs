//! The program as its users run it.

mod support;

mod help;
#[cfg(unix)]
mod kills;
mod messages;
mod runs;
