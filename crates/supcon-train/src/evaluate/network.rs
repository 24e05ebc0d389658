//! Everything that is measured of a finished network on the test split.

use super::geometry::{SampledEmbeddings, geometry};
use super::{
    Features, class_mean_ranking, embed, embed_two_views, fixed_subset, knn_ranking, mistakes,
    result_row,
};
use crate::engine::Engine;
use crate::error::{TrainError, read_back};
use crate::learner::{MODEL, load_part};
use crate::model::{Initializer, Pass, ProjectionHead, feature_len};
use crate::stage::{Stage, stream};
use supcon_protocol::{EmbeddingSpace, Geometry, ResultRow, StageKind, StagePlan};

/// Test images whose pairs are looked at, at most: half a million pairs.
const GEOMETRY_IMAGES: usize = 1000;

/// The row of results of a stage's network; `None` if the stage has no classifier.
pub(crate) async fn evaluate_network(
    engine: &Engine<'_>,
    plan: &StagePlan,
    stage: &Stage,
) -> Result<Option<ResultRow>, TrainError> {
    let device = &engine.device.device;
    let config = &engine.plan.config().evaluation;
    let (encoder, normalisation) = (stage.encoder(), &engine.normalisation);
    let test = embed(encoder, &engine.test, None, normalisation, device).await?;
    let Some(scores) = stage.scores(&test, device).await? else {
        return Ok(None);
    };
    let bank = embed(encoder, &engine.train, None, normalisation, device).await?;
    let n_classes = engine.train.n_classes();
    let (labels, bank_labels) = (engine.test.labels(), engine.train.labels());
    let knn = knn_ranking(&test, &bank, bank_labels, n_classes, config, device).await?;
    let class_mean = class_mean_ranking(&test, &bank, bank_labels, n_classes);
    let resamples = config.bootstrap_resamples;
    let accuracies = result_row(
        plan.subject,
        plan.seed,
        &scores.ranking(),
        &knn,
        labels,
        n_classes,
        resamples,
    );
    Ok(Some(ResultRow {
        class_mean: Some(class_mean.accuracy(labels, resamples)),
        calibration: scores.calibration(labels),
        geometry: geometries(engine, plan, stage, &test).await?,
        mistakes: Some(mistakes(&scores, &engine.test)),
        ..accuracies
    }))
}

/// Of the features, and of z where the network has a projection head.
async fn geometries(
    engine: &Engine<'_>,
    plan: &StagePlan,
    stage: &Stage,
    test: &Features,
) -> Result<Vec<Geometry>, TrainError> {
    let device = &engine.device.device;
    let ids = fixed_subset(engine.test.len(), GEOMETRY_IMAGES);
    if ids.len() < 2 {
        return Ok(Vec::new());
    }
    let views = &engine.plan.config().views;
    let (encoder, normalisation) = (stage.encoder(), &engine.normalisation);
    let sample = SampledEmbeddings {
        plain: test.subset(&ids),
        views: embed_two_views(encoder, &engine.test, &ids, views, normalisation, device).await?,
        labels: ids.iter().map(|&id| engine.test.label(id)).collect(),
    };
    let mut all = vec![geometry(EmbeddingSpace::Features, &sample, device).await?];
    if let Some(head) = saved_head(engine, plan)? {
        let [first, second] = &sample.views;
        let sample = SampledEmbeddings {
            plain: project(&head, &sample.plain, engine).await?,
            views: [
                project(&head, first, engine).await?,
                project(&head, second, engine).await?,
            ],
            labels: sample.labels,
        };
        all.push(geometry(EmbeddingSpace::Z, &sample, device).await?);
    }
    Ok(all)
}

/// Features `[n, f]` → z `[n, d]`, head in evaluation mode.
pub(crate) async fn project(
    head: &ProjectionHead,
    features: &Features,
    engine: &Engine<'_>,
) -> Result<Features, TrainError> {
    let rows = features.to_tensor(&engine.device.device.clone().inner());
    let values = read_back(head.forward(rows, &mut Pass::evaluation())).await?;
    Ok(Features {
        len: values.len() / features.rows().max(1),
        values,
    })
}

/// The projection head that the network's contrastive stage left, if it had one.
pub(crate) fn saved_head(
    engine: &Engine<'_>,
    plan: &StagePlan,
) -> Result<Option<ProjectionHead>, TrainError> {
    let mut stages = engine.plan.stages().iter();
    let Some(pretraining) = stages.find(|stage| {
        (stage.kind, stage.subject, stage.seed) == (StageKind::Contrastive, plan.subject, plan.seed)
    }) else {
        return Ok(None);
    };
    let config = engine.plan.config();
    // The weights of evaluation need no gradient.
    let device = engine.device.device.clone().inner();
    let mut init = Initializer::new(plan.seed, stream::HEAD, &device);
    let head = ProjectionHead::new(
        &config.projection_head,
        feature_len(config.network()),
        &mut init,
    );
    let saved = engine.saved(pretraining)?;
    let prefix = format!("{MODEL}.head");
    Ok(Some(load_part(head, &saved.tensors, &prefix, &device)?))
}
