//! The worst mistakes of a frame: images that kNN calls by a wrong name with most of its votes.

use crate::film::Frame;
use crate::votes::{Voters, spread};

/// Wrong images looked at, at most; then an even part of them.
const MOST_WRONG: usize = 1_000;

/// A wrong prediction.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mistake {
    /// The image.
    pub image: usize,
    /// What kNN says.
    pub prediction: u32,
    /// Share of the votes for that, in [0, 1].
    pub confidence: f64,
}

/// The wrong predictions of a frame.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Mistakes {
    /// Most votes first.
    pub worst: Vec<Mistake>,
    /// Wrong predictions in all; more than in `worst` where only a part was looked at.
    pub count: usize,
}

/// The wrong predictions of a frame by the share of votes behind them, as [`Voters`] count them. Of more than
/// 1 000 wrong ones an even part is looked at.
#[must_use]
pub fn mistakes(frame: &Frame, neighbors: usize, temperature: f32) -> Mistakes {
    let is_wrong = |&i: &usize| {
        frame
            .prediction(i)
            .is_some_and(|p| p != frame.samples.labels[i])
    };
    let wrong: Vec<usize> = (0..frame.n()).filter(is_wrong).collect();
    let voters = Voters::of(frame);
    let mistake = |at: usize| {
        let image = wrong[at];
        let prediction = frame.prediction(image).unwrap_or_default();
        let nearest = voters.nearest(frame, image, neighbors);
        Mistake {
            image,
            prediction,
            confidence: nearest.share(prediction, temperature),
        }
    };
    let mut worst: Vec<Mistake> = spread(wrong.len(), MOST_WRONG).map(mistake).collect();
    worst.sort_by(|a, b| {
        b.confidence
            .total_cmp(&a.confidence)
            .then(a.image.cmp(&b.image))
    });
    Mistakes {
        worst,
        count: wrong.len(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use supcon_protocol::{EmbeddingFrame, Samples};

    /// On the circle: image 0 lies among class 1, image 4 between the classes.
    #[test]
    fn the_mistake_with_most_votes_comes_first() {
        let angles = [0.0_f32, 0.05, 0.1, 3.0, 1.55];
        let labels = vec![0, 1, 1, 0, 0];
        let z: Vec<f32> = angles.iter().flat_map(|a| [a.cos(), a.sin()]).collect();
        let frame = Frame {
            samples: Arc::new(Samples {
                labels,
                ..Samples::default()
            }),
            embedding: Arc::new(EmbeddingFrame {
                dim: 2,
                z: [z.clone(), z].concat(),
                predictions: vec![1, 1, 1, 0, 1],
                ..EmbeddingFrame::default()
            }),
            map: None,
        };
        let found = mistakes(&frame, 3, 1.0);
        assert_eq!(found.count, 2);
        assert_eq!((found.worst[0].image, found.worst[1].image), (0, 4));
        // Image 0: its two nearest agree with the prediction, the third (image 4) does not.
        let [a, b, c] = [0.05_f64, 0.1, 1.55].map(|angle| (angle.cos() - 1.0).exp());
        let share = (a + b) / (a + b + c);
        assert!((found.worst[0].confidence - share).abs() < 1e-6);
    }
}
