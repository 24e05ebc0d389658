use crate::board::Board;
use std::sync::Arc;
use std::time::Duration;
use supcon_map::{Map, MapError, Points, align, unit_sphere};
use supcon_protocol::{EmbeddingFrame, MapConfig, MapFrame, Split};
use web_time::Instant;

/// A turn takes about this long.
const TURN: Duration = Duration::from_millis(15);
/// Maps are random only where they have to be, and always in the same way.
const SEED: u64 = 0;

/// Points to map.
pub(super) struct Job {
    pub(super) frame: Arc<EmbeddingFrame>,
    pub(super) config: MapConfig,
    pub(super) split: Split,
}

impl Job {
    fn n(&self) -> usize {
        self.frame.predictions.len()
    }

    /// The first view of each image: a point an image.
    fn points(&self) -> Result<Points<'_>, MapError> {
        Points::new(&self.frame.z[..self.n() * self.frame.dim], self.frame.dim)
    }

    /// Whether one map can go on from the other's.
    fn continues(&self, other: &Self) -> bool {
        (self.n(), self.split) == (other.n(), other.split) && self.config == other.config
    }
}

/// Maps the newest frame, turn by turn, warm-started from the frame before, and shows every turn's
/// picture turned onto the one before it: points glide.
pub(super) struct MapLoop {
    board: Board,
    waiting: Option<Job>,
    current: Option<(Job, Map)>,
    /// What is to be seen: 2-D, in [−1, 1].
    shown: Vec<[f32; 2]>,
    iterations_a_turn: usize,
}

impl MapLoop {
    pub(super) fn new(board: Board) -> Self {
        Self {
            board,
            waiting: None,
            current: None,
            shown: Vec::new(),
            iterations_a_turn: 1,
        }
    }

    /// Maps this next. A map that has not found its rough shape yet gets that time first, unless it is
    /// of other images or other settings.
    pub(super) fn map(&mut self, job: Job) {
        self.waiting = Some(job);
    }

    /// Other points follow: nothing to go on from.
    pub(super) fn forget(&mut self) {
        (self.waiting, self.current) = (None, None);
        self.shown.clear();
    }

    /// Whether a turn would change something.
    pub(super) fn has_work(&self) -> bool {
        let unfinished = |(_, map): &(Job, Map)| !map.is_done();
        self.waiting.is_some() || self.current.as_ref().is_some_and(unfinished)
    }

    /// Works for about [`TURN`] and shows what came of it.
    pub(super) fn turn(&mut self) {
        let yields = match (&self.waiting, &self.current) {
            (Some(waiting), Some((job, map))) => !waiting.continues(job) || has_shape(map, job),
            (waiting, _) => waiting.is_some(),
        };
        if yields && let Some(job) = self.waiting.take() {
            self.begin(job);
            return;
        }
        let Some((_, map)) = &mut self.current else {
            return;
        };
        let start = Instant::now();
        map.step(self.iterations_a_turn);
        if start.elapsed() < TURN / 2 {
            self.iterations_a_turn *= 2;
        } else if start.elapsed() > TURN {
            self.iterations_a_turn = (self.iterations_a_turn / 2).max(1);
        }
        self.show();
    }

    fn begin(&mut self, job: Job) {
        if job.config == MapConfig::Sphere {
            self.current = None;
            if let Ok(points) = job.points() {
                let points = unit_sphere(points);
                self.board
                    .show_map(frame(&job, 0, 3, points.into_flattened()));
            }
            return;
        }
        let before = self.current.take();
        let warm = before.as_ref().filter(|(before, _)| job.continues(before));
        let initial = warm.map(|(_, map)| map.layout());
        let config = job.config.fitted_to(job.n());
        let made = job
            .points()
            .and_then(|points| Map::new(points, &config, SEED, initial));
        match made {
            Ok(map) => {
                self.iterations_a_turn = 1;
                self.current = Some((job, map));
                self.show();
            }
            // The frame before stays in view.
            Err(error) => self
                .board
                .fail(error.to_string(), "Choose other settings for the map."),
        }
    }

    fn show(&mut self) {
        let Some((job, map)) = &self.current else {
            return;
        };
        let mut layout = map.layout().to_vec();
        if self.shown.len() == layout.len() {
            // Layouts of a map are finite and as many as its points.
            let _ = align(&mut layout, &self.shown);
        }
        fill_the_picture(&mut layout);
        let points = layout.as_flattened().to_vec();
        self.board
            .show_map(frame(job, map.progress().0 as u64, 2, points));
        self.shown = layout;
    }
}

fn frame(job: &Job, iteration: u64, dim: usize, points: Vec<f32>) -> Arc<MapFrame> {
    let embedding = &job.frame;
    Arc::new(MapFrame {
        stage: embedding.stage,
        step: embedding.step,
        index: embedding.index,
        map: job.config.clone(),
        iteration,
        dim,
        points,
    })
}

/// Whether a map is past its rough beginning, so that a newer one may go on from it.
fn has_shape(map: &Map, job: &Job) -> bool {
    let (done, all) = map.progress();
    match &job.config {
        MapConfig::Tsne(config) => done >= config.exaggeration_iterations.min(all),
        _ => 4 * done >= all,
    }
}

/// Moves the middle of a layout to 0 and scales it into [−1, 1].
fn fill_the_picture(layout: &mut [[f32; 2]]) {
    let range = |axis: usize| {
        let values = layout.iter().map(|point| point[axis]);
        let (low, high) = values.fold((f32::INFINITY, f32::NEG_INFINITY), |(low, high), x| {
            (low.min(x), high.max(x))
        });
        (low.midpoint(high), high - low)
    };
    let [x, y] = [range(0), range(1)];
    let half = (x.1.max(y.1) / 2.0).max(f32::MIN_POSITIVE);
    for point in layout {
        *point = [(point[0] - x.0) / half, (point[1] - y.0) / half];
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use supcon_protocol::{Notice, TsneConfig, UmapConfig};

    fn embedding(index: u64, turn: f32) -> Arc<EmbeddingFrame> {
        let n = 60;
        let point = |i: usize| {
            let angle = (i % 3) as f32 * 2.1 + (i as f32).sin() * 0.1 + turn;
            [angle.cos(), angle.sin(), 0.1 * (i as f32 * 0.7).cos()]
        };
        Arc::new(EmbeddingFrame {
            index,
            dim: 3,
            z: (0..2 * n).flat_map(point).collect(),
            predictions: vec![0; n],
            ..EmbeddingFrame::default()
        })
    }

    fn job(index: u64, turn: f32, config: &MapConfig) -> Job {
        Job {
            frame: embedding(index, turn),
            config: config.clone(),
            split: Split::Validation,
        }
    }

    fn newest(board: &Board) -> MapFrame {
        let mut maps = board.take().into_iter().filter_map(|notice| match notice {
            Notice::Map(map) => Some(map),
            _ => None,
        });
        maps.next_back().unwrap()
    }

    fn methods() -> [MapConfig; 4] {
        let tsne = TsneConfig {
            perplexity: 10.0,
            iterations: 60,
            exaggeration_iterations: 20,
            ..TsneConfig::default()
        };
        let umap = UmapConfig {
            epochs: Some(60),
            ..UmapConfig::default()
        };
        [
            MapConfig::Pca,
            MapConfig::Tsne(tsne),
            MapConfig::Umap(umap),
            MapConfig::Sphere,
        ]
    }

    #[test]
    fn points_glide_from_frame_to_frame() {
        for config in methods() {
            let board = Board::default();
            let mut maps = MapLoop::new(board.clone());
            maps.map(job(0, 0.0, &config));
            while maps.has_work() {
                maps.turn();
            }
            let first = newest(&board);
            let dim = if config == MapConfig::Sphere { 3 } else { 2 };
            assert_eq!(
                (first.index, first.dim, first.points.len()),
                (0, dim, 60 * dim)
            );
            assert!(first.points.iter().all(|x| x.abs() <= 1.0), "{config:?}");
            // The same points but a little turned: a good map moves little at once, wherever it ends.
            maps.map(job(1, 0.02, &config));
            maps.turn();
            let second = newest(&board);
            assert_eq!(second.index, 1);
            let moved = first.points.iter().zip(&second.points);
            let farthest = moved.map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
            assert!(farthest < 0.3, "{config:?}: {farthest}");
        }
    }

    #[test]
    fn a_map_without_shape_is_finished_first_unless_other_points_come() {
        let config = &methods()[1];
        let board = Board::default();
        let mut maps = MapLoop::new(board.clone());
        maps.map(job(0, 0.0, config));
        maps.turn();
        maps.map(job(1, 0.1, config));
        maps.turn();
        assert_eq!(newest(&board).index, 0);
        maps.map(job(2, 0.1, &MapConfig::Pca));
        maps.turn();
        assert_eq!(newest(&board).index, 2);
    }

    #[test]
    fn impossible_settings_are_said() {
        let board = Board::default();
        let mut maps = MapLoop::new(board.clone());
        let config = MapConfig::Tsne(TsneConfig {
            perplexity: -1.0,
            ..TsneConfig::default()
        });
        maps.map(job(0, 0.0, &config));
        maps.turn();
        assert!(matches!(&board.take()[..], [Notice::Failed(report)] if report.hint.is_some()));
        assert!(!maps.has_work());
    }
}
