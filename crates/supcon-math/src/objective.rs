//! What is contrasted with what: the switches that turn one formula into the literature's losses.

/// Where the sum over positives stands relative to the logarithm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Summation {
    /// Outside the logarithm: `L_out`, eq. 2 of the paper. The better one by a wide margin.
    Out,
    /// Inside the logarithm: `L_in`, eq. 3 of the paper. Never above `L_out` (Jensen).
    In,
}

/// Which columns count as positives of an anchor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Positives {
    /// Columns with the anchor's label, its other views among them (`P(i)`, §3.2.2 of the paper).
    SameLabel,
    /// Columns of the anchor's `instance`: the other views only (eq. 1 of the paper).
    OtherView,
}

/// Which columns may stand in the denominator at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Candidates {
    /// Every column but the anchor itself (`A(i)` of the paper).
    All,
    /// Every column but those of the anchor's class that are not positives: "only remove the false
    /// negatives". With [`Positives::OtherView`] this is the talk's control experiment.
    DropSameClass,
}

/// Which candidates the denominator of one positive sums over (`denominator_mode` of the official
/// TensorFlow code).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Denominator {
    /// All candidates, as in eqs. 1 to 3 of the paper.
    All,
    /// The negatives and the one positive in question.
    OnePositive,
    /// The negatives alone (decoupled): the loss may become negative.
    OnlyNegatives,
}

/// A contrastive loss on rows of unit length with logits `s_ij = z_i · k_j / temperature`.
///
/// The fields are independent; the constructors name the combinations of the literature.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Objective {
    /// Temperature τ, positive.
    pub temperature: f64,
    /// Sum over positives outside or inside the logarithm.
    pub summation: Summation,
    /// What makes a column a positive.
    pub positives: Positives,
    /// What is allowed in the denominator.
    pub candidates: Candidates,
    /// What the denominator sums over.
    pub denominator: Denominator,
    /// At most this many positives besides the anchor's own other views, which always stay
    /// (`positives_cap` of the official TensorFlow code, counted in rows; paper §11): the first by
    /// [`pair_hash`]. Those beyond the cap leave the numerator *and* the denominator. Table 5 of the
    /// paper counts own views too: its k is this plus the views less one. 0 keeps own views alone.
    pub positives_cap: Option<usize>,
}

impl Objective {
    /// Supervised contrastive loss `L_out`, eq. 2 of the paper.
    #[must_use]
    pub fn supcon(temperature: f64) -> Self {
        Self {
            temperature,
            summation: Summation::Out,
            positives: Positives::SameLabel,
            candidates: Candidates::All,
            denominator: Denominator::All,
            positives_cap: None,
        }
    }

    /// Supervised contrastive loss `L_in`, eq. 3 of the paper.
    #[must_use]
    pub fn supcon_in(temperature: f64) -> Self {
        Self {
            summation: Summation::In,
            ..Self::supcon(temperature)
        }
    }

    /// NT-Xent, the self-supervised loss of SimCLR (Chen et al. 2020, arXiv:2002.05709), eq. 1 of
    /// the paper.
    #[must_use]
    pub fn nt_xent(temperature: f64) -> Self {
        Self {
            positives: Positives::OtherView,
            ..Self::supcon(temperature)
        }
    }

    /// NT-Xent whose denominator holds no column of the anchor's class but the positives: labels
    /// remove false negatives and do nothing else.
    #[must_use]
    pub fn drop_same_class(temperature: f64) -> Self {
        Self {
            candidates: Candidates::DropSameClass,
            ..Self::nt_xent(temperature)
        }
    }

    /// N-pairs loss (Sohn 2016), eq. 27 of the paper: one positive of the class, temperature 1.
    /// Meant for batches of one view: a second would be a positive besides.
    #[must_use]
    pub fn n_pairs() -> Self {
        Self {
            positives_cap: Some(1),
            ..Self::supcon(1.0)
        }
    }
}

/// The order in which a capped anchor picks its positives: smaller hashes first.
///
/// `mix(mix(row + 0x9e3779b9) ^ column)` in wrapping 32-bit arithmetic, so that a shader computes
/// the same, where `mix` is the "lowbias32" finaliser (shifts 16, 15, 16; multipliers `0x7feb352d`,
/// `0x846ca68b`). `mix` is a bijection, hence two columns of one row never tie. The choice is a
/// function of the indices alone; shuffled batches make it a random one.
#[must_use]
pub fn pair_hash(row: u32, column: u32) -> u32 {
    mix(mix(row.wrapping_add(0x9e37_79b9)) ^ column)
}

fn mix(mut bits: u32) -> u32 {
    bits = (bits ^ (bits >> 16)).wrapping_mul(0x7feb_352d);
    bits = (bits ^ (bits >> 15)).wrapping_mul(0x846c_a68b);
    bits ^ (bits >> 16)
}
