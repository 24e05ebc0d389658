//! The page, and the engine in its worker, in a real browser, by Playwright.

use std::fs;

use anyhow::{Context, Result};

use super::build_plain;
use crate::{browser, node, shell};

/// Where the tests are, and their packages.
const FOLDER: &str = "web/tests";
/// The configuration that they train.
const PRESET: &str = "browser-smoke";

/// Builds the site and has a browser train with it.
pub(crate) fn test() -> Result<()> {
    let chromium = browser::find_or_install()?;
    node::install(FOLDER)?;
    let folder = shell::target_directory()?.join("web/site");
    build_plain(&folder)?;
    shell::run(shell::cargo(&["build", "--release"]))?;
    let supcon = format!("supcon{}", std::env::consts::EXE_SUFFIX);
    let supcon = shell::target_directory()?.join("release").join(supcon);
    let show = ["presets", "--json", "--show", PRESET];
    let config = shell::output(shell::program(&supcon.to_string_lossy(), &show))?;
    let place = folder.join("smoke.json");
    fs::write(&place, config).with_context(|| format!("cannot write {}", place.display()))?;
    for script in ["page.js", "engine.js"] {
        let mut node = shell::program("node", &[&format!("{FOLDER}/{script}")]);
        node.args([&chromium, &folder, &supcon]);
        shell::run(node)?;
    }
    Ok(())
}
