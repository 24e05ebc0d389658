use supcon_data::Sampler;

/// `count` of `len` positions in rising order, drawn once and for all.
///
/// Drawn, not evenly spaced: images often lie in an order of their own (one class after the other,
/// or in turns), and even steps would pick the same classes again and again.
#[must_use]
pub(crate) fn fixed_subset(len: usize, count: usize) -> Vec<usize> {
    if len == 0 || count == 0 {
        return Vec::new();
    }
    let mut sampler = Sampler::new(len, count.min(len), 0, SUBSET_STREAM);
    let mut ids = sampler.batch(0).1.to_vec();
    ids.sort_unstable();
    ids
}

/// Apart from the streams that training draws batches from.
const SUBSET_STREAM: u32 = 1000;

#[cfg(test)]
mod tests {
    use super::fixed_subset;

    #[test]
    fn classes_in_turns_are_all_drawn() {
        let ids = fixed_subset(2000, 600);
        assert_eq!(ids.len(), 600);
        assert!(ids.windows(2).all(|pair| pair[0] < pair[1]));
        for class in 0..10 {
            let drawn = ids.iter().filter(|id| *id % 10 == class).count();
            assert!((40..80).contains(&drawn), "class {class}: {drawn}");
        }
    }

    #[test]
    fn the_whole_and_nothing() {
        assert_eq!(fixed_subset(5, 9), [0, 1, 2, 3, 4]);
        assert!(fixed_subset(0, 3).is_empty());
    }
}
