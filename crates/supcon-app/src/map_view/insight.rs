//! Numbers of the frame shown, computed once and kept until the frame or the question changes.

use crate::analysis::{self, Inspection, Similarities};
use crate::film::Frame;
use crate::mistakes::{self, Mistakes};
use std::sync::Arc;
use supcon_math::{Kernel, Objective};
use supcon_protocol::EmbeddingFrame;

/// Pairs of each kind that the inspector shows.
const PAIRS: usize = 24;

#[derive(Debug)]
struct Kept<K, V> {
    of: Arc<EmbeddingFrame>,
    key: K,
    value: Arc<V>,
}

/// The numbers kept.
#[derive(Debug, Default)]
pub struct Insight {
    similarities: Option<Kept<(), Similarities>>,
    neighbors: Option<Kept<usize, Vec<(usize, f64)>>>,
    inspection: Option<Kept<(usize, Objective, Kernel), Inspection>>,
    mistakes: Option<Kept<(usize, u32), Mistakes>>,
}

fn kept<K: PartialEq, V>(
    slot: &mut Option<Kept<K, V>>,
    frame: &Frame,
    key: K,
    make: impl FnOnce() -> V,
) -> Arc<V> {
    if let Some(kept) = slot
        && kept.key == key
        && Arc::ptr_eq(&kept.of, &frame.embedding)
    {
        return kept.value.clone();
    }
    let value = Arc::new(make());
    *slot = Some(Kept {
        of: frame.embedding.clone(),
        key,
        value: value.clone(),
    });
    value
}

impl Insight {
    /// The similarity histogram.
    pub fn similarities(&mut self, frame: &Frame) -> Arc<Similarities> {
        kept(&mut self.similarities, frame, (), || {
            analysis::similarities(frame)
        })
    }

    /// The nearest neighbours of an image.
    pub fn neighbors(&mut self, frame: &Frame, image: usize) -> Arc<Vec<(usize, f64)>> {
        kept(&mut self.neighbors, frame, image, || {
            analysis::neighbors(frame, image, 6)
        })
    }

    /// The pairs of an anchor.
    pub fn inspection(
        &mut self,
        frame: &Frame,
        image: usize,
        (objective, kernel): (&Objective, Kernel),
    ) -> Arc<Inspection> {
        let key = (image, *objective, kernel);
        kept(&mut self.inspection, frame, key, || {
            analysis::inspect(frame, image, (objective, kernel), PAIRS)
        })
    }

    /// What kNN says with most conviction and is wrong, of `neighbors` votes at a temperature.
    pub fn mistakes(&mut self, frame: &Frame, neighbors: usize, temperature: f32) -> Arc<Mistakes> {
        let key = (neighbors, temperature.to_bits());
        kept(&mut self.mistakes, frame, key, || {
            mistakes::mistakes(frame, neighbors, temperature)
        })
    }
}
