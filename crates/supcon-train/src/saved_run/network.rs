use super::name;
use crate::checkpoint::{Checkpoint, InputFormat};
use crate::error::{TrainError, read_back};
use crate::evaluate::{Features, embed};
use crate::learner::{MODEL, load_part};
use crate::model::{Encoder, Initializer, Pass, ProjectionHead, feature_len};
use crate::stage::stream;
use crate::state::StateError;
use burn::module::Module;
use burn::nn::Linear;
use burn::tensor::{Device, Tensor, activation::softmax};
use supcon_data::ImageSet;
use supcon_protocol::{RunConfig, StageKind, Subject};

/// Rows that head and classifier take at a time.
const BATCH: usize = 4096;

/// A trained network, ready to be asked: its encoder, and what else its stages left.
#[derive(Debug)]
pub struct SavedNetwork {
    subject: Subject,
    seed: u64,
    encoder: Encoder,
    head: Option<ProjectionHead>,
    classifier: Option<Linear>,
    input: InputFormat,
    data_fingerprint: String,
    device: Device,
}

/// The weights that a network's stages saved.
#[derive(Default)]
pub(super) struct Parts(Vec<(StageKind, Checkpoint)>);

impl Parts {
    pub(super) fn push(&mut self, stage: StageKind, weights: Checkpoint) {
        self.0.push((stage, weights));
    }

    fn of(&self, stage: StageKind) -> Option<&Checkpoint> {
        let found = self.0.iter().find(|(kind, _)| *kind == stage);
        found.map(|(_, weights)| weights)
    }
}

impl SavedNetwork {
    /// `None` where the encoder is not among the parts, or nothing says what it expects. An error
    /// names the stage whose weights do not fit.
    pub(super) fn new(
        config: &RunConfig,
        subject: Subject,
        seed: u64,
        parts: &Parts,
        device: &Device,
    ) -> Result<Option<Self>, (StageKind, StateError)> {
        let Some((_, first)) = parts.0.first() else {
            return Ok(None);
        };
        let Some(input) = first.input.clone() else {
            return Ok(None);
        };
        let init = |stream| Initializer::new(seed, stream, device);
        let mut encoder = Encoder::new(config.network(), &mut init(stream::ENCODER));
        let width = feature_len(config.network());
        let new_classifier = || init(stream::CLASSIFIER).linear(width, input.classes.len());
        let (mut head, mut classifier) = (None, None);
        let part = |name: &str| format!("{MODEL}.{name}");
        let contrastive = parts.of(StageKind::Contrastive);
        let cross_entropy = parts.of(StageKind::CrossEntropy);
        if subject != Subject::RandomEncoder && contrastive.or(cross_entropy).is_none() {
            return Ok(None);
        }
        if let Some(weights) = contrastive {
            let at = |error| (StageKind::Contrastive, error);
            encoder = load_part(encoder, &weights.tensors, &part("encoder"), device).map_err(at)?;
            let new = ProjectionHead::new(&config.projection_head, width, &mut init(stream::HEAD));
            head = Some(load_part(new, &weights.tensors, &part("head"), device).map_err(at)?);
        }
        if let Some(weights) = cross_entropy {
            let at = |error| (StageKind::CrossEntropy, error);
            encoder = load_part(encoder, &weights.tensors, &part("encoder"), device).map_err(at)?;
            let linear = load_part(new_classifier(), &weights.tensors, &part("linear"), device);
            classifier = Some(linear.map_err(at)?);
        }
        if let Some(weights) = parts.of(StageKind::Linear) {
            if subject == Subject::RandomEncoder {
                // Its statistics are not those it was made with.
                let at = |error| (StageKind::Linear, error);
                encoder =
                    load_part(encoder, &weights.tensors, &part("encoder"), device).map_err(at)?;
            }
            let linear = load_part(new_classifier(), &weights.tensors, MODEL, device);
            classifier = Some(linear.map_err(|error| (StageKind::Linear, error))?);
        }
        Ok(Some(Self {
            subject,
            seed,
            encoder: encoder.valid(),
            head: head.map(|head| head.valid()),
            classifier: classifier.map(|classifier| classifier.valid()),
            data_fingerprint: first.position.data_fingerprint.clone(),
            device: device.clone().inner(),
            input,
        }))
    }

    /// Its name within the run, as `--stage` takes it: `supcon-s0`.
    #[must_use]
    pub fn name(&self) -> String {
        name(self.subject, self.seed)
    }

    /// Whose encoder it is.
    #[must_use]
    pub fn subject(&self) -> Subject {
        self.subject
    }

    /// Its seed.
    #[must_use]
    pub fn seed(&self) -> u64 {
        self.seed
    }

    pub(super) fn device(&self) -> &Device {
        &self.device
    }

    /// What it expects and answers.
    #[must_use]
    pub fn input(&self) -> &InputFormat {
        &self.input
    }

    /// Fingerprint of the images it was trained on, as [`supcon_data::Splits::fingerprint`] has it.
    #[must_use]
    pub fn data_fingerprint(&self) -> &str {
        &self.data_fingerprint
    }

    /// Whether it has a projection head, and so z.
    #[must_use]
    pub fn has_head(&self) -> bool {
        self.head.is_some()
    }

    /// Whether it has a classifier.
    #[must_use]
    pub fn has_classifier(&self) -> bool {
        self.classifier.is_some()
    }

    /// The features of images `[n, f]`, without augmentation.
    ///
    /// # Errors
    /// Images of another size than the network expects, or a device that fails.
    pub async fn features(&self, images: &ImageSet) -> Result<Features, TrainError> {
        let InputFormat { height, width, .. } = self.input;
        if (images.height(), images.width()) != (height, width) {
            return Err(TrainError::Mismatch(format!(
                "the images are {}×{}, the network takes {height}×{width}: give images of that size",
                images.height(),
                images.width()
            )));
        }
        let normalisation = &self.input.normalisation;
        embed(&self.encoder, images, None, normalisation, &self.device).await
    }

    /// z of features, `[n, d]`, unit rows; `None` without a projection head.
    ///
    /// # Errors
    /// A device that fails.
    pub async fn z(&self, features: &Features) -> Result<Option<Features>, TrainError> {
        let Some(head) = &self.head else {
            return Ok(None);
        };
        let forward = |rows| head.forward(rows, &mut Pass::evaluation());
        self.by_batches(features, forward).await.map(Some)
    }

    /// The classifier's probabilities for features, `[n, k]`; `None` without a classifier.
    ///
    /// # Errors
    /// A device that fails.
    pub async fn probabilities(&self, features: &Features) -> Result<Option<Features>, TrainError> {
        let Some(classifier) = &self.classifier else {
            return Ok(None);
        };
        let forward = |rows| softmax(classifier.forward(rows), 1);
        self.by_batches(features, forward).await.map(Some)
    }

    async fn by_batches(
        &self,
        features: &Features,
        forward: impl Fn(Tensor<2>) -> Tensor<2>,
    ) -> Result<Features, TrainError> {
        let n = features.rows();
        let all = features.to_tensor(&self.device);
        let mut values = Vec::new();
        for first in (0..n).step_by(BATCH) {
            let rows = all.clone().slice(first..n.min(first + BATCH));
            values.extend(read_back(forward(rows)).await?);
        }
        let len = values.len() / n.max(1);
        Ok(Features { values, len })
    }
}
