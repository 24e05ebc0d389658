use crate::ImageSet;
use crate::random::{Purpose, Random};

/// Divides a set into (train, validation) ids, each ascending. Every class gives the same share of
/// its images, rounded, to validation.
///
/// # Panics
/// When `validation_fraction` is not in [0, 1).
#[must_use]
pub fn stratified_split(
    set: &ImageSet,
    validation_fraction: f32,
    seed: u64,
) -> (Vec<usize>, Vec<usize>) {
    assert!(
        (0.0..1.0).contains(&validation_fraction),
        "not a share: {validation_fraction}"
    );
    let mut classes = vec![Vec::new(); set.n_classes()];
    for (id, &label) in set.labels().iter().enumerate() {
        classes[label as usize].push(id);
    }
    let (mut train, mut validation) = (Vec::new(), Vec::new());
    for (label, ids) in classes.iter_mut().enumerate() {
        Random::new(Purpose::Split, seed, [label as u32, 0, 0, 0, 0]).shuffle(ids);
        let held_out = libm::round(ids.len() as f64 * f64::from(validation_fraction)) as usize;
        validation.extend_from_slice(&ids[..held_out]);
        train.extend_from_slice(&ids[held_out..]);
    }
    train.sort_unstable();
    validation.sort_unstable();
    (train, validation)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(labels: Vec<u32>) -> ImageSet {
        let pixels = vec![0; labels.len() * 3];
        ImageSet::new(
            1,
            1,
            pixels,
            labels,
            vec!["a".into(), "b".into(), "c".into()],
        )
        .unwrap()
    }

    #[test]
    fn every_class_gives_its_share_and_no_image_is_lost() {
        let set = set((0..300)
            .map(|i| u32::from(i >= 100) + u32::from(i >= 150))
            .collect());
        let (train, validation) = stratified_split(&set, 0.1, 5);
        let count = |label| {
            validation
                .iter()
                .filter(|&&id| set.label(id) == label)
                .count()
        };
        assert_eq!([count(0), count(1), count(2)], [10, 5, 15]);
        assert!(train.is_sorted() && validation.is_sorted());
        let mut all = [train, validation].concat();
        all.sort_unstable();
        assert_eq!(all, (0..300).collect::<Vec<_>>());
    }

    #[test]
    fn the_seed_decides() {
        let set = set((0..90).map(|i| i % 3).collect());
        assert_eq!(
            stratified_split(&set, 0.2, 1),
            stratified_split(&set, 0.2, 1)
        );
        assert_ne!(
            stratified_split(&set, 0.2, 1),
            stratified_split(&set, 0.2, 2)
        );
        assert!(stratified_split(&set, 0.0, 1).1.is_empty());
    }
}
