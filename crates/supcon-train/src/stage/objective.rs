//! The loss of a contrastive method, and what may be read off its curve.

use supcon_loss::{ContrastiveLoss, Precision};
use supcon_math::{Candidates, Denominator, Kernel, Objective, Positives, landmarks};
use supcon_protocol::{
    DenominatorMode, KernelConfig, KernelKind, Landmarks, LossPrecision, Method, RunConfig,
};

/// A method's loss on the rows of its batches.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct StageLoss {
    pub(crate) loss: ContrastiveLoss,
    /// Whether z are unit rows; a plain dot product sees the head's output as it is.
    pub(crate) unit_rows: bool,
    /// v.
    pub(crate) n_views: usize,
}

impl StageLoss {
    pub(crate) fn new(config: &RunConfig, method: Method) -> Self {
        let tau = f64::from(config.contrastive.temperature_of(method));
        let objective = match method {
            Method::SupconIn => Objective::supcon_in(tau),
            Method::Simclr => Objective::nt_xent(tau),
            Method::DropSameClass => Objective::drop_same_class(tau),
            Method::Supcon | Method::NPairs | Method::CrossEntropy => Objective::supcon(tau),
        };
        let objective = Objective {
            denominator: denominator(config.contrastive.denominator),
            positives_cap: config.positives_cap_of(method),
            ..objective
        };
        let kernel = &config.contrastive.kernel;
        Self {
            loss: ContrastiveLoss::new(objective)
                .with_kernel(of_unit_rows(kernel))
                .with_precision(precision(config.contrastive.precision)),
            unit_rows: kernel.kind != KernelKind::Dot,
            n_views: config.n_views_of(method),
        }
    }

    pub(crate) fn temperature(&self) -> f64 {
        self.loss.objective.temperature
    }

    /// Whether the similarity with the other view is a cosine.
    pub(crate) fn has_view_cosine(&self) -> bool {
        self.n_views > 1 && self.unit_rows && self.loss.kernel == Kernel::Dot
    }

    /// Whether the same logits give NT-Xent's bound on the views' mutual information: the
    /// denominator holds every other row, and of them one other view. Any similarity may be its
    /// critic.
    pub(crate) fn bounds_mutual_information(&self) -> bool {
        self.n_views == 2 && self.meets_every_row()
    }

    /// Whether every denominator sums over all other rows.
    fn meets_every_row(&self) -> bool {
        let Objective {
            positives,
            candidates,
            denominator,
            positives_cap,
            ..
        } = self.loss.objective;
        let uncapped = positives_cap.is_none() || positives == Positives::OtherView;
        denominator == Denominator::All && candidates == Candidates::All && uncapped
    }

    /// Chance line and floor of a batch of `n_rows` rows in `n_classes` classes; `None` where the
    /// size of the denominator differs from anchor to anchor, or no floor is known for the similarity.
    pub(crate) fn landmarks(&self, n_rows: usize, n_classes: usize) -> Option<Landmarks> {
        let tau = self.temperature();
        // On unit rows −‖a − b‖²/(2w²) is (a·b − 1)/w², and the constant cancels.
        let tau = match self.loss.kernel {
            Kernel::Dot if self.unit_rows => tau,
            Kernel::Rbf { width } => tau * width * width,
            _ => return None,
        };
        if !self.meets_every_row() {
            return None;
        }
        let floor = match self.loss.objective.positives {
            Positives::SameLabel => landmarks::simplex_floor(n_rows, n_classes, tau),
            Positives::OtherView => landmarks::nt_xent_floor(n_rows, self.n_views, tau),
        };
        Some(Landmarks {
            chance: landmarks::chance(n_rows),
            floor,
        })
    }
}

fn denominator(mode: DenominatorMode) -> Denominator {
    match mode {
        DenominatorMode::All => Denominator::All,
        DenominatorMode::OnePositive => Denominator::OnePositive,
        DenominatorMode::OnlyNegatives => Denominator::OnlyNegatives,
    }
}

fn precision(precision: LossPrecision) -> Precision {
    match precision {
        LossPrecision::Full => Precision::Full,
        LossPrecision::HalfStorage => Precision::HalfStorage,
    }
}

/// The similarity as the loss computes it on rows that have unit length already.
fn of_unit_rows(kernel: &KernelConfig) -> Kernel {
    match kernel.kind {
        KernelKind::Cosine | KernelKind::Dot => Kernel::Dot,
        KernelKind::Rbf => Kernel::Rbf {
            width: f64::from(kernel.width),
        },
        KernelKind::Laplacian => Kernel::Laplacian {
            width: f64::from(kernel.width),
        },
        KernelKind::Polynomial => Kernel::Polynomial {
            offset: f64::from(kernel.offset),
            degree: kernel.degree,
        },
        KernelKind::StudentT => Kernel::StudentT {
            freedom: f64::from(kernel.freedom),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::StageLoss;
    use supcon_loss::Precision;
    use supcon_math::{Anchors, Kernel};
    use supcon_protocol::{Method, PRESETS, RunConfig};

    fn stage_loss(method: Method, assignments: &[&str]) -> StageLoss {
        let assignments: Vec<String> = assignments.iter().map(|&text| text.to_owned()).collect();
        let config = RunConfig::from_layers(Some(PRESETS[0].name), None, &assignments);
        StageLoss::new(&config.expect("sound"), method)
    }

    /// The loss of 12 rows, 3 classes of 2 images in 2 views, at given points of a class.
    fn loss_at(of: &StageLoss, point: impl Fn(u32) -> [f64; 2]) -> f64 {
        let labels: Vec<u32> = (0..12).map(|row| row % 6 % 3).collect();
        let instances: Vec<u32> = (0..12).map(|row| row % 6).collect();
        let z: Vec<f64> = labels.iter().flat_map(|&label| point(label)).collect();
        let anchors = Anchors {
            z: &z,
            dim: 2,
            labels: &labels,
            instances: &instances,
        };
        supcon_math::kernel_loss(&of.loss.objective, of.loss.kernel, &anchors, None).loss
    }

    #[test]
    fn landmarks_are_the_losses_of_collapse_and_simplex() {
        // Three classes at the corners of a triangle.
        let corner = |label: u32| {
            let angle = f64::from(label) * std::f64::consts::TAU / 3.0;
            [angle.cos(), angle.sin()]
        };
        let rbf = [
            "contrastive.kernel.kind=rbf",
            "contrastive.kernel.width=0.7",
        ];
        for assignments in [&[][..], &rbf] {
            for method in [Method::Supcon, Method::SupconIn] {
                let loss = stage_loss(method, assignments);
                let landmarks = loss.landmarks(12, 3).expect("known");
                let chance = loss_at(&loss, |_| [0.6, 0.8]);
                let floor = loss_at(&loss, corner);
                assert!((landmarks.chance - chance).abs() < 1e-9, "{landmarks:?}");
                assert!((landmarks.floor - floor).abs() < 1e-9, "{landmarks:?}");
            }
        }
    }

    #[test]
    fn no_landmark_or_bound_is_claimed_where_it_does_not_hold() {
        let known = |method, assignments: &[&str]| {
            let loss = stage_loss(method, assignments);
            (
                loss.landmarks(12, 3).is_some(),
                loss.bounds_mutual_information(),
                loss.has_view_cosine(),
            )
        };
        for method in [Method::Supcon, Method::SupconIn, Method::Simclr] {
            assert_eq!(known(method, &[]), (true, true, true));
        }
        let cap = ["contrastive.positives_cap=2"];
        assert_eq!(known(Method::Supcon, &cap), (false, false, true));
        assert_eq!(known(Method::Simclr, &cap), (true, true, true));
        assert_eq!(known(Method::DropSameClass, &[]), (false, false, true));
        assert_eq!(known(Method::NPairs, &[]), (false, false, false));
        for mode in ["one_positive", "only_negatives"] {
            let mode = format!("contrastive.denominator={mode}");
            assert_eq!(known(Method::Supcon, &[&mode]), (false, false, true));
        }
        let kernel = |kind: &str| format!("contrastive.kernel.kind={kind}");
        for kind in ["dot", "laplacian", "polynomial", "student_t"] {
            assert_eq!(
                known(Method::Supcon, &[&kernel(kind)]),
                (false, true, false)
            );
        }
        assert_eq!(
            known(Method::Supcon, &[&kernel("rbf")]),
            (true, true, false)
        );
        assert_eq!(
            known(Method::Supcon, &["views.n_views=3"]),
            (true, false, true)
        );
    }

    #[test]
    fn half_storage_is_used_where_it_is_asked_for() {
        let of = |assignments: &[&str]| stage_loss(Method::Supcon, assignments).loss.precision;
        assert_eq!(of(&[]), Precision::Full);
        let half = ["contrastive.precision=half_storage"];
        assert_eq!(of(&half), Precision::HalfStorage);
    }

    #[test]
    fn n_pairs_is_the_published_objective() {
        let loss = stage_loss(Method::NPairs, &["contrastive.temperature=0.07"]);
        assert_eq!(loss.loss.objective, supcon_math::Objective::n_pairs());
        assert_eq!((loss.n_views, loss.loss.kernel), (1, Kernel::Dot));
    }
}
