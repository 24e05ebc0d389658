use crate::arguments::ReportOptions;
use crate::destination::Destination;
use crate::exit::Outcome;
use crate::{output, table};
use anyhow::{Context as _, anyhow, bail};
use std::path::{Path, PathBuf};
use supcon_protocol::{RunComparison, RunReport};
use supcon_train::directory::{RunDirectory, read_text};
use supcon_train::{
    ArtifactSink as _, SavedRun, check_report, compare_runs, comparison_page, files, report_page,
};

/// Bootstrap resamples, and random exchanges of a permutation test, of a comparison.
const RESAMPLES: usize = 10_000;

/// Writes the report of one run anew from its `report.json`, or several runs side by side.
pub fn report(options: &ReportOptions) -> anyhow::Result<Outcome> {
    match options.runs.as_slice() {
        [run] => one(options, run),
        runs => comparison(options, runs),
    }
}

fn one(options: &ReportOptions, run: &Path) -> anyhow::Result<Outcome> {
    let report = read_report(run)?;
    let page = report_page(&report);
    let html_path = match &options.out {
        Some(out) => {
            write_page(out, &page)?;
            out.clone()
        }
        None => {
            RunDirectory::open(run)?.put(files::REPORT_HTML, page.as_bytes())?;
            run.join(files::REPORT_HTML)
        }
    };
    if options.output.json {
        let json_path = run.join(files::REPORT_JSON);
        output::json(&serde_json::json!({ "html": html_path, "json": json_path }))?;
    } else {
        output::line(&format!("report: {}", html_path.display()));
    }
    Ok(Outcome::Done)
}

fn comparison(options: &ReportOptions, runs: &[PathBuf]) -> anyhow::Result<Outcome> {
    let comparison = compared(runs)?;
    // JSON alone leaves no file behind unless one is asked for.
    let out = match (&options.out, options.output.json) {
        (None, true) => None,
        (out, _) => Some(out.clone().unwrap_or_else(|| "compare.html".into())),
    };
    if let Some(out) = &out {
        write_page(out, &comparison_page(&comparison))?;
    }
    if options.output.json {
        output::json(&comparison)?;
    } else {
        output::text(&table::comparison(&comparison));
    }
    if let (Some(out), false) = (&out, options.output.json) {
        output::line(&format!("\nreport: {}", out.display()));
    }
    Ok(Outcome::Done)
}

/// Runs side by side, by their reports.
pub fn compared(runs: &[PathBuf]) -> anyhow::Result<RunComparison> {
    let labelled = labels(runs).into_iter().zip(runs);
    let reports = labelled
        .map(|(label, run)| Ok((label, read_report(run)?)))
        .collect::<anyhow::Result<Vec<(String, RunReport)>>>()?;
    Ok(compare_runs(&reports, RESAMPLES))
}

fn write_page(out: &Path, page: &str) -> anyhow::Result<()> {
    Destination::file(out, true)?.write(|file| file.write_all(page.as_bytes()))
}

fn read_report(run: &Path) -> anyhow::Result<RunReport> {
    let path = run.join(files::REPORT_JSON);
    SavedRun::at(run)?;
    if !path.exists() {
        bail!(
            "{} has no report yet: a run writes it when it finishes; `supcon resume {0}` goes on with it",
            run.display()
        );
    }
    let not_a_report = || format!("{} is not a report", path.display());
    let report: RunReport = serde_json::from_str(&read_text(&path)?).with_context(not_a_report)?;
    check_report(&report).map_err(|reason| anyhow!("{}: {reason}", not_a_report()))?;
    Ok(report)
}

/// What a comparison calls the runs: the names of their directories, or the paths as given where two
/// are named alike.
fn labels(runs: &[PathBuf]) -> Vec<String> {
    let name = |run: &PathBuf| {
        let name = run.file_name().unwrap_or(run.as_os_str());
        name.to_string_lossy().into_owned()
    };
    let names: Vec<String> = runs.iter().map(name).collect();
    let is_alone = |name: &String| names.iter().filter(|other| *other == name).count() == 1;
    if names.iter().all(is_alone) {
        return names;
    }
    runs.iter().map(|run| run.display().to_string()).collect()
}

#[cfg(test)]
mod tests {
    use super::labels;

    #[test]
    fn runs_are_called_by_their_directories_unless_two_are_alike() {
        let runs = |paths: &[&str]| paths.iter().map(Into::into).collect::<Vec<_>>();
        assert_eq!(labels(&runs(&["runs/a", "runs/b/"])), ["a", "b"]);
        assert_eq!(labels(&runs(&["x/a", "y/a"])), ["x/a", "y/a"]);
    }
}
