//! Calibration against closed forms and a naive second opinion.

use proptest::prelude::*;
use supcon_math::calibration::{
    expected_calibration_error, negative_log_likelihood, reliability, softmax,
};

/// Σ over bins, each gathered by looking at every prediction.
fn naive_error(predictions: &[(f64, bool)], bins: usize) -> f64 {
    let mut error = 0.0;
    for bin in 0..bins {
        let (low, high) = (bin as f64 / bins as f64, (bin + 1) as f64 / bins as f64);
        let inside: Vec<&(f64, bool)> = predictions
            .iter()
            .filter(|(p, _)| (*p > low || bin == 0) && *p <= high)
            .collect();
        if inside.is_empty() {
            continue;
        }
        let n = inside.len() as f64;
        let accuracy = inside.iter().filter(|(_, right)| *right).count() as f64 / n;
        let confidence = inside.iter().map(|(p, _)| p).sum::<f64>() / n;
        error += n / predictions.len() as f64 * (accuracy - confidence).abs();
    }
    error
}

#[test]
fn always_certain_errs_by_its_error_rate() {
    let predictions = (0..10).map(|i| (1.0, i < 7));
    let diagram = reliability(predictions, 15);
    assert_eq!(diagram[14].count, 10);
    assert!((expected_calibration_error(&diagram) - 0.3).abs() < 1e-12);
}

#[test]
fn probabilities_that_hold_have_no_error() {
    // Of ten predictions at 0.8, eight are right; of four at 0.25, one.
    let at = |p: f64, n: usize, right: usize| (0..n).map(move |i| (p, i < right));
    let diagram = reliability(at(0.8, 10, 8).chain(at(0.25, 4, 1)), 15);
    assert!(expected_calibration_error(&diagram) < 1e-12);
}

#[test]
fn edges_belong_to_the_lower_bin() {
    let diagram = reliability(
        [(0.0, true), (0.2, true), (0.2 + 1e-9, true), (1.0, true)],
        5,
    );
    let counts: Vec<usize> = diagram.iter().map(|bin| bin.count).collect();
    assert_eq!(counts, [2, 1, 0, 0, 1]);
}

#[test]
fn nothing_predicted_is_no_error() {
    assert_eq!(expected_calibration_error(&reliability([], 15)), 0.0);
    assert!(reliability([(0.5, true)], 0).is_empty());
}

#[test]
fn equal_logits_share_and_cost_ln_k() {
    let p = softmax(&[3.0; 4]);
    assert!(p.iter().all(|p| (p - 0.25).abs() < 1e-15));
    assert!((negative_log_likelihood(&[3.0; 4], 2) - 4_f64.ln()).abs() < 1e-12);
}

#[test]
fn hopeless_logits_cost_their_distance_and_stay_finite() {
    // The probability of the right class is e^{−2000}, which is 0 in f64.
    assert_eq!(softmax(&[1000.0, -1000.0])[1], 0.0);
    assert!((negative_log_likelihood(&[1000.0, -1000.0], 1) - 2000.0).abs() < 1e-9);
}

proptest! {
    #[test]
    fn as_a_naive_count_has_it(
        predictions in prop::collection::vec((0.001..1.0_f64, any::<bool>()), 1..200),
        bins in 1..30_usize,
    ) {
        let found = expected_calibration_error(&reliability(predictions.iter().copied(), bins));
        prop_assert!((found - naive_error(&predictions, bins)).abs() < 1e-9);
        prop_assert!((0.0..=1.0).contains(&found));
    }

    #[test]
    fn likelihood_is_the_softmax_at_the_label(logits in prop::collection::vec(-20.0..20.0_f32, 1..12)) {
        for label in 0..logits.len() {
            let expected = -softmax(&logits)[label].ln();
            prop_assert!((negative_log_likelihood(&logits, label) - expected).abs() < 1e-9);
        }
    }
}
