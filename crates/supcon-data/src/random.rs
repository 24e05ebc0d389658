use rand_chacha::ChaCha8Rng;
use rand_core::{Rng, SeedableRng};

/// What a stream of random numbers is for; part of its key, so that no two uses share numbers.
#[derive(Clone, Copy)]
#[repr(u32)]
pub(crate) enum Purpose {
    Views = 1,
    Sampler = 2,
    Split = 3,
    Shapes = 4,
}

/// Random numbers named by what they are for. The key is the name itself, so a stream can be
/// reproduced anywhere without having drawn the ones before it. Frozen by golden values in the
/// tests of its users: a change here changes every run.
pub(crate) struct Random(ChaCha8Rng);

impl Random {
    /// The stream `name` of `purpose` under `seed`.
    pub(crate) fn new(purpose: Purpose, seed: u64, name: [u32; 5]) -> Self {
        let mut key = [0_u8; 32];
        key[..8].copy_from_slice(&seed.to_le_bytes());
        key[8..12].copy_from_slice(&(purpose as u32).to_le_bytes());
        for (slot, word) in key[12..].chunks_exact_mut(4).zip(name) {
            slot.copy_from_slice(&word.to_le_bytes());
        }
        Self(ChaCha8Rng::from_seed(key))
    }

    /// 32 random bits.
    pub(crate) fn bits(&mut self) -> u32 {
        self.0.next_u32()
    }

    /// A multiple of 2⁻²⁴ in [0, 1): every step of the arithmetic is exact.
    pub(crate) fn uniform(&mut self) -> f32 {
        (self.bits() >> 8) as f32 * (1.0 / 16_777_216.0)
    }

    /// Uniform between two numbers.
    pub(crate) fn between(&mut self, [low, high]: [f32; 2]) -> f32 {
        low + (high - low) * self.uniform()
    }

    /// True with the given probability.
    pub(crate) fn chance(&mut self, probability: f32) -> bool {
        self.uniform() < probability
    }

    /// An index below `count`, which must fit in 32 bits. The bias, at most `count`/2³², is far
    /// below anything a run could show.
    pub(crate) fn below(&mut self, count: usize) -> usize {
        ((u64::from(self.bits()) * count as u64) >> 32) as usize
    }

    /// Shuffles in place (Fisher and Yates).
    pub(crate) fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            let other = self.below(last + 1);
            items.swap(last, other);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_is_the_name() {
        let draw = |purpose, seed, name| Random::new(purpose, seed, name).bits();
        let base = draw(Purpose::Views, 7, [1, 2, 3, 4, 5]);
        assert_eq!(base, draw(Purpose::Views, 7, [1, 2, 3, 4, 5]));
        assert_ne!(base, draw(Purpose::Sampler, 7, [1, 2, 3, 4, 5]));
        assert_ne!(base, draw(Purpose::Views, 8, [1, 2, 3, 4, 5]));
        assert_ne!(base, draw(Purpose::Views, 7, [1, 2, 3, 5, 4]));
    }

    #[test]
    fn uniform_stays_below_one_and_has_the_right_mean() {
        let mut random = Random::new(Purpose::Views, 0, [0; 5]);
        let draws: Vec<f32> = (0..10_000).map(|_| random.uniform()).collect();
        assert!(draws.iter().all(|x| (0.0..1.0).contains(x)));
        let mean = draws.iter().sum::<f32>() / 10_000.0;
        assert!((mean - 0.5).abs() < 0.01, "{mean}");
    }

    #[test]
    fn shuffle_is_a_permutation() {
        let mut items: Vec<usize> = (0..100).collect();
        Random::new(Purpose::Split, 1, [0; 5]).shuffle(&mut items);
        assert_ne!(items, (0..100).collect::<Vec<_>>());
        items.sort_unstable();
        assert_eq!(items, (0..100).collect::<Vec<_>>());
    }
}
