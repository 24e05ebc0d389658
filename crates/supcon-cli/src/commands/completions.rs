use crate::arguments::{Arguments, CompletionsOptions};
use crate::exit::Outcome;
use crate::output;
use clap::CommandFactory as _;

/// Prints a shell's completion script.
pub fn completions(options: &CompletionsOptions) -> anyhow::Result<Outcome> {
    let mut script = Vec::new();
    let mut command = Arguments::command();
    clap_complete::generate(options.shell, &mut command, "supcon", &mut script);
    output::text(&String::from_utf8_lossy(&script));
    Ok(Outcome::Done)
}
