//! Learning rates.

use std::f64::consts::PI;
use supcon_protocol::{OptimizerConfig, Schedule, ScheduleClock};

/// The learning rate of each step of a stage.
#[derive(Clone, Debug)]
pub struct LearningRate {
    config: OptimizerConfig,
    peak: f64,
    steps: u64,
    steps_per_epoch: u64,
    /// Steps of the warm-up.
    warmup: u64,
}

impl LearningRate {
    /// For a stage of `steps` steps with batches of `batch_size` images.
    #[must_use]
    pub fn new(
        config: &OptimizerConfig,
        steps: u64,
        steps_per_epoch: u64,
        batch_size: usize,
    ) -> Self {
        let steps_per_epoch = steps_per_epoch.max(1);
        Self {
            peak: config.peak(batch_size),
            warmup: config.warmup.steps(steps_per_epoch).min(steps),
            config: config.clone(),
            steps,
            steps_per_epoch,
        }
    }

    /// The rate of step `step`, from 0: a straight rise to the peak, then the schedule.
    #[must_use]
    pub fn at(&self, step: u64) -> f64 {
        self.peak * self.share(step)
    }

    /// … as a share of the peak.
    fn share(&self, step: u64) -> f64 {
        if step < self.warmup {
            let done = step as f64 / self.warmup as f64;
            let start = self.config.warmup_start;
            return start + done * (self.after_warmup() - start);
        }
        match self.config.schedule_clock {
            ScheduleClock::Step => {
                let (done, all) = (step - self.warmup, self.steps - self.warmup);
                self.by_steps(done, all)
            }
            ScheduleClock::Epoch => self.at_epoch(step / self.steps_per_epoch + 1),
        }
    }

    /// Where the warm-up leads to.
    fn after_warmup(&self) -> f64 {
        match self.config.schedule_clock {
            ScheduleClock::Step => 1.0,
            ScheduleClock::Epoch => self.at_epoch(self.warmup / self.steps_per_epoch),
        }
    }

    /// `done` steps after the warm-up of `all`.
    fn by_steps(&self, done: u64, all: u64) -> f64 {
        let period = self.steps_per_epoch as f64 * self.config.decay_every;
        match self.config.schedule {
            // TensorFlow's piecewise_constant changes after the boundary step, not at it.
            Schedule::Step => self.stepped(|milestone| done > milestone * self.steps_per_epoch),
            _ => self.smooth(done as f64 / all.max(1) as f64, done as f64 / period),
        }
    }

    /// In epoch `epoch`, from 1.
    fn at_epoch(&self, epoch: u64) -> f64 {
        let epochs = self.steps.div_ceil(self.steps_per_epoch).max(1);
        match self.config.schedule {
            Schedule::Step => self.stepped(|milestone| epoch > milestone),
            _ => self.smooth(
                epoch as f64 / epochs as f64,
                epoch as f64 / self.config.decay_every,
            ),
        }
    }

    /// One factor for each milestone passed.
    fn stepped(&self, is_past: impl Fn(u64) -> bool) -> f64 {
        let past = self.config.milestones.iter().filter(|&&m| is_past(m));
        libm::pow(self.config.decay_factor, past.count() as f64)
    }

    /// With the share `done` of the schedule and so many periods of decay behind.
    fn smooth(&self, done: f64, periods: f64) -> f64 {
        let floor = self.config.floor;
        match self.config.schedule {
            Schedule::Constant | Schedule::Step => 1.0,
            Schedule::Cosine => floor + (1.0 - floor) * 0.5 * (1.0 + libm::cos(PI * done)),
            Schedule::Linear => 1.0 + (floor - 1.0) * done,
            Schedule::Exponential => libm::pow(self.config.decay_factor, libm::floor(periods)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use supcon_protocol::{Length, RateScaling};

    #[test]
    fn warmup_meets_cosine_at_the_peak() {
        let config = OptimizerConfig::sgd(2.0, 0.0, Length::Epochs(2));
        let rate = LearningRate::new(&config, 100, 5, 256);
        assert!((rate.at(0) - 0.02).abs() < 1e-12);
        assert!((rate.at(5) - 1.01).abs() < 1e-12);
        assert!((rate.at(10) - 2.0).abs() < 1e-12);
        assert!((rate.at(55) - 2.0 * 0.5005).abs() < 1e-12);
        assert!((rate.at(100) - 0.002).abs() < 1e-12);
    }

    #[test]
    fn rates_per_256_images_grow_with_the_batch() {
        let config = OptimizerConfig {
            scaling: RateScaling::Per256Images,
            schedule: Schedule::Constant,
            ..OptimizerConfig::sgd(0.5, 0.0, Length::Steps(0))
        };
        assert_eq!(LearningRate::new(&config, 10, 5, 4096).at(3), 8.0);
        assert_eq!(LearningRate::new(&config, 10, 5, 64).at(3), 0.125);
    }
}
