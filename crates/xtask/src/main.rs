//! The workspace's own commands: `cargo xtask <command>`. One module per command.

mod bench;
mod browser;
mod http;
mod node;
mod setup;
mod shell;
mod sysroot;
mod test;
mod tidy;
mod wasm;
mod web;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};

const USAGE: &str = "\
usage: cargo xtask <command>

commands:
  setup            install what the tests need: software Vulkan, Chromium and a wasm32 compiler
  test [--quick]   everything CI runs; --quick leaves out documentation and browser
  browser [--large]  the shaders in a real Chromium: its compiler, and the kernels against f64
  bench loss       time and memory of the fused loss beside plain tensor operations
  bench train      cost of a training step by part, and beside Burn's bare network
  web [--serve]    the page and its engine into dist/, for any static host
  web --test       page and engine in a real Chromium
  bench web        size of the page by crate, and its times beside native runs
  bench app [PART]  how fluid the window is, with and without training; PART: frames, views, all
  tidy             fast checks of the sources, without compiling";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let command: fn() -> Result<()> = match arguments.as_slice() {
        ["setup"] => || setup::run(setup::Scope::All),
        ["test"] => || test::run(setup::Scope::All),
        ["test", "--quick"] => || test::run(setup::Scope::NativeOnly),
        ["browser"] => || browser::run(browser::Size::Quick),
        ["browser", "--large"] => || browser::run(browser::Size::Large),
        ["bench", "loss"] => || bench::run("loss"),
        ["bench", "train"] => || bench::run("train"),
        ["web"] => web::run,
        ["web", "--serve"] => web::serve,
        ["web", "--test"] => web::test,
        ["bench", "web"] => web::bench,
        ["bench", "app"] => || bench::run("app"),
        ["bench", "app", "frames"] => || bench::run_part("app", &["frames"]),
        ["bench", "app", "views"] => || bench::run_part("app", &["views"]),
        ["bench", "app", "all"] => || bench::run_part("app", &["all"]),
        ["tidy"] => tidy::run,
        ["help" | "--help" | "-h"] => {
            println!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        [] => return usage_error("no command was given"),
        other => return usage_error(&format!("`{}` is not an xtask command", other.join(" "))),
    };
    match enter_workspace_root().and_then(|()| command()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nerror: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn usage_error(problem: &str) -> ExitCode {
    eprintln!("error: {problem}\n\n{USAGE}");
    ExitCode::from(2)
}

/// Makes every relative path below mean the same, wherever the command was typed.
fn enter_workspace_root() -> Result<()> {
    // `cargo run` sets the variable, so that a moved clone with a shared target directory is right too.
    let manifest_dir = std::env::var("CARGO_MANIFEST_DIR")
        .unwrap_or_else(|_| env!("CARGO_MANIFEST_DIR").to_owned());
    let root = PathBuf::from(manifest_dir).join("../..");
    let root = root.canonicalize().with_context(|| {
        format!(
            "there is no workspace at {}: run this as `cargo xtask`",
            root.display()
        )
    })?;
    std::env::set_current_dir(&root)
        .with_context(|| format!("cannot enter the workspace root {}", root.display()))
}
