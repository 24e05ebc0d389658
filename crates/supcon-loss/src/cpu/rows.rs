//! What the passes share: rows, columns, who they are, and what they are to each other.

use super::FlexTensor;
use crate::definition::Targets;
use crate::op::{KernelSpec, Others};
use burn::tensor::DType;
use supcon_math::{Candidates, Positives, Role, pair_hash};

/// Who the rows of a set are: `Identity::packed`, unpacked.
pub(super) struct Identities {
    pub(super) labels: Vec<u32>,
    pub(super) instances: Vec<u32>,
    /// Largest `pair_hash` of another image's positive under the cap.
    thresholds: Vec<u32>,
    /// `[n, soft_dim]`.
    soft: Vec<f32>,
}

impl Identities {
    /// From whichever integer type the device uses.
    pub(super) fn unpack(tensor: &FlexTensor, soft_dim: usize) -> Self {
        let tensor = tensor.to_contiguous();
        let bits: Vec<u32> = match tensor.dtype() {
            DType::I32 => tensor
                .storage::<i32>()
                .iter()
                .map(|bits| bits.cast_unsigned())
                .collect(),
            DType::I64 => tensor
                .storage::<i64>()
                .iter()
                .map(|&bits| bits as u32)
                .collect(),
            other => panic!("identities are i32 or i64, not {other:?}"),
        };
        let rows = bits.chunks_exact(tensor.layout().shape()[1]);
        Self {
            labels: rows.clone().map(|row| row[0]).collect(),
            instances: rows.clone().map(|row| row[1]).collect(),
            thresholds: rows.clone().map(|row| row[2]).collect(),
            soft: rows
                .flat_map(|row| row[3..3 + soft_dim].iter().map(|&y| f32::from_bits(y)))
                .collect(),
        }
    }
}

/// A set of rows that blocks share.
#[derive(Clone, Copy)]
pub(super) struct Rows<'a> {
    /// `[n, dim]`.
    pub(super) z: &'a [f32],
    pub(super) dim: usize,
    pub(super) who: &'a Identities,
}

impl<'a> Rows<'a> {
    pub(super) fn len(&self) -> usize {
        self.who.labels.len()
    }

    /// Rows `from..to` of z.
    pub(super) fn slice(&self, from: usize, to: usize) -> &'a [f32] {
        &self.z[from * self.dim..to * self.dim]
    }
}

/// Anchors, the columns they meet (the anchors themselves unless the spec is `separate`), and how.
#[derive(Clone, Copy)]
pub(super) struct Operands<'a> {
    pub(super) rows: Rows<'a>,
    pub(super) columns: Rows<'a>,
    pub(super) spec: KernelSpec,
}

impl Operands<'_> {
    /// Where row i meets itself in the tile of `width` columns from `column`.
    pub(super) fn itself(&self, i: usize, column: usize, width: usize) -> Option<usize> {
        let at = i.checked_sub(column).filter(|&at| at < width);
        at.filter(|_| !self.spec.separate)
    }

    pub(super) fn same_instance(&self, i: usize, j: usize) -> bool {
        self.rows.who.instances[i] == self.columns.who.instances[j]
    }

    /// What column j is to anchor i, which it is not itself.
    pub(super) fn role(&self, i: usize, j: usize) -> Role {
        let spec = &self.spec;
        let same_label = self.rows.who.labels[i] == self.columns.who.labels[j];
        let positive = match spec.positives {
            Positives::SameLabel => same_label,
            Positives::OtherView => self.same_instance(i, j),
        };
        if positive {
            let beyond = match spec.others {
                Others::All => false,
                _ if self.same_instance(i, j) => false,
                Others::First => pair_hash(i as u32, j as u32) > self.rows.who.thresholds[i],
                Others::None => true,
            };
            return if beyond {
                Role::Excluded
            } else {
                Role::Positive
            };
        }
        match spec.candidates {
            Candidates::DropSameClass if same_label => Role::Excluded,
            _ => Role::Negative,
        }
    }

    /// Target of a pair before normalisation; symmetric.
    pub(super) fn soft_weight(&self, i: usize, j: usize) -> f32 {
        let k = self.spec.soft_dim;
        let pairs = self.rows.who.soft[i * k..][..k]
            .iter()
            .zip(&self.columns.who.soft[j * k..][..k]);
        match self.spec.targets {
            Targets::Roles => unreachable!("only soft targets have weights"),
            Targets::LabelProduct => pairs.map(|(a, b)| a * b).sum(),
            Targets::LabelDecay => (-pairs.map(|(a, b)| (a - b).abs()).sum::<f32>()).exp(),
        }
    }
}
