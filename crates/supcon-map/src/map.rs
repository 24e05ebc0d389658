use crate::layout::checked;
use crate::{MapError, Pca, Points, Tsne, Umap};
use supcon_protocol::MapConfig;

/// A map in the making.
///
/// It is made step by step, so that it can be looked at meanwhile. The same points, configuration, seed and
/// initial layout give the same bits, for every number of threads and however the steps are counted.
#[derive(Debug)]
pub enum Map {
    /// Principal components: finished from the start.
    Pca(Vec<[f32; 2]>),
    /// t-SNE.
    Tsne(Tsne),
    /// UMAP.
    Umap(Umap),
}

impl Map {
    /// Prepares a map of `points` `[n, d]`, starting from `initial` `[n, 2]` if there is one: the layout of
    /// an earlier map of the same points, from which they then move little.
    ///
    /// # Errors
    /// If a parameter is out of range or does not fit the number of points; see
    /// [`MapConfig::fitted_to`]. [`MapConfig::Sphere`] is not flat: it is [`unit_sphere`]'s.
    ///
    /// [`unit_sphere`]: crate::unit_sphere
    pub fn new(
        points: Points<'_>,
        config: &MapConfig,
        seed: u64,
        initial: Option<&[[f32; 2]]>,
    ) -> Result<Self, MapError> {
        match config {
            MapConfig::Pca => {
                initial.map_or(Ok(Vec::new()), |layout| checked(layout, points.len()))?;
                Ok(Self::Pca(principal_components(points)))
            }
            MapConfig::Tsne(config) => Tsne::new(points, config, seed, initial).map(Self::Tsne),
            MapConfig::Umap(config) => Umap::new(points, config, seed, initial).map(Self::Umap),
            MapConfig::Sphere => Err(MapError::NotFlat),
        }
    }

    /// Does up to so many iterations, fewer where the end comes before.
    pub fn step(&mut self, iterations: usize) {
        match self {
            Self::Pca(_) => {}
            Self::Tsne(map) => map.step(iterations),
            Self::Umap(map) => map.step(iterations),
        }
    }

    /// The map so far, `[n, 2]`.
    #[must_use]
    pub fn layout(&self) -> &[[f32; 2]] {
        match self {
            Self::Pca(layout) => layout,
            Self::Tsne(map) => map.layout(),
            Self::Umap(map) => map.layout(),
        }
    }

    /// Iterations done, of so many.
    #[must_use]
    pub fn progress(&self) -> (usize, usize) {
        match self {
            Self::Pca(_) => (0, 0),
            Self::Tsne(map) => map.progress(),
            Self::Umap(map) => map.progress(),
        }
    }

    /// Whether further steps change nothing.
    #[must_use]
    pub fn is_done(&self) -> bool {
        let (done, all) = self.progress();
        done >= all
    }
}

/// Coordinates along the two axes of largest variance; points of one dimension lie on a line.
fn principal_components(points: Points<'_>) -> Vec<[f32; 2]> {
    let width = points.dim().min(2);
    let projected = Pca::fit(points.values(), points.dim(), 2).project(points.values());
    // The longest coordinate of huge points may be beyond f32.
    let finite = |x: f32| x.clamp(f32::MIN, f32::MAX);
    let rows = projected.chunks_exact(width);
    rows.map(|row| [row[0], row.get(1).copied().unwrap_or(0.0)].map(finite))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;
    use supcon_protocol::{TsneConfig, UmapConfig};

    fn methods() -> [MapConfig; 3] {
        let tsne = TsneConfig {
            perplexity: 12.0,
            iterations: 40,
            ..TsneConfig::default()
        };
        let umap = UmapConfig {
            epochs: Some(40),
            ..UmapConfig::default()
        };
        [MapConfig::Pca, MapConfig::Tsne(tsne), MapConfig::Umap(umap)]
    }

    fn random_points(n: usize, dim: usize) -> Vec<f32> {
        let mut random = Random::stream(8, n as u64, dim as u64);
        (0..n * dim).map(|_| random.normal()).collect()
    }

    fn bits(points: Points<'_>, config: &MapConfig, seed: u64) -> Vec<u32> {
        let mut map = Map::new(points, config, seed, None).unwrap();
        while !map.is_done() {
            map.step(7);
        }
        map.layout()
            .as_flattened()
            .iter()
            .map(|x| x.to_bits())
            .collect()
    }

    #[cfg(not(target_family = "wasm"))]
    #[test]
    fn threads_change_no_bit() {
        let values = random_points(2_100, 9);
        let points = Points::new(&values, 9).unwrap();
        let on_threads = |threads, config: &MapConfig| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
            pool.build().unwrap().install(|| bits(points, config, 1))
        };
        for config in &methods() {
            assert!(on_threads(1, config) == on_threads(2, config), "{config:?}");
            assert!(on_threads(3, config) == on_threads(2, config), "{config:?}");
        }
        let graph = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
            let search = || crate::Neighbors::descent(points, 8, 1);
            pool.build().unwrap().install(search)
        };
        assert_eq!(graph(1), graph(2));
    }

    #[test]
    fn seeds_change_umap() {
        let values = random_points(100, 4);
        let points = Points::new(&values, 4).unwrap();
        let umap = &methods()[2];
        assert_ne!(bits(points, umap, 1), bits(points, umap, 2));
    }

    #[test]
    fn few_points_are_an_error_or_a_map() {
        for n in 0..8 {
            let values = random_points(n, 3);
            let points = Points::new(&values, 3).unwrap();
            for config in methods() {
                let fits = config == MapConfig::Pca;
                assert_eq!(
                    Map::new(points, &config, 1, None).is_ok(),
                    fits,
                    "{n}, {config:?}"
                );
                let map = bits(points, &config.fitted_to(n), 1);
                assert_eq!(map.len(), 2 * n);
                assert!(map.iter().all(|&x| f32::from_bits(x).is_finite()));
            }
        }
    }

    #[test]
    fn huge_points_and_layouts_stay_finite() {
        let values: Vec<f32> = (0..120)
            .map(|i| f32::MAX * (i as f32 * 0.7).sin())
            .collect();
        let points = Points::new(&values, 3).unwrap();
        let finite = |bits: Vec<u32>| bits.iter().all(|&x| f32::from_bits(x).is_finite());
        for config in methods() {
            assert!(finite(bits(points, &config, 1)), "{config:?}");
        }
        let mut far = vec![[1e9, -1e9]; 40];
        far[0] = [-1e9, 1e9];
        for config in &methods()[1..] {
            let mut map = Map::new(points, config, 1, Some(&far)).unwrap();
            map.step(40);
            assert!(
                map.layout().as_flattened().iter().all(|x| x.is_finite()),
                "{config:?}"
            );
            let too_far = [[f32::MAX, 0.0]; 40];
            assert!(Map::new(points, config, 1, Some(&too_far)).is_err());
        }
    }

    #[test]
    fn points_that_are_no_points_are_an_error() {
        assert!(matches!(
            Points::new(&[1.0; 5], 2),
            Err(MapError::NotRows { len: 5, dim: 2 })
        ));
        assert!(matches!(Points::new(&[], 0), Err(MapError::NotRows { .. })));
        let nan = [0.0, 1.0, 2.0, f32::NAN];
        assert_eq!(
            Points::new(&nan, 2).unwrap_err(),
            MapError::NotFinite { row: 1 }
        );
        assert!(Points::new(&[f32::INFINITY], 1).is_err());
    }

    #[test]
    fn the_map_of_points_in_a_plane_is_the_plane() {
        let values = random_points(50, 2);
        let points = Points::new(&values, 2).unwrap();
        let mut layout = Map::new(points, &MapConfig::Pca, 1, None)
            .unwrap()
            .layout()
            .to_vec();
        let plane: Vec<[f32; 2]> = values.as_chunks().0.to_vec();
        crate::align(&mut layout, &plane).unwrap();
        for (found, point) in layout.iter().zip(&plane) {
            assert!((found[0] - point[0]).abs() < 1e-4 && (found[1] - point[1]).abs() < 1e-4);
        }
    }
}
