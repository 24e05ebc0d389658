//! The engine in a browser's dedicated worker: bytes in, engine, bytes out.
//!
//! `web/worker.js` starts it and lends it what only JavaScript has (`host`). The rest of what is here
//! is about keeping runs: a run is one file of the browser's own file system (`container`, `runs`), and
//! travels as a tar of the directory that the desktop has (`parcel`).

pub mod container;
pub mod fuzzing;
pub mod parcel;

#[cfg(target_family = "wasm")]
mod blobs;
#[cfg(target_family = "wasm")]
mod dropped;
#[cfg(target_family = "wasm")]
mod engine;
#[cfg(target_family = "wasm")]
mod host;
#[cfg(target_family = "wasm")]
mod runs;
#[cfg(target_family = "wasm")]
mod store;
