use super::train::{host, run_and_show, use_threads};
use crate::arguments::ResumeOptions;
use crate::directory::RunDirectory;
use crate::exit::Outcome;
use crate::{data, estimate};
use anyhow::bail;
use supcon_protocol::{DataSource, Envelope, Event, RunConfig, RunId, RunPlan, RunState};
use supcon_train::{
    ArtifactSink as _, Checkpoint, ComputeDevice, EventLog, Job, files, parse_events,
};

/// What `train` was told that is not in the configuration.
pub const INVOCATION: &str = "invocation.json";

/// Goes on where a run stood.
pub fn resume(options: &ResumeOptions) -> anyhow::Result<Outcome> {
    let mut directory = RunDirectory::open(&options.run)?;
    let place = directory.path().to_owned();
    let config_path = place.join(files::CONFIG).display().to_string();
    let config = RunConfig::from_toml(&config_path, &directory.text(files::CONFIG)?)?;
    let checkpoint = match directory.read(files::CHECKPOINT)? {
        Some(bytes) => Some(Checkpoint::from_bytes(
            &place.join(files::CHECKPOINT).display().to_string(),
            &bytes,
        )?),
        None => None,
    };
    if is_finished(&directory) {
        bail!(
            "{} is finished: `supcon eval {0}` shows its results",
            place.display()
        );
    }
    let events = past_events(&mut directory, checkpoint.as_ref())?;
    let invocation: Invocation = match directory.read(INVOCATION)? {
        Some(bytes) => serde_json::from_slice(&bytes)?,
        None => bail!(
            "{} is missing: the run cannot be resumed, start it again",
            place.join(INVOCATION).display()
        ),
    };
    let execution = options.execution.config();
    use_threads(execution.threads)?;
    let data_path = options.data.clone().or_else(|| invocation.data.clone());
    if config.data.source == DataSource::Images && data_path.is_none() {
        bail!("this run trains on your images: give --data PATH");
    }
    let splits = data::load(&config, data_path.as_deref())?.splits;
    let device = pollster::block_on(ComputeDevice::open(execution.device))?;
    let plan = RunPlan::new(config);
    let ignored = options.execution.ignore_memory;
    let memory = estimate::memory(&plan, &splits, device.is_cpu(), ignored)?;
    if !options.output.json {
        println!("resume  {}", place.display());
        if let Some(sentence) = memory {
            println!("memory  {sentence}");
        }
    }
    let run = RunId(
        place
            .file_name()
            .map_or_else(|| "run".to_owned(), |n| n.to_string_lossy().into_owned()),
    );
    let log = EventLog::new(run, events);
    let job = Job {
        plan,
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

/// Kept beside the configuration, for `resume`.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
pub struct Invocation {
    /// `--data`, absolute.
    pub data: Option<std::path::PathBuf>,
    /// The command that repeats the run.
    pub repeat_command: String,
}
