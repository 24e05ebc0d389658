//! One anchor against all columns: roles, log-sums, and the two distributions whose difference is
//! the gradient.

use crate::batch::Batch;
use crate::objective::{Candidates, Denominator, Objective, Positives, Summation, pair_hash};

/// What a column is to an anchor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The anchor's own row: never a candidate.
    Itself,
    /// In `P(i)`.
    Positive,
    /// A candidate that is not a positive.
    Negative,
    /// Left out of numerator and denominator, by the cap or by [`Candidates::DropSameClass`].
    Excluded,
}

/// Roles of all columns for the anchor `row`.
pub(crate) fn roles(objective: &Objective, batch: &Batch<'_>, row: usize) -> Vec<Role> {
    let mut roles: Vec<Role> = (0..batch.n_columns())
        .map(|column| role(objective, batch, row, column))
        .collect();
    if let Some(cap) = objective.positives_cap {
        exclude_beyond(cap, batch, row, &mut roles);
    }
    roles
}

fn role(objective: &Objective, batch: &Batch<'_>, row: usize, column: usize) -> Role {
    if batch.is_itself(row, column) {
        return Role::Itself;
    }
    let same_label = batch.same_label(row, column);
    let positive = match objective.positives {
        Positives::SameLabel => same_label,
        Positives::OtherView => batch.same_instance(row, column),
    };
    match (positive, objective.candidates) {
        (true, _) => Role::Positive,
        (false, Candidates::DropSameClass) if same_label => Role::Excluded,
        (false, _) => Role::Negative,
    }
}

fn exclude_beyond(cap: usize, batch: &Batch<'_>, row: usize, roles: &mut [Role]) {
    let mut of_others: Vec<usize> = columns_of(roles, Role::Positive)
        .filter(|&column| !batch.same_instance(row, column))
        .collect();
    of_others.sort_by_key(|&column| pair_hash(row as u32, column as u32));
    for &column in of_others.iter().skip(cap) {
        roles[column] = Role::Excluded;
    }
}

fn columns_of(roles: &[Role], wanted: Role) -> impl Iterator<Item = usize> {
    let with_role = move |(column, &role)| (role == wanted).then_some(column);
    roles.iter().enumerate().filter_map(with_role)
}

/// Whether an anchor with these roles has something to contrast, and so counts in the mean.
pub(crate) fn is_valid(denominator: Denominator, roles: &[Role]) -> bool {
    roles.contains(&Role::Positive)
        && (denominator != Denominator::OnlyNegatives || roles.contains(&Role::Negative))
}

/// [`is_valid`] of the roles of `row`, without writing them down: looks at columns until it is known.
pub(crate) fn is_valid_row(objective: &Objective, batch: &Batch<'_>, row: usize) -> bool {
    let counts_others = objective.positives_cap != Some(0);
    let (mut positive, mut negative) = (false, objective.denominator != Denominator::OnlyNegatives);
    for column in 0..batch.n_columns() {
        match role(objective, batch, row, column) {
            Role::Positive => positive |= counts_others || batch.same_instance(row, column),
            Role::Negative => negative = true,
            Role::Itself | Role::Excluded => {}
        }
        if positive && negative {
            return true;
        }
    }
    false
}

/// The two distributions over columns with `∂L_i/∂s_ij = probability − target` (paper eq. 4).
pub(crate) struct Distributions {
    /// `P_ij`, 0 outside the denominator.
    pub(crate) probability: Vec<f64>,
    /// `X_ij`, 0 outside the positives.
    pub(crate) target: Vec<f64>,
}

/// One anchor with its logits and roles.
pub(crate) struct Row<'a> {
    objective: &'a Objective,
    pub(crate) logits: Vec<f64>,
    pub(crate) roles: Vec<Role>,
    pub(crate) positive_count: usize,
}

impl<'a> Row<'a> {
    pub(crate) fn new(objective: &'a Objective, batch: &Batch<'_>, row: usize) -> Self {
        let roles = roles(objective, batch, row);
        Self {
            objective,
            logits: batch.logits(row, objective.temperature),
            positive_count: columns_of(&roles, Role::Positive).count(),
            roles,
        }
    }

    pub(crate) fn is_valid(&self) -> bool {
        is_valid(self.objective.denominator, &self.roles)
    }

    /// Whether no logit of a positive or negative has overflowed.
    pub(crate) fn is_finite(&self) -> bool {
        let mut used = self
            .logits_of(Role::Positive)
            .chain(self.logits_of(Role::Negative));
        used.all(f64::is_finite)
    }

    fn logits_of(&self, role: Role) -> impl Iterator<Item = f64> + Clone {
        let with_role = move |(&logit, &own): (&f64, &Role)| (own == role).then_some(logit);
        self.logits.iter().zip(&self.roles).filter_map(with_role)
    }

    /// `Σ_p s_ip / |P|`; 0 without positives.
    pub(crate) fn positive_mean_logit(&self) -> f64 {
        let sum: f64 = self.logits_of(Role::Positive).sum();
        sum / self.positive_count.max(1) as f64
    }

    /// `ln Σ_p e^{s_ip}`.
    pub(crate) fn log_positive_sum(&self) -> f64 {
        log_sum_exp(self.logits_of(Role::Positive))
    }

    fn log_negative_sum(&self) -> f64 {
        log_sum_exp(self.logits_of(Role::Negative))
    }

    /// Logarithm of the denominator; with [`Denominator::OnePositive`], where every positive has
    /// its own, their mean.
    pub(crate) fn log_denominator(&self) -> f64 {
        let negatives = self.log_negative_sum();
        match self.objective.denominator {
            Denominator::All => log_add_exp(negatives, self.log_positive_sum()),
            Denominator::OnePositive if self.positive_count > 0 => {
                let each = self
                    .logits_of(Role::Positive)
                    .map(|logit| log_add_exp(negatives, logit));
                each.sum::<f64>() / self.positive_count as f64
            }
            Denominator::OnePositive | Denominator::OnlyNegatives => negatives,
        }
    }

    /// `L_i` of a valid anchor, nats.
    pub(crate) fn loss(&self) -> f64 {
        let count = self.positive_count as f64;
        match (self.objective.summation, self.objective.denominator) {
            (Summation::Out, _) => self.log_denominator() - self.positive_mean_logit(),
            (Summation::In, Denominator::OnePositive) => {
                count.ln() - log_sum_exp(self.log_shares().into_iter())
            }
            (Summation::In, _) => self.log_denominator() - self.log_positive_sum() + count.ln(),
        }
    }

    /// `ln (e^{s_ip} / (e^{s_ip} + Σ_n e^{s_in}))` of each positive, in column order.
    fn log_shares(&self) -> Vec<f64> {
        let negatives = self.log_negative_sum();
        self.logits_of(Role::Positive)
            .map(|logit| logit - log_add_exp(negatives, logit))
            .collect()
    }

    /// `P_i` and `X_i` of a valid anchor.
    pub(crate) fn distributions(&self) -> Distributions {
        match self.objective.denominator {
            Denominator::OnePositive => self.one_positive_distributions(),
            Denominator::All | Denominator::OnlyNegatives => self.joint_distributions(),
        }
    }

    fn joint_distributions(&self) -> Distributions {
        let (log_denominator, log_positives) = (self.log_denominator(), self.log_positive_sum());
        let positives_inside = self.objective.denominator == Denominator::All;
        let mut both = Distributions::zeros(self.logits.len());
        for (column, (&logit, &role)) in self.logits.iter().zip(&self.roles).enumerate() {
            if role == Role::Negative || (role == Role::Positive && positives_inside) {
                both.probability[column] = (logit - log_denominator).exp();
            }
            if role == Role::Positive {
                both.target[column] = match self.objective.summation {
                    Summation::Out => 1.0 / self.positive_count as f64,
                    Summation::In => (logit - log_positives).exp(),
                };
            }
        }
        both
    }

    /// Every positive is a softmax of its own against the negatives, with weight `q_p`: `1/|P|`
    /// for the sum outside, its part of the summed shares for the sum inside.
    fn one_positive_distributions(&self) -> Distributions {
        let log_shares = self.log_shares();
        let log_share_sum = log_sum_exp(log_shares.iter().copied());
        let log_negatives = self.log_negative_sum();
        let mut both = Distributions::zeros(self.logits.len());
        // Σ_p q_p · (what the negatives together take in the softmax of p)
        let mut negative_part = 0.0;
        for (column, log_share) in columns_of(&self.roles, Role::Positive).zip(log_shares) {
            let weight = match self.objective.summation {
                Summation::Out => 1.0 / self.positive_count as f64,
                Summation::In => (log_share - log_share_sum).exp(),
            };
            both.target[column] = weight;
            both.probability[column] = weight * log_share.exp();
            let log_denominator = self.logits[column] - log_share;
            negative_part += weight * (log_negatives - log_denominator).exp();
        }
        for column in columns_of(&self.roles, Role::Negative) {
            both.probability[column] = negative_part * (self.logits[column] - log_negatives).exp();
        }
        both
    }
}

impl Distributions {
    fn zeros(n_columns: usize) -> Self {
        Self {
            probability: vec![0.0; n_columns],
            target: vec![0.0; n_columns],
        }
    }
}

/// `ln Σ e^x`: `−∞` of no values, NaN if one is NaN or `+∞`.
pub(crate) fn log_sum_exp(values: impl Iterator<Item = f64> + Clone) -> f64 {
    // `f64::max` would drop a NaN, and with only NaNs leave `−∞`.
    let keep_larger = |max: f64, value: f64| {
        if value > max || value.is_nan() {
            value
        } else {
            max
        }
    };
    let max = values.clone().fold(f64::NEG_INFINITY, keep_larger);
    if max == f64::NEG_INFINITY {
        return max;
    }
    max + values.map(|value| (value - max).exp()).sum::<f64>().ln()
}

fn log_add_exp(a: f64, b: f64) -> f64 {
    log_sum_exp([a, b].into_iter())
}
