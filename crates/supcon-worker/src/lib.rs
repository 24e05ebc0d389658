//! The engine in a browser's dedicated worker: bytes in, engine, bytes out.

use supcon_train as _;

#[cfg(target_family = "wasm")]
#[wasm_bindgen::prelude::wasm_bindgen(start)]
fn start() {}
