//! What is contrasted with what, and by which similarity: the choices within a contrastive method.

use super::{ConfigError, RunConfig, check::require};
use crate::Method;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::fmt;

/// What the denominator of one positive sums over (`denominator_mode` of the paper's TensorFlow code).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DenominatorMode {
    /// Every other row, as in eqs. 1 to 3 of Khosla et al. 2020.
    #[default]
    All,
    /// The negatives and the positive in question.
    OnePositive,
    /// The negatives alone (decoupled): the loss may fall below 0.
    OnlyNegatives,
}

/// Most positives an anchor keeps besides its own other views, which always stay: `"none"` for no
/// cap, or a number of rows. Table 5 of Khosla et al. 2020 counts own views too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PositivesCap(pub Option<usize>);

impl fmt::Display for PositivesCap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            None => f.write_str("none"),
            Some(cap) => cap.fmt(f),
        }
    }
}

impl Serialize for PositivesCap {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            None => serializer.serialize_str("none"),
            Some(cap) => serializer.serialize_u64(cap as u64),
        }
    }
}

impl<'de> Deserialize<'de> for PositivesCap {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(CapVisitor)
    }
}

struct CapVisitor;

impl de::Visitor<'_> for CapVisitor {
    type Value = PositivesCap;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("\"none\" or a whole number of at least 0")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<PositivesCap, E> {
        match text {
            "none" => Ok(PositivesCap(None)),
            _ => Err(E::invalid_value(de::Unexpected::Str(text), &self)),
        }
    }

    fn visit_u64<E: de::Error>(self, cap: u64) -> Result<PositivesCap, E> {
        Ok(PositivesCap(usize::try_from(cap).ok()))
    }

    fn visit_i64<E: de::Error>(self, cap: i64) -> Result<PositivesCap, E> {
        match usize::try_from(cap) {
            Ok(cap) => Ok(PositivesCap(Some(cap))),
            Err(_) => Err(E::invalid_value(de::Unexpected::Signed(cap), &self)),
        }
    }
}

/// How the loss holds embeddings; its sums are f32 either way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LossPrecision {
    /// In f32.
    #[default]
    Full,
    /// Rounded to f16: a GPU moves half the memory. Logits of unit rows move by less than 2⁻⁸/τ.
    HalfStorage,
}

/// The similarity of two rows, whose quotient with τ is the logit.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct KernelConfig {
    /// Its form.
    pub kind: KernelKind,
    /// Length scale of `rbf` and `laplacian`.
    pub width: f32,
    /// What `polynomial` adds to the dot product.
    pub offset: f32,
    /// Exponent of `polynomial`.
    pub degree: u16,
    /// Degrees of freedom ν of `student_t`.
    pub freedom: f32,
}

impl Default for KernelConfig {
    fn default() -> Self {
        Self {
            kind: KernelKind::Cosine,
            width: 1.0,
            offset: 1.0,
            degree: 2,
            freedom: 1.0,
        }
    }
}

/// Form of the similarity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KernelKind {
    /// Cosine, the paper's: dot product of unit rows.
    Cosine,
    /// Dot product of the projection head's output as it is, without bringing it to unit length.
    Dot,
    /// −‖a − b‖²/(2·width²) of unit rows.
    Rbf,
    /// −‖a − b‖₁/width of unit rows.
    Laplacian,
    /// (a·b + offset)^degree of unit rows.
    Polynomial,
    /// −(ν + 1)/2 · ln(1 + ‖a − b‖²/ν) of unit rows.
    StudentT,
}

impl RunConfig {
    /// Views of an image in a contrastive batch of a method: N-pairs takes one, the others
    /// `views.n_views`.
    #[must_use]
    pub fn n_views_of(&self, method: Method) -> usize {
        match method {
            Method::NPairs => 1,
            _ => self.views.n_views,
        }
    }

    /// The cap of a method: N-pairs takes one positive, the others `contrastive.positives_cap`.
    #[must_use]
    pub fn positives_cap_of(&self, method: Method) -> Option<usize> {
        match method {
            Method::NPairs => Some(1),
            _ => self.contrastive.positives_cap.0,
        }
    }

    pub(super) fn check_objective(&self) -> Result<(), ConfigError> {
        let n_views = self.views.n_views;
        for method in &self.methods {
            if matches!(method, Method::Simclr | Method::DropSameClass) {
                require(
                    n_views >= 2,
                    "views.n_views",
                    n_views,
                    &format!(
                        "{method} takes the other view of an image as its positive: use at least 2 views"
                    ),
                )?;
            }
            if matches!(method, Method::Supcon | Method::SupconIn) {
                let cap = self.contrastive.positives_cap;
                require(
                    n_views >= 2 || cap.0 != Some(0),
                    "contrastive.positives_cap",
                    cap,
                    "with one view it leaves no positive: give at least 1, \"none\", or 2 views",
                )?;
            }
        }
        let kernel = &self.contrastive.kernel;
        for (key, value) in [
            ("contrastive.kernel.width", kernel.width),
            ("contrastive.kernel.freedom", kernel.freedom),
        ] {
            require(
                (0.001..=1000.0).contains(&value),
                key,
                value,
                "must lie between 0.001 and 1000",
            )?;
        }
        require(
            (0.0..=100.0).contains(&kernel.offset),
            "contrastive.kernel.offset",
            kernel.offset,
            "must lie between 0 and 100",
        )?;
        require(
            (1..=10).contains(&kernel.degree),
            "contrastive.kernel.degree",
            kernel.degree,
            "must lie between 1 and 10",
        )
    }
}

#[cfg(test)]
mod tests {
    use super::{DenominatorMode, KernelKind, LossPrecision, PositivesCap};
    use crate::{Method, RunConfig};

    fn set(assignments: &[&str]) -> Result<RunConfig, String> {
        let assignments: Vec<String> = assignments.iter().map(|&text| text.to_owned()).collect();
        RunConfig::from_layers(None, None, &assignments).map_err(|error| error.to_string())
    }

    #[test]
    fn every_switch_can_be_set_and_survives_toml() {
        let config = set(&[
            "methods=[\"drop_same_class\", \"n_pairs\"]",
            "contrastive.denominator=one_positive",
            "contrastive.positives_cap=4",
            "contrastive.kernel.kind=student_t",
            "contrastive.kernel.freedom=3",
            "contrastive.precision=half_storage",
        ])
        .expect("sound");
        assert_eq!(config.contrastive.denominator, DenominatorMode::OnePositive);
        assert_eq!(config.contrastive.positives_cap, PositivesCap(Some(4)));
        assert_eq!(config.contrastive.kernel.kind, KernelKind::StudentT);
        assert_eq!(config.contrastive.precision, LossPrecision::HalfStorage);
        assert_eq!(config.positives_cap_of(Method::NPairs), Some(1));
        assert_eq!(config.n_views_of(Method::NPairs), 1);
        let again = RunConfig::from_toml("config.toml", &config.to_toml());
        assert_eq!(again.as_ref(), Ok(&config));
        let back = set(&["contrastive.positives_cap=none"]).expect("sound");
        assert_eq!(back.contrastive.positives_cap, PositivesCap(None));
    }

    #[test]
    fn a_file_from_before_the_switches_still_loads() {
        let config = set(&[]).expect("the default preset");
        let text = config.to_toml();
        let older: Vec<&str> = text
            .lines()
            .filter(|line| {
                let newer = ["denominator", "positives_cap", "precision"];
                !newer.iter().any(|key| line.starts_with(key))
            })
            .collect();
        let older = older.join("\n");
        let from = older.find("[contrastive.kernel]").expect("a table");
        let to = from + older[from + 1..].find("[").expect("a table after it") + 1;
        let older = format!("{}{}", &older[..from], &older[to..]);
        assert_eq!(RunConfig::from_toml("config.toml", &older), Ok(config));
    }

    #[test]
    fn refusals_name_the_key_and_the_way_out() {
        for (assignments, parts) in [
            (
                &["contrastive.positives_cap=-1"][..],
                &["positives_cap", "\"none\" or a whole number"][..],
            ),
            (
                &["contrastive.positives_cap=some"],
                &["\"none\" or a whole number"],
            ),
            (
                &["contrastive.positives_cap=0", "views.n_views=1"],
                &["contrastive.positives_cap = 0", "2 views"],
            ),
            (
                &["methods=drop_same_class", "views.n_views=1"],
                &["views.n_views = 1", "at least 2 views"],
            ),
            (
                &["contrastive.kernel.width=0"],
                &["contrastive.kernel.width", "0.001"],
            ),
            (
                &["contrastive.kernel.degree=0"],
                &["contrastive.kernel.degree", "1 and 10"],
            ),
            (&["contrastive.kernel.kind=cosin"], &["cosin", "cosine"]),
            (
                &["contrastive.denominator=some"],
                &["denominator", "only_negatives"],
            ),
            (
                &["contrastive.precision=half"],
                &["contrastive.precision", "half_storage"],
            ),
        ] {
            let message = set(assignments).expect_err("refused");
            for part in parts {
                assert!(message.contains(part), "{message} lacks {part}");
            }
        }
    }
}
