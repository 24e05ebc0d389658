use super::Ranking;
use supcon_math::calibration::{
    expected_calibration_error, negative_log_likelihood, reliability, softmax,
};
use supcon_protocol::{Calibration, ReliabilityBin};

/// Bins of the reliability diagram: the usual number (Guo et al. 2017).
const BINS: usize = 15;

/// A classifier's logits for some images.
#[derive(Clone, Debug)]
pub struct Scores {
    /// `[n, n_classes]`, row-major.
    pub values: Vec<f32>,
    /// Length of a row.
    pub n_classes: usize,
}

impl Scores {
    /// First guesses.
    #[must_use]
    pub fn ranking(&self) -> Ranking {
        Ranking::from_scores(&self.values, self.n_classes)
    }

    /// How far the softmax of the logits can be believed; `None` without images.
    #[must_use]
    pub fn calibration(&self, labels: &[u32]) -> Option<Calibration> {
        if labels.is_empty() {
            return None;
        }
        let rows = || self.values.chunks_exact(self.n_classes).zip(labels);
        let predictions = rows().map(|(logits, &label)| {
            let p = softmax(logits);
            // Of equal probabilities the lower class is the guess, as in a ranking.
            let guess = (0..p.len()).rev().max_by(|&a, &b| p[a].total_cmp(&p[b]));
            guess.map_or((0.0, false), |guess| (p[guess], guess == label as usize))
        });
        let diagram = reliability(predictions, BINS);
        let losses = rows().map(|(logits, &label)| negative_log_likelihood(logits, label as usize));
        Some(Calibration {
            negative_log_likelihood: losses.sum::<f64>() / labels.len() as f64,
            expected_error: expected_calibration_error(&diagram),
            bins: diagram
                .iter()
                .map(|bin| ReliabilityBin {
                    count: bin.count,
                    confidence: bin.confidence,
                    accuracy: bin.accuracy,
                })
                .collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Scores;

    #[test]
    fn two_images_by_hand() {
        // Probabilities (3/4, 1/4) and (1/2, 1/2): one confident and right, one undecided and wrong.
        let scores = Scores {
            values: vec![3_f32.ln(), 0.0, 0.0, 0.0],
            n_classes: 2,
        };
        let found = scores.calibration(&[0, 1]).unwrap();
        let nll = ((4.0_f64 / 3.0).ln() + 2_f64.ln()) / 2.0;
        assert!((found.negative_log_likelihood - nll).abs() < 1e-6);
        // Gaps of 1/4 and 1/2, half of the images each.
        assert!((found.expected_error - 0.375).abs() < 1e-6);
        assert_eq!(found.bins.len(), 15);
        assert_eq!((found.bins[7].count, found.bins[11].count), (1, 1));
        assert_eq!(scores.ranking().predictions().collect::<Vec<_>>(), [0, 0]);
        assert_eq!(scores.calibration(&[]), None);
    }
}
