use crate::evaluate::Features;
use supcon_map::{Map, MapError, Points};
use supcon_protocol::MapConfig;

/// Iterations between two looks at the progress.
const STEPS: usize = 10;

/// A map `[n, 2]` of features; `on_progress` hears iterations done, of so many. Parameters are lowered
/// to what the number of rows allows.
///
/// # Errors
/// Features that are not finite, or parameters out of their range.
pub fn map_features(
    features: &Features,
    config: &MapConfig,
    seed: u64,
    mut on_progress: impl FnMut(usize, usize),
) -> Result<Vec<[f32; 2]>, MapError> {
    let points = Points::new(&features.values, features.len)?;
    let config = config.fitted_to(points.len());
    let mut map = Map::new(points, &config, seed, None)?;
    while !map.is_done() {
        map.step(STEPS);
        let (done, all) = map.progress();
        on_progress(done, all);
    }
    Ok(map.layout().to_vec())
}
