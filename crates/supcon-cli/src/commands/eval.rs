use super::train::print_results;
use crate::arguments::RunOptions;
use crate::directory::read_text;
use crate::exit::Outcome;
use crate::table;
use anyhow::bail;
use supcon_protocol::RunHistory;
use supcon_train::{files, parse_events};

/// Shows the results of a run; while it is unfinished, those it has so far.
pub fn eval(options: &RunOptions) -> anyhow::Result<Outcome> {
    let path = options.run.join(files::EVENTS);
    let events = parse_events(&read_text(&path)?).map_err(|line| {
        anyhow::anyhow!("{}, line {line}: not an event of supcon", path.display())
    })?;
    let history: RunHistory = events.iter().map(|envelope| &envelope.msg).collect();
    if options.output.json {
        println!("{}", serde_json::to_string(&history.results)?);
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
        print!("{}", table::results(&history.results));
        println!(
            "\nthe run is unfinished: `supcon resume {}` goes on with it",
            options.run.display()
        );
    }
    Ok(Outcome::Done)
}
