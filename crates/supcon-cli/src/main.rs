//! `supcon`: supervised contrastive learning from the command line.

mod arguments;
mod commands;
mod data;
mod device_check;
mod directory;
mod estimate;
mod exit;
mod progress;
mod session;
mod table;

use arguments::{Arguments, DataVerb, Verb};
use clap::Parser as _;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let result = match arguments.verb {
        Verb::Train(options) => commands::train(&options),
        Verb::Resume(options) => commands::resume(&options),
        Verb::Eval(options) => commands::eval(&options),
        Verb::Report(options) => commands::report(&options),
        Verb::Data(DataVerb::Info(options)) => commands::data_info(&options),
        Verb::Presets(options) => commands::presets(&options),
        Verb::Selftest(options) => commands::selftest(&options),
        Verb::Devices(options) => commands::devices(&options),
    };
    exit::code(result)
}
