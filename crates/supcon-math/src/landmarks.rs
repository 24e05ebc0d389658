//! Values to read a loss curve by: where it starts, where it can end, what it says about the views.

/// Loss of `n_rows` rows that are all equal, `ln(M − 1)`: what a collapsed encoder gets, whatever
/// the labels and the temperature. 0 for fewer than two rows.
#[must_use]
pub fn chance(n_rows: usize) -> f64 {
    (n_rows.saturating_sub(1).max(1) as f64).ln()
}

/// Least `L_out` of `n_rows` unit rows in `n_classes` balanced classes: every class in one point,
/// the points a regular simplex, `ln(|P| + |N| e^{−K/((K−1)τ)})` (Graf et al. 2021,
/// arXiv:2102.08817). `L_in` takes the same value there.
///
/// A lower bound for every dimension; reached only if `n_classes ≤ dim + 1`. A batch in which each
/// anchor has a positive holds at most M/2 classes, so more count as M/2. 0 for fewer than two rows.
#[must_use]
pub fn simplex_floor(n_rows: usize, n_classes: usize, temperature: f64) -> f64 {
    if n_rows < 2 {
        return 0.0;
    }
    let rows = n_rows as f64;
    let classes = (n_classes.max(1) as f64).min(rows / 2.0);
    if classes <= 1.0 {
        return chance(n_rows);
    }
    let (positives, negatives) = (rows / classes - 1.0, rows - rows / classes);
    // Cosines at the simplex: 1 within a class, −1/(K−1) between two; K/(K−1) is the gap.
    let gap = classes / (classes - 1.0);
    (positives + negatives * (-gap / temperature).exp()).ln()
}

/// Least NT-Xent loss (eq. 1 of the paper): [`simplex_floor`] with every image a class of its own,
/// so `|P| = n_views − 1` and `K = n_rows / n_views`.
///
/// With `n_rows / n_views` images the simplex rarely fits (`K ≤ dim + 1`); then the bound holds and
/// is not reached. At two views it is almost 0 for small temperatures.
#[must_use]
pub fn nt_xent_floor(n_rows: usize, n_views: usize, temperature: f64) -> f64 {
    simplex_floor(n_rows, n_rows / n_views.max(1), temperature)
}

/// How far a loss has come from `chance` to `floor`: 0 at chance, 1 at the floor, below 0 when
/// worse than chance. 0 where the two coincide (one class: nothing to learn).
#[must_use]
pub fn progress(loss: f64, chance: f64, floor: f64) -> f64 {
    let range = chance - floor;
    if range == 0.0 {
        // The product keeps a NaN loss NaN.
        return 0.0 * loss;
    }
    (chance - loss) / range
}

/// The most that [`mutual_information_bound`] can show with `n_candidates`: `ln n`, nats.
#[must_use]
pub fn mutual_information_cap(n_candidates: usize) -> f64 {
    (n_candidates.max(1) as f64).ln()
}

/// Lower bound on the mutual information of two views, `ln n − L`, nats (van den Oord et al. 2018,
/// arXiv:1807.03748), never above the cap. Below 0 it says nothing.
///
/// For eq. 1 of the paper n is `2N − 1`. Not for `L_out` with several positives in the denominator;
/// take [`Denominator::OnePositive`](crate::Denominator::OnePositive) there, with n one more than
/// the number of negatives.
#[must_use]
pub fn mutual_information_bound(loss_self: f64, n_candidates: usize) -> f64 {
    let cap = mutual_information_cap(n_candidates);
    // Written so that a NaN loss stays NaN.
    if loss_self < 0.0 {
        cap
    } else {
        cap - loss_self
    }
}

/// Distance from [`chance`] within which a loss is suspect, nats.
const COLLAPSE_TOLERANCE: f64 = 1e-3;
/// Fraction of `1/√dim`, the spread of uniform unit rows, below which the spread is suspect.
const COLLAPSE_SPREAD: f64 = 0.1;

/// Whether a step looks collapsed (all embeddings alike): the loss sits at [`chance`], or
/// `z_std_mean`, the standard deviation over the batch averaged over dimensions, is below a tenth
/// of that of uniformly spread rows. A healthy loss can pass through chance, so raise the alarm
/// only after several such steps. False for non-finite values, which have an alarm of their own.
#[must_use]
pub fn is_collapsed(loss: f64, n_rows: usize, z_std_mean: f64, dim: usize) -> bool {
    let at_chance = (loss - chance(n_rows)).abs() < COLLAPSE_TOLERANCE;
    at_chance || z_std_mean < COLLAPSE_SPREAD / (dim.max(1) as f64).sqrt()
}
