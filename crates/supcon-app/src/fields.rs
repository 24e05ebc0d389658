//! Numbers of a point that its colour can tell, each computed from a frame.

use crate::analysis::Part;
use crate::film::Frame;
use crate::terms;
use crate::votes::Voters;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use supcon_math::{Anchors, Kernel, Objective, anchor_loss};
use supcon_protocol::EmbeddingFrame;

/// Multiply-adds of the loss count this often: they are in f64, and exponentials follow.
const LOSS_WEIGHT: usize = 8;

/// A number that every point has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Field {
    /// Loss of the image's first view as an anchor, nats, under the loss that trains.
    AnchorLoss,
    /// Share of the votes for what kNN says.
    Confidence,
    /// Share of the nearest neighbours that are of the image's own class.
    Agreement,
    /// Cosine of the image's two views.
    OwnView,
    /// Cosine with the mean of its own class, less that with the nearest other one.
    Margin,
}

impl Field {
    /// All.
    pub const ALL: [Self; 5] = [
        Self::AnchorLoss,
        Self::Confidence,
        Self::Agreement,
        Self::OwnView,
        Self::Margin,
    ];

    /// What it is called.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::AnchorLoss => "loss as an anchor, nats",
            Self::Confidence => "confidence of kNN",
            Self::Agreement => "neighbours of its class",
            Self::OwnView => "likeness of its two views",
            Self::Margin => "margin between classes",
        }
    }

    /// What it means.
    #[must_use]
    pub fn term(self) -> &'static str {
        match self {
            Self::AnchorLoss => terms::ANCHOR_LOSS,
            Self::Confidence => terms::CONFIDENCE,
            Self::Agreement => terms::AGREEMENT,
            Self::OwnView => terms::OWN_VIEW,
            Self::Margin => terms::MARGIN,
        }
    }

    /// Where its scale begins and ends for some values: shares have a scale of their own, of others the outer
    /// fiftieths do not count, so that a few outliers leave colours to the rest.
    #[must_use]
    pub fn range(self, values: &[f32]) -> [f32; 2] {
        if matches!(self, Self::Confidence | Self::Agreement) {
            return [0.0, 1.0];
        }
        let mut sorted: Vec<f32> = values.iter().copied().filter(|x| x.is_finite()).collect();
        sorted.sort_by(f32::total_cmp);
        let Some(last) = sorted.len().checked_sub(1) else {
            return [0.0, 1.0];
        };
        let (low, high) = (sorted[last / 50], sorted[last - last / 50]);
        // Values that are all the same stand in the middle.
        let (low, high) = if high - low < 1e-3 {
            (low - 0.005, high + 0.005)
        } else {
            (low, high)
        };
        let step = 10_f32.powf((high - low).log10().floor() - 1.0);
        [(low / step).floor() * step, (high / step).ceil() * step]
    }
}

/// What is asked of a frame.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Question {
    /// The number.
    pub field: Field,
    /// The loss that trains.
    pub objective: Objective,
    /// Its similarity.
    pub kernel: Kernel,
    /// Neighbours that vote.
    pub neighbors: usize,
    /// Temperature of their votes.
    pub temperature: f32,
}

/// Answers a question image by image, so that a window goes on drawing meanwhile.
pub struct Reckoning {
    frame: Frame,
    question: Question,
    basis: Basis,
    values: Vec<f32>,
}

/// What all images share.
enum Basis {
    Rows(Rows),
    Voters(Voters),
    Means(Vec<Option<Vec<f32>>>),
    Nothing,
}

/// The rows that contrast each other: two views of a part of the images, at most 1 024.
struct Rows {
    z: Vec<f64>,
    labels: Vec<u32>,
    instances: Vec<u32>,
    /// Where an image's first view is; ascending by image.
    of: Vec<(usize, usize)>,
}

impl Reckoning {
    /// Begins.
    #[must_use]
    pub fn new(frame: &Frame, question: Question) -> Self {
        let basis = match question.field {
            Field::AnchorLoss => Basis::Rows(Rows::of(frame)),
            Field::Confidence | Field::Agreement => Basis::Voters(Voters::of(frame)),
            Field::Margin => Basis::Means(means(frame)),
            Field::OwnView => Basis::Nothing,
        };
        Self {
            frame: frame.clone(),
            question,
            basis,
            values: Vec::with_capacity(frame.n()),
        }
    }

    /// Whether it answers this question of this frame.
    #[must_use]
    pub fn is_of(&self, embedding: &Arc<EmbeddingFrame>, question: &Question) -> bool {
        Arc::ptr_eq(&self.frame.embedding, embedding) && self.question == *question
    }

    /// Share done, in [0, 1].
    #[must_use]
    pub fn progress(&self) -> f32 {
        self.values.len() as f32 / self.frame.n().max(1) as f32
    }

    /// Goes on for about so many multiply-adds; the values `[n]` once all are there, NaN where an image has
    /// none.
    pub fn advance(&mut self, multiply_adds: usize) -> Option<Vec<f32>> {
        let images = (multiply_adds / self.cost().max(1)).max(1);
        for image in self.values.len()..self.frame.n().min(self.values.len() + images) {
            let value = self.value(image);
            self.values.push(value);
        }
        (self.values.len() == self.frame.n()).then(|| std::mem::take(&mut self.values))
    }

    /// All values at once.
    #[must_use]
    pub fn finish(mut self) -> Vec<f32> {
        self.advance(usize::MAX).unwrap_or_default()
    }

    /// Multiply-adds an image.
    fn cost(&self) -> usize {
        let vectors = match &self.basis {
            Basis::Rows(rows) => LOSS_WEIGHT * rows.labels.len(),
            Basis::Voters(voters) => voters.count(),
            Basis::Means(means) => means.len(),
            Basis::Nothing => 1,
        };
        vectors * self.frame.embedding.dim
    }

    fn value(&mut self, image: usize) -> f32 {
        let (frame, question) = (&self.frame, &self.question);
        match &mut self.basis {
            Basis::Rows(rows) => rows.loss(frame, question, image),
            Basis::Voters(voters) => {
                let nearest = voters.nearest(frame, image, question.neighbors);
                match (question.field, frame.prediction(image)) {
                    (Field::Agreement, _) => {
                        nearest.count_share(frame.samples.labels[image]) as f32
                    }
                    (_, Some(said)) => nearest.share(said, question.temperature) as f32,
                    (_, None) => f32::NAN,
                }
            }
            Basis::Means(means) => margin(means, frame, image),
            Basis::Nothing => dot(frame.z(image), frame.z_other(image)),
        }
    }
}

impl Rows {
    fn of(frame: &Frame) -> Self {
        let part = Part::of(frame, None);
        let twice = |values: &[u32]| [values, values].concat();
        let instances: Vec<u32> = part.images.iter().map(|&image| image as u32).collect();
        Self {
            z: part.z.iter().map(|&x| f64::from(x)).collect(),
            labels: twice(&part.labels),
            instances: twice(&instances),
            of: part.images.iter().copied().zip(0..).collect(),
        }
    }

    /// The loss of an image's first view. One that is not among the rows takes part for this once.
    fn loss(&mut self, frame: &Frame, question: &Question, image: usize) -> f32 {
        let known = self.of.binary_search_by_key(&image, |(image, _)| *image);
        let before = self.labels.len();
        let row = match known {
            Ok(at) => self.of[at].1,
            Err(_) => {
                for view in [frame.z(image), frame.z_other(image)] {
                    self.z.extend(view.iter().map(|&x| f64::from(x)));
                    self.labels.push(frame.samples.labels[image]);
                    self.instances.push(image as u32);
                }
                before
            }
        };
        let dim = frame.embedding.dim;
        let anchors = Anchors {
            z: &self.z,
            dim,
            labels: &self.labels,
            instances: &self.instances,
        };
        let stats = anchor_loss(&question.objective, question.kernel, &anchors, row);
        self.z.truncate(before * dim);
        self.labels.truncate(before);
        self.instances.truncate(before);
        if stats.valid {
            stats.loss as f32
        } else {
            f32::NAN
        }
    }
}

/// The mean direction of every class; none of a class without images.
fn means(frame: &Frame) -> Vec<Option<Vec<f32>>> {
    let labels = &frame.samples.labels;
    let classes = labels.iter().max().map_or(0, |&last| last as usize + 1);
    let mut sums = vec![vec![0.0_f32; frame.embedding.dim]; classes];
    for (image, &label) in labels.iter().enumerate() {
        for (sum, x) in sums[label as usize].iter_mut().zip(frame.z(image)) {
            *sum += x;
        }
    }
    let unit = |sum: Vec<f32>| {
        let length = dot(&sum, &sum).sqrt();
        (length > 0.0).then(|| sum.iter().map(|x| x / length).collect())
    };
    sums.into_iter().map(unit).collect()
}

fn margin(means: &[Option<Vec<f32>>], frame: &Frame, image: usize) -> f32 {
    let own = frame.samples.labels[image] as usize;
    let cosine = |mean: &Vec<f32>| dot(mean, frame.z(image));
    let others = means.iter().enumerate().filter(|(class, _)| *class != own);
    let others = others.filter_map(|(_, mean)| mean.as_ref().map(cosine));
    let nearest = others.fold(f32::NEG_INFINITY, f32::max);
    match &means[own] {
        Some(mean) if nearest.is_finite() => cosine(mean) - nearest,
        _ => f32::NAN,
    }
}

fn dot(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use supcon_math::loss;
    use supcon_protocol::Samples;

    /// Two classes on the circle, the last image among the other class; second views a little further on.
    fn frame(n: usize) -> Frame {
        let labels: Vec<u32> = (0..n as u32).map(|i| i % 2).collect();
        let angle = |i: usize| {
            let own = if i + 1 == n { 1 - labels[i] } else { labels[i] };
            2.0 * own as f32 + 0.01 * (i % 40) as f32
        };
        let view = |shift: f32| (0..n).map(move |i| angle(i) + shift);
        let z = view(0.0)
            .chain(view(0.3))
            .flat_map(|a| [a.cos(), a.sin()])
            .collect();
        Frame {
            embedding: Arc::new(EmbeddingFrame {
                dim: 2,
                z,
                predictions: (0..n)
                    .map(|i| if i + 1 == n { 1 - labels[i] } else { labels[i] })
                    .collect(),
                ..EmbeddingFrame::default()
            }),
            samples: Arc::new(Samples {
                labels,
                ..Samples::default()
            }),
            map: None,
        }
    }

    fn question(field: Field) -> Question {
        Question {
            field,
            objective: Objective::supcon(0.2),
            kernel: Kernel::Dot,
            neighbors: 3,
            temperature: 0.1,
        }
    }

    fn values(frame: &Frame, field: Field) -> Vec<f32> {
        Reckoning::new(frame, question(field)).finish()
    }

    #[test]
    fn the_loss_of_an_anchor_is_what_the_reference_says() {
        let frame = frame(12);
        let z: Vec<f64> = frame.embedding.z.iter().map(|&x| f64::from(x)).collect();
        let instances: Vec<u32> = (0..2).flat_map(|_| 0..12).collect();
        let anchors = Anchors {
            z: &z,
            dim: 2,
            labels: &frame.samples.labels.repeat(2),
            instances: &instances,
        };
        let expected = loss(&Objective::supcon(0.2), &anchors, None).rows;
        let found = values(&frame, Field::AnchorLoss);
        for (found, expected) in found.iter().zip(&expected) {
            assert!((f64::from(*found) - expected.loss).abs() < 1e-6);
        }
        // The lost image has the largest.
        assert!(found[..11].iter().all(|&other| other < found[11]));
    }

    /// Of many images a part is the batch; the others take part one by one.
    #[test]
    fn every_image_of_many_has_a_loss_and_the_rows_stay_as_they_were() {
        let frame = frame(2_100);
        let found = values(&frame, Field::AnchorLoss);
        assert_eq!(found.len(), 2_100);
        assert!(found.iter().all(|loss| loss.is_finite()));
        // Images 1 and 41 lie in one place and are of one class; one of them may be among the rows.
        assert!(
            (found[1] - found[41]).abs() < 2e-2,
            "{} {}",
            found[1],
            found[41]
        );
    }

    #[test]
    fn votes_and_margins_tell_the_lost_image() {
        let frame = frame(12);
        assert_eq!(values(&frame, Field::Confidence)[11], 1.0);
        assert_eq!(values(&frame, Field::Agreement)[11], 0.0);
        assert_eq!(values(&frame, Field::Agreement)[0], 1.0);
        let margins = values(&frame, Field::Margin);
        assert!(margins[11] < 0.0 && margins[..11].iter().all(|&margin| margin > 0.0));
        let own = values(&frame, Field::OwnView);
        assert!(
            own.iter()
                .all(|cosine| (cosine - 0.3_f32.cos()).abs() < 1e-6)
        );
    }

    #[test]
    fn a_reckoning_takes_turns_and_ends_with_the_same_values() {
        let frame = frame(40);
        let mut reckoning = Reckoning::new(&frame, question(Field::Agreement));
        let mut turns = 1;
        let found = loop {
            if let Some(found) = reckoning.advance(400) {
                break found;
            }
            turns += 1;
        };
        assert!(turns > 3, "{turns}");
        assert_eq!(found, values(&frame, Field::Agreement));
    }

    #[test]
    fn a_scale_has_round_ends_and_no_outliers() {
        let mut values: Vec<f32> = (0..100).map(|i| 1.03 + 0.01 * i as f32).collect();
        values.push(1e6);
        values.push(f32::NAN);
        let [low, high] = Field::AnchorLoss.range(&values);
        assert!(
            (low - 1.05).abs() < 0.011 && (high - 2.01).abs() < 0.011,
            "{low} {high}"
        );
        assert_eq!(Field::Agreement.range(&[0.4]), [0.0, 1.0]);
        let [low, high] = Field::OwnView.range(&[0.5]);
        assert!(low <= 0.5 && 0.5 <= high);
    }
}
