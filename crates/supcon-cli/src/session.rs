//! One run from the command line: the engine on a thread of its own, this one prints and listens.

use crate::exit::Outcome;
use crate::progress::Printer;
use anyhow::{anyhow, bail};
use std::sync::mpsc::{self, Sender};
use std::time::Duration;
use supcon_protocol::{Command, ErrorReport, Event, RunHistory, RunState};
use supcon_train::directory::RunDirectory;
use supcon_train::{Engine, EventLog, Job, TrainError};

/// How often the log is looked at.
const TICK: Duration = Duration::from_millis(50);

/// Takes a job to its end, to Ctrl-C, or to an error.
pub fn run(
    job: Job,
    log: &EventLog,
    directory: RunDirectory,
    mut printer: Printer,
) -> anyhow::Result<(Outcome, RunHistory)> {
    let (commands, inbox) = mpsc::channel();
    stop_on_interrupt(commands)?;
    let mut cursor = log.len();
    let mut history = log.history();
    let engine_log = log.clone();
    let engine = std::thread::spawn(move || -> Result<RunState, TrainError> {
        let mut directory = directory;
        pollster::block_on(Engine::new(job, engine_log, inbox, &mut directory)?.run())
    });
    loop {
        let finished = engine.is_finished();
        for envelope in log.since(cursor) {
            cursor += 1;
            history.apply(&envelope.msg);
            printer.event(&envelope, &history);
        }
        // Only after a look at the log that followed the end is the log complete.
        if finished {
            break;
        }
        std::thread::sleep(TICK);
    }
    printer.end();
    match engine.join() {
        Ok(Ok(RunState::Stopped)) => Ok((Outcome::Interrupted, history)),
        Ok(Ok(_)) => Ok((Outcome::Done, history)),
        Ok(Err(error)) => Err(error.report().into()),
        Err(_) => {
            let report = failure(log).map_or_else(String::new, |report| format!(": {report}"));
            bail!(
                "the engine stopped unexpectedly{report}; the lines above say where; `supcon resume` goes on from the last checkpoint"
            )
        }
    }
}

fn failure(log: &EventLog) -> Option<ErrorReport> {
    log.since(0)
        .into_iter()
        .rev()
        .find_map(|envelope| match envelope.msg {
            Event::Failed(report) => Some(report),
            _ => None,
        })
}

/// The first Ctrl-C asks for a checkpoint and an end; the second ends at once.
fn stop_on_interrupt(commands: Sender<Command>) -> anyhow::Result<()> {
    let mut asked = false;
    ctrlc::set_handler(move || {
        if asked {
            std::process::exit(130);
        }
        asked = true;
        eprintln!("\nstopping after a checkpoint; press Ctrl-C again to stop at once");
        // The engine may have ended already; then there is nothing to stop.
        let _ = commands.send(Command::Stop);
    })
    .map_err(|error| anyhow!("Ctrl-C cannot be listened for: {error}"))
}
