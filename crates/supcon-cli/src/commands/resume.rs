use super::train::{host, run_and_show, use_threads};
use crate::arguments::ResumeOptions;
use crate::directory::RunDirectory;
use crate::exit::Outcome;
use crate::output;
use anyhow::bail;
use supcon_protocol::{DataSource, Envelope, Event, RunId, RunPlan, RunState};
use supcon_train::{
    ArtifactSink as _, Checkpoint, ComputeDevice, EventLog, Invocation, Job, SavedRun, files,
    load_images, parse_events,
};

/// Goes on where a run stood.
pub fn resume(options: &ResumeOptions) -> anyhow::Result<Outcome> {
    let mut directory = RunDirectory::open(&options.run)?;
    let place = directory.path().to_owned();
    let saved = SavedRun::at(&place)?;
    let config = saved.plan().config().clone();
    let checkpoint = saved.checkpoint()?;
    if is_finished(&directory) {
        bail!(
            "{} is finished: `supcon eval {0}` shows its results",
            place.display()
        );
    }
    let invocation = saved.invocation()?.unwrap_or_else(|| Invocation {
        data: None,
        repeat_command: "supcon train --config config.toml".to_owned(),
    });
    let execution = options.execution.config();
    use_threads(execution.threads)?;
    let data_path = options.data.clone().or_else(|| invocation.data.clone());
    if config.data.source == DataSource::Images && data_path.is_none() {
        bail!(
            "{} does not say where its images are: give --data PATH",
            place.display()
        );
    }
    let splits = load_images(&config, data_path.as_deref())?.splits;
    let device = pollster::block_on(ComputeDevice::open(execution.device))?;
    let events = past_events(&mut directory, checkpoint.as_ref())?;
    if !options.output.json {
        output::line(&format!("resume  {}", place.display()));
    }
    let run = RunId(
        place
            .file_name()
            .map_or_else(|| "run".to_owned(), |n| n.to_string_lossy().into_owned()),
    );
    let log = EventLog::new(run, events);
    let job = Job {
        plan: RunPlan::new(config),
        splits,
        device,
        execution,
        host: host(),
        repeat_command: invocation.repeat_command,
        resume: checkpoint,
    };
    run_and_show(job, &log, directory, options.output.json)
}

/// Whether the log ends with the end; the last checkpoint is older than that.
fn is_finished(directory: &RunDirectory) -> bool {
    let text = directory.text(files::EVENTS).unwrap_or_default();
    let last = text.lines().last().map(parse_events);
    let Some(Ok(events)) = last else {
        return false;
    };
    let finished = Event::State(RunState::Finished);
    events
        .last()
        .is_some_and(|envelope| envelope.msg == finished)
}

/// The events before the checkpoint. What came after it will happen again; without a checkpoint the
/// run starts over, and so does its log.
fn past_events(
    directory: &mut RunDirectory,
    checkpoint: Option<&Checkpoint>,
) -> anyhow::Result<Vec<Envelope<Event>>> {
    let Some(checkpoint) = checkpoint else {
        directory.put(files::EVENTS, b"")?;
        return Ok(Vec::new());
    };
    let text = directory.text(files::EVENTS)?;
    let place = directory.path().join(files::EVENTS);
    let Some(past) = text.get(..checkpoint.position.log_bytes as usize) else {
        bail!(
            "{} is shorter than its checkpoint says: it was changed by hand; start the run again",
            place.display()
        );
    };
    let events = parse_events(past).map_err(|line| {
        anyhow::anyhow!("{}, line {line}: not an event of supcon", place.display())
    })?;
    Ok(events)
}
