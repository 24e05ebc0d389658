use crate::LossError;
use supcon_math::{Kernel, Objective};

/// What a pair's target share is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Targets {
    /// By the objective: the positives share equally.
    #[default]
    Roles,
    /// In proportion to the product of the rows' soft labels, y_i · y_j (`GenSCL`, Kim et al. 2021,
    /// arXiv:2106.00486): mixed labels, super-classes. One-hot labels give `L_out`.
    LabelProduct,
    /// In proportion to e^{−‖y_i − y_j‖₁}: frames of a film, labels on a scale.
    LabelDecay,
}

/// How the fused loss holds embeddings. Sums, losses and gradients are f32 either way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Precision {
    /// As they come, in f32.
    #[default]
    Full,
    /// Rounded to f16, two a word: the WGSL reads half the memory, on any adapter, and holds the
    /// rounded copy, n·d·2 bytes, while it runs. Meant for unit rows, whose logits move by less than
    /// 2⁻⁸/τ: what lies below 2⁻¹⁴ counts as 0, what reaches 65 520 as infinite. The gradient is that
    /// at the rounded rows. The CPU rounds alike and gains nothing.
    HalfStorage,
}

/// Whether rows of the fused loss meet through subgroup operations, where the WGSL has a choice. They
/// meet in the same order either way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Subgroups {
    /// Where the adapter offers them.
    #[default]
    Offered,
    /// Through workgroup memory.
    Never,
    /// Also where they are not offered: `CubeCL` keeps a software adapter's to itself. An adapter
    /// without them fails.
    Forced,
}

/// A member of the family of contrastive losses.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ContrastiveLoss {
    /// Temperature, positives, denominator.
    pub objective: Objective,
    /// Similarity whose quotient with the temperature is the logit.
    pub kernel: Kernel,
    /// Anything but [`Targets::Roles`] asks for the objective [`Objective::supcon`] and for soft
    /// labels in the identities.
    pub targets: Targets,
    /// How embeddings are held.
    pub precision: Precision,
    /// How rows meet on wgpu.
    pub subgroups: Subgroups,
}

impl ContrastiveLoss {
    /// The objective on dot products.
    #[must_use]
    pub fn new(objective: Objective) -> Self {
        Self {
            objective,
            kernel: Kernel::Dot,
            targets: Targets::Roles,
            precision: Precision::Full,
            subgroups: Subgroups::Offered,
        }
    }

    /// The same on another similarity.
    #[must_use]
    pub fn with_kernel(self, kernel: Kernel) -> Self {
        Self { kernel, ..self }
    }

    /// The same with soft targets.
    #[must_use]
    pub fn with_targets(self, targets: Targets) -> Self {
        Self { targets, ..self }
    }

    /// The same on embeddings held otherwise.
    #[must_use]
    pub fn with_precision(self, precision: Precision) -> Self {
        Self { precision, ..self }
    }

    /// The same with rows that meet otherwise.
    #[must_use]
    pub fn with_subgroups(self, subgroups: Subgroups) -> Self {
        Self { subgroups, ..self }
    }
}

/// A [`Kernel`] as the op computes it: one function of a sum over dimensions, with up to two
/// constants. A cosine is the dot product of rows brought to unit length before the op.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Similarity {
    /// x·y
    Dot,
    /// −scale · ‖x − y‖²
    Rbf { scale: f32 },
    /// −scale · ‖x − y‖₁
    Laplacian { scale: f32 },
    /// (x·y + offset)^degree
    Polynomial { offset: f32, degree: u16 },
    /// −(freedom + 1)/2 · ln(1 + ‖x − y‖²/freedom)
    StudentT { freedom: f32 },
}

impl Similarity {
    pub(crate) fn new(kernel: Kernel) -> Result<Self, LossError> {
        let positive = |name: &'static str, value: f64| {
            if value.is_finite() && value > 0.0 {
                Ok(value)
            } else {
                Err(LossError::Kernel { name, value })
            }
        };
        Ok(match kernel {
            Kernel::Dot | Kernel::Cosine => Self::Dot,
            Kernel::Rbf { width } => Self::Rbf {
                scale: (0.5 / positive("RBF width", width)?.powi(2)) as f32,
            },
            Kernel::Laplacian { width } => Self::Laplacian {
                scale: (1.0 / positive("Laplacian width", width)?) as f32,
            },
            Kernel::Polynomial { offset, .. } if !offset.is_finite() => {
                return Err(LossError::Offset { value: offset });
            }
            Kernel::Polynomial { offset, degree } => Self::Polynomial {
                offset: offset as f32,
                degree: positive("polynomial degree", f64::from(degree)).map(|_| degree)?,
            },
            Kernel::StudentT { freedom } => Self::StudentT {
                freedom: positive("Student-t freedom", freedom)? as f32,
            },
        })
    }

    /// Which of the shaders' similarities it is.
    pub(crate) fn index(self) -> u32 {
        match self {
            Self::Dot => 0,
            Self::Rbf { .. } => 1,
            Self::Laplacian { .. } => 2,
            Self::Polynomial { .. } => 3,
            Self::StudentT { .. } => 4,
        }
    }

    /// The constants `a` and `b` of the shaders.
    pub(crate) fn constants(self) -> [f32; 2] {
        match self {
            Self::Dot => [0.0, 0.0],
            Self::Rbf { scale } | Self::Laplacian { scale } => [scale, 0.0],
            Self::Polynomial { offset, degree } => [offset, f32::from(degree)],
            Self::StudentT { freedom } => [freedom, 0.0],
        }
    }
}
