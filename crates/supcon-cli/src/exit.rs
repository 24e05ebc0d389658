use serde_json::json;
use std::process::ExitCode;
use supcon_data::DataError;
use supcon_protocol::ErrorReport;

/// How a command ended when it did not fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Done.
    Done,
    /// Stopped by Ctrl-C after a checkpoint.
    Interrupted,
}

/// Ctrl-C by the shells' convention: 128 + SIGINT.
const INTERRUPTED: u8 = 130;
/// A command line that clap refuses.
const USAGE: u8 = 2;

/// The exit code; an error is printed here and nowhere else, on standard error.
pub fn code(result: anyhow::Result<Outcome>, json: bool) -> ExitCode {
    match result {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::Interrupted) => ExitCode::from(INTERRUPTED),
        Err(error) if json => {
            let report = error.downcast_ref::<ErrorReport>().cloned();
            let hint = option_for(&error).map(|option| format!("{option} leaves such images out"));
            let report =
                report.unwrap_or_else(|| ErrorReport::new(error.as_ref(), hint.as_deref()));
            print_json(&report, 1);
            ExitCode::FAILURE
        }
        Err(error) => {
            let option = option_for(&error).map(|option| format!(" with {option}"));
            eprintln!("error: {error:#}{}", option.unwrap_or_default());
            ExitCode::FAILURE
        }
    }
}

/// The option that does what the error's last words advise.
fn option_for(error: &anyhow::Error) -> Option<&'static str> {
    let data_error = error.root_cause().downcast_ref::<DataError>()?;
    data_error.can_be_left_out().then_some("--skip-unreadable")
}

/// Help, version, or a command line that is none.
pub fn usage(error: &clap::Error) -> ExitCode {
    let json = std::env::args_os().any(|argument| argument == "--json");
    if !error.use_stderr() || !json {
        // Standard error that cannot be written leaves nobody to tell.
        let _ = error.print();
        return ExitCode::from(if error.use_stderr() { USAGE } else { 0 });
    }
    let text = error.to_string();
    let text = text.trim_start_matches("error: ").trim();
    let (message, rest) = text.split_once('\n').unwrap_or((text, ""));
    let hint = Some(rest.trim()).filter(|hint| !hint.is_empty());
    let report = ErrorReport {
        message: message.to_owned(),
        causes: Vec::new(),
        hint: hint.map(str::to_owned),
    };
    print_json(&report, USAGE);
    ExitCode::from(USAGE)
}

fn print_json(report: &ErrorReport, code: u8) {
    let ErrorReport {
        message,
        causes,
        hint,
    } = report;
    let error = json!({ "message": message, "causes": causes, "hint": hint, "exit_code": code });
    eprintln!("{}", json!({ "error": error }));
}
