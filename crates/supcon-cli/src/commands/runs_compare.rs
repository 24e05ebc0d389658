use crate::arguments::RunsCompareOptions;
use crate::exit::Outcome;
use crate::{output, table};
use anyhow::bail;
use serde_json::{Value, json};
use supcon_protocol::{Interval, ResultRow, RunHistory, Subject};
use supcon_train::{SavedRun, difference_between_runs};

/// A run with its results.
struct Compared {
    name: String,
    history: RunHistory,
    resamples: usize,
}

/// A network of a later run against one of the first.
struct Difference<'a> {
    run: &'a str,
    subject: Subject,
    baseline: Subject,
    /// `None` where the test images are not the same.
    interval: Option<Interval>,
}

/// Results of runs side by side, and how sure the differences are.
pub fn runs_compare(options: &RunsCompareOptions) -> anyhow::Result<Outcome> {
    let mut runs = Vec::new();
    for path in &options.runs {
        let run = SavedRun::at(path)?;
        let history = run.history()?;
        if subjects(&history.results).is_empty() {
            bail!(
                "{} has no results yet: `supcon resume {0}` goes on with it",
                path.display()
            );
        }
        runs.push(Compared {
            name: path.display().to_string(),
            history,
            resamples: run.plan().config().evaluation.bootstrap_resamples,
        });
    }
    let differences: Vec<Difference> = runs[1..]
        .iter()
        .flat_map(|run| differences(run, &runs[0]))
        .collect();
    if options.output.json {
        output::json(&json!({
            "baseline": runs[0].name,
            "runs": runs.iter().map(run_json).collect::<Vec<_>>(),
            "differences": differences.iter().map(difference_json).collect::<Vec<_>>(),
        }))?;
    } else {
        for run in &runs {
            output::text(&format!(
                "{}\n{}\n",
                run.name,
                table::results(&run.history.results)
            ));
        }
        output::line("linear top-1, on the same test images (95 % intervals over the images):");
        for difference in &differences {
            output::line(&sentence(difference, &runs[0].name));
        }
    }
    Ok(Outcome::Done)
}

/// Trained networks in the order of the results.
fn subjects(results: &[ResultRow]) -> Vec<Subject> {
    let mut subjects = Vec::new();
    for row in results {
        if row.subject != Subject::RandomEncoder && !subjects.contains(&row.subject) {
            subjects.push(row.subject);
        }
    }
    subjects
}

/// Each method against the same method of the baseline, or its first one where it lacks that.
fn differences<'a>(run: &'a Compared, baseline: &Compared) -> Vec<Difference<'a>> {
    let data = |run: &Compared| {
        run.history
            .info
            .as_ref()
            .map(|i| i.data_fingerprint.clone())
    };
    let same_images = data(run) == data(baseline);
    let known = subjects(&baseline.history.results);
    let difference = |subject: Subject| {
        let other = known.iter().find(|other| **other == subject);
        let other = *other.or(known.first())?;
        let ours = (run.history.results.as_slice(), subject);
        let theirs = (baseline.history.results.as_slice(), other);
        let interval = difference_between_runs(ours, theirs, run.resamples);
        Some(Difference {
            run: &run.name,
            subject,
            baseline: other,
            interval: interval.filter(|_| same_images),
        })
    };
    let subjects = subjects(&run.history.results);
    subjects.into_iter().filter_map(difference).collect()
}

fn sentence(difference: &Difference, baseline: &str) -> String {
    let Difference {
        run,
        subject,
        baseline: other,
        interval,
    } = difference;
    let pair = format!("{subject} in {run} − {other} in {baseline}");
    match interval {
        None => format!("{pair}: the runs have other images, so nothing can be paired"),
        Some(interval) => format!("{pair}: {}", table::difference(interval)),
    }
}

fn run_json(run: &Compared) -> Value {
    let results = run.history.results.iter().map(|row| {
        json!({
            "network": row.subject.to_string(),
            "seed": row.seed,
            "linear": row.linear,
            "knn": row.knn,
            "images": row.images,
        })
    });
    json!({ "run": run.name, "results": results.collect::<Vec<_>>() })
}

fn difference_json(difference: &Difference) -> Value {
    json!({
        "run": difference.run,
        "network": difference.subject.to_string(),
        "baseline_network": difference.baseline.to_string(),
        "difference": difference.interval,
    })
}
