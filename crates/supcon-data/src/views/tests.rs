use super::*;
use crate::fingerprint::Fingerprint;
use crate::shapes;
use supcon_protocol::{PolicyConfig, PolicyKind};

const KEY: ViewKey = ViewKey {
    seed: 11,
    stream: 1,
    epoch: 3,
};

fn images(count: usize) -> ImageSet {
    shapes::generate(count, 0, 0, 5).train
}

/// A set whose bytes count up, every image another one.
fn ramp(count: usize, height: usize, width: usize) -> ImageSet {
    let bytes = count * height * width * CHANNELS;
    let pixels = (0..bytes).map(|i| (i * 7 % 256) as u8).collect();
    ImageSet::new(height, width, pixels, vec![0; count], vec!["ramp".into()]).unwrap()
}

#[test]
fn identity_leaves_every_bit() {
    let set = ramp(4, 32, 32);
    let batch = view_batch(&set, &[0, 1, 2, 3], &ViewsConfig::identity(), KEY);
    assert_eq!(batch.pixels, set.pixels());
}

#[test]
fn every_byte_survives_the_way_through_floats() {
    let pixels: Vec<u8> = (0..=255).flat_map(|byte| [byte; 3]).collect();
    let set = ImageSet::new(16, 16, pixels, vec![0], vec!["a".into()]).unwrap();
    let batch = view_batch(&set, &[0], &ViewsConfig::identity(), KEY);
    assert_eq!(batch.pixels, set.pixels());
}

#[test]
fn a_certain_flip_mirrors() {
    let set = ramp(1, 5, 7);
    let views = ViewsConfig {
        flip_probability: 1.0,
        ..ViewsConfig::identity()
    };
    let batch = view_batch(&set, &[0], &views, KEY);
    for y in 0..5 {
        for x in 0..7 {
            let at = |x: usize| (y * 7 + x) * CHANNELS;
            assert_eq!(
                batch.pixels[at(x)..at(x) + 3],
                set.image(0)[at(6 - x)..at(6 - x) + 3]
            );
        }
    }
}

#[test]
fn certain_grayscale_of_a_known_pixel() {
    let set = ImageSet::new(1, 1, vec![200, 100, 50], vec![0], vec!["a".into()]).unwrap();
    let views = ViewsConfig {
        grayscale_probability: 1.0,
        ..ViewsConfig::identity()
    };
    // 0.299 · 200 + 0.587 · 100 + 0.114 · 50 = 124.2
    assert_eq!(view_batch(&set, &[0], &views, KEY).pixels, [124; 3]);
}

#[test]
fn rows_are_view_major_and_independent_of_the_batch() {
    let set = images(8);
    let views = ViewsConfig {
        n_views: 3,
        ..ViewsConfig::cifar()
    };
    let batch = view_batch(&set, &[5, 2], &views, KEY);
    let alone = view_batch(&set, &[2], &views, KEY);
    assert_eq!((batch.n_views, batch.batch_size), (3, 2));
    assert_eq!(batch.labels, [set.label(5), set.label(2)]);
    let bytes = set.image_bytes();
    for view in 0..3 {
        let row = view * 2 + 1;
        assert_eq!(
            batch.pixels[row * bytes..][..bytes],
            alone.pixels[view * bytes..][..bytes]
        );
    }
    assert_ne!(alone.pixels[..bytes], alone.pixels[bytes..2 * bytes]);
}

#[test]
fn each_part_of_the_key_matters() {
    let set = images(2);
    let draw = |key| view_batch(&set, &[0, 1], &ViewsConfig::cifar(), key);
    let base = draw(KEY);
    assert_eq!(base, draw(KEY));
    assert_ne!(base, draw(ViewKey { seed: 12, ..KEY }));
    assert_ne!(base, draw(ViewKey { stream: 2, ..KEY }));
    assert_ne!(base, draw(ViewKey { epoch: 4, ..KEY }));
}

#[test]
fn an_empty_batch_is_empty() {
    let batch = view_batch(&images(1), &[], &ViewsConfig::cifar(), KEY);
    assert!(batch.pixels.is_empty() && batch.labels.is_empty());
}

#[test]
fn views_do_not_depend_on_the_number_of_threads() {
    let set = images(64);
    let ids: Vec<usize> = (0..64).collect();
    let draw = || view_batch(&set, &ids, &ViewsConfig::cifar(), KEY);
    let [one, three] = [1, 3].map(|threads| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(draw)
    });
    assert_eq!(one, three);
}

fn with_policy(kind: PolicyKind, order: PolicyOrder) -> ViewsConfig {
    ViewsConfig {
        policy: PolicyConfig {
            order,
            ..PolicyConfig::of(kind)
        },
        ..ViewsConfig::cifar()
    }
}

#[test]
fn a_policy_changes_views_and_its_order_matters() {
    let set = images(16);
    let ids: Vec<usize> = (0..16).collect();
    let draw = |kind, order| {
        let mut views = with_policy(kind, order);
        views.blur.probability = 1.0;
        view_batch(&set, &ids, &views, KEY).pixels
    };
    let without = draw(PolicyKind::None, PolicyOrder::Talk);
    let mut seen = vec![without.clone()];
    for kind in &PolicyKind::ALL[1..] {
        seen.push(draw(*kind, PolicyOrder::Talk));
    }
    seen.push(draw(PolicyKind::RandAugment, PolicyOrder::Google));
    seen.push(draw(PolicyKind::RandAugment, PolicyOrder::Infomin));
    for (i, views) in seen.iter().enumerate() {
        assert!(!seen[..i].contains(views), "{i}");
    }
    // Without a policy, `google` and `talk` are the same order.
    assert_eq!(without, draw(PolicyKind::None, PolicyOrder::Google));
}

/// Order by hand: a policy that is certain to be seen, and a certain grayscale after or before it.
#[test]
fn grayscale_comes_after_the_policy_in_every_order() {
    let set = images(8);
    let ids: Vec<usize> = (0..8).collect();
    for order in [PolicyOrder::Talk, PolicyOrder::Google, PolicyOrder::Infomin] {
        let mut views = with_policy(PolicyKind::AutoAugmentCifar10, order);
        views.grayscale_probability = 1.0;
        let batch = view_batch(&set, &ids, &views, KEY);
        let pixels = batch.pixels.chunks_exact(CHANNELS);
        assert!(pixels.into_iter().all(|p| p[0] == p[1] && p[1] == p[2]));
    }
}

#[test]
fn policies_do_not_depend_on_batch_or_size() {
    for (height, width) in [(1, 1), (2, 9), (33, 8), (96, 64)] {
        let set = ramp(3, height, width);
        for kind in PolicyKind::ALL {
            let mut views = with_policy(kind, PolicyOrder::Talk);
            views.policy.layers = 8;
            views.policy.magnitude = 30.0;
            let batch = view_batch(&set, &[0, 1, 2], &views, KEY);
            let alone = view_batch(&set, &[1], &views, KEY);
            let bytes = set.image_bytes();
            assert_eq!(batch.pixels[bytes..2 * bytes], alone.pixels[..bytes]);
        }
    }
}

/// Views a second on one thread: `cargo test --release -p supcon-data views_a_second -- --ignored
/// --nocapture`.
#[test]
#[ignore = "measures"]
fn views_a_second() {
    let set = images(512);
    let ids: Vec<usize> = (0..512).collect();
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(1)
        .build()
        .unwrap();
    for kind in PolicyKind::ALL {
        let views = with_policy(kind, PolicyOrder::Talk);
        let rates = (0..15).map(|epoch| {
            let start = std::time::Instant::now();
            let batch = pool.install(|| view_batch(&set, &ids, &views, ViewKey { epoch, ..KEY }));
            (batch.n_views * batch.batch_size) as f64 / start.elapsed().as_secs_f64()
        });
        let fastest = rates.fold(0.0, f64::max);
        println!("{kind:?}: {fastest:.0} views a second (the fastest of 15 batches of 1024)");
    }
}

/// Frozen: another value means that every recorded run changes.
#[test]
fn frozen() {
    let set = ramp(16, 32, 32);
    let ids: Vec<usize> = (0..16).collect();
    let hash = |views: &ViewsConfig| {
        Fingerprint::new()
            .bytes(&view_batch(&set, &ids, views, KEY).pixels)
            .finish()
    };
    assert_eq!(hash(&ViewsConfig::cifar()), 9_174_968_110_416_761_107);
    let mut blurred = ViewsConfig::cifar();
    blurred.blur.probability = 1.0;
    assert_eq!(hash(&blurred), 13_589_401_735_928_126_365);
    let policies = PolicyKind::ALL.map(|kind| hash(&with_policy(kind, PolicyOrder::Google)));
    assert_eq!(
        policies,
        [
            9_174_968_110_416_761_107,
            1_493_431_356_025_832_112,
            16_342_805_320_008_563_484,
            11_159_069_317_117_821_533,
            15_091_083_173_584_853_670,
            4_190_720_381_273_907_156,
        ]
    );
}
