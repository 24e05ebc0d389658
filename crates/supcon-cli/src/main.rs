//! `supcon`: supervised contrastive learning from the command line.

mod arguments;
mod commands;
mod date;
mod destination;
mod device_check;
mod download;
mod estimate;
mod exit;
mod interrupt;
mod output;
mod picture;
mod progress;
mod session;
mod table;
mod trained;

use arguments::{Arguments, DataVerb, RunsVerb, Verb};
use clap::Parser as _;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return exit::usage(&error),
    };
    let json = arguments.verb.json();
    let result = match arguments.verb {
        Verb::Train(options) => commands::train(&options),
        Verb::Resume(options) => commands::resume(&options),
        Verb::Eval(options) => commands::eval(&options),
        Verb::Report(options) => commands::report(&options),
        Verb::Runs(options) => match &options.verb {
            None => commands::runs(&options.list),
            Some(RunsVerb::Compare(options)) => commands::runs_compare(options),
            Some(RunsVerb::Rename(options)) => commands::runs_rename(options),
            Some(RunsVerb::Delete(options)) => commands::runs_delete(options),
        },
        Verb::Embed(options) => commands::embed(&options),
        Verb::Predict(options) => commands::predict(&options),
        Verb::Map(options) => commands::map(&options),
        Verb::Film(options) => commands::film(&options),
        Verb::Data(DataVerb::Info(options)) => commands::data_info(&options),
        Verb::Data(DataVerb::Fetch(options)) => commands::data_fetch(&options),
        Verb::Presets(options) => commands::presets(&options),
        Verb::Selftest(options) => commands::selftest(&options),
        Verb::Devices(options) => commands::devices(&options),
        Verb::Completions(options) => commands::completions(&options),
        Verb::Man(options) => commands::man(&options),
    };
    exit::code(result, json)
}
