//! Who votes on an image, as weighted kNN counts votes: each of the nearest other images votes for its label
//! with e^{cosine / temperature} (Wu et al. 2018, arXiv:1805.01978).

use crate::film::Frame;

/// Images that vote, at most; of more an even part.
const MOST_VOTERS: usize = 4_096;

/// The images of a frame that vote.
#[derive(Clone, Debug)]
pub struct Voters(Vec<usize>);

/// The nearest voters of an image.
#[derive(Clone, Debug)]
pub struct Nearest<'a> {
    labels: &'a [u32],
    /// Positions and cosines.
    found: Vec<(usize, f32)>,
}

impl Voters {
    /// Of a frame.
    #[must_use]
    pub fn of(frame: &Frame) -> Self {
        Self(spread(frame.n(), MOST_VOTERS).collect())
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// The `count` nearest of them to an image, itself left out, in no order.
    #[must_use]
    pub fn nearest<'a>(&self, frame: &'a Frame, image: usize, count: usize) -> Nearest<'a> {
        let own = frame.z(image);
        let cosine =
            |voter: usize| -> f32 { own.iter().zip(frame.z(voter)).map(|(a, b)| a * b).sum() };
        let others = self.0.iter().filter(|&&voter| voter != image);
        let mut found: Vec<(usize, f32)> = others.map(|&voter| (voter, cosine(voter))).collect();
        if count < found.len() {
            found.select_nth_unstable_by(count, |a, b| b.1.total_cmp(&a.1));
            found.truncate(count);
        }
        Nearest {
            labels: &frame.samples.labels,
            found,
        }
    }
}

impl Nearest<'_> {
    /// Share of the weighted votes for a class, in [0, 1].
    #[must_use]
    pub fn share(&self, class: u32, temperature: f32) -> f64 {
        let weight = |cosine: f32| f64::from((cosine - 1.0) / temperature).exp();
        let all: f64 = self.found.iter().map(|&(_, cosine)| weight(cosine)).sum();
        let agree = self.of_class(class).map(weight).sum::<f64>();
        // No votes at all sum up to −0.
        if all > 0.0 { agree.abs() / all } else { 0.0 }
    }

    /// Share of the neighbours that are of a class, in [0, 1].
    #[must_use]
    pub fn count_share(&self, class: u32) -> f64 {
        self.of_class(class).count() as f64 / self.found.len().max(1) as f64
    }

    fn of_class(&self, class: u32) -> impl Iterator<Item = f32> + '_ {
        let agree =
            move |(voter, cosine): &(usize, f32)| (self.labels[*voter] == class).then_some(*cosine);
        self.found.iter().filter_map(agree)
    }
}

/// At most about `most` positions of `n`, evenly spread.
pub fn spread(n: usize, most: usize) -> impl Iterator<Item = usize> {
    (0..n).step_by(n.div_ceil(most).max(1))
}
