//! The program as its users run it.

mod support;

mod bad_runs;
mod fetch;
mod help;
mod messages;
mod pictures;
mod python;
mod runs;
mod saved;
mod surroundings;
