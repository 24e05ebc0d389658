//! The report of a run: `report.json` for programs, one self-contained `report.html` for people.

mod check;
mod compare;
mod html;
mod maps;
mod settings;

pub use check::check_report;
pub use compare::compare_runs;
pub use html::{comparison_page, report_page};

use crate::engine::Engine;
use crate::error::TrainError;
use crate::evaluate::{fixed_subset, paired_differences};
use crate::files;
use crate::sprite::sprite_png;
use supcon_data::ImageSet;
use supcon_protocol::{MapSamples, RunHistory, RunPlan, RunReport, RunState};

/// Thumbnails in a row.
const COLUMNS: usize = 30;
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
            maps.extend(maps::maps(engine, plan, &samples).await?);
        }
    }
    Ok(RunReport {
        repeat_command: engine.repeat_command.clone(),
        differences: paired_differences(&history.results, config.evaluation.bootstrap_resamples),
        samples: map_samples(&engine.test, samples),
        maps,
        duration_secs,
        test_fingerprint: format!("{:016x}", engine.test.fingerprint()),
        history,
        config,
    })
}

fn map_samples(images: &ImageSet, ids: Vec<usize>) -> MapSamples {
    let columns = COLUMNS.min(ids.len().max(1));
    let (height, width) = (images.height(), images.width());
    let pictures = ids.iter().map(|&id| images.image(id));
    MapSamples {
        labels: ids.iter().map(|&id| images.label(id)).collect(),
        sprite_png: sprite_png(pictures, (height, width), columns),
        columns,
        side: width,
        images: ids,
    }
}
