//! The desktop program. In the browser the page's script starts the library instead.

#[cfg(not(target_family = "wasm"))]
mod desktop;

#[cfg(not(target_family = "wasm"))]
fn main() -> anyhow::Result<()> {
    desktop::run()
}

#[cfg(target_family = "wasm")]
fn main() {}
