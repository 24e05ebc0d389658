//! What a person should know while a contrastive stage runs, with what to do about it.

use supcon_math::landmarks;
use supcon_protocol::{Envelope, Event, Landmarks, StepMetrics};

/// Reports in a row at the chance line before the alarm: a healthy loss may pass through it.
const REPORTS_AT_CHANCE: usize = 5;

/// A fold of a stage's step metrics: the same log gives the same alarms, so that a resume neither
/// repeats nor forgets one.
#[derive(Clone, Debug)]
pub(super) struct Alarms {
    landmarks: Option<Landmarks>,
    n_rows: usize,
    at_chance: usize,
    collapsed: bool,
    without_positives: bool,
}

impl Alarms {
    /// For a stage of `n_rows` rows a batch, after the events of `log`.
    pub(super) fn new(
        stage: usize,
        landmarks: Option<Landmarks>,
        n_rows: usize,
        log: &[Envelope<Event>],
    ) -> Self {
        let mut alarms = Self {
            landmarks,
            n_rows,
            at_chance: 0,
            collapsed: false,
            without_positives: false,
        };
        for envelope in log {
            if let Event::Step(metrics) = &envelope.msg
                && metrics.stage == stage
            {
                alarms.meet(metrics);
            }
        }
        alarms
    }

    /// Takes a report in; what is new about it, in words.
    pub(super) fn meet(&mut self, metrics: &StepMetrics) -> Vec<String> {
        let mut messages = Vec::new();
        // Without a chance line nothing can sit on it.
        let spread_unknown = f64::INFINITY;
        let at_chance = self.landmarks.is_some()
            && landmarks::is_collapsed(metrics.loss, self.n_rows, spread_unknown, 1);
        self.at_chance = if at_chance { self.at_chance + 1 } else { 0 };
        if let Some(landmarks) = self.landmarks
            && self.at_chance >= REPORTS_AT_CHANCE
            && !self.collapsed
        {
            self.collapsed = true;
            messages.push(format!(
                "the loss stays at its chance line, ln(rows − 1) = {:.3}: the network maps every image to the same point (collapse); lengthen contrastive.optimizer.warmup, lower contrastive.optimizer.learning_rate, or set projection_head.kind = \"mlp_bn\"",
                landmarks.chance
            ));
        }
        let without = metrics.anchors_without_positives.unwrap_or(0.0);
        if without > 0.0 && !self.without_positives {
            self.without_positives = true;
            let advice = "raise views.n_views to 2 or contrastive.batch_size";
            messages.push(if without >= 1.0 {
                format!("no anchor had a positive: the loss is 0 and nothing is learned; {advice}")
            } else {
                format!(
                    "{:.1} % of the anchors had no positive and were left out of the loss; {advice}",
                    100.0 * without
                )
            });
        }
        messages
    }
}

#[cfg(test)]
mod tests {
    use super::{Alarms, REPORTS_AT_CHANCE};
    use supcon_protocol::{Envelope, Event, Landmarks, RunId, StepMetrics};

    const LANDMARKS: Option<Landmarks> = Some(Landmarks {
        chance: 4.844_187,
        floor: 2.0,
    });

    fn metrics(step: u64, loss: f64, without: f64) -> StepMetrics {
        StepMetrics {
            stage: 1,
            step,
            loss,
            accuracy: None,
            learning_rate: 0.1,
            anchors_without_positives: Some(without),
            view_similarity: None,
            mutual_information_bound: None,
            images_per_second: 1.0,
            memory_bytes: None,
        }
    }

    #[test]
    fn a_loss_that_stays_at_chance_is_told_once() {
        let chance = 127.0_f64.ln();
        let mut alarms = Alarms::new(1, LANDMARKS, 128, &[]);
        let mut told = Vec::new();
        for step in 0..20 {
            told.extend(
                alarms
                    .meet(&metrics(step, chance, 0.0))
                    .into_iter()
                    .map(|m| (step, m)),
            );
        }
        let [(step, message)] = told.as_slice() else {
            panic!("{told:?}")
        };
        assert_eq!(*step as usize, REPORTS_AT_CHANCE - 1);
        assert!(message.contains("4.844") && message.contains("warmup"));
    }

    #[test]
    fn a_loss_that_passes_chance_is_not() {
        let mut alarms = Alarms::new(1, LANDMARKS, 128, &[]);
        for step in 0..20 {
            let loss = 127.0_f64.ln() + if step % 4 == 3 { 0.1 } else { 0.0 };
            assert!(alarms.meet(&metrics(step, loss, 0.0)).is_empty());
        }
    }

    #[test]
    fn anchors_without_positives_are_told_once_also_across_a_resume() {
        let mut alarms = Alarms::new(1, LANDMARKS, 128, &[]);
        assert!(alarms.meet(&metrics(1, 3.0, 0.25))[0].contains("25.0 %"));
        let log = [Envelope {
            protocol_version: 1,
            run: RunId("a".to_owned()),
            seq: 0,
            msg: Event::Step(metrics(1, 3.0, 0.25)),
        }];
        let mut resumed = Alarms::new(1, LANDMARKS, 128, &log);
        assert!(resumed.meet(&metrics(2, 3.0, 0.25)).is_empty());
        let mut all = Alarms::new(1, LANDMARKS, 128, &[]);
        assert!(all.meet(&metrics(1, 0.0, 1.0))[0].contains("nothing is learned"));
    }
}
