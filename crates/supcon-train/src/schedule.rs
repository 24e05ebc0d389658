//! Learning rates.

use supcon_protocol::{OptimizerConfig, Schedule};

/// Where the warm-up starts, as a share of the peak.
const WARMUP_START: f64 = 0.01;
/// Where the cosine ends, as a share of the peak (0.1³, as in Khosla et al.'s release).
const COSINE_END: f64 = 1e-3;

/// The learning rate of each step of a stage.
#[derive(Clone, Copy, Debug)]
pub struct LearningRate {
    peak: f64,
    schedule: Schedule,
    warmup: u64,
    steps: u64,
}

impl LearningRate {
    /// For a stage of `steps` steps.
    #[must_use]
    pub fn new(config: &OptimizerConfig, steps: u64, steps_per_epoch: u64) -> Self {
        let warmup = config.warmup.steps(steps_per_epoch).min(steps);
        Self {
            peak: config.learning_rate,
            schedule: config.schedule,
            warmup,
            steps,
        }
    }

    /// The rate of step `step`, from 0: linear from 1 % of the peak to the peak, then the schedule.
    #[must_use]
    pub fn at(&self, step: u64) -> f64 {
        if step < self.warmup {
            let done = step as f64 / self.warmup as f64;
            return self.peak * (WARMUP_START + (1.0 - WARMUP_START) * done);
        }
        match self.schedule {
            Schedule::Constant => self.peak,
            Schedule::Cosine => {
                let done = (step - self.warmup) as f64 / (self.steps - self.warmup).max(1) as f64;
                let cosine = 0.5 * (1.0 + libm::cos(std::f64::consts::PI * done));
                self.peak * (COSINE_END + (1.0 - COSINE_END) * cosine)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use supcon_protocol::Length;

    #[test]
    fn warmup_meets_cosine_at_the_peak() {
        let config = OptimizerConfig {
            learning_rate: 2.0,
            momentum: 0.9,
            weight_decay: 0.0,
            schedule: Schedule::Cosine,
            warmup: Length::Epochs(2),
        };
        let rate = LearningRate::new(&config, 100, 5);
        assert!((rate.at(0) - 0.02).abs() < 1e-12);
        assert!((rate.at(5) - 1.01).abs() < 1e-12);
        assert!((rate.at(10) - 2.0).abs() < 1e-12);
        assert!((rate.at(55) - 2.0 * 0.5005).abs() < 1e-12);
        assert!((rate.at(100) - 0.002).abs() < 1e-12);
    }
}
