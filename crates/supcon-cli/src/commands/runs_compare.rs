use super::report::compared;
use crate::arguments::RunsCompareOptions;
use crate::exit::Outcome;
use crate::{output, table};

/// Results of runs side by side, and how sure the differences are.
pub fn runs_compare(options: &RunsCompareOptions) -> anyhow::Result<Outcome> {
    let comparison = compared(&options.runs)?;
    if options.output.json {
        output::json(&comparison)?;
    } else {
        output::text(&table::comparison(&comparison));
    }
    Ok(Outcome::Done)
}
