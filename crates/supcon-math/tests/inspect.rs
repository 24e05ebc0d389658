use supcon_math::{Kernel, Objective, Role, gradient, inspect, similarities};

use crate::support::random_batch;

fn f32s(z: &[f64]) -> Vec<f32> {
    z.iter().map(|&x| x as f32).collect()
}

#[test]
fn the_hardest_pairs_come_first_and_are_those_of_pairs() {
    let (n, dim) = (30, 6);
    let rows = random_batch(3, n, 2, dim, 4);
    let z = f32s(&rows.z);
    let labels = &rows.labels[..n];
    for objective in [
        Objective::supcon(0.1),
        Objective::supcon_in(0.1),
        Objective::nt_xent(0.5),
    ] {
        let all = inspect(&objective, Kernel::Dot, &z, dim, labels, 7, usize::MAX);
        assert_eq!(all.positives.len() + all.negatives.len(), 2 * n - 1);
        for pairs in [&all.positives, &all.negatives] {
            assert!(
                pairs
                    .windows(2)
                    .all(|two| two[0].hardness >= two[1].hardness)
            );
        }
        assert!(all.positives.iter().all(|pair| pair.role == Role::Positive));
        let few = inspect(&objective, Kernel::Dot, &z, dim, labels, 7, 3);
        assert_eq!(few.positives[..], all.positives[..few.positives.len()]);
        assert_eq!((few.negatives.len(), few.anchor), (3, 7));
        // P sums to 1, and so does X.
        let both = || all.positives.iter().chain(&all.negatives);
        let (p, x): (f64, f64) = (
            both().map(|pair| pair.probability).sum(),
            both().map(|pair| pair.target).sum(),
        );
        assert!((p - 1.0).abs() < 1e-9 && (x - 1.0).abs() < 1e-9, "{p} {x}");
    }
}

/// The weights of all anchors together are the gradient.
#[test]
fn gradient_weights_add_up_to_the_gradient() {
    let (n, dim) = (8, 3);
    let rows = random_batch(5, n, 2, dim, 3);
    let z = f32s(&rows.z);
    let exact: Vec<f64> = z.iter().map(|&x| f64::from(x)).collect();
    let objective = Objective::supcon_in(0.2);
    let mut sums = vec![0.0; z.len()];
    for anchor in 0..2 * n {
        let found = inspect(
            &objective,
            Kernel::Dot,
            &z,
            dim,
            &rows.labels[..n],
            anchor,
            usize::MAX,
        );
        for pair in found.positives.iter().chain(&found.negatives) {
            for axis in 0..dim {
                let (a, b) = (anchor * dim + axis, pair.column * dim + axis);
                sums[a] += pair.gradient_weight * exact[b];
                sums[b] += pair.gradient_weight * exact[a];
            }
        }
    }
    let anchors = supcon_math::Anchors {
        z: &exact,
        ..rows.anchors()
    };
    for (sum, expected) in sums.iter().zip(gradient(&objective, &anchors, None)) {
        assert!((sum - expected).abs() < 1e-9, "{sum} {expected}");
    }
}

/// On unit rows −‖a − b‖²/(2w²) is (a·b − 1)/w²: the dot product at the temperature τ·w².
#[test]
fn pairs_under_the_gaussian_kernel_are_those_of_the_dot_product_at_another_temperature() {
    let (n, dim, width) = (12, 4, 0.6);
    let rows = random_batch(9, n, 2, dim, 3);
    let z = f32s(&rows.z);
    let labels = &rows.labels[..n];
    let squared: f64 = width * width;
    let gaussian = Kernel::Rbf { width };
    let found = inspect(&Objective::supcon(0.2), gaussian, &z, dim, labels, 3, 5);
    let dot = Objective::supcon(0.2 * squared);
    let expected = inspect(&dot, Kernel::Dot, &z, dim, labels, 3, 5);
    for (pair, other) in found.negatives.iter().zip(&expected.negatives) {
        assert_eq!(pair.column, other.column);
        for (a, b) in [
            (pair.probability, other.probability),
            (pair.target, other.target),
            (pair.gradient_weight, other.gradient_weight * squared),
            (pair.hardness, other.hardness / squared),
        ] {
            assert!((a - b).abs() <= 1e-5 * b.abs().max(1e-3), "{a} {b}");
        }
    }
}

#[test]
fn similarities_are_counted_by_what_the_pair_is() {
    // Views: own ones equal; images 0 and 1 of a class at a right angle; image 2 opposite to 0.
    let one = [1.0, 0.0, 0.0, 1.0, -1.0, 0.0];
    let z = [one, one].concat();
    let found = similarities(&z, 2, &[4, 4, 9], 4);
    assert_eq!(found.own_view, [0, 0, 0, 3]);
    assert_eq!(found.same_class, [0, 0, 1, 0]);
    assert_eq!(found.other_classes, [1, 0, 1, 0]);
    assert_eq!(similarities(&[], 2, &[], 3).own_view, [0; 3]);
}

#[test]
fn similarities_equal_the_naive_sums() {
    let (n, dim) = (40, 19);
    let rows = random_batch(6, n, 2, dim, 5);
    let z = f32s(&rows.z);
    let found = similarities(&z, dim, &rows.labels[..n], 10);
    let mut expected = vec![0; 10];
    for i in 0..n {
        for j in i + 1..n {
            if rows.labels[i] != rows.labels[j] {
                let (a, b) = (&rows.z[i * dim..][..dim], &rows.z[(n + j) * dim..][..dim]);
                let cosine: f64 = a.iter().zip(b).map(|(x, y)| x * y).sum();
                expected[((cosine + 1.0) * 5.0) as usize] += 1;
            }
        }
    }
    assert_eq!(found.other_classes, expected);
}
