use crate::arguments::RunsRenameOptions;
use crate::exit::Outcome;
use crate::output;
use serde_json::json;
use supcon_train::directory::rename_run;

/// Gives a run another name.
pub fn runs_rename(options: &RunsRenameOptions) -> anyhow::Result<Outcome> {
    let target = rename_run(&options.run, &options.name)?;
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
