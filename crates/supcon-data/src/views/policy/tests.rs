use super::*;
use crate::random::Purpose;

fn random(name: u32) -> Random {
    Random::new(Purpose::Views, 0, [name, 0, 0, 0, 0])
}

fn level(share: f64, ranges: Ranges) -> Level {
    Level {
        share,
        ranges,
        height: 224,
        width: 224,
    }
}

/// A name of a package as ours, and the number that an argument has up to its sign.
fn described(operation: Operation) -> (String, f64) {
    let name = format!("{operation:?}");
    let name = name.split(['(', ' ']).next().unwrap().to_owned();
    let argument = match operation {
        Operation::ShearX(by)
        | Operation::ShearY(by)
        | Operation::TranslateX(by)
        | Operation::TranslateY(by)
        | Operation::Rotate(by) => by.abs(),
        Operation::Solarize(from) => f64::from(from),
        Operation::SolarizeAdd(by) | Operation::Posterize(by) => f64::from(by),
        Operation::Contrast(by)
        | Operation::Color(by)
        | Operation::Brightness(by)
        | Operation::Sharpness(by) => f64::from(by),
        Operation::AutoContrast | Operation::Equalize | Operation::Invert => 0.0,
        Operation::Cutout(part) => part.height as f64,
    };
    (name, argument)
}

/// The tables as torchvision and timm have them, read from their sources by `tests/golden/views.py`.
#[test]
fn the_published_policies() {
    let text = include_str!("../../../../../tests/golden/views.json");
    let golden: serde_json::Value = serde_json::from_str(text).unwrap();
    let policies = golden["policies"].as_array().unwrap();
    assert_eq!(policies.len(), 4);
    for policy in policies {
        let table = match policy["policy"].as_str().unwrap() {
            "cifar10" => tables::CIFAR10,
            "imagenet" => tables::IMAGENET,
            _ => tables::GOOGLE,
        };
        let pairs = policy["pairs"].as_array().unwrap();
        assert_eq!(pairs.len(), table.len());
        for (pair, ours) in pairs.iter().zip(table) {
            for (published, (kind, probability, level)) in pair.as_array().unwrap().iter().zip(ours)
            {
                // timm's names tell its variants of an operation apart.
                let name = published[0].as_str().unwrap();
                let name = name.trim_end_matches("Rel").trim_end_matches("Original");
                assert_eq!(name, format!("{kind:?}"), "{}", policy["from"]);
                assert_eq!(published[1].as_f64().unwrap() as f32, probability);
                let has_level = !["Equalize", "AutoContrast", "Invert"].contains(&name);
                if has_level {
                    assert_eq!(published[2].as_u64(), Some(u64::from(level)), "{name}");
                }
            }
        }
    }
}

/// The arguments at the levels that the sources print or that follow from their formulas by hand.
#[test]
fn levels_mean_what_the_sources_say() {
    let argument =
        |kind, share, ranges| described(level(share, ranges).operation(kind, &mut random(1))).1;
    let google = Ranges::GOOGLE_RAND_AUGMENT;
    for (kind, share, expected) in [
        (Kind::Rotate, 1.0, 30.0),
        (Kind::ShearX, 0.5, 0.15),
        (Kind::TranslateX, 1.0, 100.0),
        (Kind::Solarize, 0.3, 76.0),
        (Kind::Solarize, 1.0, 256.0),
        (Kind::SolarizeAdd, 0.7, 77.0),
        (Kind::Posterize, 1.0, 4.0),
        (Kind::Posterize, 0.6, 2.0),
        (Kind::Posterize, 0.2, 1.0),
    ] {
        let found = argument(kind, share, google);
        assert!((found - expected).abs() < 1e-9, "{kind:?} {share}: {found}");
    }
    let factor = argument(Kind::Color, 1.0, google);
    assert!((factor - 1.9).abs() < 1e-6);
    assert!((argument(Kind::TranslateY, 0.9, Ranges::GOOGLE_AUTO_AUGMENT) - 225.0).abs() < 1e-9);
    for (kind, bin, expected) in [
        (Kind::Rotate, 9.0, 30.0),
        (Kind::ShearY, 3.0, 0.1),
        // ⌊150/331 · 224 · 3/9⌋
        (Kind::TranslateY, 3.0, 33.0),
        (Kind::Posterize, 8.0, 4.0),
        (Kind::Posterize, 5.0, 6.0),
        (Kind::Posterize, 0.0, 8.0),
        // 255 − 255 · 5/9 = 113.3: 113 stays, 114 is turned.
        (Kind::Solarize, 5.0, 114.0),
        (Kind::Solarize, 9.0, 0.0),
    ] {
        let found = argument(kind, bin / 9.0, Ranges::Torchvision);
        assert!((found - expected).abs() < 1e-9, "{kind:?} {bin}: {found}");
    }
    let factors: Vec<f64> = (0..20)
        .map(|name| level(1.0, Ranges::Torchvision).operation(Kind::Color, &mut random(name)))
        .map(|operation| (described(operation).1 * 10.0).round())
        .collect();
    assert!(
        factors.contains(&1.0) && factors.contains(&19.0),
        "{factors:?}"
    );
}

#[test]
fn every_kind_is_drawn_as_often_as_nothing() {
    let policy = PolicyConfig {
        layers: 1,
        ..PolicyConfig::of(PolicyKind::RandAugment)
    };
    let mut counts = std::collections::BTreeMap::new();
    for name in 0..8_500 {
        let drawn = draw_operations(&policy, 32, 32, &mut random(name));
        let name = drawn.first().map(|&operation| described(operation).0);
        *counts.entry(name).or_insert(0) += 1;
    }
    assert_eq!(counts.len(), 17);
    assert!(counts.contains_key(&None));
    // 500 each, standard deviation 21.7.
    assert!(
        counts.values().all(|count| (400..600).contains(count)),
        "{counts:?}"
    );
    let torchvision = PolicyConfig::of(PolicyKind::RandAugmentTorchvision);
    for name in 0..2_000 {
        for operation in draw_operations(&torchvision, 32, 32, &mut random(name)) {
            let name = described(operation).0;
            assert!(!["Invert", "Cutout", "SolarizeAdd"].contains(&name.as_str()));
        }
    }
}

#[test]
fn probabilities_of_sub_policies_hold() {
    let policy = PolicyConfig::of(PolicyKind::AutoAugmentCifar10);
    let mean: f32 = tables::CIFAR10
        .iter()
        .flatten()
        .map(|(_, p, _)| p)
        .sum::<f32>()
        / 25.0;
    let drawn: usize = (0..4_000)
        .map(|name| draw_operations(&policy, 32, 32, &mut random(name)).len())
        .sum();
    assert!(
        (drawn as f32 / 4_000.0 - mean).abs() < 0.04,
        "{drawn}, {mean}"
    );
}

#[test]
fn cut_out_squares_lie_inside() {
    for (height, width) in [(32, 32), (9, 40), (1, 1)] {
        for name in 0..300 {
            let level = Level {
                height,
                width,
                ..level(3.0, Ranges::GOOGLE_RAND_AUGMENT)
            };
            let Operation::Cutout(part) = level.operation(Kind::Cutout, &mut random(name)) else {
                panic!("another operation");
            };
            assert!(part.top + part.height <= height && part.left + part.width <= width);
        }
    }
    let whole = level(1.0, Ranges::GOOGLE_RAND_AUGMENT);
    let largest =
        (0..300).map(|name| described(whole.operation(Kind::Cutout, &mut random(name))).1);
    assert_eq!(largest.fold(0.0, f64::max), 80.0);
}
