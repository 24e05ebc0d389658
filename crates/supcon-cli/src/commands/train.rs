use crate::arguments::TrainOptions;
use crate::exit::Outcome;
use crate::progress::{Printer, summary};
use crate::{estimate, output, session, table};
use anyhow::Context as _;
use std::path::Path;
use supcon_protocol::{RunConfig, RunId, RunPlan, RunReport};
use supcon_train::directory::{RunDirectory, read_text};
use supcon_train::{
    ArtifactSink as _, ComputeDevice, EventLog, Invocation, Job, files, load_images,
};

/// Trains, evaluates and reports.
pub fn train(options: &TrainOptions) -> anyhow::Result<Outcome> {
    let config = configuration(options)?;
    let execution = options.execution.config();
    use_threads(execution.threads)?;
    let loaded = load_images(&config, options.data.as_deref())?;
    let device = pollster::block_on(ComputeDevice::open(execution.device))?;
    let plan = RunPlan::new(config);
    let mut directory = RunDirectory::create(
        Path::new("runs"),
        options.out.as_deref(),
        &plan.config().name,
    )?;
    directory.put(files::CONFIG, plan.config().to_toml().as_bytes())?;
    let repeat_command = repeat_command(options);
    let data = options
        .data
        .as_ref()
        .map(|path| path.canonicalize().unwrap_or_else(|_| path.clone()));
    let invocation = Invocation {
        data,
        repeat_command: repeat_command.clone(),
    };
    directory.put(files::INVOCATION, &serde_json::to_vec(&invocation)?)?;
    let place = directory.path().to_owned();
    if !options.output.json {
        output::line(&format!("run     {}", place.display()));
        if options.data.is_some() {
            output::line(&format!("found   {}", loaded.sentence));
        }
        let on_cpu = device.is_cpu();
        if let Some(sentence) = estimate::sentence(&plan, &loaded.splits, on_cpu, execution.threads)
        {
            output::line(&format!("time    {sentence}"));
        }
    }
    let run = RunId(
        place
            .file_name()
            .map_or_else(|| "run".to_owned(), |n| n.to_string_lossy().into_owned()),
    );
    let log = EventLog::new(run, Vec::new());
    let job = Job {
        plan,
        splits: loaded.splits,
        device,
        execution,
        host: host(),
        repeat_command,
        resume: None,
    };
    run_and_show(job, &log, directory, options.output.json)
}

/// Takes a job to its end and says, unless events are printed as JSON, what came of it.
pub fn run_and_show(
    job: Job,
    log: &EventLog,
    directory: RunDirectory,
    json: bool,
) -> anyhow::Result<Outcome> {
    let place = directory.path().to_owned();
    let (outcome, history) = session::run(job, log, directory, Printer::new(json))?;
    if !json {
        match outcome {
            Outcome::Done => print_results(&place, &history)?,
            Outcome::Interrupted => {
                output::line(&format!(
                    "stopped; go on with: supcon resume {}",
                    place.display()
                ));
            }
        }
    }
    Ok(outcome)
}

/// The table, the paired differences and where the report is.
pub fn print_results(place: &Path, history: &supcon_protocol::RunHistory) -> anyhow::Result<()> {
    let report: RunReport = serde_json::from_str(&read_text(&place.join(files::REPORT_JSON))?)
        .with_context(|| {
            format!(
                "{} is not a report",
                place.join(files::REPORT_JSON).display()
            )
        })?;
    output::text(&summary(history, &table::differences(&report.differences)));
    output::line(&format!(
        "\nreport: {}",
        place.join(files::REPORT_HTML).display()
    ));
    Ok(())
}

fn configuration(options: &TrainOptions) -> anyhow::Result<RunConfig> {
    let text = match &options.config {
        Some(path) => Some((path.display().to_string(), read_text(path)?)),
        None => None,
    };
    let file = text
        .as_ref()
        .map(|(place, text)| (place.as_str(), text.as_str()));
    // Somebody who gives images and nothing else means those images.
    let images = options.data.is_some() && options.config.is_none();
    let preset = options.preset.as_deref().or(images.then_some("images"));
    let mut assignments = options.assignments.clone();
    if options.skip_unreadable {
        assignments.push("data.skip_unreadable=true".to_owned());
    }
    Ok(RunConfig::from_layers(preset, file, &assignments)?)
}

/// CPU work runs on this many threads.
pub fn use_threads(threads: usize) -> anyhow::Result<()> {
    rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build_global()
        .with_context(|| format!("{threads} threads could not be started"))
}

/// Processor and operating system, for the record.
pub fn host() -> String {
    let cpu = std::fs::read_to_string("/proc/cpuinfo")
        .ok()
        .and_then(|text| {
            let line = text.lines().find(|line| line.starts_with("model name"))?;
            line.split_once(':').map(|(_, name)| name.trim().to_owned())
        });
    let cpu = cpu.unwrap_or_else(|| std::env::consts::ARCH.to_owned());
    format!("{cpu}, {}", std::env::consts::OS)
}

/// The command as it was given, less what is only about this machine's files and screen.
fn repeat_command(options: &TrainOptions) -> String {
    let mut words = vec!["supcon".to_owned(), "train".to_owned()];
    let mut option = |name: &str, value: String| words.extend([name.to_owned(), quoted(&value)]);
    if let Some(preset) = &options.preset {
        option("--preset", preset.clone());
    }
    if let Some(config) = &options.config {
        option("--config", config.display().to_string());
    }
    for assignment in &options.assignments {
        option("--set", assignment.clone());
    }
    if let Some(data) = &options.data {
        option("--data", data.display().to_string());
    }
    if options.skip_unreadable {
        option("--set", "data.skip_unreadable=true".to_owned());
    }
    if options.execution.threads != 0 {
        option("--threads", options.execution.threads.to_string());
    }
    words.join(" ")
}

/// As a shell takes it.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:,+%@".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}
