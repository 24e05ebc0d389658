//! The report of a run: `report.json` for programs, one self-contained `report.html` for people.

mod html;
mod sprite;

pub use html::report_page;

use crate::engine::Engine;
use crate::error::TrainError;
use crate::evaluate::{embed, fixed_subset, paired_differences};
use crate::files;
use supcon_map::Pca;
use supcon_protocol::{
    EmbeddingMap, MapSamples, RunHistory, RunPlan, RunReport, RunState, StagePlan,
};

/// Test images on the maps, at most.
const MAP_IMAGES: usize = 600;

/// Writes both files into the run directory.
pub(crate) async fn write(engine: &mut Engine<'_>, duration_secs: f64) -> Result<(), TrainError> {
    let report = build(engine, duration_secs).await?;
    let json = serde_json::to_string(&report).expect("a report is plain data");
    engine.sink.put(files::REPORT_JSON, json.as_bytes())?;
    engine
        .sink
        .put(files::REPORT_HTML, report_page(&report).as_bytes())?;
    Ok(())
}

async fn build(engine: &Engine<'_>, duration_secs: f64) -> Result<RunReport, TrainError> {
    // The report is the run's last act; whoever reads it reads of a finished run.
    let history = RunHistory {
        state: Some(RunState::Finished),
        ..engine.log.history()
    };
    let config = engine.plan.config().clone();
    let samples = fixed_subset(engine.test.len(), MAP_IMAGES);
    let mut maps = Vec::new();
    for plan in engine.plan.stages() {
        if RunPlan::is_evaluated_after(plan) {
            maps.push(map(engine, plan, &samples).await?);
        }
    }
    Ok(RunReport {
        repeat_command: engine.repeat_command.clone(),
        differences: paired_differences(&history.results, config.evaluation.bootstrap_resamples),
        samples: MapSamples {
            labels: samples.iter().map(|&id| engine.test.label(id)).collect(),
            ..sprite::sprite(&engine.test, &samples)
        },
        maps,
        duration_secs,
        history,
        config,
    })
}

/// PCA of one network's features: axes from the sampled images.
async fn map(
    engine: &Engine<'_>,
    plan: &StagePlan,
    samples: &[usize],
) -> Result<EmbeddingMap, TrainError> {
    let stage = engine.rebuild(plan).await?;
    let device = &engine.device.device;
    let features = embed(
        stage.encoder(),
        &engine.test,
        Some(samples),
        &engine.normalisation,
        device,
    )
    .await?;
    let pca = Pca::fit(&features.values, features.len, 2);
    let points = pca.project(&features.values);
    let scale = points
        .iter()
        .fold(f32::MIN_POSITIVE, |scale, x| scale.max(x.abs()));
    let ranking = stage.classify(&features, device).await?;
    Ok(EmbeddingMap {
        subject: plan.subject,
        seed: plan.seed,
        method: "PCA of the features".to_owned(),
        explained_variance: pca.explained_variance(),
        points: points
            .chunks_exact(2)
            .map(|p| [p[0] / scale, p[1] / scale])
            .collect(),
        predictions: ranking.map_or_else(Vec::new, |ranking| ranking.predictions().collect()),
    })
}
