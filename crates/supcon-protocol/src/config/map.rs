use serde::{Deserialize, Serialize};

/// How points become a map. It is about looking only: no run depends on it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MapConfig {
    /// The first two principal components.
    Pca,
    /// t-SNE.
    Tsne(TsneConfig),
    /// UMAP.
    Umap(UmapConfig),
    /// The unit sphere of the first three principal directions: the one map with three coordinates.
    Sphere,
}

impl MapConfig {
    /// The same, with perplexity and neighbours lowered to what `n` points allow; PCA where they allow
    /// nothing.
    #[must_use]
    pub fn fitted_to(&self, n: usize) -> Self {
        match self {
            Self::Tsne(config) if n >= 4 => Self::Tsne(TsneConfig {
                perplexity: config.perplexity.min(TsneConfig::largest_perplexity(n)),
                ..config.clone()
            }),
            Self::Umap(config) if n >= 4 => Self::Umap(UmapConfig {
                n_neighbors: config.n_neighbors.min(n - 1),
                ..config.clone()
            }),
            Self::Sphere => Self::Sphere,
            _ => Self::Pca,
        }
    }
}

/// Parameters of t-SNE; the defaults are scikit-learn's.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TsneConfig {
    /// Effective number of neighbours, from 1 to a third of the points.
    pub perplexity: f32,
    /// None: n / (4 · `early_exaggeration`), at least 50.
    pub learning_rate: Option<f32>,
    /// Iterations in all.
    pub iterations: usize,
    /// Factor of the attraction in the beginning.
    pub early_exaggeration: f32,
    /// Iterations with that factor.
    pub exaggeration_iterations: usize,
    /// Coarseness of Barnes and Hut's approximation; 0 is exact, and few points are always exact.
    pub theta: f32,
}

impl TsneConfig {
    /// The largest perplexity `n` points allow.
    #[must_use]
    pub fn largest_perplexity(n: usize) -> f32 {
        n.saturating_sub(1) as f32 / 3.0
    }
}

impl Default for TsneConfig {
    fn default() -> Self {
        Self {
            perplexity: 30.0,
            learning_rate: None,
            iterations: 1_000,
            early_exaggeration: 12.0,
            exaggeration_iterations: 250,
            theta: 0.5,
        }
    }
}

/// Parameters of UMAP; the defaults are umap-learn's.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct UmapConfig {
    /// Neighbours of a point, itself counted, as in umap-learn.
    pub n_neighbors: usize,
    /// How close points of the map may be.
    pub min_dist: f32,
    /// Scale of the map.
    pub spread: f32,
    /// None: 500 up to 10 000 points, else 200.
    pub epochs: Option<usize>,
    /// Random points a point is pushed from, each time it is pulled along an edge.
    pub negative_samples: usize,
    /// Step size at the start; it falls to 0 linearly.
    pub learning_rate: f32,
}

impl Default for UmapConfig {
    fn default() -> Self {
        Self {
            n_neighbors: 15,
            min_dist: 0.1,
            spread: 1.0,
            epochs: None,
            negative_samples: 5,
            learning_rate: 1.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_fitted_to_few_points() {
        let tsne = MapConfig::Tsne(TsneConfig::default());
        let MapConfig::Tsne(fitted) = tsne.fitted_to(31) else {
            panic!("31 points are enough");
        };
        assert_eq!(fitted.perplexity, 10.0);
        assert_eq!(tsne.fitted_to(1_000), tsne);
        assert_eq!(tsne.fitted_to(3), MapConfig::Pca);
        assert_eq!(MapConfig::Sphere.fitted_to(1), MapConfig::Sphere);
    }

    #[test]
    fn a_configuration_reads_back() {
        let text = r#"{"umap":{"n_neighbors":30}}"#;
        let config: MapConfig = serde_json::from_str(text).unwrap();
        let expected = UmapConfig {
            n_neighbors: 30,
            ..UmapConfig::default()
        };
        assert_eq!(config, MapConfig::Umap(expected));
        let again = serde_json::to_string(&config).unwrap();
        assert_eq!(serde_json::from_str::<MapConfig>(&again).unwrap(), config);
    }
}
