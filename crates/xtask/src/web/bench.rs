//! `cargo xtask bench web`: what the page weighs, of which crates, and how fast it is there and trains.

use anyhow::Result;

use super::{Form, assemble, supcon, write_smoke};
use crate::{browser, node, setup, shell};

const FOLDER: &str = "web/tests";

/// Builds the site as it is published, but under plain names, and has a browser measure it.
pub(crate) fn bench() -> Result<()> {
    let chromium = browser::find_or_install()?;
    node::install(FOLDER)?;
    let folder = shell::target_directory()?.join("web/measured");
    let (site, compiled) = assemble(Form::Optimised)?;
    site.write_plain("index.html", &folder)?;
    let supcon = supcon()?;
    write_smoke(&supcon, &folder)?;
    let mut node = shell::program("node", &[&format!("{FOLDER}/bench.js")]);
    node.args([&chromium, &folder, &supcon]).args(&compiled);
    if let Some(driver) = setup::lavapipe_driver() {
        node.env("VK_DRIVER_FILES", &driver)
            .env("VK_ICD_FILENAMES", &driver);
    }
    shell::run(node)
}
