//! How unit vectors lie on the sphere: alignment and uniformity (Wang & Isola 2020,
//! arXiv:2005.10242), in one pass over the cosines of pairs.

/// Running mean of ‖x − y‖² = 2 − 2 cos over pairs that belong together: alignment with α = 2 (§4.1,
/// `align_loss` of the paper's appendix).
#[derive(Clone, Copy, Debug, Default)]
pub struct Alignment {
    cosines: f64,
    pairs: u64,
}

impl Alignment {
    /// Takes a pair in.
    pub fn add(&mut self, cosine: f64) {
        self.cosines += cosine;
        self.pairs += 1;
    }

    /// Between 0 (every pair in one point) and 4 (opposite); `None` without pairs.
    #[must_use]
    pub fn value(&self) -> Option<f64> {
        (self.pairs > 0).then(|| 2.0 - 2.0 * self.cosines / self.pairs as f64)
    }
}

/// Running ln of the mean e^{−t‖x − y‖²}, t = 2, over pairs of different points: uniformity (eq. 1
/// there, `uniform_loss` of its appendix).
#[derive(Clone, Copy, Debug, Default)]
pub struct Uniformity {
    potentials: f64,
    pairs: u64,
}

impl Uniformity {
    /// Takes a pair in.
    pub fn add(&mut self, cosine: f64) {
        self.potentials += (-2.0 * (2.0 - 2.0 * cosine)).exp();
        self.pairs += 1;
    }

    /// Nats, between −8 (two opposite points) and 0 (all in one point); `None` without pairs.
    #[must_use]
    pub fn value(&self) -> Option<f64> {
        (self.pairs > 0).then(|| (self.potentials / self.pairs as f64).ln())
    }
}
