//! A trained network measured again, on whatever device it is now.

use super::SavedNetwork;
use crate::error::TrainError;
use crate::evaluate::{Ranking, class_mean_ranking, knn_ranking, result_row};
use supcon_data::Splits;
use supcon_protocol::{EvaluationConfig, ResultRow};

impl SavedNetwork {
    /// The accuracies on the test images: of its classifier, of nearest neighbours and of class means among
    /// the training images. `None` without a classifier.
    ///
    /// # Errors
    /// Images of another size than it expects, or a device that fails.
    pub async fn measure(
        &self,
        splits: &Splits,
        config: &EvaluationConfig,
    ) -> Result<Option<ResultRow>, TrainError> {
        let test = self.features(&splits.test).await?;
        let Some(scores) = self.probabilities(&test).await? else {
            return Ok(None);
        };
        let bank = self.features(&splits.train).await?;
        let n_classes = self.input().classes.len();
        let (labels, bank_labels) = (splits.test.labels(), splits.train.labels());
        let device = self.device();
        let knn = knn_ranking(&test, &bank, bank_labels, n_classes, config, device).await?;
        let class_mean = class_mean_ranking(&test, &bank, bank_labels, n_classes);
        let resamples = config.bootstrap_resamples;
        let linear = Ranking::from_scores(&scores.values, n_classes);
        let row = result_row(
            self.subject(),
            self.seed(),
            &linear,
            &knn,
            labels,
            n_classes,
            resamples,
        );
        Ok(Some(ResultRow {
            class_mean: Some(class_mean.accuracy(labels, resamples)),
            ..row
        }))
    }
}
