use crate::random::{Purpose, Random};

/// Shuffled batches without replacement, epoch by epoch; what does not fill a batch at the end of
/// an epoch is left out of that epoch.
///
/// The batch of a step is a pure function of (seed, stream, step): a resumed run asks for its next
/// step and needs no other state.
#[derive(Clone, Debug)]
pub struct Sampler {
    batch_size: usize,
    seed: u64,
    stream: u32,
    /// Image ids in the order of `epoch`.
    order: Vec<usize>,
    epoch: Option<u32>,
}

impl Sampler {
    /// Batches of `batch_size` of `n_images` images, or of all of them where there are fewer.
    ///
    /// # Panics
    /// When there are no images or the batch size is 0.
    #[must_use]
    pub fn new(n_images: usize, batch_size: usize, seed: u64, stream: u32) -> Self {
        assert!(n_images > 0, "cannot sample from an empty image set");
        assert!(batch_size > 0, "the batch size must be at least 1");
        let order = (0..n_images).collect();
        Self {
            batch_size: batch_size.min(n_images),
            seed,
            stream,
            order,
            epoch: None,
        }
    }

    /// Whole batches in the image set, at least 1.
    #[must_use]
    pub fn steps_per_epoch(&self) -> usize {
        self.order.len() / self.batch_size
    }

    /// Images of every batch.
    #[must_use]
    pub fn batch_size(&self) -> usize {
        self.batch_size
    }

    /// Epoch and image ids of a step; steps count from 0 through all epochs.
    pub fn batch(&mut self, step: u64) -> (u32, &[usize]) {
        let steps = self.steps_per_epoch() as u64;
        let epoch = (step / steps) as u32;
        if self.epoch != Some(epoch) {
            self.shuffle(epoch);
        }
        let first = (step % steps) as usize * self.batch_size;
        (epoch, &self.order[first..first + self.batch_size])
    }

    fn shuffle(&mut self, epoch: u32) {
        for (index, id) in self.order.iter_mut().enumerate() {
            *id = index;
        }
        Random::new(Purpose::Sampler, self.seed, [self.stream, epoch, 0, 0, 0])
            .shuffle(&mut self.order);
        self.epoch = Some(epoch);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn epoch_ids(sampler: &mut Sampler, epoch: u64) -> Vec<usize> {
        let steps = sampler.steps_per_epoch() as u64;
        (epoch * steps..(epoch + 1) * steps)
            .flat_map(|step| {
                let (found, ids) = sampler.batch(step);
                assert_eq!(u64::from(found), epoch);
                ids.to_vec()
            })
            .collect()
    }

    #[test]
    fn an_epoch_visits_every_image_once_in_an_order_of_its_own() {
        let mut sampler = Sampler::new(60, 12, 3, 0);
        let first = epoch_ids(&mut sampler, 0);
        let second = epoch_ids(&mut sampler, 1);
        assert_ne!(first, second);
        for mut ids in [first, second] {
            ids.sort_unstable();
            assert_eq!(ids, (0..60).collect::<Vec<_>>());
        }
    }

    #[test]
    fn the_rest_of_an_epoch_is_dropped_without_repeats() {
        let mut sampler = Sampler::new(25, 10, 3, 0);
        assert_eq!(sampler.steps_per_epoch(), 2);
        let mut ids = epoch_ids(&mut sampler, 0);
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), 20);
    }

    #[test]
    fn a_step_does_not_depend_on_the_steps_before() {
        let mut walked = Sampler::new(50, 8, 9, 2);
        for step in 0..40 {
            walked.batch(step);
        }
        let expected = walked.batch(17).1.to_vec();
        assert_eq!(
            Sampler::new(50, 8, 9, 2).batch(17),
            (2, expected.as_slice())
        );
        assert_ne!(Sampler::new(50, 8, 9, 3).batch(17).1, expected);
        assert_ne!(Sampler::new(50, 8, 8, 2).batch(17).1, expected);
    }

    #[test]
    fn a_batch_larger_than_the_set_is_the_set() {
        let mut sampler = Sampler::new(5, 100, 0, 0);
        assert_eq!((sampler.batch_size(), sampler.steps_per_epoch()), (5, 1));
        assert_eq!(sampler.batch(3).0, 3);
    }

    #[test]
    fn frozen() {
        assert_eq!(Sampler::new(10, 10, 1, 0).batch(0).1, GOLDEN);
    }

    const GOLDEN: [usize; 10] = [6, 3, 0, 5, 7, 4, 9, 8, 2, 1];
}
