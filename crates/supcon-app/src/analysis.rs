//! What the numbers behind a frame say: similarities, neighbours, pairs. Pure functions of a frame.

use crate::film::Frame;
use supcon_math::{Anchors, Objective, Pair, Role, pairs};

/// Bins of a similarity histogram over [−1, 1].
pub const BINS: usize = 40;
/// Images whose pairs with all others make up a histogram.
const HISTOGRAM_ANCHORS: usize = 250;
/// Images beside the anchor that the pair inspector contrasts it with, at most.
const INSPECTED_IMAGES: usize = 1_024;

/// Shares of cosine similarities by bin, each summing to 1.
#[derive(Clone, Debug, PartialEq)]
pub struct Similarities {
    /// An image's two views.
    pub own_view: Vec<f64>,
    /// Images of the same class.
    pub same_class: Vec<f64>,
    /// Images of other classes.
    pub other_class: Vec<f64>,
    /// Their means, in the same order.
    pub means: [f64; 3],
}

/// Cosine of unit rows.
fn cosine(a: &[f32], b: &[f32]) -> f64 {
    let sum: f32 = a.iter().zip(b).map(|(x, y)| x * y).sum();
    f64::from(sum)
}

#[derive(Default)]
struct Tally {
    bins: Vec<f64>,
    sum: f64,
    count: f64,
}

impl Tally {
    fn add(&mut self, cosine: f64) {
        self.bins.resize(BINS, 0.0);
        let bin = ((cosine + 1.0) / 2.0 * BINS as f64) as usize;
        self.bins[bin.min(BINS - 1)] += 1.0;
        self.sum += cosine;
        self.count += 1.0;
    }

    fn shares(mut self) -> (Vec<f64>, f64) {
        self.bins.resize(BINS, 0.0);
        let count = self.count.max(1.0);
        let shares = self.bins.into_iter().map(|bin| bin / count).collect();
        (shares, self.sum / count)
    }
}

/// The histogram of a frame: up to 250 images, evenly spread, against all.
#[must_use]
pub fn similarities(frame: &Frame) -> Similarities {
    let n = frame.n();
    let labels = &frame.samples.labels;
    let (mut own, mut same, mut other) = (Tally::default(), Tally::default(), Tally::default());
    let stride = n.div_ceil(HISTOGRAM_ANCHORS).max(1);
    for i in (0..n).step_by(stride) {
        own.add(cosine(frame.z(i), frame.z_other(i)));
        for j in (0..n).filter(|&j| j != i) {
            let tally = if labels[i] == labels[j] {
                &mut same
            } else {
                &mut other
            };
            tally.add(cosine(frame.z(i), frame.z(j)));
        }
    }
    let ((own_view, a), (same_class, b), (other_class, c)) =
        (own.shares(), same.shares(), other.shares());
    Similarities {
        own_view,
        same_class,
        other_class,
        means: [a, b, c],
    }
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

/// The pairs of an image's first view with two views of every watched image, under an objective. Of
/// more than 1 024 images an evenly spread part takes the place of the batch.
#[must_use]
pub fn inspect(frame: &Frame, image: usize, objective: &Objective, count: usize) -> Inspection {
    let stride = frame.n().div_ceil(INSPECTED_IMAGES).max(1);
    let images: Vec<usize> = (0..frame.n())
        .filter(|i| i % stride == 0 || *i == image)
        .collect();
    let row = images.iter().position(|&i| i == image).unwrap_or(0);
    let views = [Frame::z, Frame::z_other];
    let z: Vec<f64> = views
        .iter()
        .flat_map(|view| images.iter().flat_map(|&i| view(frame, i)))
        .map(|&x| f64::from(x))
        .collect();
    let both = |of: &dyn Fn(usize) -> u32| -> Vec<u32> {
        let once = images.iter().map(|&i| of(i));
        once.clone().chain(once).collect()
    };
    let labels = both(&|i| frame.samples.labels[i]);
    let instances = both(&|i| i as u32);
    let anchors = Anchors {
        z: &z,
        dim: frame.embedding.dim,
        labels: &labels,
        instances: &instances,
    };
    let all = pairs(objective, &anchors, None, row);
    let hardest = |role: Role| {
        let mut of_role: Vec<InspectedPair> = all
            .iter()
            .filter(|pair| pair.role == role)
            .map(|pair| InspectedPair {
                image: images[pair.column % images.len()],
                is_second_view: pair.column >= images.len(),
                pair: *pair,
            })
            .collect();
        of_role.sort_by(|a, b| b.pair.hardness.total_cmp(&a.pair.hardness));
        of_role.truncate(count);
        of_role
    };
    Inspection {
        positives: hardest(Role::Positive),
        negatives: hardest(Role::Negative),
        images: images.len(),
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
        for part in [&shares.own_view, &shares.same_class, &shares.other_class] {
            assert!((part.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        }
        assert!((shares.means[0] - 1.0).abs() < 1e-6);
        let same = (0.2_f64.cos() + 1.5_f64.cos()) / 2.0;
        assert!((shares.means[1] - same).abs() < 1e-6);
    }

    #[test]
    fn the_inspector_shows_what_the_reference_says() {
        let inspection = inspect(&frame(), 0, &Objective::supcon(0.5), 10);
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
