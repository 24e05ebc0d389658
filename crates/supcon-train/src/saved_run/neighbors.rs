use crate::error::{TrainError, read_back};
use crate::evaluate::Features;
use burn::tensor::Device;
use supcon_loss::unit_rows;

/// Queries whose similarities are read back at a time.
const BATCH: usize = 256;

/// A row of a bank and how near it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Neighbor {
    /// Its row.
    pub row: usize,
    /// Cosine with the query, in [−1, 1].
    pub cosine: f32,
}

/// The `count` rows of `bank` nearest to each query by cosine, nearest first; of equally near ones
/// the lower row comes first.
///
/// # Errors
/// A device that fails.
pub async fn nearest_neighbors(
    queries: &Features,
    bank: &Features,
    count: usize,
    device: &Device,
) -> Result<Vec<Vec<Neighbor>>, TrainError> {
    let device = device.clone().inner();
    let bank_rows = unit_rows(bank.to_tensor(&device)).transpose();
    let n = queries.rows();
    let queries = unit_rows(queries.to_tensor(&device));
    let mut nearest = Vec::with_capacity(n);
    for first in (0..n).step_by(BATCH) {
        let batch = queries.clone().slice(first..n.min(first + BATCH));
        let cosines = read_back(batch.matmul(bank_rows.clone())).await?;
        nearest.extend(cosines.chunks_exact(bank.rows()).map(|row| top(row, count)));
    }
    Ok(nearest)
}

fn top(cosines: &[f32], count: usize) -> Vec<Neighbor> {
    let mut rows: Vec<usize> = (0..cosines.len()).collect();
    let closer = |&a: &usize, &b: &usize| cosines[b].total_cmp(&cosines[a]).then(a.cmp(&b));
    if count < rows.len() {
        rows.select_nth_unstable_by(count, closer);
        rows.truncate(count);
    }
    rows.sort_unstable_by(closer);
    let neighbor = |row: usize| Neighbor {
        row,
        cosine: cosines[row],
    };
    rows.into_iter().map(neighbor).collect()
}

#[cfg(test)]
mod tests {
    use super::top;

    #[test]
    fn the_nearest_come_first_and_ties_go_to_the_lower_row() {
        let rows = |count| {
            let nearest = top(&[0.1, 0.9, 0.5, 0.9, -1.0], count);
            nearest.iter().map(|n| n.row).collect::<Vec<_>>()
        };
        assert_eq!(rows(3), [1, 3, 2]);
        assert_eq!(rows(9), [1, 3, 2, 0, 4]);
        assert!(rows(0).is_empty());
    }
}
