use crate::arguments::ReportOptions;
use crate::exit::Outcome;
use crate::output;
use anyhow::{Context as _, bail};
use supcon_protocol::RunReport;
use supcon_train::directory::{RunDirectory, read_text};
use supcon_train::{ArtifactSink as _, files, report_page};

/// Writes `report.html` anew from `report.json`, with this version's page.
pub fn report(options: &ReportOptions) -> anyhow::Result<Outcome> {
    let json_path = options.run.join(files::REPORT_JSON);
    if !json_path.exists() {
        bail!(
            "{} has no report yet: a run writes it when it finishes; `supcon resume {0}` goes on with it",
            options.run.display()
        );
    }
    let json = read_text(&json_path)?;
    let report: RunReport = serde_json::from_str(&json)
        .with_context(|| format!("{} is not a report", json_path.display()))?;
    let mut directory = RunDirectory::open(&options.run)?;
    directory.put(files::REPORT_HTML, report_page(&report).as_bytes())?;
    let html_path = options.run.join(files::REPORT_HTML);
    if options.output.json {
        output::json(&serde_json::json!({ "html": html_path, "json": json_path }))?;
    } else {
        output::line(&format!("report: {}", html_path.display()));
    }
    Ok(Outcome::Done)
}
