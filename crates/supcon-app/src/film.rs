//! The frames of a run that the window remembers, to go back to and to play.

use std::sync::Arc;
use supcon_protocol::{EmbeddingFrame, MapFrame, Samples};

/// Frames kept at most; then every second one is let go.
const MOST_FRAMES: usize = 240;

/// The watched points at one moment.
#[derive(Clone, Debug)]
pub struct Frame {
    /// The images behind the points.
    pub samples: Arc<Samples>,
    /// Their embeddings.
    pub embedding: Arc<EmbeddingFrame>,
    /// Their map, once it is made.
    pub map: Option<Arc<MapFrame>>,
}

impl Frame {
    /// Watched images.
    #[must_use]
    pub fn n(&self) -> usize {
        self.samples.labels.len()
    }

    /// z of an image's first view.
    #[must_use]
    pub fn z(&self, image: usize) -> &[f32] {
        let dim = self.embedding.dim;
        &self.embedding.z[image * dim..(image + 1) * dim]
    }

    /// z of its second view.
    #[must_use]
    pub fn z_other(&self, image: usize) -> &[f32] {
        let dim = self.embedding.dim;
        let row = self.n() + image;
        &self.embedding.z[row * dim..(row + 1) * dim]
    }

    /// What kNN says of an image.
    #[must_use]
    pub fn prediction(&self, image: usize) -> Option<u32> {
        self.embedding.predictions.get(image).copied()
    }

    /// Share of the images that kNN names rightly.
    #[must_use]
    pub fn accuracy(&self) -> Option<f64> {
        let predictions = &self.embedding.predictions;
        if predictions.is_empty() {
            return None;
        }
        let pairs = predictions.iter().zip(&self.samples.labels);
        let right = pairs.filter(|(prediction, label)| prediction == label);
        Some(right.count() as f64 / predictions.len() as f64)
    }

    /// When it was taken: the stage, and the steps done in it.
    fn moment(&self) -> (usize, u64) {
        (self.embedding.stage, self.embedding.step)
    }

    fn is_sound(&self) -> bool {
        let n = self.n();
        self.embedding.dim > 0 && self.embedding.z.len() == 2 * n * self.embedding.dim
    }
}

/// Frames in the order they came.
#[derive(Clone, Debug, Default)]
pub struct Film {
    frames: Vec<Frame>,
    samples: Option<Arc<Samples>>,
    stride: u64,
    /// The run went back to a checkpoint; the next frame tells where.
    goes_back: bool,
}

impl Film {
    /// The images of the frames to come.
    pub fn show(&mut self, samples: Samples) {
        self.samples = Some(Arc::new(samples));
    }

    /// The run goes on from a checkpoint: frames from after it will come again, and are then let go.
    pub fn go_back(&mut self) {
        self.goes_back = true;
    }

    /// A new frame. One that does not fit the images is left out.
    pub fn push(&mut self, embedding: EmbeddingFrame) {
        let Some(samples) = self.samples.clone() else {
            return;
        };
        let frame = Frame {
            samples,
            embedding: Arc::new(embedding),
            map: None,
        };
        if frame.is_sound() {
            if std::mem::take(&mut self.goes_back) {
                let resumed = frame.moment();
                self.frames.retain(|earlier| earlier.moment() < resumed);
            }
            self.frames.push(frame);
        }
        if self.frames.len() > MOST_FRAMES {
            self.thin_out();
        }
    }

    /// A map of a frame, in place of an earlier one.
    pub fn map(&mut self, map: MapFrame) {
        let same = |frame: &&mut Frame| {
            frame.embedding.index == map.index && frame.embedding.stage == map.stage
        };
        if let Some(frame) = self.frames.iter_mut().rev().find(same)
            && map.points.len() == frame.n() * map.dim
        {
            frame.map = Some(Arc::new(map));
        }
    }

    /// Keeps the first, the last and every second of the others.
    fn thin_out(&mut self) {
        let last = self.frames.len() - 1;
        let mut position = 0;
        self.frames.retain(|_| {
            position += 1;
            position - 1 == last || (position - 1) % 2 == 0
        });
        self.stride = self.stride.max(1) * 2;
    }

    /// Frames that have a map, oldest first.
    pub fn mapped(&self) -> impl DoubleEndedIterator<Item = &Frame> {
        self.frames.iter().filter(|frame| frame.map.is_some())
    }

    /// The newest frame with a map.
    #[must_use]
    pub fn latest(&self) -> Option<&Frame> {
        self.mapped().next_back()
    }

    /// One in how many frames is still remembered.
    #[must_use]
    pub fn stride(&self) -> u64 {
        self.stride.max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use supcon_protocol::MapConfig;

    fn film(frames: u64) -> Film {
        let mut film = Film::default();
        film.show(Samples {
            labels: vec![0, 1],
            ..Samples::default()
        });
        (0..frames).for_each(|index| watch(&mut film, index, index));
        film
    }

    fn watch(film: &mut Film, step: u64, index: u64) {
        film.push(EmbeddingFrame {
            step,
            index,
            dim: 1,
            z: vec![1.0; 4],
            ..EmbeddingFrame::default()
        });
        film.map(MapFrame {
            stage: 0,
            step,
            index,
            map: MapConfig::Pca,
            iteration: 0,
            dim: 2,
            points: vec![0.0; 4],
        });
    }

    fn steps(film: &Film) -> Vec<u64> {
        film.mapped().map(|frame| frame.embedding.step).collect()
    }

    #[test]
    fn after_a_resume_the_film_goes_on_from_the_checkpoint() {
        let mut film = film(8);
        film.go_back();
        // Until the first new frame there is nothing better to show.
        assert_eq!(steps(&film).last(), Some(&7));
        for (step, index) in [(5, 5), (6, 6), (9, 7)] {
            watch(&mut film, step, index);
        }
        assert_eq!(steps(&film), [0, 1, 2, 3, 4, 5, 6, 9]);
        // Killed before its first checkpoint: it starts over.
        film.go_back();
        watch(&mut film, 0, 0);
        assert_eq!(steps(&film), [0]);
    }

    #[test]
    fn a_long_film_keeps_its_first_and_last_frame() {
        let film = film(1_000);
        let indices: Vec<u64> = film.mapped().map(|frame| frame.embedding.index).collect();
        assert_eq!(indices.first(), Some(&0));
        assert_eq!(indices.last(), Some(&999));
        assert!(indices.len() <= MOST_FRAMES + 1);
        assert!(indices.is_sorted());
    }

    #[test]
    fn a_frame_of_another_size_is_left_out() {
        let mut film = film(1);
        film.push(EmbeddingFrame {
            index: 1,
            dim: 1,
            z: vec![1.0; 3],
            ..EmbeddingFrame::default()
        });
        assert_eq!(film.frames.len(), 1);
    }
}
