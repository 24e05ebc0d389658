use supcon_protocol::{ResultRow, RunReport};

/// Whether the parts of a report that came from a file fit together, so that what reads it need not
/// ask again.
///
/// # Errors
/// What does not fit, in one sentence.
pub fn check_report(report: &RunReport) -> Result<(), String> {
    let classes = report
        .history
        .info
        .as_ref()
        .map_or(0, |info| info.classes.len());
    report
        .history
        .results
        .iter()
        .try_for_each(|row| check_row(row, classes))
}

fn check_row(row: &ResultRow, classes: usize) -> Result<(), String> {
    let fail = |what: String| {
        Err(format!(
            "the results of {} (seed {}) {what}",
            row.subject, row.seed
        ))
    };
    if row.outcomes.len() != row.images || row.outcomes.bytes().any(|c| c != b'0' && c != b'1') {
        return fail(format!(
            "have {} outcomes for {} test images, which should be as many zeros and ones",
            row.outcomes.len(),
            row.images
        ));
    }
    let counts = &row.confusion.counts;
    if counts.len() != classes || counts.iter().any(|line| line.len() != classes) {
        return fail(format!(
            "have a confusion matrix that is not {classes} × {classes}"
        ));
    }
    Ok(())
}
