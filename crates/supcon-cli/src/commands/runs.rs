use crate::arguments::RunsListOptions;
use crate::exit::Outcome;
use crate::{date, output, table};
use anyhow::Context as _;
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;
use supcon_protocol::{ResultRow, RunHistory, RunState, Subject};
use supcon_train::directory::{RunDirectory, size_of};
use supcon_train::{SavedRun, files};

/// Where `train` puts runs that were given no place.
const FOLDER: &str = "runs";

/// What is known of a run without looking into its weights.
struct Row {
    path: PathBuf,
    state: &'static str,
    /// Why it cannot be read.
    error: Option<String>,
    methods: Vec<String>,
    /// Network and linear top-1.
    best: Option<(String, f64)>,
    changed: Option<SystemTime>,
    bytes: u64,
}

/// Lists the runs of a folder, the latest first.
pub fn runs(options: &RunsListOptions) -> anyhow::Result<Outcome> {
    let folder = options.folder.as_deref().unwrap_or(Path::new(FOLDER));
    let mut rows = Vec::new();
    if options.folder.is_some() || folder.exists() {
        for path in run_folders(folder)? {
            rows.push(row(path));
        }
    }
    rows.sort_by(|a, b| b.changed.cmp(&a.changed).then_with(|| a.path.cmp(&b.path)));
    if options.output.json {
        output::json(&rows.iter().map(as_json).collect::<Vec<_>>())?;
    } else if rows.is_empty() {
        output::line(&format!(
            "no runs in {}: `supcon train` makes one",
            folder.display()
        ));
    } else {
        output::text(&as_table(&rows));
    }
    Ok(Outcome::Done)
}

fn run_folders(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let is_run = |path: &Path| path.join(files::CONFIG).is_file();
    if is_run(folder) {
        return Ok(vec![folder.to_owned()]);
    }
    let entries = fs::read_dir(folder).with_context(|| {
        format!(
            "{} cannot be listed: give the folder that holds the runs",
            folder.display()
        )
    })?;
    let mut runs = Vec::new();
    for entry in entries {
        let path = entry?.path();
        if is_run(&path) {
            runs.push(path);
        }
    }
    Ok(runs)
}

fn row(path: PathBuf) -> Row {
    let read = SavedRun::at(&path).and_then(|run| Ok((run.history()?, run)));
    let changed = [files::EVENTS, files::CONFIG]
        .iter()
        .find_map(|name| path.join(name).metadata().ok()?.modified().ok());
    let mut row = Row {
        state: "unreadable",
        error: None,
        methods: Vec::new(),
        best: None,
        changed,
        bytes: size_of(&path),
        path,
    };
    match read {
        Err(error) => row.error = Some(error.to_string()),
        Ok((history, run)) => {
            let methods = run.plan().config().methods.iter();
            row.methods = methods.map(ToString::to_string).collect();
            row.best = best(&history.results);
            row.state = state(&history, RunDirectory::is_in_use(&row.path));
        }
    }
    row
}

/// What a person would say of the run.
fn state(history: &RunHistory, in_use: bool) -> &'static str {
    match (history.state, in_use) {
        (Some(RunState::Finished), _) => "finished",
        (Some(RunState::Paused), true) => "paused",
        (_, true) => "running",
        _ if history.failure.is_some() => "failed",
        (Some(RunState::Stopped), false) => "stopped",
        (None, false) => "not begun",
        // It neither ended nor runs: killed, or the machine went down.
        (Some(RunState::Running | RunState::Paused), false) => "cut off",
    }
}

/// The trained network with the best linear top-1.
fn best(results: &[ResultRow]) -> Option<(String, f64)> {
    let trained = results
        .iter()
        .filter(|r| r.subject != Subject::RandomEncoder);
    let best = trained.max_by(|a, b| a.linear.top1.value.total_cmp(&b.linear.top1.value))?;
    Some((best.subject.to_string(), best.linear.top1.value))
}

fn as_json(row: &Row) -> Value {
    let seconds = row.changed.and_then(|time| {
        let since = time.duration_since(SystemTime::UNIX_EPOCH).ok()?;
        Some(since.as_secs())
    });
    json!({
        "run": row.path,
        "state": row.state,
        "error": row.error,
        "methods": row.methods,
        "best_network": row.best.as_ref().map(|best| &best.0),
        "best_top1": row.best.as_ref().map(|best| best.1),
        "changed_unix_seconds": seconds,
        "bytes": row.bytes,
    })
}

fn as_table(rows: &[Row]) -> String {
    let header = [
        "run",
        "state",
        "methods",
        "best top-1",
        "changed (UTC)",
        "size",
    ];
    let mut table = vec![header.map(str::to_owned).to_vec()];
    for row in rows {
        let best = row.best.as_ref();
        table.push(vec![
            row.path.display().to_string(),
            row.state.to_owned(),
            row.error.clone().unwrap_or_else(|| row.methods.join(", ")),
            best.map_or_else(String::new, |(network, top1)| {
                format!("{:.1} % {network}", 100.0 * top1)
            }),
            row.changed.map_or_else(String::new, date::utc),
            human_bytes(row.bytes),
        ]);
    }
    table::left_aligned(&table)
}

/// `1.4 MB`: powers of ten, as disks are sold.
pub(super) fn human_bytes(bytes: u64) -> String {
    let mut value = bytes as f64;
    for unit in ["B", "kB", "MB", "GB"] {
        if value < 1000.0 {
            let digits = usize::from(unit != "B");
            return format!("{value:.digits$} {unit}");
        }
        value /= 1000.0;
    }
    format!("{value:.1} TB")
}

#[cfg(test)]
mod tests {
    use super::human_bytes;

    #[test]
    fn sizes_are_readable() {
        assert_eq!(human_bytes(0), "0 B");
        assert_eq!(human_bytes(999), "999 B");
        assert_eq!(human_bytes(1_440_000), "1.4 MB");
        assert_eq!(human_bytes(3_000_000_000_000), "3.0 TB");
    }
}
