//! The rows that are anchors and the columns they are contrasted with.

use crate::kernel::Kernel;

/// The rows of a batch: every row is an anchor. Row order is view-major, row = view · b + image.
#[derive(Clone, Copy, Debug)]
pub struct Anchors<'a> {
    /// Embeddings `[m, dim]`, row-major; unit rows where the paper's formulas are meant.
    pub z: &'a [f64],
    /// Length of one embedding.
    pub dim: usize,
    /// Class of each row, `[m]`; any `u32`.
    pub labels: &'a [u32],
    /// Image of each row, `[m]`: rows of equal instance are views of one image.
    pub instances: &'a [u32],
}

/// A separate set of columns without gradient: keys, a queue (`MoCo`), a memory bank.
///
/// No column is an anchor, so none is left out. A query's own key is a positive because it carries
/// the query's instance and label; queue entries carry their label and instances of their own.
#[derive(Clone, Copy, Debug)]
pub struct Columns<'a> {
    /// Embeddings `[c, dim]` with the anchors' `dim`.
    pub z: &'a [f64],
    /// Class of each column, `[c]`.
    pub labels: &'a [u32],
    /// Image of each column, `[c]`.
    pub instances: &'a [u32],
}

/// Anchors and the columns they meet; without separate columns the rows themselves.
pub(crate) struct Batch<'a> {
    anchors: &'a Anchors<'a>,
    columns: Columns<'a>,
    columns_are_rows: bool,
    kernel: Kernel,
}

impl<'a> Batch<'a> {
    pub(crate) fn new(anchors: &'a Anchors<'a>, columns: Option<&Columns<'a>>) -> Self {
        check_shape(
            "anchors",
            anchors.dim,
            anchors.z,
            anchors.labels,
            anchors.instances,
        );
        let rows = Columns {
            z: anchors.z,
            labels: anchors.labels,
            instances: anchors.instances,
        };
        let batch = Self {
            anchors,
            columns: columns.copied().unwrap_or(rows),
            columns_are_rows: columns.is_none(),
            kernel: Kernel::Dot,
        };
        let Columns {
            z,
            labels,
            instances,
        } = batch.columns;
        check_shape("columns", anchors.dim, z, labels, instances);
        batch
    }

    pub(crate) fn with_kernel(self, kernel: Kernel) -> Self {
        Self { kernel, ..self }
    }

    pub(crate) fn kernel(&self) -> &Kernel {
        &self.kernel
    }

    pub(crate) fn n_rows(&self) -> usize {
        self.anchors.labels.len()
    }

    pub(crate) fn n_columns(&self) -> usize {
        self.columns.labels.len()
    }

    pub(crate) fn dim(&self) -> usize {
        self.anchors.dim
    }

    pub(crate) fn columns_are_rows(&self) -> bool {
        self.columns_are_rows
    }

    pub(crate) fn is_itself(&self, row: usize, column: usize) -> bool {
        self.columns_are_rows && row == column
    }

    pub(crate) fn same_label(&self, row: usize, column: usize) -> bool {
        self.anchors.labels[row] == self.columns.labels[column]
    }

    pub(crate) fn same_instance(&self, row: usize, column: usize) -> bool {
        self.anchors.instances[row] == self.columns.instances[column]
    }

    pub(crate) fn row(&self, row: usize) -> &'a [f64] {
        &self.anchors.z[row * self.dim()..][..self.dim()]
    }

    pub(crate) fn column(&self, column: usize) -> &'a [f64] {
        &self.columns.z[column * self.dim()..][..self.dim()]
    }

    /// Similarity over temperature for every column.
    pub(crate) fn logits(&self, row: usize, temperature: f64) -> Vec<f64> {
        (0..self.n_columns())
            .map(|column| self.kernel.value(self.row(row), self.column(column)) / temperature)
            .collect()
    }

    /// Cosine of a row and a column; `None` where a vector is zero or not finite.
    pub(crate) fn cosine(&self, row: usize, column: usize) -> Option<f64> {
        let (a, b) = (self.row(row), self.column(column));
        let cosine = dot(a, b) / (dot(a, a).sqrt() * dot(b, b).sqrt());
        cosine.is_finite().then_some(cosine.clamp(-1.0, 1.0))
    }

    /// Cosine with the first other view of the row's image, if there is one.
    pub(crate) fn other_view_similarity(&self, row: usize) -> Option<f64> {
        (0..self.n_columns())
            .find(|&column| !self.is_itself(row, column) && self.same_instance(row, column))
            .and_then(|column| self.cosine(row, column))
    }

    /// Whether every embedding and the temperature can give a meaningful loss. An infinite negative
    /// would otherwise vanish as `exp(-inf) = 0` and leave the loss silently finite.
    pub(crate) fn is_sound(&self, temperature: f64) -> bool {
        temperature.is_finite()
            && temperature > 0.0
            && self
                .anchors
                .z
                .iter()
                .chain(self.columns.z)
                .all(|value| value.is_finite())
    }
}

fn check_shape(what: &str, dim: usize, z: &[f64], labels: &[u32], instances: &[u32]) {
    assert_eq!(
        z.len(),
        labels.len() * dim,
        "{what}: z is not [labels, dim = {dim}]"
    );
    assert_eq!(
        instances.len(),
        labels.len(),
        "{what}: instances and labels differ in length"
    );
}

pub(crate) fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}
