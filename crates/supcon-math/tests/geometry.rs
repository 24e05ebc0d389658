//! Alignment and uniformity against closed forms and the definitions on points.

use supcon_math::geometry::{Alignment, Uniformity};
use supcon_math::statistics::SplitMix64;

fn dot(x: &[f64], y: &[f64]) -> f64 {
    x.iter().zip(y).map(|(a, b)| a * b).sum()
}

fn squared_distance(x: &[f64], y: &[f64]) -> f64 {
    x.iter().zip(y).map(|(a, b)| (a - b).powi(2)).sum()
}

/// Unit vectors, the same each time.
fn unit_vectors(n: usize, dim: usize) -> Vec<Vec<f64>> {
    let mut random = SplitMix64::new(4);
    let mut next = || random.next_u64() as f64 / u64::MAX as f64 - 0.5;
    (0..n)
        .map(|_| {
            let x: Vec<f64> = (0..dim).map(|_| next()).collect();
            let length = dot(&x, &x).sqrt();
            x.iter().map(|v| v / length).collect()
        })
        .collect()
}

#[test]
fn as_the_definitions_on_points() {
    let points = unit_vectors(30, 7);
    let (mut alignment, mut uniformity) = (Alignment::default(), Uniformity::default());
    let (mut distances, mut potentials, mut pairs) = (0.0, 0.0, 0.0);
    for (i, x) in points.iter().enumerate() {
        for y in &points[i + 1..] {
            alignment.add(dot(x, y));
            uniformity.add(dot(x, y));
            distances += squared_distance(x, y);
            potentials += (-2.0 * squared_distance(x, y)).exp();
            pairs += 1.0;
        }
    }
    assert!((alignment.value().unwrap() - distances / pairs).abs() < 1e-12);
    assert!((uniformity.value().unwrap() - f64::ln(potentials / pairs)).abs() < 1e-12);
}

#[test]
fn a_single_point_is_aligned_and_not_uniform() {
    let (mut alignment, mut uniformity) = (Alignment::default(), Uniformity::default());
    for _ in 0..5 {
        alignment.add(1.0);
        uniformity.add(1.0);
    }
    assert_eq!(alignment.value(), Some(0.0));
    assert_eq!(uniformity.value(), Some(0.0));
}

#[test]
fn the_vertices_of_a_cross() {
    // ±e_k in 3 dimensions: of 15 pairs 3 are opposite (‖·‖² = 4) and 12 orthogonal (2).
    let mut uniformity = Uniformity::default();
    (0..3).for_each(|_| uniformity.add(-1.0));
    (0..12).for_each(|_| uniformity.add(0.0));
    let expected = ((3.0 * (-8_f64).exp() + 12.0 * (-4_f64).exp()) / 15.0).ln();
    assert!((uniformity.value().unwrap() - expected).abs() < 1e-12);
}

#[test]
fn nothing_has_no_value() {
    assert_eq!(Alignment::default().value(), None);
    assert_eq!(Uniformity::default().value(), None);
}
