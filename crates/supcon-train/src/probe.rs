//! The online probe: kNN on a part of the validation split while an encoder trains.

use crate::engine::Engine;
use crate::error::TrainError;
use crate::evaluate::{embed, fixed_subset, knn_ranking};
use crate::model::Encoder;
use supcon_data::ImageSet;
use supcon_protocol::{EvaluationConfig, ProbeMetrics};

/// Which images are looked at, and when.
pub(crate) struct Probe {
    every: u64,
    queries: Vec<usize>,
    bank: Vec<usize>,
}

impl Probe {
    pub(crate) fn new(config: &EvaluationConfig, train: &ImageSet, validation: &ImageSet) -> Self {
        let queries = config.probe_images.min(validation.len());
        // As many: enough for a trend, cheap enough to look often.
        let bank = queries.min(train.len());
        Self {
            every: config.probe_every,
            queries: fixed_subset(validation.len(), queries),
            bank: fixed_subset(train.len(), bank),
        }
    }

    /// Whether it is time to look: every so many steps, and after the last one.
    pub(crate) fn is_due(&self, step: u64, steps: u64) -> bool {
        self.every > 0 && (step.is_multiple_of(self.every) || step == steps)
    }

    /// Looks; `None` where there is nothing to look at.
    pub(crate) async fn look(
        &self,
        engine: &Engine<'_>,
        encoder: &Encoder,
        stage: usize,
        step: u64,
    ) -> Result<Option<ProbeMetrics>, TrainError> {
        if self.queries.is_empty() {
            return Ok(None);
        }
        let device = &engine.device.device;
        let config = &engine.plan.config().evaluation;
        let normalisation = &engine.normalisation;
        let queries = embed(
            encoder,
            &engine.validation,
            Some(&self.queries),
            normalisation,
            device,
        )
        .await?;
        let bank = embed(
            encoder,
            &engine.train,
            Some(&self.bank),
            normalisation,
            device,
        )
        .await?;
        let labels_of =
            |set: &ImageSet, ids: &[usize]| ids.iter().map(|&id| set.label(id)).collect::<Vec<_>>();
        let bank_labels = labels_of(&engine.train, &self.bank);
        let n_classes = engine.train.n_classes();
        let ranking = knn_ranking(&queries, &bank, &bank_labels, n_classes, config, device).await?;
        let knn_top1 = ranking.top1(&labels_of(&engine.validation, &self.queries));
        Ok(Some(ProbeMetrics {
            stage,
            step,
            knn_top1,
            images: self.queries.len(),
        }))
    }
}
