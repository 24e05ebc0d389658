use crate::arguments::ReportOptions;
use crate::directory::{RunDirectory, read_text, write_whole};
use crate::exit::Outcome;
use crate::table;
use anyhow::{Context as _, anyhow, bail};
use std::path::{Path, PathBuf};
use supcon_protocol::RunReport;
use supcon_train::{
    ArtifactSink as _, check_report, compare_runs, comparison_page, files, report_page,
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
            write_whole(out, page.as_bytes())?;
            out.clone()
        }
        None => {
            RunDirectory::open(run)?.put(files::REPORT_HTML, page.as_bytes())?;
            run.join(files::REPORT_HTML)
        }
    };
    if options.output.json {
        let json_path = run.join(files::REPORT_JSON);
        println!(
            "{}",
            serde_json::json!({ "html": html_path, "json": json_path })
        );
    } else {
        println!("report: {}", html_path.display());
    }
    Ok(Outcome::Done)
}

fn comparison(options: &ReportOptions, runs: &[PathBuf]) -> anyhow::Result<Outcome> {
    let labels = labels(runs);
    let reports = labels
        .into_iter()
        .zip(runs)
        .map(|(label, run)| Ok((label, read_report(run)?)))
        .collect::<anyhow::Result<Vec<(String, RunReport)>>>()?;
    let comparison = compare_runs(&reports, RESAMPLES);
    // JSON alone leaves no file behind unless one is asked for.
    let out = match (&options.out, options.output.json) {
        (None, true) => None,
        (out, _) => Some(out.clone().unwrap_or_else(|| "compare.html".into())),
    };
    if let Some(out) = &out {
        write_whole(out, comparison_page(&comparison).as_bytes())?;
    }
    if options.output.json {
        println!("{}", serde_json::to_string(&comparison)?);
    } else {
        print!("{}", table::comparison(&comparison));
    }
    if let (Some(out), false) = (&out, options.output.json) {
        println!("\nreport: {}", out.display());
    }
    Ok(Outcome::Done)
}

fn read_report(run: &Path) -> anyhow::Result<RunReport> {
    let path = run.join(files::REPORT_JSON);
    if !run.join(files::CONFIG).is_file() {
        bail!(
            "{} is not a run: it has no {}",
            run.display(),
            files::CONFIG
        );
    }
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
