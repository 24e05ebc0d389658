use super::settings::differing_settings;
use crate::evaluate::{compare_outcomes, paired_seed_test};
use supcon_math::statistics::{mean, standard_deviation};
use supcon_protocol::{
    ClassChange, ComparedCurve, ComparedResult, ComparedRun, CurveKind, DifferenceBetweenRuns,
    MeanOverSeeds, Pairing, ResultRow, RunComparison, RunConfig, RunReport, StageHistory,
    StageKind, Subject,
};

/// Puts runs side by side, each a label and its report, which [`check_report`](super::check_report)
/// has found whole. `resamples` is the number of bootstrap resamples and of random exchanges.
#[must_use]
pub fn compare_runs(reports: &[(String, RunReport)], resamples: usize) -> RunComparison {
    let networks = networks_of(reports);
    let configs: Vec<&RunConfig> = reports.iter().map(|(_, report)| &report.config).collect();
    let curves = reports.iter().enumerate().flat_map(|(run, (_, report))| {
        let stages = report.history.stages.iter();
        stages.flat_map(move |stage| curves_of(run, stage))
    });
    let runs: Vec<ComparedRun> = reports
        .iter()
        .map(|(label, report)| run(label, report))
        .collect();
    RunComparison {
        results: networks.iter().map(result).collect(),
        differences: differences(&runs, &networks, resamples),
        settings: differing_settings(&configs),
        curves: curves.collect(),
        runs,
    }
}

fn run(label: &str, report: &RunReport) -> ComparedRun {
    let (history, info) = (&report.history, report.history.info.as_ref());
    let networks = report.config.seeds.len() * (report.config.methods.len() + 1);
    ComparedRun {
        label: label.to_owned(),
        name: report.config.name.clone(),
        dataset: info.map_or_else(String::new, |info| info.dataset.clone()),
        classes: info.map_or_else(Vec::new, |info| info.classes.clone()),
        test_images: info.map_or(0, |info| info.images[2]),
        test_fingerprint: report.test_fingerprint.clone(),
        data_fingerprint: info.map_or_else(String::new, |info| info.data_fingerprint.clone()),
        seeds: report.config.seeds.clone(),
        version: info.map_or_else(String::new, |info| info.version.clone()),
        device: info.map_or_else(String::new, |info| info.device.clone()),
        duration_secs: report.duration_secs,
        repeat_command: report.repeat_command.clone(),
        warnings: history.warnings.len(),
        is_complete: history.results.len() >= networks,
    }
}

/// One network of one run, all its seeds.
struct Network<'a> {
    run: usize,
    subject: Subject,
    rows: Vec<&'a ResultRow>,
}

fn networks_of(reports: &[(String, RunReport)]) -> Vec<Network<'_>> {
    let mut networks: Vec<Network<'_>> = Vec::new();
    for (run, (_, report)) in reports.iter().enumerate() {
        for row in &report.history.results {
            let same = |n: &&mut Network<'_>| n.run == run && n.subject == row.subject;
            match networks.iter_mut().find(same) {
                Some(network) => network.rows.push(row),
                None => networks.push(Network {
                    run,
                    subject: row.subject,
                    rows: vec![row],
                }),
            }
        }
    }
    networks
}

fn result(network: &Network<'_>) -> ComparedResult {
    let over_seeds = |read: &dyn Fn(&ResultRow) -> f64| {
        let values: Vec<f64> = network.rows.iter().map(|row| read(row)).collect();
        spread(&values)
    };
    // What older versions did not measure; a mean over some seeds beside one over all would mislead.
    let if_measured = |read: &dyn Fn(&ResultRow) -> Option<f64>| {
        let values: Option<Vec<f64>> = network.rows.iter().map(|row| read(row)).collect();
        values.map(|values| spread(&values))
    };
    ComparedResult {
        run: network.run,
        subject: network.subject,
        seeds: network.rows.iter().map(|row| row.seed).collect(),
        linear: over_seeds(&|row| row.linear.top1.value),
        knn: over_seeds(&|row| row.knn.top1.value),
        class_mean: if_measured(&|row| Some(row.class_mean?.top1.value)),
        calibration_error: if_measured(&|row| Some(row.calibration.as_ref()?.expected_error)),
        negative_log_likelihood: if_measured(&|row| {
            Some(row.calibration.as_ref()?.negative_log_likelihood)
        }),
    }
}

/// Of one or more values.
fn spread(values: &[f64]) -> MeanOverSeeds {
    MeanOverSeeds {
        mean: mean(values).unwrap_or_default(),
        standard_deviation: standard_deviation(values),
    }
}

/// Every two runs: the methods they share, or each against each where they share none.
fn differences(
    runs: &[ComparedRun],
    networks: &[Network<'_>],
    resamples: usize,
) -> Vec<DifferenceBetweenRuns> {
    let of = |run: usize| {
        networks
            .iter()
            .filter(move |network| network.run == run && network.subject != Subject::RandomEncoder)
    };
    let mut differences = Vec::new();
    for baseline_run in 0..runs.len() {
        for run in baseline_run + 1..runs.len() {
            let shares = of(run).any(|n| of(baseline_run).any(|b| b.subject == n.subject));
            for network in of(run) {
                for baseline in of(baseline_run) {
                    if shares && network.subject != baseline.subject {
                        continue;
                    }
                    differences.push(DifferenceBetweenRuns {
                        run,
                        subject: network.subject,
                        baseline_run,
                        baseline: baseline.subject,
                        pairing: pairing(
                            &runs[run],
                            network,
                            &runs[baseline_run],
                            baseline,
                            resamples,
                        ),
                    });
                }
            }
        }
    }
    differences
}

fn pairing(
    run: &ComparedRun,
    network: &Network<'_>,
    baseline_run: &ComparedRun,
    baseline: &Network<'_>,
    resamples: usize,
) -> Pairing {
    if let Some(reason) = why_not(run, baseline_run) {
        return Pairing::Impossible(reason);
    }
    let (first, second, seeds) = common_seeds(&network.rows, &baseline.rows);
    let Some(found) = compare_outcomes(&first, &second, resamples) else {
        return Pairing::Impossible(
            "One of the two was not tested on every image, so images cannot be paired.".to_owned(),
        );
    };
    let seed_test = seeds
        .as_ref()
        .and_then(|_| paired_seed_test(&first, &second, resamples));
    Pairing::SameImages {
        difference: found.difference,
        image_test: found.image_test,
        seed_test,
        seeds,
        classes: class_changes(&first, &second),
    }
}

/// Why two runs cannot be compared image by image, if they cannot.
fn why_not(run: &ComparedRun, baseline: &ComparedRun) -> Option<String> {
    // Older versions have told only all images of a run apart, not those of the test.
    let [own, other] = if run.test_fingerprint.is_empty() || baseline.test_fingerprint.is_empty() {
        [&run.data_fingerprint, &baseline.data_fingerprint]
    } else {
        [&run.test_fingerprint, &baseline.test_fingerprint]
    };
    if own.is_empty() || other.is_empty() {
        return Some("One of the reports does not say which images it was tested on.".to_owned());
    }
    if own == other {
        return None;
    }
    if run.classes != baseline.classes {
        return Some(format!(
            "Different data sets: {} with {} classes and {} with {}. Accuracies on different tasks cannot be subtracted.",
            run.dataset,
            run.classes.len(),
            baseline.dataset,
            baseline.classes.len()
        ));
    }
    Some(format!(
        "The test images are not the same ({} and {}; fingerprints {} and {}), so a difference would mix networks with images. Use the same data, data.seed and data.test_fraction.",
        run.test_images, baseline.test_images, own, other
    ))
}

type Rows<'a> = Vec<&'a ResultRow>;

/// The rows of the seeds that both have, in the same order; all rows where they share none.
fn common_seeds<'a>(
    first: &[&'a ResultRow],
    second: &[&'a ResultRow],
) -> (Rows<'a>, Rows<'a>, Option<Vec<u64>>) {
    let pairs: Vec<(&ResultRow, &ResultRow)> = first
        .iter()
        .filter_map(|row| Some((*row, *second.iter().find(|other| other.seed == row.seed)?)))
        .collect();
    if pairs.is_empty() {
        return (first.to_vec(), second.to_vec(), None);
    }
    let seeds = pairs.iter().map(|(row, _)| row.seed).collect();
    let (first, second) = pairs.into_iter().unzip();
    (first, second, Some(seeds))
}

/// Classes by the size of their change, largest first; equal ones in the order of the classes.
fn class_changes(first: &[&ResultRow], second: &[&ResultRow]) -> Vec<ClassChange> {
    let recalls = |rows: &[&ResultRow], class: usize| {
        let values: Vec<f64> = rows
            .iter()
            .filter_map(|row| row.confusion.recalls().get(class).copied().flatten())
            .collect();
        mean(&values)
    };
    let classes = first.first().map_or(0, |row| row.confusion.counts.len());
    let change = |class| {
        Some(ClassChange {
            class,
            subject: recalls(first, class)?,
            baseline: recalls(second, class)?,
        })
    };
    let mut changes: Vec<ClassChange> = (0..classes).filter_map(change).collect();
    let size = |change: &ClassChange| (change.subject - change.baseline).abs();
    changes.sort_by(|a, b| size(b).total_cmp(&size(a)));
    changes
}

fn curves_of(run: usize, stage: &StageHistory) -> Vec<ComparedCurve> {
    let plan = &stage.info.plan;
    let curve = |kind, points: Vec<(u64, f64)>, landmarks| ComparedCurve {
        run,
        subject: plan.subject,
        seed: plan.seed,
        kind,
        points,
        landmarks,
    };
    let losses = || {
        stage
            .steps
            .iter()
            .map(|step| (step.step, step.loss))
            .collect()
    };
    let loss = match plan.kind {
        StageKind::Contrastive => Some(curve(
            CurveKind::ContrastiveLoss,
            losses(),
            stage.info.landmarks,
        )),
        StageKind::CrossEntropy => Some(curve(CurveKind::CrossEntropyLoss, losses(), None)),
        // The classifier on top is in the table.
        StageKind::Linear => None,
    };
    let probes: Vec<(u64, f64)> = stage.probes.iter().map(|p| (p.step, p.knn_top1)).collect();
    let probe = (!probes.is_empty()).then(|| curve(CurveKind::KnnProbe, probes, None));
    loss.into_iter().chain(probe).collect()
}
