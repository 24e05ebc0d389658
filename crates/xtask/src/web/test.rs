//! The page, and the engine in its worker, in a real browser, by Playwright.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::{Form, assemble};
use crate::{browser, node, shell};

/// Where the tests are, and their packages.
const FOLDER: &str = "web/tests";
/// The configuration that they train.
const PRESET: &str = "browser-smoke";

/// Builds the site, not optimised, under plain names, and has a browser train with it.
pub(crate) fn test() -> Result<()> {
    let chromium = browser::find_or_install()?;
    node::install(FOLDER)?;
    let folder = shell::target_directory()?.join("web/site");
    let (site, _) = assemble(Form::Compiled)?;
    site.write_plain("index.html", &folder)?;
    let supcon = supcon()?;
    write_smoke(&supcon, &folder)?;
    for script in ["page.js", "engine.js"] {
        let mut node = shell::program("node", &[&format!("{FOLDER}/{script}")]);
        node.args([&chromium, &folder, &supcon]);
        shell::run(node)?;
    }
    Ok(())
}

/// The command line's program, built now.
pub(super) fn supcon() -> Result<PathBuf> {
    shell::run(shell::cargo(&["build", "--release"]))?;
    let name = format!("supcon{}", std::env::consts::EXE_SUFFIX);
    Ok(shell::target_directory()?.join("release").join(name))
}

/// Puts the configuration that is trained beside the page.
pub(super) fn write_smoke(supcon: &Path, folder: &Path) -> Result<()> {
    let show = ["presets", "--json", "--show", PRESET];
    let config = shell::output(shell::program(&supcon.to_string_lossy(), &show))?;
    let place = folder.join("smoke.json");
    fs::write(&place, config).with_context(|| format!("cannot write {}", place.display()))
}
