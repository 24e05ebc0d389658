//! What a run says of itself at its end, and several runs side by side.

use super::{Run, small_config};
use supcon_protocol::{
    EmbeddingSpace, Event, Length, Method, Pairing, RunConfig, RunReport, Subject,
};
use supcon_train::{check_report, compare_runs, comparison_page, report_page};

fn report_of(config: &RunConfig) -> RunReport {
    let run = Run::to_the_end(config);
    serde_json::from_slice(&run.files.0["report.json"]).expect("a report")
}

fn quick_config() -> RunConfig {
    let mut config = small_config();
    config.contrastive.length = Length::Steps(6);
    config.cross_entropy.length = Length::Steps(6);
    config.evaluation.probe_every = 0;
    config
}

#[test]
fn every_network_is_measured_beyond_accuracy() {
    let report = report_of(&quick_config());
    assert_eq!(check_report(&report), Ok(()));
    for row in &report.history.results {
        let name = row.subject;
        let calibration = row.calibration.as_ref().expect("calibrated");
        let counted: usize = calibration.bins.iter().map(|bin| bin.count).sum();
        assert_eq!(
            (counted, calibration.bins.len()),
            (row.images, 15),
            "{name}"
        );
        // The bins hold every image once, and the images that are right are those of the table.
        let right: f64 = calibration
            .bins
            .iter()
            .map(|bin| bin.accuracy * bin.count as f64)
            .sum();
        let share = right / row.images as f64;
        assert!(
            (share - row.linear.top1.value).abs() < 1e-9,
            "{name}: {share}"
        );
        assert!((0.0..=1.0).contains(&calibration.expected_error), "{name}");
        assert!(calibration.negative_log_likelihood.is_finite());
        assert!(
            row.class_mean
                .is_some_and(|mean| mean.top1.value <= mean.top5.value)
        );
        let spaces: Vec<EmbeddingSpace> = row.geometry.iter().map(|g| g.space).collect();
        let has_head = matches!(name, Subject::Trained(method) if method.is_contrastive());
        assert_eq!(spaces.contains(&EmbeddingSpace::Z), has_head, "{name}");
        for geometry in &row.geometry {
            assert_eq!(geometry.images, 100);
            let pairs = geometry.same_class.total() + geometry.other_class.total();
            assert_eq!(
                (pairs, geometry.own_view.total()),
                (100 * 99 / 2, 100),
                "{name}"
            );
            assert!((-8.0..=0.0).contains(&geometry.uniformity), "{name}");
            assert!((0.0..=4.0).contains(&geometry.view_alignment), "{name}");
        }
    }
    let methods: Vec<&str> = report.maps.iter().map(|map| map.method.as_str()).collect();
    let features = ["t-SNE of the features", "PCA of the features"];
    let all = ["t-SNE of the features", "t-SNE of z", "PCA of the features"];
    assert_eq!(methods, [features.as_slice(), &all, &features].concat());
    let inside = |x: &f32| (-1.0..=1.0).contains(x);
    for map in &report.maps {
        assert!(
            map.points.as_flattened().iter().all(inside),
            "{}",
            map.method
        );
    }
}

#[test]
fn a_random_encoder_has_statistics_of_its_data() {
    let mut config = quick_config();
    config.methods = vec![Method::CrossEntropy];
    let report = report_of(&config);
    let random = &report.history.results[0];
    assert_eq!(random.subject, Subject::RandomEncoder);
    // With mean 0 and variance 1 assumed throughout, the features of all images nearly coincide.
    let spread = random.geometry[0].other_class.mean.expect("pairs");
    assert!(spread < 0.99, "all images look alike: {spread}");
}

#[test]
fn logs_and_reports_of_older_versions_still_read() {
    let run = Run::to_the_end(&quick_config());
    let mut log = String::new();
    for line in String::from_utf8_lossy(&run.files.0["events.jsonl"]).lines() {
        let mut value: serde_json::Value = serde_json::from_str(line).expect("JSON");
        if let Some(row) = value.pointer_mut("/msg/evaluated") {
            let row = row.as_object_mut().expect("fields");
            for newer in ["class_mean", "calibration", "geometry"] {
                assert!(row.remove(newer).is_some(), "{newer}");
            }
        }
        log += &(value.to_string() + "\n");
    }
    let events = supcon_train::parse_events(&log).expect("readable");
    let rows = events.iter().filter_map(|event| match &event.msg {
        Event::Evaluated(row) => Some(row),
        _ => None,
    });
    assert!(rows.clone().count() == 3);
    assert!(
        rows.clone()
            .all(|row| row.calibration.is_none() && row.geometry.is_empty())
    );
    let mut report: serde_json::Value =
        serde_json::from_slice(&run.files.0["report.json"]).expect("JSON");
    report
        .as_object_mut()
        .expect("fields")
        .remove("test_fingerprint");
    for map in report["maps"].as_array_mut().expect("maps") {
        map.as_object_mut()
            .expect("fields")
            .remove("trustworthiness");
        map["explained_variance"] = 0.5.into();
    }
    let report: RunReport = serde_json::from_value(report).expect("an older report");
    assert_eq!(report.maps[0].explained_variance, Some(0.5));
    assert!(report_page(&report).contains("report-data"));
}

#[test]
fn runs_on_the_same_images_are_compared_image_by_image() {
    let first = quick_config();
    let mut second = quick_config();
    second.contrastive.temperature = 0.3;
    second.seeds = vec![0, 1];
    let named = |name: &str, config: &RunConfig| (name.to_owned(), report_of(config));
    let reports = [named("first", &first), named("second", &second)];
    let comparison = compare_runs(&reports, 500);
    let keys: Vec<&str> = comparison.settings.iter().map(|s| s.key.as_str()).collect();
    assert_eq!(keys, ["contrastive.temperature", "seeds"]);
    assert_eq!(comparison.differences.len(), 2, "SupCon and cross-entropy");
    let Pairing::SameImages {
        difference,
        image_test,
        seed_test,
        seeds,
        classes,
    } = &comparison.differences[0].pairing
    else {
        panic!("{:?}", comparison.differences[0]);
    };
    // Of the seed they share, counted by hand.
    assert_eq!(seeds.as_deref(), Some([0].as_slice()));
    let [a, b] = [&reports[1].1, &reports[0].1].map(|report| {
        let supcon = Subject::Trained(Method::Supcon);
        let mut rows = report.history.results.iter();
        rows.find(|row| row.subject == supcon && row.seed == 0)
            .expect("evaluated")
    });
    let expected = a.linear.top1.value - b.linear.top1.value;
    assert!((difference.value - expected).abs() < 1e-12);
    let discordant = a
        .outcomes
        .bytes()
        .zip(b.outcomes.bytes())
        .filter(|(x, y)| x != y);
    assert_eq!(image_test.pairs, discordant.count());
    assert!(seed_test.is_none(), "one seed cannot be tested");
    let sizes: Vec<f64> = classes
        .iter()
        .map(|c| (c.subject - c.baseline).abs())
        .collect();
    assert!(
        sizes.is_sorted_by(|x, y| x >= y) && sizes.len() == 10,
        "{sizes:?}"
    );
    // Cross-entropy does not know the temperature: the same bits, so no difference at all.
    let Pairing::SameImages {
        difference,
        image_test,
        ..
    } = &comparison.differences[1].pairing
    else {
        panic!("{:?}", comparison.differences[1]);
    };
    assert_eq!((difference.value, image_test.p_value), (0.0, 1.0));
    let spread = comparison
        .results
        .iter()
        .find(|r| r.run == 1)
        .expect("a result");
    assert!(spread.linear.standard_deviation.is_some() && spread.seeds == [0, 1]);
    let page = comparison_page(&comparison);
    assert!(page.contains("report-data") && !page.contains("__DATA__"));
}

#[test]
fn runs_on_other_images_are_told_apart_and_not_subtracted() {
    let first = report_of(&quick_config());
    let mut other = quick_config();
    other.data.seed += 1;
    let other = report_of(&other);
    let mut elsewhere = first.clone();
    let info = elsewhere.history.info.as_mut().expect("started");
    info.dataset = "letters".to_owned();
    info.classes[0] = "a".to_owned();
    elsewhere.test_fingerprint = "0".to_owned();
    let mut unknown = first.clone();
    unknown.test_fingerprint.clear();
    if let Some(info) = &mut unknown.history.info {
        info.data_fingerprint.clear();
    }
    let why = |second: RunReport| {
        let reports = [("a".to_owned(), first.clone()), ("b".to_owned(), second)];
        match compare_runs(&reports, 50)
            .differences
            .swap_remove(0)
            .pairing
        {
            Pairing::Impossible(reason) => reason,
            Pairing::SameImages { .. } => panic!("subtracted"),
        }
    };
    assert!(why(other).contains("test images are not the same"));
    assert!(why(elsewhere).contains("Different data sets: letters with 10 classes and shapes"));
    assert!(why(unknown).contains("does not say which images"));
}

#[test]
fn runs_that_share_no_method_are_compared_across() {
    let mut first = quick_config();
    first.methods = vec![Method::Supcon];
    let mut second = quick_config();
    second.methods = vec![Method::CrossEntropy];
    let reports = [&first, &second].map(|c| (c.methods[0].to_string(), report_of(c)));
    let comparison = compare_runs(&reports, 50);
    assert_eq!(comparison.differences.len(), 1);
    let only = &comparison.differences[0];
    let subjects = (only.subject, only.baseline);
    let expected = (Method::CrossEntropy, Method::Supcon);
    assert_eq!(
        subjects,
        (Subject::Trained(expected.0), Subject::Trained(expected.1))
    );
}

#[test]
fn a_report_whose_parts_do_not_fit_is_refused() {
    let report = report_of(&quick_config());
    let mut short = report.clone();
    short.history.results[1].outcomes.pop();
    let reason = check_report(&short).expect_err("one outcome is missing");
    assert!(
        reason.contains("SupCon (seed 0) have 99 outcomes for 100 test images"),
        "{reason}"
    );
    let mut square = report;
    square.history.results[0].confusion.counts[3].push(1);
    assert!(
        check_report(&square)
            .expect_err("not square")
            .contains("not 10 × 10")
    );
}
