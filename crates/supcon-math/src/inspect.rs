//! What a front end shows of watched points: the pairs behind one of them, and how similar pairs are.

use crate::batch::Anchors;
use crate::kernel::Kernel;
use crate::objective::Objective;
use crate::pairs::{Pair, kernel_pairs};
use crate::row::Role;

/// The pairs that move an anchor most.
#[derive(Clone, Debug, PartialEq)]
pub struct Inspection {
    /// The row.
    pub anchor: usize,
    /// Hardest first.
    pub positives: Vec<Pair>,
    /// Hardest first.
    pub negatives: Vec<Pair>,
}

/// The `most` hardest positives and negatives of row `anchor` of `z` `[v·n, dim]` (view-major: row =
/// view·n + image) under an objective and a similarity, as if all rows were one batch. Of equally hard pairs the more
/// similar negative and the less similar positive comes first. `labels` are those of the images, `[n]`.
///
/// # Panics
/// If `z` is not whole views of `labels.len()` rows, or `anchor` is not a row.
#[must_use]
pub fn inspect(
    objective: &Objective,
    kernel: Kernel,
    z: &[f32],
    dim: usize,
    labels: &[u32],
    anchor: usize,
    most: usize,
) -> Inspection {
    let n = labels.len();
    let views = n_views(z, dim, n);
    let z: Vec<f64> = z.iter().map(|&x| f64::from(x)).collect();
    let instances: Vec<u32> = (0..views).flat_map(|_| 0..n as u32).collect();
    let anchors = Anchors {
        z: &z,
        dim,
        labels: &labels.repeat(views),
        instances: &instances,
    };
    let all = kernel_pairs(objective, kernel, &anchors, None, anchor);
    let hardest = |role: Role, sign: f64| {
        let mut pairs: Vec<Pair> = all
            .iter()
            .filter(|pair| pair.role == role)
            .copied()
            .collect();
        let similarity = |pair: &Pair| sign * pair.similarity.unwrap_or(0.0);
        pairs.sort_by(|a, b| {
            let by_similarity = similarity(a).total_cmp(&similarity(b));
            b.hardness.total_cmp(&a.hardness).then(by_similarity)
        });
        pairs.truncate(most);
        pairs
    };
    Inspection {
        anchor,
        positives: hardest(Role::Positive, 1.0),
        negatives: hardest(Role::Negative, -1.0),
    }
}

/// Counts of cosines in bins of equal width over [−1, 1].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Similarities {
    /// Two views of an image.
    pub own_view: Vec<u64>,
    /// Views of two images of one class.
    pub same_class: Vec<u64>,
    /// Views of two images of different classes.
    pub other_classes: Vec<u64>,
}

/// Similarities of unit rows `z` `[2·n, dim]`, two views of the images of `labels` `[n]`: the first view
/// of each image against its own second view and those of later images.
///
/// # Panics
/// If `z` is not two views of `labels.len()` rows, or there is no bin.
#[must_use]
pub fn similarities(z: &[f32], dim: usize, labels: &[u32], bins: usize) -> Similarities {
    let n = labels.len();
    assert!(bins > 0, "a histogram without bins");
    assert!(n == 0 || n_views(z, dim, n) == 2, "not two views");
    let mut counts = [vec![0; bins], vec![0; bins], vec![0; bins]];
    let (first, second) = z.split_at(n * dim);
    for (i, a) in first.chunks_exact(dim.max(1)).enumerate() {
        for (j, b) in second.chunks_exact(dim.max(1)).enumerate().skip(i) {
            let kind = match (i == j, labels[i] == labels[j]) {
                (true, _) => 0,
                (false, true) => 1,
                (false, false) => 2,
            };
            let bin = ((cosine(a, b) + 1.0) / 2.0 * bins as f32) as usize;
            counts[kind][bin.min(bins - 1)] += 1;
        }
    }
    let [own_view, same_class, other_classes] = counts;
    Similarities {
        own_view,
        same_class,
        other_classes,
    }
}

fn n_views(z: &[f32], dim: usize, n: usize) -> usize {
    assert!(
        n > 0 && dim > 0 && z.len().is_multiple_of(n * dim),
        "{} numbers are not whole views of {n} rows of {dim}",
        z.len()
    );
    z.len() / (n * dim)
}

/// Of unit rows. Eight sums side by side are what a processor adds at once.
fn cosine(a: &[f32], b: &[f32]) -> f32 {
    let (a8, a_rest) = a.as_chunks::<8>();
    let (b8, b_rest) = b.as_chunks::<8>();
    let mut sums = [0.0; 8];
    for (a, b) in a8.iter().zip(b8) {
        for lane in 0..8 {
            sums[lane] += a[lane] * b[lane];
        }
    }
    let rest: f32 = a_rest.iter().zip(b_rest).map(|(x, y)| x * y).sum();
    sums.iter().sum::<f32>() + rest
}
