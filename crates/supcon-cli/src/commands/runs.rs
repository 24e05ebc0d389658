use crate::arguments::RunsListOptions;
use crate::exit::Outcome;
use crate::{date, output, table};
use anyhow::Context as _;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::time::SystemTime;
use supcon_train::{RunSummary, files, run_folders};

/// Where `train` puts runs that were given no place.
const FOLDER: &str = "runs";

/// Lists the runs of a folder, the latest first.
pub fn runs(options: &RunsListOptions) -> anyhow::Result<Outcome> {
    let folder = options.folder.as_deref().unwrap_or(Path::new(FOLDER));
    let mut rows = Vec::new();
    if options.folder.is_some() || folder.exists() {
        for path in paths_of(folder)? {
            rows.push(RunSummary::at(path));
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

/// The folder itself where it is a run, else those in it.
fn paths_of(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    if folder.join(files::CONFIG).is_file() {
        return Ok(vec![folder.to_owned()]);
    }
    // A folder that was named is there, or the name is wrong.
    folder
        .metadata()
        .and_then(|_| run_folders(folder))
        .with_context(|| {
            format!(
                "{} cannot be listed: give the folder that holds the runs",
                folder.display()
            )
        })
}

fn as_json(row: &RunSummary) -> Value {
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

fn as_table(rows: &[RunSummary]) -> String {
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
