use crate::arguments::RunsRenameOptions;
use crate::exit::Outcome;
use crate::output;
use anyhow::{Context as _, bail};
use serde_json::json;
use std::fs;
use supcon_train::directory::{RunDirectory, file_name};

/// Gives a run another name.
pub fn runs_rename(options: &RunsRenameOptions) -> anyhow::Result<Outcome> {
    let name = &options.name;
    if file_name(name) != *name {
        bail!(
            "\"{name}\" cannot name a run: take letters, digits, '-', '_' and '.', for example {}",
            file_name(name)
        );
    }
    let run = RunDirectory::open(&options.run)?;
    // A path like `.` or `runs/a/..` has no name of its own.
    let place = run.path().canonicalize();
    let place = place.with_context(|| format!("{} cannot be found", options.run.display()))?;
    let target = options.run.with_file_name(name);
    let target_place = place.with_file_name(name);
    if target_place.exists() {
        bail!("{} exists: choose another name", target.display());
    }
    fs::rename(&place, &target_place)
        .with_context(|| format!("{} cannot be renamed", options.run.display()))?;
    if options.output.json {
        output::json(&json!({ "from": options.run, "to": target }))?;
    } else {
        output::line(&format!(
            "{} is now {}",
            options.run.display(),
            target.display()
        ));
    }
    Ok(Outcome::Done)
}
