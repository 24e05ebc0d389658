use thiserror::Error;

/// Why a loss was refused.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum LossError {
    /// An objective that the tensor losses do not know (the `f64` reference knows all).
    #[error("the tensor losses do not support {feature}; use the default for it")]
    Unsupported {
        /// The field and its value.
        feature: String,
    },
    /// τ outside the positive finite numbers.
    #[error("temperature {temperature} is not a positive finite number")]
    Temperature {
        /// What was given.
        temperature: f64,
    },
    /// z and the identities disagree.
    #[error("z has {rows} rows, but {identities} rows have labels")]
    Rows {
        /// Rows of z.
        rows: usize,
        /// Rows with labels.
        identities: usize,
    },
    /// An embedding longer than the kernels can hold.
    #[error("z has {dim} dimensions; the fused loss takes 1 to {max}: lower projection_head.out")]
    Dim {
        /// Dimensions of z.
        dim: usize,
        /// Most the kernels take.
        max: usize,
    },
}
