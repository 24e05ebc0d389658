mod level;
mod tables;

use level::{Level, Ranges};
use supcon_protocol::{PolicyConfig, PolicyKind};
use tables::{Kind, SubPolicy};

use super::operation::Operation;
use crate::random::Random;

/// The sixteen operations of the model garden's RandAugment.
const SIXTEEN: [Kind; 16] = [
    Kind::AutoContrast,
    Kind::Equalize,
    Kind::Invert,
    Kind::Rotate,
    Kind::Posterize,
    Kind::Solarize,
    Kind::Color,
    Kind::Contrast,
    Kind::Brightness,
    Kind::Sharpness,
    Kind::ShearX,
    Kind::ShearY,
    Kind::TranslateX,
    Kind::TranslateY,
    Kind::Cutout,
    Kind::SolarizeAdd,
];

/// The thirteen of torchvision's, in its order.
const THIRTEEN: [Kind; 13] = [
    Kind::ShearX,
    Kind::ShearY,
    Kind::TranslateX,
    Kind::TranslateY,
    Kind::Rotate,
    Kind::Brightness,
    Kind::Color,
    Kind::Contrast,
    Kind::Sharpness,
    Kind::Posterize,
    Kind::Solarize,
    Kind::AutoContrast,
    Kind::Equalize,
];

/// The operations of one view, all random numbers drawn.
pub(super) fn draw_operations(
    policy: &PolicyConfig,
    height: usize,
    width: usize,
    random: &mut Random,
) -> Vec<Operation> {
    let level = |level: f32, strongest: f32, ranges: Ranges| Level {
        share: f64::from(level) / f64::from(strongest),
        ranges,
        height,
        width,
    };
    // Google's levels end at 10; torchvision has ten bins in AutoAugment and 31 in RandAugment.
    let google = |magnitude, ranges| level(magnitude, 10.0, ranges);
    let bins = |bin: f32, count: u8| level(bin, f32::from(count - 1), Ranges::Torchvision);
    let mut sub_policy = |table: &[SubPolicy], level: &dyn Fn(u8) -> Level| {
        let pair = table[random.below(table.len())];
        let drawn = pair.into_iter().filter_map(|(kind, probability, bin)| {
            let takes_place = random.chance(probability);
            takes_place.then(|| level(bin).operation(kind, random))
        });
        drawn.collect()
    };
    match policy.kind {
        PolicyKind::None => Vec::new(),
        PolicyKind::AutoAugmentCifar10 => {
            sub_policy(&tables::CIFAR10, &|bin| bins(f32::from(bin), 10))
        }
        PolicyKind::AutoAugmentImagenet => {
            sub_policy(&tables::IMAGENET, &|bin| bins(f32::from(bin), 10))
        }
        PolicyKind::AutoAugmentGoogle => sub_policy(&tables::GOOGLE, &|magnitude| {
            google(f32::from(magnitude), Ranges::GOOGLE_AUTO_AUGMENT)
        }),
        PolicyKind::RandAugment => {
            let level = google(policy.magnitude, Ranges::GOOGLE_RAND_AUGMENT);
            draw_layers(policy.layers, &SIXTEEN, &level, random)
        }
        PolicyKind::RandAugmentTorchvision => {
            let level = bins(policy.magnitude, 31);
            draw_layers(policy.layers, &THIRTEEN, &level, random)
        }
    }
}

/// In each layer one of the kinds or, as probable as each, nothing.
fn draw_layers(
    layers: usize,
    kinds: &[Kind],
    level: &Level,
    random: &mut Random,
) -> Vec<Operation> {
    let drawn = (0..layers).filter_map(|_| {
        let kind = kinds.get(random.below(kinds.len() + 1))?;
        Some(level.operation(*kind, random))
    });
    drawn.collect()
}

#[cfg(test)]
mod tests;
