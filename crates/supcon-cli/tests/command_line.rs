//! The program as its users run it.

mod support;

mod bad_runs;
mod fetch;
mod film;
mod help;
#[cfg(unix)]
mod kills;
#[cfg(target_os = "linux")]
mod memory;
mod messages;
mod pictures;
mod python;
mod runs;
mod saved;
mod selftest;
mod surroundings;
