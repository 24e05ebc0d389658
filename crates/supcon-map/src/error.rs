/// Why points could not be mapped.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum MapError {
    /// The numbers do not make up whole rows.
    #[error("{len} numbers are no whole number of rows of {dim}: pass [n, {dim}] row by row")]
    NotRows {
        /// Numbers given.
        len: usize,
        /// Numbers a row should have.
        dim: usize,
    },
    /// A coordinate is NaN or infinite.
    #[error(
        "row {row} of the points is not finite: leave it out, or look for the step that broke it"
    )]
    NotFinite {
        /// The first such row.
        row: usize,
    },
    /// The method needs more points.
    #[error("{n} points are too few for this map, which needs {needed}: use PCA or more points")]
    TooFewPoints {
        /// Points given.
        n: usize,
        /// Points needed.
        needed: usize,
    },
    /// The perplexity asks for more neighbours than there are.
    #[error("perplexity {perplexity} is too large for {n} points: choose one from 1 to {largest}")]
    Perplexity {
        /// As configured.
        perplexity: f32,
        /// Points given.
        n: usize,
        /// (n − 1) / 3.
        largest: f32,
    },
    /// More neighbours than other points.
    #[error("{k} neighbours are not possible with {n} points: choose from 2 to {}", n.saturating_sub(1))]
    Neighbors {
        /// As configured.
        k: usize,
        /// Points given.
        n: usize,
    },
    /// A parameter is outside its range.
    #[error("{name} = {value} is out of range: choose {range}")]
    Parameter {
        /// Its name in the configuration.
        name: &'static str,
        /// As configured.
        value: f64,
        /// What is allowed.
        range: &'static str,
    },
    /// The map is not one of the plane.
    #[error("the unit sphere has three coordinates and no steps: it is made by unit_sphere")]
    NotFlat,
    /// Two things that belong together have different lengths.
    #[error("{what} has {found} entries for {expected} points: pass one for each point")]
    Length {
        /// Which of them.
        what: &'static str,
        /// Its length.
        found: usize,
        /// Number of points.
        expected: usize,
    },
}
