use crate::engine::Engine;
use crate::error::TrainError;
use crate::evaluate::{Features, embed, project, saved_head};
use supcon_map::{Map, Pca, Points, trustworthiness};
use supcon_protocol::{EmbeddingMap, MapConfig, StagePlan, TsneConfig};

/// Neighbours that the trustworthiness of a map is about.
const NEIGHBORS: usize = 10;

/// The maps of one network: t-SNE of its features and, where it has a projection head, of z, which shows
/// neighbourhoods, and PCA of the features, whose axes and distances mean something.
pub(super) async fn maps(
    engine: &Engine<'_>,
    plan: &StagePlan,
    samples: &[usize],
) -> Result<Vec<EmbeddingMap>, TrainError> {
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
    let ranking = stage.classify(&features, device).await?;
    let z = match saved_head(engine, plan)? {
        Some(head) => Some(project(&head, &features, engine).await?),
        None => None,
    };
    let predictions: Vec<u32> =
        ranking.map_or_else(Vec::new, |ranking| ranking.predictions().collect());
    // Features beyond f32 have no map, and a report without one is better than none.
    let layouts = [
        tsne(&features, "t-SNE of the features"),
        z.and_then(|z| tsne(&z, "t-SNE of z")),
        pca(&features),
    ];
    Ok(layouts
        .into_iter()
        .flatten()
        .map(|layout| EmbeddingMap {
            subject: plan.subject,
            seed: plan.seed,
            method: layout.method.to_owned(),
            explained_variance: layout.explained_variance,
            trustworthiness: layout.trustworthiness,
            points: within_unit_square(&layout.points),
            predictions: predictions.clone(),
        })
        .collect())
}

struct Layout {
    method: &'static str,
    points: Vec<[f32; 2]>,
    explained_variance: Option<f64>,
    trustworthiness: Option<f64>,
}

fn tsne(features: &Features, method: &'static str) -> Option<Layout> {
    let points = Points::new(&features.values, features.len).ok()?;
    let config = MapConfig::Tsne(TsneConfig::default()).fitted_to(points.len());
    // So few points that t-SNE cannot be had are shown by PCA alone.
    if config == MapConfig::Pca {
        return None;
    }
    let mut map = Map::new(points, &config, 0, None).ok()?;
    map.step(usize::MAX);
    Some(Layout {
        method,
        points: map.layout().to_vec(),
        explained_variance: None,
        trustworthiness: trustworthiness(points, map.layout(), NEIGHBORS).ok(),
    })
}

/// Axes from the images shown.
fn pca(features: &Features) -> Option<Layout> {
    let points = Points::new(&features.values, features.len).ok()?;
    let pca = Pca::fit(&features.values, features.len, 2);
    let width = features.len.min(2);
    let rows = pca.project(&features.values);
    let layout: Vec<[f32; 2]> = rows
        .chunks_exact(width.max(1))
        .map(|row| [row[0], row.get(1).copied().unwrap_or(0.0)])
        .collect();
    Some(Layout {
        method: "PCA of the features",
        trustworthiness: trustworthiness(points, &layout, NEIGHBORS).ok(),
        points: layout,
        explained_variance: Some(pca.explained_variance()),
    })
}

/// Centred, the larger half-extent 1.
fn within_unit_square(points: &[[f32; 2]]) -> Vec<[f32; 2]> {
    let range = |axis: usize| {
        let values = points.iter().map(|point| point[axis]);
        values.fold((f32::INFINITY, f32::NEG_INFINITY), |(low, high), x| {
            (low.min(x), high.max(x))
        })
    };
    let ranges = [range(0), range(1)];
    let half = ranges
        .iter()
        .map(|(low, high)| (high - low) / 2.0)
        .fold(f32::MIN_POSITIVE, f32::max);
    points
        .iter()
        .map(|point| {
            [0, 1].map(|axis| (point[axis] - (ranges[axis].0 + ranges[axis].1) / 2.0) / half)
        })
        .collect()
}
