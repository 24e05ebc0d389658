use super::ConfigError;
use super::check::require;
use serde::{Deserialize, Serialize};

/// A policy: operations drawn at random for each view, on bytes, as AutoAugment and RandAugment do it.
///
/// AutoAugment and RandAugment alone are crop, flip and a policy, with the probabilities of jitter,
/// grayscale and blur at 0. Stacked RandAugment is `rand_augment` with them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PolicyConfig {
    /// Which operations, and how they are drawn.
    pub kind: PolicyKind,
    /// When the policy's turn is among jitter, grayscale and blur.
    pub order: PolicyOrder,
    /// Operations on each view, of the two RandAugments.
    pub layers: usize,
    /// How strong they are, of the two RandAugments: 10 (`rand_augment`) or 30
    /// (`rand_augment_torchvision`) is the strongest in their tables, and more is stronger yet.
    pub magnitude: f32,
    /// Byte that stands where a moved image leaves nothing, and in cut-out squares.
    pub fill: u8,
}

/// A published policy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PolicyKind {
    /// No policy.
    #[default]
    None,
    /// The 25 sub-policies found for CIFAR-10 (Cubuk et al. 2019, arXiv:1805.09501), with the ranges of
    /// torchvision's `AutoAugment`.
    AutoAugmentCifar10,
    /// The 25 found for ImageNet, likewise.
    AutoAugmentImagenet,
    /// The policy "v0" of TensorFlow's model garden, which google-research/supcon calls AutoAugment:
    /// other sub-policies, found on COCO. Its pixel constant, 250 of 224, grows with the image; one of
    /// its operations moves the image out of the view altogether.
    AutoAugmentGoogle,
    /// RandAugment (Cubuk et al. 2020, arXiv:1909.13719) of the model garden: 16 operations or none,
    /// its pixel constants as shares of 224.
    RandAugment,
    /// RandAugment of torchvision: 14 operations, with neither invert, cut-out nor solarize-add.
    RandAugmentTorchvision,
}

/// When a policy's turn is: the sources of Stacked RandAugment disagree.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PolicyOrder {
    /// policy → jitter → grayscale → blur: the authors' talk, and Khosla et al. 2020, § 14.2.
    #[default]
    Talk,
    /// jitter → policy → grayscale → blur: google-research/supcon.
    Google,
    /// jitter → blur → policy → grayscale: Tian et al. 2020 (InfoMin, arXiv:2005.10243), the origin.
    Infomin,
}

impl PolicyKind {
    /// All, the one without operations first.
    pub const ALL: [Self; 6] = [
        Self::None,
        Self::AutoAugmentCifar10,
        Self::AutoAugmentImagenet,
        Self::AutoAugmentGoogle,
        Self::RandAugment,
        Self::RandAugmentTorchvision,
    ];

    /// The largest magnitude in the source's tables; none where `layers` and `magnitude` say nothing.
    #[must_use]
    pub fn strongest(self) -> Option<f32> {
        match self {
            Self::RandAugment => Some(10.0),
            Self::RandAugmentTorchvision => Some(30.0),
            _ => None,
        }
    }
}

impl Default for PolicyConfig {
    /// None; were it RandAugment, then with the model garden's defaults.
    fn default() -> Self {
        Self {
            kind: PolicyKind::None,
            order: PolicyOrder::Talk,
            layers: 2,
            magnitude: 10.0,
            fill: 128,
        }
    }
}

impl PolicyConfig {
    /// A policy with everything else as it is by default.
    #[must_use]
    pub fn of(kind: PolicyKind) -> Self {
        Self {
            kind,
            ..Self::default()
        }
    }

    pub(super) fn check(&self) -> Result<(), ConfigError> {
        require(
            (1..=8).contains(&self.layers),
            "views.policy.layers",
            self.layers,
            "must lie between 1 and 8 operations",
        )?;
        require(
            (0.0..=30.0).contains(&self.magnitude),
            "views.policy.magnitude",
            self.magnitude,
            "must lie between 0 and 30; rand_augment's strongest is 10, rand_augment_torchvision's 30",
        )
    }
}

#[cfg(test)]
mod tests {
    use crate::{PolicyKind, RunConfig};

    fn layered(assignments: &[&str]) -> Result<RunConfig, String> {
        let assignments: Vec<String> = assignments.iter().map(|text| (*text).to_owned()).collect();
        RunConfig::from_layers(None, None, &assignments).map_err(|error| error.to_string())
    }

    #[test]
    fn a_policy_is_set_by_name_and_a_wrong_one_is_explained() {
        let config = layered(&["views.policy.kind=rand_augment", "views.policy.magnitude=5"]);
        let policy = config.unwrap().views.policy;
        assert_eq!(
            (policy.kind, policy.magnitude),
            (PolicyKind::RandAugment, 5.0)
        );
        let error = layered(&["views.policy.kinds=none"]).unwrap_err();
        assert!(
            error.contains("did you mean \"views.policy.kind\""),
            "{error}"
        );
        let error = layered(&["views.policy.kind=auto"]).unwrap_err();
        assert!(error.contains("auto_augment_cifar10"), "{error}");
        let error = layered(&["views.policy.magnitude=31"]).unwrap_err();
        assert!(error.contains("views.policy.magnitude"), "{error}");
        let error = layered(&["views.policy.layers=0"]).unwrap_err();
        assert!(error.contains("views.policy.layers"), "{error}");
        assert!(layered(&["views.policy.fill=256"]).is_err());
    }

    #[test]
    fn a_configuration_without_a_policy_still_loads() {
        let config = layered(&[]).unwrap();
        let text = config.to_toml();
        let start = text.find("[views.policy]").expect("the policy is written");
        let end = start
            + text[start + 1..]
                .find("\n[")
                .map_or(text.len() - start, |at| at + 1);
        let old = [&text[..start], &text[end..]].concat();
        assert!(!old.contains("policy"));
        assert_eq!(RunConfig::from_toml("old", &old), Ok(config));
    }
}
