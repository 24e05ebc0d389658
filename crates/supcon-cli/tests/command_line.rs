//! The program as its users run it.

mod support;

mod help;
mod messages;
mod runs;
mod selftest;
