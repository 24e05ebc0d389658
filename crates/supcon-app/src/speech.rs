//! What a screen reader says while the window runs, where the system does not see its controls: the
//! state in a sentence, coarse enough not to chatter.

use crate::session::{Run, Session};
use supcon_protocol::{ErrorReport, RunState};

/// The state of the window now. Shares are rounded, so that it changes rarely.
#[must_use]
pub fn sentence(session: &Session, trouble: Option<&ErrorReport>) -> String {
    if let Some(report) = trouble.or(session.errors.front()) {
        return report.to_string();
    }
    match (session.run(), &session.data) {
        (Some(run), _) => of_run(run),
        (None, _) if session.is_loading => "Loading images.".to_owned(),
        (None, Some(data)) => format!("Ready to train on {}. {}", data.name, data.sentence),
        (None, None) => "No images loaded.".to_owned(),
    }
}

fn of_run(run: &Run) -> String {
    if let Some(failure) = &run.history.failure {
        return format!("The run failed. {failure}");
    }
    let state = match run.history.state {
        Some(RunState::Paused) => "Paused",
        Some(RunState::Stopped) => "Stopped",
        Some(RunState::Finished) => return finished(run),
        Some(RunState::Running) | None => "Training",
    };
    let Some(stage) = run.stage() else {
        return format!("{state}: preparing the network.");
    };
    let mut text = format!("{state}: {}", stage.info.plan.subject);
    if let Some((share, _)) = run.stage_progress() {
        text.push_str(&format!(
            ", {:.0} percent done",
            (4.0 * share).floor() * 25.0
        ));
    }
    if let Some(probe) = stage.probes.last() {
        let accuracy = (10.0 * probe.knn_top1).round() * 10.0;
        text.push_str(&format!(
            ", about {accuracy:.0} percent of nearest neighbours right"
        ));
    }
    text + "."
}

fn finished(run: &Run) -> String {
    let results = run.history.results.iter();
    let rows: Vec<String> = results
        .map(|row| {
            format!(
                "{}: {:.1} percent",
                row.subject,
                100.0 * row.linear.top1.value
            )
        })
        .collect();
    if rows.is_empty() {
        return "Finished.".to_owned();
    }
    format!("Finished. Test accuracy of {}.", rows.join("; "))
}
