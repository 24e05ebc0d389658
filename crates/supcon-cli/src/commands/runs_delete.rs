use super::runs::human_bytes;
use crate::arguments::RunsDeleteOptions;
use crate::exit::Outcome;
use crate::output;
use anyhow::{Context as _, bail};
use serde_json::json;
use std::fs;
use std::io::{IsTerminal as _, Write as _};
use supcon_train::directory::{RunDirectory, size_of};

/// Deletes runs. All are looked at before the first one goes.
pub fn runs_delete(options: &RunsDeleteOptions) -> anyhow::Result<Outcome> {
    let mut runs = Vec::new();
    for path in &options.runs {
        // Held until it is gone, so that nobody resumes it meanwhile.
        runs.push(RunDirectory::open(path)?);
    }
    if !options.yes && !confirmed(&runs)? {
        bail!("nothing was deleted");
    }
    let mut deleted = Vec::new();
    for run in runs {
        let path = run.path().to_owned();
        let bytes = size_of(&path);
        fs::remove_dir_all(&path)
            .with_context(|| format!("{} could not be deleted, or only in part", path.display()))?;
        deleted.push(json!({ "run": path, "bytes": bytes }));
        if !options.output.json {
            output::line(&format!(
                "deleted {} ({})",
                path.display(),
                human_bytes(bytes)
            ));
        }
    }
    if options.output.json {
        output::json(&json!({ "deleted": deleted }))?;
    }
    Ok(Outcome::Done)
}

fn confirmed(runs: &[RunDirectory]) -> anyhow::Result<bool> {
    if !std::io::stdin().is_terminal() {
        bail!("nobody is there to ask: say --yes to delete without asking");
    }
    for run in runs {
        let path = run.path();
        eprintln!("{}  {}", path.display(), human_bytes(size_of(path)));
    }
    eprint!("delete for good? [y/N] ");
    std::io::stderr().flush()?;
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer)?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
}
