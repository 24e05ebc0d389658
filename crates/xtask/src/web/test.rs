//! The engine in the worker of a real browser, by Playwright.

use std::fs;

use anyhow::{Context, Result};

use super::build_engine;
use crate::{browser, node, shell};

/// Where the tests are, and their packages.
const FOLDER: &str = "web/tests";
/// The configuration that they train.
const PRESET: &str = "browser-smoke";

/// Builds the engine and has a browser train with it.
pub(crate) fn test() -> Result<()> {
    let chromium = browser::find_or_install()?;
    node::install(FOLDER)?;
    let folder = shell::target_directory()?.join("web/site");
    build_engine(&folder)?;
    let show = [
        "run",
        "--quiet",
        "--release",
        "--",
        "presets",
        "--json",
        "--show",
        PRESET,
    ];
    let config = shell::output(shell::cargo(&show))?;
    let place = folder.join("smoke.json");
    fs::write(&place, config).with_context(|| format!("cannot write {}", place.display()))?;
    let mut node = shell::program("node", &["web/tests/engine.js"]);
    node.arg(chromium).arg(folder);
    shell::run(node)
}
