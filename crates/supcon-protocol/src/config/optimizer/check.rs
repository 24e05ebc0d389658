use super::{OptimizerConfig, OptimizerKind, Schedule, ScheduleClock};
use crate::config::check::require;
use crate::{ConfigError, Length};
use std::fmt::Display;
use std::ops::RangeInclusive;

impl OptimizerConfig {
    /// Checks every value against its range and against the others; `table` is where it stands.
    pub(in crate::config) fn check(&self, table: &'static str) -> Result<(), ConfigError> {
        let at = At(table);
        at.number("learning_rate", self.learning_rate, 0.0..=1000.0)?;
        at.require(
            (0.0..1.0).contains(&self.momentum),
            "momentum",
            self.momentum,
            "must lie in [0, 1)",
        )?;
        at.number("weight_decay", self.weight_decay, 0.0..=1.0)?;
        at.number("trust_coefficient", self.trust_coefficient, 1e-9..=1000.0)?;
        at.require(
            (0.0..1.0).contains(&self.square_decay),
            "square_decay",
            self.square_decay,
            "must lie in [0, 1)",
        )?;
        at.number("epsilon", self.epsilon, 1e-30..=1000.0)?;
        self.check_rule(at)?;
        self.check_schedule(at)
    }

    /// What contradicts the kind.
    fn check_rule(&self, at: At) -> Result<(), ConfigError> {
        use OptimizerKind::{AdamW, Lars, LarsSolo, Rmsprop, Sgd};
        if self.nesterov {
            at.require(
                matches!(self.kind, Sgd | Lars | LarsSolo),
                "nesterov",
                true,
                "belongs to kind = \"sgd\", \"lars\" or \"lars_solo\": choose one of these, or set nesterov = false",
            )?;
            at.require(
                self.momentum > 0.0,
                "nesterov",
                true,
                "looks ahead along the momentum, which is 0: set momentum = 0.9, or nesterov = false",
            )?;
        }
        at.require(
            self.kind == LarsSolo || !self.trust_clip,
            "trust_clip",
            self.trust_clip,
            "belongs to kind = \"lars_solo\": choose it, or set trust_clip = false",
        )?;
        at.require(
            !matches!(self.kind, AdamW | Rmsprop) || self.square_decay > 0.0,
            "square_decay",
            self.square_decay,
            "must be above 0 for AdamW and RMSProp, which divide by the mean squared gradient",
        )
    }

    fn check_schedule(&self, at: At) -> Result<(), ConfigError> {
        at.number("floor", self.floor, 0.0..=1.0)?;
        at.number("warmup_start", self.warmup_start, 0.0..=1.0)?;
        at.number("decay_factor", self.decay_factor, 1e-9..=1.0)?;
        at.number("decay_every", self.decay_every, 1e-3..=1e6)?;
        let milestones = format!("{:?}", self.milestones);
        at.require(
            self.schedule != Schedule::Step || !self.milestones.is_empty(),
            "milestones",
            &milestones,
            "schedule = \"step\" changes the rate at milestones: name some, for example [60, 75, 90], or set schedule = \"constant\"",
        )?;
        at.require(
            self.milestones.windows(2).all(|pair| pair[0] < pair[1]),
            "milestones",
            &milestones,
            "must rise: each epoch later than the one before",
        )?;
        let whole_epochs = match self.warmup {
            Length::Epochs(_) | Length::Steps(0) => true,
            Length::Steps(_) => self.schedule_clock == ScheduleClock::Step,
        };
        at.require(
            whole_epochs,
            "warmup",
            self.warmup,
            "schedule_clock = \"epoch\" leads the warm-up to the rate of an epoch: give it in epochs, for example \"10 epochs\"",
        )
    }
}

/// The table whose keys a message names.
#[derive(Clone, Copy)]
struct At(&'static str);

impl At {
    fn require(
        self,
        holds: bool,
        key: &str,
        value: impl Display,
        rule: &str,
    ) -> Result<(), ConfigError> {
        require(holds, format!("{}.{key}", self.0), value, rule)
    }

    fn number(self, key: &str, value: f64, range: RangeInclusive<f64>) -> Result<(), ConfigError> {
        let rule = format!("must lie between {} and {}", range.start(), range.end());
        self.require(range.contains(&value), key, value, &rule)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::RunConfig;

    fn message(assignments: &[&str]) -> String {
        let assignments: Vec<String> = assignments
            .iter()
            .map(|text| format!("contrastive.optimizer.{text}"))
            .collect();
        match RunConfig::from_layers(None, None, &assignments) {
            Ok(_) => "accepted".to_owned(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn contradictions_are_refused_with_a_way_out() {
        for (assignments, parts) in [
            (
                &["nesterov=true", "momentum=0"][..],
                ["nesterov = true", "set momentum = 0.9"],
            ),
            (
                &["nesterov=true", "kind=adam_w"],
                ["nesterov = true", "nesterov = false"],
            ),
            (&["trust_clip=true"], ["trust_clip", "lars_solo"]),
            (&["kind=rmsprop", "square_decay=0"], ["square_decay", "0"]),
            (&["schedule=step"], ["milestones = []", "[60, 75, 90]"]),
            (
                &["schedule=step", "milestones=[60,30]"],
                ["[60, 30]", "must rise"],
            ),
            (
                &["schedule_clock=epoch", "warmup=30 steps"],
                ["warmup = 30 steps", "10 epochs"],
            ),
            (&["kind=sdg"], ["contrastive.optimizer.kind", "sgd"]),
            (&["learning_rate=nan"], ["learning_rate", "1000"]),
        ] {
            let message = message(assignments);
            for part in parts {
                assert!(message.contains(part), "{assignments:?}: {message}");
            }
            assert!(message.contains("contrastive.optimizer"), "{message}");
        }
        for legal in [
            &["nesterov=true"][..],
            &["kind=lars", "nesterov=true", "exclude=batch_norm"],
            &[
                "kind=lars_solo",
                "trust_clip=true",
                "exclude=one_dimensional",
            ],
            &["schedule=step", "milestones=[60]", "scaling=per_256_images"],
            &["schedule_clock=epoch", "warmup=10 epochs"],
        ] {
            assert_eq!(message(legal), "accepted", "{legal:?}");
        }
    }

    /// Configurations written before there were other optimisers than SGD.
    #[test]
    fn a_file_without_the_newer_keys_is_plain_sgd() {
        let text = "learning_rate = 0.3\nmomentum = 0.9\nweight_decay = 0.0001\n\
                    schedule = \"cosine\"\nwarmup = \"30 steps\"\n";
        let read: OptimizerConfig = toml::from_str(text).expect("readable");
        assert_eq!(read, OptimizerConfig::sgd(0.3, 1e-4, Length::Steps(30)));
    }
}
