use super::{Features, Ranking};
use crate::error::{TrainError, read_back};
use burn::tensor::Device;
use supcon_loss::unit_rows;
use supcon_protocol::EvaluationConfig;

/// Queries whose similarities are read back at a time.
const BATCH: usize = 256;

/// Classes of each query, best first, by weighted kNN: the `neighbors` nearest bank rows by cosine
/// vote for their label with weight e^{cos/τ} (Wu et al. 2018, arXiv:1805.01978, §3.4).
///
/// # Errors
/// A device that fails.
pub async fn knn_ranking(
    queries: &Features,
    bank: &Features,
    bank_labels: &[u32],
    n_classes: usize,
    config: &EvaluationConfig,
    device: &Device,
) -> Result<Ranking, TrainError> {
    let device = device.clone().inner();
    let neighbors = config.knn_neighbors.min(bank.rows());
    let temperature = config.knn_temperature;
    let bank = unit_rows(bank.to_tensor(&device)).transpose();
    let n = queries.rows();
    let queries = unit_rows(queries.to_tensor(&device));
    let mut scores = Vec::with_capacity(n * n_classes);
    for first in (0..n).step_by(BATCH) {
        let batch = queries.clone().slice(first..n.min(first + BATCH));
        let cosines = read_back(batch.matmul(bank.clone())).await?;
        for row in cosines.chunks_exact(bank_labels.len()) {
            scores.extend(votes(row, bank_labels, n_classes, neighbors, temperature));
        }
    }
    Ok(Ranking::from_scores(&scores, n_classes))
}

/// Votes for each class: the `neighbors` largest of `cosines` vote for their label.
pub(crate) fn votes(
    cosines: &[f32],
    labels: &[u32],
    n_classes: usize,
    neighbors: usize,
    temperature: f32,
) -> Vec<f32> {
    let mut nearest: Vec<usize> = (0..cosines.len()).collect();
    // Ties go to the lower index, so that the result does not depend on the sort.
    let closer = |&a: &usize, &b: &usize| cosines[b].total_cmp(&cosines[a]).then(a.cmp(&b));
    if neighbors < nearest.len() {
        nearest.select_nth_unstable_by(neighbors, closer);
        nearest.truncate(neighbors);
    }
    nearest.sort_unstable();
    let mut votes = vec![0.0; n_classes];
    for at in nearest {
        // Relative to the largest cosine possible, so that no temperature overflows.
        votes[labels[at] as usize] += libm::expf((cosines[at] - 1.0) / temperature);
    }
    votes
}

#[cfg(test)]
mod tests {
    use super::votes;

    #[test]
    fn near_neighbours_outvote_many_far_ones() {
        let cosines = [0.99, 0.2, 0.2, 0.2, -1.0];
        let labels = [1, 0, 0, 0, 0];
        let votes = votes(&cosines, &labels, 2, 4, 0.1);
        assert!(votes[1] > votes[0]);
        let expected = 3.0 * (-8.0_f32).exp();
        assert!((votes[0] - expected).abs() < 1e-6 * expected.max(1e-3));
    }
}
