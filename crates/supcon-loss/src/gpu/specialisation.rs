//! The WGSL and what the launcher writes into it.

use super::SIDE;
use super::plan::Pass;
use crate::definition::{Precision, Targets};
use crate::op::{KernelSpec, Others};
use supcon_math::{Candidates, Denominator, Positives, Summation};

const FORWARD: &str = include_str!("../../../../shaders/supcon_forward.wgsl");
const FORWARD_SUBGROUPS: &str = include_str!("../../../../shaders/supcon_forward_subgroups.wgsl");
const SHARES: &str = include_str!("../../../../shaders/supcon_shares.wgsl");
const SHARES_SUBGROUPS: &str = include_str!("../../../../shaders/supcon_shares_subgroups.wgsl");
const BACKWARD: &str = include_str!("../../../../shaders/supcon_backward.wgsl");
const HALF_WORDS: &str = include_str!("../../../../shaders/half_words.wgsl");

/// Where the text of the subgroups takes the place of what follows.
const SUBGROUPS_FROM: &str =
    "// Rewritten by the launcher from here on where the adapter has subgroups.\n";

/// What the launcher writes into a shader's constants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Specialisation {
    /// Length of an embedding.
    pub dim: usize,
    /// Length of a soft label.
    pub soft_dim: usize,
    /// Which similarity.
    pub similarity: u32,
    /// Switches of the objective.
    pub flags: u32,
    /// Whether the columns are a set of their own.
    pub separate: bool,
    /// Rows and columns of pairs an invocation owns: 2, or 4 where the adapter has the memory.
    pub micro: usize,
    /// Whether embeddings are held as f16, two a word.
    pub half: bool,
    /// Whether rows meet through subgroup operations where they can.
    pub subgroups: bool,
}

impl Specialisation {
    /// Switches there are: `flags` lies below 2 to this power.
    pub const SWITCHES: u32 = 9;

    /// The WGSL of `shaders/` that computes `pass`.
    #[must_use]
    pub fn text(&self, pass: Pass) -> String {
        let (source, with_subgroups) = match pass {
            Pass::Forward => (FORWARD, Some(FORWARD_SUBGROUPS)),
            Pass::Shares => (SHARES, Some(SHARES_SUBGROUPS)),
            Pass::Backward => (BACKWARD, None),
        };
        let source = match with_subgroups {
            Some(tail) if self.subgroups => {
                let (head, _) = source.split_once(SUBGROUPS_FROM).unwrap_or((source, ""));
                format!("{head}{tail}")
            }
            _ => source.to_owned(),
        };
        let constants = [
            dim(self.dim),
            (
                "SOFT_DIM: u32 = 0u",
                format!("SOFT_DIM: u32 = {}u", self.soft_dim),
            ),
            (
                "SIMILARITY: u32 = 0u",
                format!("SIMILARITY: u32 = {}u", self.similarity),
            ),
            ("FLAGS: u32 = 0u", format!("FLAGS: u32 = {}u", self.flags)),
            (
                "SEPARATE: bool = false",
                format!("SEPARATE: bool = {}", self.separate),
            ),
            ("MICRO: u32 = 2u", format!("MICRO: u32 = {}u", self.micro)),
            ("HALF: bool = false", format!("HALF: bool = {}", self.half)),
            (
                "SLOTS: u32 = 4u",
                format!("SLOTS: u32 = {}u", self.dim.div_ceil(SIDE)),
            ),
        ];
        constants
            .into_iter()
            .fold(source, |source, constant| set(&source, constant))
    }

    pub(super) fn new(dim: usize, spec: &KernelSpec, micro: usize, subgroups: bool) -> Self {
        Self {
            dim,
            soft_dim: spec.soft_dim,
            similarity: spec.similarity.index(),
            flags: flags(spec),
            separate: spec.separate,
            micro,
            half: spec.precision == Precision::HalfStorage,
            subgroups,
        }
    }
}

/// A `const` as it is declared, and as it is written.
type Constant = (&'static str, String);

fn dim(dim: usize) -> Constant {
    ("DIM: u32 = 64u", format!("DIM: u32 = {dim}u"))
}

fn set(source: &str, (old, new): Constant) -> String {
    source.replacen(&format!("const {old};"), &format!("const {new};"), 1)
}

/// The WGSL that rounds embeddings of a length to f16, as [`half_words`](crate::half_words) does.
#[must_use]
pub fn half_words_text(length: usize) -> String {
    set(HALF_WORDS, dim(length))
}

/// The switches of the shaders.
fn flags(spec: &KernelSpec) -> u32 {
    let switches = [
        spec.summation == Summation::In,
        spec.positives == Positives::OtherView,
        spec.candidates == Candidates::DropSameClass,
        spec.denominator == Denominator::OnlyNegatives,
        spec.denominator == Denominator::OnePositive,
        spec.others == Others::First,
        spec.targets == Targets::LabelProduct,
        spec.targets == Targets::LabelDecay,
        spec.others == Others::None,
    ];
    let bits = switches.into_iter().zip(0..Specialisation::SWITCHES);
    bits.fold(0, |flags, (on, bit)| flags | u32::from(on) << bit)
}
