//! Resampling against closed forms.

use supcon_math::statistics::{
    Bootstrap, SplitMix64, mean, median, paired_permutation_test, standard_deviation,
};

use crate::support::assert_close;

#[test]
fn the_generator_gives_the_published_stream() {
    let mut generator = SplitMix64::new(1_234_567);
    assert_eq!(generator.next_u64(), 6_457_827_717_110_365_317);
    assert_eq!(generator.next_u64(), 3_203_168_211_198_807_973);
    assert_eq!(SplitMix64::new(0).next_u64(), 0xe220_a839_7b1d_cdaf);
}

#[test]
fn moments_and_median() {
    assert_eq!(
        (mean(&[]), standard_deviation(&[1.0]), median(&[])),
        (None, None, None)
    );
    let values = [2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0];
    assert_eq!(mean(&values), Some(5.0));
    assert_close(
        standard_deviation(&values).expect("eight values"),
        (32.0_f64 / 7.0).sqrt(),
        1e-14,
    );
    assert_eq!(median(&[3.0, -1.0, 2.0]), Some(2.0));
    assert_eq!(median(&[3.0, -1.0, 2.0, 10.0]), Some(2.5));
    assert!(median(&[1.0, f64::NAN]).expect("two values").is_nan());
}

fn outcomes(n: usize, correct: usize) -> Vec<bool> {
    (0..n).map(|item| item < correct).collect()
}

#[test]
fn an_accuracy_interval_is_the_binomial_one() {
    let interval = Bootstrap::default()
        .mean_interval(&outcomes(1000, 700))
        .expect("outcomes");
    let half = 1.96 * (0.7_f64 * 0.3 / 1000.0).sqrt();
    assert_close(interval.low, 0.7 - half, 0.002);
    assert_close(interval.high, 0.7 + half, 0.002);
}

#[test]
fn a_wider_level_gives_a_wider_interval() {
    let narrow = Bootstrap {
        level: 0.5,
        ..Bootstrap::default()
    };
    let wide = Bootstrap {
        level: 0.99,
        ..Bootstrap::default()
    };
    let items = outcomes(200, 120);
    let width = |bootstrap: Bootstrap| {
        let interval = bootstrap.mean_interval(&items).expect("outcomes");
        interval.high - interval.low
    };
    // Quantiles of the normal distribution: 0.6745 and 2.5758.
    assert_close(width(wide) / width(narrow), 2.5758 / 0.6745, 0.35);
}

#[test]
fn pairing_removes_what_both_share() {
    // 600 of 1000 right for both, 30 right only for the first, 10 only for the second.
    let first: Vec<bool> = (0..1000).map(|item| item < 630).collect();
    let second: Vec<bool> = (0..1000)
        .map(|item| item < 600 || (990..1000).contains(&item))
        .collect();
    let interval = Bootstrap::default()
        .paired_difference_interval(&first, &second)
        .expect("items");
    let half = 1.96 * ((0.04_f64 - 0.02 * 0.02) / 1000.0).sqrt();
    assert_close(interval.low, 0.02 - half, 0.0015);
    assert_close(interval.high, 0.02 + half, 0.0015);
}

#[test]
fn intervals_of_certain_or_missing_outcomes() {
    let bootstrap = Bootstrap::default();
    assert_eq!(bootstrap.mean_interval(&[]), None);
    assert_eq!(
        Bootstrap {
            resamples: 0,
            ..bootstrap
        }
        .mean_interval(&[true]),
        None
    );
    let certain = bootstrap.mean_interval(&[true; 50]).expect("outcomes");
    assert_eq!((certain.low, certain.high), (1.0, 1.0));
    assert_eq!(
        bootstrap.mean_interval(&outcomes(9, 4)),
        bootstrap.mean_interval(&outcomes(9, 4))
    );
}

#[test]
fn few_pairs_are_counted_exactly() {
    let test = paired_permutation_test(&[1.0, 2.0, 3.0, 4.0, 5.0], &[0.0; 5], 0, 0).expect("pairs");
    assert!(test.exact);
    assert_eq!((test.p_value, test.mean_difference), (2.0 / 32.0, 3.0));
    // Sums of ±1±2±3 at least as large as |1 + 2 − 3| = 0: all of them.
    let test = paired_permutation_test(&[1.0, 2.0, 0.0], &[0.0, 0.0, 3.0], 0, 0).expect("pairs");
    assert_eq!(test.p_value, 1.0);
    // |1 − 2 + 3| = 2 or more: ±6, ±4 and ±2; only the two zero sums are smaller.
    let test = paired_permutation_test(&[1.0, 0.0, 3.0], &[0.0, 2.0, 0.0], 0, 0).expect("pairs");
    assert_eq!(test.p_value, 6.0 / 8.0);
}

#[test]
fn equal_sums_count_despite_rounding() {
    let first = [0.1, 0.2, 0.3];
    let reordered = [0.3, 0.1, 0.2];
    for values in [first, reordered] {
        let test = paired_permutation_test(&values, &[0.0; 3], 0, 0).expect("pairs");
        assert_eq!(test.p_value, 2.0 / 8.0);
    }
    assert_eq!(
        paired_permutation_test(&[0.5; 4], &[0.5; 4], 0, 0)
            .expect("pairs")
            .p_value,
        1.0
    );
}

#[test]
fn many_pairs_are_sampled() {
    // 40 differences of ±1, 26 of them +1: the exact test is a binomial tail.
    let first: Vec<f64> = (0..40)
        .map(|item| if item < 26 { 1.0 } else { -1.0 })
        .collect();
    let test = paired_permutation_test(&first, &[0.0; 40], 40_000, 1).expect("pairs");
    assert!(!test.exact);
    let mut choose = 1.0;
    let mut tail = 0.0;
    for k in 0..=14_u32 {
        tail += choose;
        choose *= f64::from(40 - k) / f64::from(k + 1);
    }
    assert_close(test.p_value, 2.0 * tail / 2_f64.powi(40), 0.006);
}

#[test]
fn sampled_p_values_are_never_zero() {
    let test = paired_permutation_test(&[1.0; 60], &[0.0; 60], 999, 2).expect("pairs");
    assert_eq!(test.p_value, 1.0 / 1000.0);
    assert_eq!(paired_permutation_test(&[], &[], 10, 0), None);
    let poisoned = paired_permutation_test(&[f64::NAN, 1.0], &[0.0; 2], 10, 0).expect("pairs");
    assert!(poisoned.p_value.is_nan() && poisoned.mean_difference.is_nan());
}
