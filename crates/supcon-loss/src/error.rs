use thiserror::Error;

/// Why a loss was refused.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum LossError {
    /// τ outside the positive finite numbers.
    #[error("temperature {temperature} is not a positive finite number")]
    Temperature {
        /// What was given.
        temperature: f64,
    },
    /// A similarity's constant outside the positive finite numbers.
    #[error("{name} {value} is not a positive finite number")]
    Kernel {
        /// Which constant.
        name: &'static str,
        /// What was given.
        value: f64,
    },
    /// A polynomial's offset that is not a number to add.
    #[error("polynomial offset {value} is not a finite number")]
    Offset {
        /// What was given.
        value: f64,
    },
    /// Soft targets with an objective that decides on positives itself.
    #[error(
        "soft targets replace the objective's positives: use them with L_out over all candidates, without a cap"
    )]
    SoftObjective,
    /// Half storage asked of the version in plain tensor operations.
    #[error(
        "plain tensor operations hold embeddings in f32: use the fused loss, or full precision"
    )]
    PlainPrecision,
    /// Soft targets without soft labels.
    #[error("soft targets need soft labels on every row and column")]
    NoSoftLabels,
    /// Soft labels that do not fit the rows.
    #[error("{values} values are not {k} soft labels for each of {rows} rows")]
    SoftShape {
        /// Values given.
        values: usize,
        /// Rows to label.
        rows: usize,
        /// Length of a soft label.
        k: usize,
    },
    /// A soft label outside the non-negative finite numbers.
    #[error("soft label {value} of row {row} is not a finite number of at least 0")]
    SoftValue {
        /// What was given.
        value: f32,
        /// Of which row.
        row: usize,
    },
    /// z and the identities disagree.
    #[error("z has {rows} {what}, but {identities} {what} have labels")]
    Rows {
        /// Rows or columns.
        what: &'static str,
        /// Of z.
        rows: usize,
        /// With labels.
        identities: usize,
    },
    /// Columns and rows of different lengths.
    #[error("rows have {dim} dimensions and columns {columns}")]
    ColumnDim {
        /// Dimensions of the rows.
        dim: usize,
        /// Dimensions of the columns.
        columns: usize,
    },
    /// An embedding longer than the kernels can hold.
    #[error("z has {dim} dimensions; the fused loss takes 1 to {max}: lower projection_head.out")]
    Dim {
        /// Dimensions of z.
        dim: usize,
        /// Most the kernels take.
        max: usize,
    },
    /// Weights that do not fit the rows.
    #[error("{weights} anchor weights for {rows} rows")]
    AnchorWeights {
        /// Weights given.
        weights: usize,
        /// Rows.
        rows: usize,
    },
}
