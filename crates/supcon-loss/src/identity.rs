use burn::tensor::{Device, Int, Tensor, TensorData};

/// Who each row of z is: its class, and the image it is a view of.
#[derive(Clone, Debug)]
pub struct Identity {
    /// `[n, 2]`: label and instance, as the bits of `u32`.
    pub(crate) tensor: Tensor<2, Int>,
    n: usize,
}

impl Identity {
    /// The identities of a view-major batch: row = view · b + image.
    ///
    /// # Shapes
    /// - `labels`: `[b]`, any `u32`
    /// - stands for `[n_views · b]` rows
    #[must_use]
    pub fn of_views(labels: &[u32], n_views: usize, device: &Device) -> Self {
        let rows = (0..n_views)
            .flat_map(|_| labels.iter().zip(0_u32..))
            .map(|(&label, image)| [label, image]);
        Self::of_rows(rows, device)
    }

    /// The identities `[label, instance]` of arbitrary rows.
    #[must_use]
    pub fn of_rows(rows: impl IntoIterator<Item = [u32; 2]>, device: &Device) -> Self {
        // Burn's integers on wgpu are i32; the kernels read the bits back as u32.
        let bits: Vec<i32> = rows.into_iter().flatten().map(u32::cast_signed).collect();
        let n = bits.len() / 2;
        let data = TensorData::new(bits, [n, 2]);
        Self {
            tensor: Tensor::from_data(data, device),
            n,
        }
    }

    /// Number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.n
    }

    /// Whether there are no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.n == 0
    }
}
