use super::train::print_results;
use crate::arguments::RunOptions;
use crate::exit::Outcome;
use crate::{output, table};
use anyhow::bail;
use supcon_train::{SavedRun, files};

/// Shows the results of a run; while it is unfinished, those it has so far.
pub fn eval(options: &RunOptions) -> anyhow::Result<Outcome> {
    let history = SavedRun::at(&options.run)?.history()?;
    if options.output.json {
        output::json(&history.results)?;
        return Ok(Outcome::Done);
    }
    if history.results.is_empty() {
        bail!(
            "{} has no results yet: `supcon resume {0}` goes on with it",
            options.run.display()
        );
    }
    if options.run.join(files::REPORT_JSON).exists() {
        print_results(&options.run, &history)?;
    } else {
        output::text(&table::results(&history.results));
        output::line(&format!(
            "\nthe run is unfinished: `supcon resume {}` goes on with it",
            options.run.display()
        ));
    }
    Ok(Outcome::Done)
}
