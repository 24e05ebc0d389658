use crate::LossError;
use burn::tensor::{Device, Int, Tensor, TensorData};
use std::collections::HashMap;
use supcon_math::{Objective, pair_hash};

/// Who each row of z is: its class, the image it is a view of, and, for soft targets, a vector.
#[derive(Clone, Debug, PartialEq)]
pub struct Identity {
    labels: Vec<u32>,
    instances: Vec<u32>,
    /// `[n, soft_dim]`.
    soft: Vec<f32>,
    soft_dim: usize,
}

impl Identity {
    /// The identities of a view-major batch: row = view · b + image.
    ///
    /// # Shapes
    /// - `labels`: `[b]`, any `u32`
    /// - stands for `[n_views · b]` rows
    #[must_use]
    pub fn of_views(labels: &[u32], n_views: usize) -> Self {
        Self::of_rows((0..n_views).flat_map(|_| labels.iter().copied().zip(0_u32..)))
    }

    /// The identities (label, instance) of arbitrary rows.
    #[must_use]
    pub fn of_rows(rows: impl IntoIterator<Item = (u32, u32)>) -> Self {
        let (labels, instances) = rows.into_iter().unzip();
        Self {
            labels,
            instances,
            soft: Vec::new(),
            soft_dim: 0,
        }
    }

    /// Gives each row a soft label.
    ///
    /// # Shapes
    /// - `soft`: `[n, k]`, k ≥ 1; no value below 0 where products are the targets
    ///
    /// # Errors
    /// If the values are not k for each row, or one is negative or not finite.
    pub fn with_soft_labels(self, soft: Vec<f32>, k: usize) -> Result<Self, LossError> {
        if k == 0 || soft.len() != k * self.len() {
            return Err(LossError::SoftShape {
                values: soft.len(),
                rows: self.len(),
                k,
            });
        }
        if let Some(at) = soft.iter().position(|y| !(y.is_finite() && *y >= 0.0)) {
            return Err(LossError::SoftValue {
                value: soft[at],
                row: at / k,
            });
        }
        Ok(Self {
            soft,
            soft_dim: k,
            ..self
        })
    }

    /// Number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Whether there are no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// Length of a soft label; 0 without.
    pub(crate) fn soft_dim(&self) -> usize {
        self.soft_dim
    }

    /// What the kernels read, `[n, 3 + soft_dim]`: label, instance, the largest [`pair_hash`] of
    /// another image's positive under the objective's cap, and the bits of the soft label if
    /// `soft_dim` is not 0.
    ///
    /// `columns` is whom the rows meet: themselves if `None`.
    #[must_use]
    pub fn packed_bits(
        &self,
        objective: &Objective,
        columns: Option<&Self>,
        soft_dim: usize,
    ) -> Vec<u32> {
        let thresholds = match objective.positives_cap {
            None | Some(0) => vec![u32::MAX; self.len()],
            Some(cap) => self.thresholds(cap, columns),
        };
        let mut bits = Vec::with_capacity(self.len() * (3 + soft_dim));
        for (i, threshold) in thresholds.into_iter().enumerate() {
            bits.extend([self.labels[i], self.instances[i], threshold]);
            let soft = &self.soft[i * soft_dim..][..soft_dim];
            bits.extend(soft.iter().map(|y| y.to_bits()));
        }
        bits
    }

    /// [`packed_bits`](Self::packed_bits) on the device.
    pub(crate) fn packed(
        &self,
        objective: &Objective,
        columns: Option<&Self>,
        soft_dim: usize,
        device: &Device,
    ) -> Tensor<2, Int> {
        let bits = self.packed_bits(objective, columns, soft_dim);
        // Burn's integers on wgpu are i32; the kernels read the bits back as u32.
        let bits: Vec<i32> = bits.into_iter().map(u32::cast_signed).collect();
        Tensor::from_data(TensorData::new(bits, [self.len(), 3 + soft_dim]), device)
    }

    /// The soft labels `[n, soft_dim]`.
    pub(crate) fn soft_labels(&self, device: &Device) -> Tensor<2> {
        let shape = [self.len(), self.soft_dim];
        Tensor::from_data(TensorData::new(self.soft.clone(), shape), device)
    }

    /// `[n, c]`: 1 where the column is a view of the row's own image or, if another's, among the
    /// first `cap` of the row's label in the order of [`pair_hash`]; else 0.
    pub(crate) fn under_cap(
        &self,
        cap: usize,
        columns: Option<&Self>,
        device: &Device,
    ) -> Tensor<2> {
        let met = columns.unwrap_or(self);
        let mut mask = vec![0.0; self.len() * met.len()];
        for (row, mask) in mask.chunks_exact_mut(met.len().max(1)).enumerate() {
            let mut others: Vec<usize> = Vec::new();
            for column in 0..met.len() {
                if self.instances[row] == met.instances[column] {
                    mask[column] = 1.0;
                } else if self.labels[row] == met.labels[column] {
                    others.push(column);
                }
            }
            others.sort_unstable_by_key(|&column| pair_hash(row as u32, column as u32));
            for column in others.into_iter().take(cap) {
                mask[column] = 1.0;
            }
        }
        Tensor::from_data(TensorData::new(mask, [self.len(), met.len()]), device)
    }

    /// The hash of each row's `cap`-th positive of other images, cap ≥ 1, in the order of
    /// [`pair_hash`], which has no ties.
    fn thresholds(&self, cap: usize, columns: Option<&Self>) -> Vec<u32> {
        let met = columns.unwrap_or(self);
        let mut alike: HashMap<u32, Vec<usize>> = HashMap::new();
        for column in 0..met.len() {
            alike.entry(met.labels[column]).or_default().push(column);
        }
        let mut hashes = Vec::new();
        let threshold = |row: usize| {
            let of_others = alike.get(&self.labels[row]).into_iter().flatten();
            let of_others =
                of_others.filter(|&&column| self.instances[row] != met.instances[column]);
            hashes.clear();
            hashes.extend(of_others.map(|&column| pair_hash(row as u32, column as u32)));
            if hashes.len() > cap {
                *hashes.select_nth_unstable(cap - 1).1
            } else {
                u32::MAX
            }
        };
        (0..self.len()).map(threshold).collect()
    }
}
