//! Whether a classifier's probabilities mean what they say.

/// One bin of a reliability diagram.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ReliabilityBin {
    /// Predictions whose confidence falls into the bin.
    pub count: usize,
    /// Their mean confidence; 0 for an empty bin.
    pub confidence: f64,
    /// Share of them that is right; 0 for an empty bin.
    pub accuracy: f64,
}

/// Reliability diagram of `(confidence, is right)` pairs: `bins` bins of equal width, bin b over
/// confidences in (b/bins, (b+1)/bins], 0 in the first (Guo et al. 2017, arXiv:1706.04599, §2).
/// Confidences are probabilities; what lies outside [0, 1] counts at the nearer end, NaN in the first bin.
#[must_use]
pub fn reliability(
    predictions: impl IntoIterator<Item = (f64, bool)>,
    bins: usize,
) -> Vec<ReliabilityBin> {
    let mut diagram = vec![ReliabilityBin::default(); bins];
    for (confidence, is_right) in predictions {
        let at = (confidence * bins as f64).ceil() as usize;
        if let Some(bin) = diagram.get_mut(at.clamp(1, bins.max(1)) - 1) {
            bin.count += 1;
            bin.confidence += confidence;
            bin.accuracy += f64::from(is_right);
        }
    }
    for bin in &mut diagram {
        let count = bin.count.max(1) as f64;
        bin.confidence /= count;
        bin.accuracy /= count;
    }
    diagram
}

/// Expected calibration error Σ_b n_b/n · |accuracy_b − confidence_b| (eq. 5 there); 0 without
/// predictions.
#[must_use]
pub fn expected_calibration_error(diagram: &[ReliabilityBin]) -> f64 {
    let total: usize = diagram.iter().map(|bin| bin.count).sum();
    let gaps = diagram
        .iter()
        .map(|bin| bin.count as f64 * (bin.accuracy - bin.confidence).abs());
    gaps.sum::<f64>() / total.max(1) as f64
}

/// Softmax of one row of logits, the largest taken off first.
#[must_use]
pub fn softmax(logits: &[f32]) -> Vec<f64> {
    let peak = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let weights: Vec<f64> = logits
        .iter()
        .map(|&logit| (f64::from(logit) - f64::from(peak)).exp())
        .collect();
    let total: f64 = weights.iter().sum();
    weights.iter().map(|weight| weight / total).collect()
}

/// −ln of the softmax probability of class `label`, nats; stays finite where the probability itself
/// would round to 0.
///
/// # Panics
/// If there is no logit for `label`.
#[must_use]
pub fn negative_log_likelihood(logits: &[f32], label: usize) -> f64 {
    let peak = f64::from(logits.iter().copied().fold(f32::NEG_INFINITY, f32::max));
    let total: f64 = logits
        .iter()
        .map(|&logit| (f64::from(logit) - peak).exp())
        .sum();
    peak + total.ln() - f64::from(logits[label])
}
