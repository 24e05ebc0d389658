//! What the numbers behind a frame say: similarities, neighbours, pairs. Pure functions of a frame.

use crate::film::Frame;
use supcon_math::{Kernel, Objective, Pair};

/// Bins of a similarity histogram over [−1, 1].
pub const BINS: usize = 40;
/// Images compared with each other, at most.
const MOST_IMAGES: usize = 1_024;

/// Shares of cosine similarities by bin, each summing to 1 (or 0 where there is no such pair).
#[derive(Clone, Debug, PartialEq)]
pub struct Similarities {
    /// An image's two views.
    pub own_view: Vec<f64>,
    /// Images of the same class.
    pub same_class: Vec<f64>,
    /// Images of other classes.
    pub other_classes: Vec<f64>,
}

/// Part of a frame's images, small enough to compare each with each: `[2·m, dim]` as in the frame.
pub(crate) struct Part {
    pub(crate) images: Vec<usize>,
    pub(crate) labels: Vec<u32>,
    pub(crate) z: Vec<f32>,
}

impl Part {
    /// Up to 1 024 images, evenly spread, and `wanted` among them.
    pub(crate) fn of(frame: &Frame, wanted: Option<usize>) -> Self {
        let stride = frame.n().div_ceil(MOST_IMAGES).max(1);
        let images: Vec<usize> = (0..frame.n())
            .filter(|i| i % stride == 0 || Some(*i) == wanted)
            .collect();
        let views = [Frame::z, Frame::z_other];
        let rows = views
            .iter()
            .flat_map(|view| images.iter().flat_map(|&i| view(frame, i)));
        Self {
            z: rows.copied().collect(),
            labels: images.iter().map(|&i| frame.samples.labels[i]).collect(),
            images,
        }
    }
}

/// Cosine of unit rows.
fn cosine(a: &[f32], b: &[f32]) -> f64 {
    let sum: f32 = a.iter().zip(b).map(|(x, y)| x * y).sum();
    f64::from(sum)
}

/// The histogram of a frame, or of an even part of many images.
#[must_use]
pub fn similarities(frame: &Frame) -> Similarities {
    let part = Part::of(frame, None);
    let dim = frame.embedding.dim;
    let counts = supcon_math::similarities(&part.z, dim, &part.labels, BINS);
    let shares = |counts: Vec<u64>| {
        let total = counts.iter().sum::<u64>().max(1) as f64;
        counts
            .into_iter()
            .map(|count| count as f64 / total)
            .collect()
    };
    Similarities {
        own_view: shares(counts.own_view),
        same_class: shares(counts.same_class),
        other_classes: shares(counts.other_classes),
    }
}

/// The mean cosine of a histogram, to half a bin.
#[must_use]
pub fn mean(shares: &[f64]) -> f64 {
    let middle = |bin: usize| (bin as f64 + 0.5) * 2.0 / BINS as f64 - 1.0;
    let parts = shares.iter().enumerate();
    parts.map(|(bin, share)| share * middle(bin)).sum()
}

/// The nearest images by the cosine of z, nearest first.
#[must_use]
pub fn neighbors(frame: &Frame, image: usize, count: usize) -> Vec<(usize, f64)> {
    let others = (0..frame.n()).filter(|&j| j != image);
    let mut all: Vec<_> = others
        .map(|j| (j, cosine(frame.z(image), frame.z(j))))
        .collect();
    let by_similarity = |a: &(usize, f64), b: &(usize, f64)| b.1.total_cmp(&a.1);
    if all.len() > count {
        all.select_nth_unstable_by(count, by_similarity);
        all.truncate(count);
    }
    all.sort_by(by_similarity);
    all
}

/// A pair of the inspector: the anchor and one view of an image.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct InspectedPair {
    /// The image.
    pub image: usize,
    /// Whether it is the image's second view.
    pub is_second_view: bool,
    /// Its numbers.
    pub pair: Pair,
}

/// The hardest pairs of an anchor.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Inspection {
    /// Hardest first.
    pub positives: Vec<InspectedPair>,
    /// Hardest first.
    pub negatives: Vec<InspectedPair>,
    /// Images that were contrasted, the anchor among them.
    pub images: usize,
}

/// The pairs of an image's first view with two views of every watched image, under an objective and a
/// similarity. Of more than 1 024 images an evenly spread part takes the place of the batch.
#[must_use]
pub fn inspect(
    frame: &Frame,
    image: usize,
    (objective, kernel): (&Objective, Kernel),
    count: usize,
) -> Inspection {
    let part = Part::of(frame, Some(image));
    let row = part.images.iter().position(|&i| i == image).unwrap_or(0);
    let dim = frame.embedding.dim;
    let found = supcon_math::inspect(objective, kernel, &part.z, dim, &part.labels, row, count);
    let n = part.images.len();
    let named = |pairs: Vec<Pair>| {
        let name = |pair: Pair| InspectedPair {
            image: part.images[pair.column % n],
            is_second_view: pair.column >= n,
            pair,
        };
        pairs.into_iter().map(name).collect()
    };
    Inspection {
        positives: named(found.positives),
        negatives: named(found.negatives),
        images: n,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use supcon_protocol::{EmbeddingFrame, Samples};

    /// Four images on the circle: two of class 0 close together, two of class 1.
    fn frame() -> Frame {
        let angles = [0.0_f32, 0.2, 1.5, 3.0];
        let z = angles
            .iter()
            .chain(&angles)
            .flat_map(|a| [a.cos(), a.sin()])
            .collect();
        Frame {
            samples: Arc::new(Samples {
                labels: vec![0, 0, 1, 1],
                ..Samples::default()
            }),
            embedding: Arc::new(EmbeddingFrame {
                dim: 2,
                z,
                predictions: vec![0, 0, 1, 0],
                ..EmbeddingFrame::default()
            }),
            map: None,
        }
    }

    #[test]
    fn neighbours_come_nearest_first() {
        let found: Vec<usize> = neighbors(&frame(), 0, 2).iter().map(|n| n.0).collect();
        assert_eq!(found, [1, 2]);
    }

    #[test]
    fn similarities_are_shares() {
        let shares = similarities(&frame());
        for part in [&shares.own_view, &shares.same_class, &shares.other_classes] {
            assert!((part.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        }
        let half_a_bin = 1.0 / BINS as f64 + 1e-6;
        assert!((mean(&shares.own_view) - 1.0).abs() < half_a_bin);
        let same = (0.2_f64.cos() + 1.5_f64.cos()) / 2.0;
        assert!((mean(&shares.same_class) - same).abs() < half_a_bin);
    }

    #[test]
    fn the_inspector_shows_what_the_reference_says() {
        let inspection = inspect(&frame(), 0, (&Objective::supcon(0.5), Kernel::Dot), 10);
        // Positives: both views of image 1 and its own second view.
        assert_eq!(inspection.positives.len(), 3);
        assert_eq!(inspection.negatives.len(), 4);
        let p: f64 = inspection
            .positives
            .iter()
            .chain(&inspection.negatives)
            .map(|pair| pair.pair.probability)
            .sum();
        assert!((p - 1.0).abs() < 1e-9);
        assert!(inspection.negatives[0].pair.gradient_weight > 0.0);
        assert_eq!(inspection.negatives[0].image, 2);
    }
}
