//! Closed forms against losses of batches built to reach them.

use proptest::prelude::*;
use supcon_math::landmarks::{
    chance, is_collapsed, mutual_information_bound, mutual_information_cap, nt_xent_floor,
    progress, simplex_floor,
};
use supcon_math::{Objective, loss};

use crate::support::{Embeddings, GOLDEN_LABELS, assert_close, normalize, random_batch};

/// Rows at the vertices of a regular simplex of `k` points; row r sits at vertex r mod k.
fn simplex(k: usize, n_images: usize, n_views: usize) -> Embeddings {
    let n_rows = n_images * n_views;
    let vertex = |row: usize| row % n_images % k;
    let mut z: Vec<f64> = (0..n_rows * k)
        .map(|i| f64::from(vertex(i / k) == i % k) - 1.0 / k as f64)
        .collect();
    normalize(&mut z, k);
    Embeddings {
        z,
        dim: k,
        labels: (0..n_rows).map(|row| vertex(row) as u32).collect(),
        instances: (0..n_rows).map(|row| (row % n_images) as u32).collect(),
    }
}

#[test]
fn collapse_is_at_chance() {
    let labels = GOLDEN_LABELS.to_vec();
    let rows = Embeddings {
        z: [1.0, 0.0, 0.0].repeat(8),
        dim: 3,
        labels,
        instances: (0..8).map(|row| row % 4).collect(),
    };
    for objective in [
        Objective::supcon(0.1),
        Objective::supcon_in(0.1),
        Objective::nt_xent(0.5),
    ] {
        let value = loss(&objective, &rows.anchors(), None).loss;
        assert_close(value, chance(8), 1e-14);
        assert!(is_collapsed(value, 8, 1.0, 3));
    }
}

#[test]
fn the_simplex_is_at_the_floor() {
    let rows = simplex(4, 8, 2);
    for temperature in [0.07, 0.1, 0.5] {
        let floor = simplex_floor(16, 4, temperature);
        for objective in [
            Objective::supcon(temperature),
            Objective::supcon_in(temperature),
        ] {
            assert_close(loss(&objective, &rows.anchors(), None).loss, floor, 1e-13);
        }
    }
    assert_close(simplex_floor(16, 4, 0.1), 1.0986187670342942, 1e-14);
}

#[test]
fn the_simplex_of_images_is_at_the_self_supervised_floor() {
    for (n_images, n_views) in [(5, 2), (4, 3)] {
        let rows = simplex(n_images, n_images, n_views);
        let value = loss(&Objective::nt_xent(0.5), &rows.anchors(), None).loss;
        assert_close(
            value,
            nt_xent_floor(n_images * n_views, n_views, 0.5),
            1e-13,
        );
    }
}

#[test]
fn published_landmarks() {
    // methods.md §2.5 rule 4, M = 2N
    assert_close(chance(2048), 7.624, 5e-4);
    assert_close(simplex_floor(2048, 10, 0.1), 5.317, 5e-4);
    assert_close(simplex_floor(2048, 100, 0.1), 2.974, 5e-4);
    assert_close(chance(512), 6.236, 5e-4);
    assert_close(simplex_floor(512, 10, 0.1), 3.916, 5e-4);
    // "stuck at 6.920" (SupContrast issue 42): batch 64, scaled by 0.1/0.07
    assert_close(chance(128) * 0.1 / 0.07, 6.920, 5e-4);
}

#[test]
fn degenerate_landmarks_are_finite() {
    assert_eq!((chance(0), chance(1), chance(2)), (0.0, 0.0, 0.0));
    assert_eq!(simplex_floor(1, 3, 0.1), 0.0);
    assert_close(simplex_floor(8, 1, 0.1), chance(8), 0.0);
    assert_close(simplex_floor(8, 1000, 0.1), simplex_floor(8, 4, 0.1), 0.0);
    assert_eq!(progress(1.0, 2.0, 2.0), 0.0);
}

#[test]
fn progress_runs_from_chance_to_floor() {
    assert_eq!(progress(4.0, 4.0, 2.0), 0.0);
    assert_eq!(progress(2.0, 4.0, 2.0), 1.0);
    assert!(progress(5.0, 4.0, 2.0) < 0.0);
    assert!(progress(f64::NAN, 4.0, 2.0).is_nan() && progress(f64::NAN, 2.0, 2.0).is_nan());
}

#[test]
fn mutual_information_is_capped() {
    assert_close(mutual_information_cap(255), 5.54, 5e-3);
    assert_close(mutual_information_bound(1.0, 255), 255_f64.ln() - 1.0, 0.0);
    assert_eq!(
        mutual_information_bound(-0.1, 255),
        mutual_information_cap(255)
    );
    assert!(mutual_information_bound(f64::NAN, 255).is_nan());
}

#[test]
fn collapse_also_shows_in_the_spread() {
    let spread = 1.0 / 128_f64.sqrt();
    assert!(!is_collapsed(5.0, 512, spread, 128));
    assert!(is_collapsed(5.0, 512, 0.05 * spread, 128));
    assert!(!is_collapsed(f64::NAN, 512, f64::NAN, 128));
}

proptest! {
    /// Balanced classes cannot go below the floor.
    #[test]
    fn floors_are_lower_bounds(seed: u64, k in 2_usize..5, per_class in 1_usize..4, dim in 2_usize..6) {
        let mut rows = random_batch(seed, k * per_class, 2, dim, 1);
        rows.labels = rows.instances.iter().map(|&image| image % k as u32).collect();
        let n_rows = rows.len();
        for temperature in [0.1, 0.5, 2.0] {
            let floor = simplex_floor(n_rows, k, temperature);
            for objective in [Objective::supcon(temperature), Objective::supcon_in(temperature)] {
                prop_assert!(loss(&objective, &rows.anchors(), None).loss >= floor - 1e-12);
            }
            let value = loss(&Objective::nt_xent(temperature), &rows.anchors(), None).loss;
            prop_assert!(value >= nt_xent_floor(n_rows, 2, temperature) - 1e-12);
        }
    }
}
