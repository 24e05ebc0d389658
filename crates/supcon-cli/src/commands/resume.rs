use super::train::{host, run_and_show, use_threads};
use crate::arguments::ResumeOptions;
use crate::exit::Outcome;
use crate::output;
use anyhow::bail;
use supcon_protocol::{DataSource, RunId, RunPlan};
use supcon_train::directory::RunDirectory;
use supcon_train::{
    ArtifactSink as _, ComputeDevice, EventLog, Invocation, Job, SavedRun, files, load_images,
};

/// Goes on where a run stood.
pub fn resume(options: &ResumeOptions) -> anyhow::Result<Outcome> {
    let mut directory = RunDirectory::open(&options.run)?;
    let place = directory.path().to_owned();
    let saved = SavedRun::at(&place)?;
    let config = saved.plan().config().clone();
    let checkpoint = saved.checkpoint()?;
    if saved.is_finished()? {
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
    let events = saved.events_before(checkpoint.as_ref())?;
    if checkpoint.is_none() {
        // It starts over, and so does its log.
        directory.put(files::EVENTS, b"")?;
    }
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
