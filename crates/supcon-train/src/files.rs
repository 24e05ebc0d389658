//! Names in a run directory.

use supcon_protocol::StagePlan;

/// The resolved configuration.
pub const CONFIG: &str = "config.toml";
/// What `train` was told that is not in the configuration.
pub const INVOCATION: &str = "invocation.json";
/// What is watched, for a resume to go on with.
pub const WATCH: &str = "watch.json";
/// The event log.
pub const EVENTS: &str = "events.jsonl";
/// Where a run stands and everything `resume` needs.
pub const CHECKPOINT: &str = "checkpoints/latest.safetensors";
/// The report for people.
pub const REPORT_HTML: &str = "report.html";
/// The report for programs.
pub const REPORT_JSON: &str = "report.json";

/// The weights a finished stage leaves.
#[must_use]
pub fn weights(plan: &StagePlan) -> String {
    format!("checkpoints/{}.safetensors", plan.slug())
}
