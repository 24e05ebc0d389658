//! The real CIFAR subsets, where `SUPCON_TEST_DATA` names the folder that holds them.

use std::path::{Path, PathBuf};

use supcon_data::{Directory, ImageSet, Splits, ViewKey, cifar, view_batch};
use supcon_protocol::ViewsConfig;

/// The subset's folder; `None`, and a line that says so, without the variable.
fn subset(name: &str) -> Option<Directory> {
    let Some(folder) = std::env::var_os("SUPCON_TEST_DATA") else {
        eprintln!("skipped: SUPCON_TEST_DATA is not set");
        return None;
    };
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    // An absolute path replaces the one it is joined to.
    Some(Directory::new(
        workspace.join(PathBuf::from(folder)).join(name),
    ))
}

fn load(name: &str, validation_fraction: f32) -> Option<Splits> {
    subset(name).map(|source| cifar::load(&source, validation_fraction, 0).expect(name))
}

fn images_of(set: &ImageSet, class: u32) -> usize {
    set.labels().iter().filter(|&&label| label == class).count()
}

#[test]
fn cifar_10_subset_is_balanced_and_looks_like_cifar() {
    let Some(splits) = load("cifar-10-subset", 0.1) else {
        return;
    };
    assert_eq!(splits.name, "cifar-10");
    let lengths = [
        splits.train.len(),
        splits.validation.len(),
        splits.test.len(),
    ];
    assert_eq!(lengths, [4500, 500, 1000]);
    for class in 0..10 {
        let counts = [&splits.train, &splits.validation, &splits.test].map(|s| images_of(s, class));
        assert_eq!(counts, [450, 50, 100], "class {class}");
    }
    assert_eq!(splits.train.class_names()[0], "airplane");
    assert_eq!(splits.train.class_names()[9], "truck");
    // Published statistics of the whole training set; the subset is a tenth of it.
    let (mean, std) = splits.train.channel_mean_std();
    for (found, expected) in mean.iter().zip([0.4914, 0.4822, 0.4465]) {
        assert!((found - expected).abs() < 0.01, "{mean:?}");
    }
    for (found, expected) in std.iter().zip([0.2470, 0.2435, 0.2616]) {
        assert!((found - expected).abs() < 0.01, "{std:?}");
    }
}

#[test]
fn cifar_10_planes_were_taken_apart_rightly() {
    let Some(splits) = load("cifar-10-subset", 0.0) else {
        return;
    };
    // In photographs neighbouring pixels agree; a wrong plane or row order would show.
    let (mut beside, mut across) = (0_u64, 0_u64);
    for index in 0..200 {
        let image = splits.test.image(index);
        let opposite = splits.test.image(index + 200);
        for at in (0..image.len() - 96).filter(|at| at % 96 < 93) {
            let gap = |other: u8| u64::from(image[at].abs_diff(other));
            beside += gap(image[at + 3]) + gap(image[at + 96]);
            across += 2 * gap(opposite[at]);
        }
    }
    assert!(beside * 4 < across, "{beside} {across}");
}

#[test]
fn cifar_100_subset_has_a_hundred_fine_classes() {
    let Some(splits) = load("cifar-100-subset", 0.1) else {
        return;
    };
    assert_eq!(splits.name, "cifar-100");
    let lengths = [
        splits.train.len(),
        splits.validation.len(),
        splits.test.len(),
    ];
    assert_eq!(lengths, [1800, 200, 500]);
    for class in 0..100 {
        assert_eq!(images_of(&splits.train, class), 18, "class {class}");
        assert_eq!(images_of(&splits.test, class), 5, "class {class}");
    }
    assert_eq!(splits.train.class_names()[0], "apple");
    assert_eq!(splits.train.class_names()[99], "worm");
}

#[test]
fn the_same_files_give_the_same_fingerprint() {
    let (Some(one), Some(two)) = (load("cifar-10-subset", 0.1), load("cifar-10-subset", 0.1))
    else {
        return;
    };
    assert_eq!(one.fingerprint(), two.fingerprint());
    let Some(other) = load("cifar-10-subset", 0.2) else {
        return;
    };
    assert_ne!(one.fingerprint(), other.fingerprint());
}

#[test]
fn asking_for_the_other_data_set_says_what_is_there() {
    let Some(source) = subset("cifar-10-subset") else {
        return;
    };
    let error = cifar::load100(&source, 0.1, 0)
        .expect_err("no CIFAR-100 there")
        .to_string();
    assert!(
        error.contains("looked for train.bin with test.bin"),
        "{error}"
    );
    assert!(error.contains("data_batch_1.bin"), "{error}");
}

#[test]
fn identity_views_are_the_images() {
    let Some(splits) = load("cifar-10-subset", 0.0) else {
        return;
    };
    let ids: Vec<usize> = (0..splits.test.len()).collect();
    let key = ViewKey {
        seed: 0,
        stream: 0,
        epoch: 0,
    };
    let batch = view_batch(&splits.test, &ids, &ViewsConfig::identity(), key);
    assert!(batch.pixels == splits.test.pixels());
    assert_eq!(batch.labels, splits.test.labels());
}
