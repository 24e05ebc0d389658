use supcon_protocol::{CropConfig, JitterConfig, PolicyOrder, ViewsConfig};

use super::colour::Adjustment;
use super::operation::Operation;
use super::policy::draw_operations;
use crate::random::Random;

/// The random decisions of one view, all drawn before the first pixel is touched.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Choice {
    pub(super) crop: Rectangle,
    pub(super) flip: bool,
    /// Adjustments with their strengths, in the order they are made.
    pub(super) jitter: Option<[(Adjustment, f32); 4]>,
    pub(super) grayscale: bool,
    pub(super) blur_sigma: Option<f32>,
    /// The policy's operations.
    pub(super) operations: Vec<Operation>,
    /// When their turn is.
    pub(super) order: PolicyOrder,
    /// What stands where they leave nothing.
    pub(super) fill: u8,
}

/// A part of an image, in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rectangle {
    pub(super) top: usize,
    pub(super) left: usize,
    pub(super) height: usize,
    pub(super) width: usize,
}

impl Choice {
    pub(super) fn draw(
        views: &ViewsConfig,
        height: usize,
        width: usize,
        random: &mut Random,
    ) -> Self {
        Self {
            crop: draw_crop(&views.crop, height, width, random),
            flip: random.chance(views.flip_probability),
            jitter: draw_jitter(&views.jitter, random),
            grayscale: random.chance(views.grayscale_probability),
            blur_sigma: random
                .chance(views.blur.probability)
                .then(|| random.between(views.blur.sigma)),
            // Drawn last: without a policy a view is what it was before there were any.
            operations: draw_operations(&views.policy, height, width, random),
            order: views.policy.order,
            fill: views.policy.fill,
        }
    }
}

/// Tries before a crop that does not fit is replaced by one from the centre.
const CROP_TRIES: usize = 10;

fn draw_crop(crop: &CropConfig, height: usize, width: usize, random: &mut Random) -> Rectangle {
    let whole = Rectangle {
        top: 0,
        left: 0,
        height,
        width,
    };
    if crop.scale == [1.0, 1.0] && crop.ratio == [1.0, 1.0] {
        return whole;
    }
    let log_ratio = crop.ratio.map(libm::logf);
    for _ in 0..CROP_TRIES {
        let area = (height * width) as f32 * random.between(crop.scale);
        let ratio = libm::expf(random.between(log_ratio));
        let rounded = |length: f32| libm::roundf(length) as usize;
        let crop_width = rounded(libm::sqrtf(area * ratio));
        let crop_height = rounded(libm::sqrtf(area / ratio));
        if (1..=width).contains(&crop_width) && (1..=height).contains(&crop_height) {
            return Rectangle {
                top: random.below(height - crop_height + 1),
                left: random.below(width - crop_width + 1),
                height: crop_height,
                width: crop_width,
            };
        }
    }
    centre_crop(whole, crop.ratio)
}

/// The largest part around the centre whose ratio is allowed.
fn centre_crop(whole: Rectangle, [low, high]: [f32; 2]) -> Rectangle {
    let ratio = whole.width as f32 / whole.height as f32;
    let rounded = |length: f32| (libm::roundf(length) as usize).max(1);
    let (mut height, mut width) = (whole.height, whole.width);
    if ratio < low {
        height = rounded(width as f32 / low).min(height);
    } else if ratio > high {
        width = rounded(height as f32 * high).min(width);
    }
    let (top, left) = ((whole.height - height) / 2, (whole.width - width) / 2);
    Rectangle {
        top,
        left,
        height,
        width,
    }
}

fn draw_jitter(jitter: &JitterConfig, random: &mut Random) -> Option<[(Adjustment, f32); 4]> {
    if !random.chance(jitter.probability) {
        return None;
    }
    let mut factor = |strength: f32| random.between([(1.0 - strength).max(0.0), 1.0 + strength]);
    let mut adjustments = [
        (Adjustment::Brightness, factor(jitter.brightness)),
        (Adjustment::Contrast, factor(jitter.contrast)),
        (Adjustment::Saturation, factor(jitter.saturation)),
        (Adjustment::Hue, random.between([-jitter.hue, jitter.hue])),
    ];
    random.shuffle(&mut adjustments);
    Some(adjustments)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Purpose;

    fn random(name: u32) -> Random {
        Random::new(Purpose::Views, 0, [name, 0, 0, 0, 0])
    }

    #[test]
    fn crops_keep_to_scale_and_ratio() {
        let crop = CropConfig {
            scale: [0.2, 0.8],
            ratio: [0.75, 4.0 / 3.0],
        };
        for name in 0..500 {
            let found = draw_crop(&crop, 64, 64, &mut random(name));
            let (height, width) = (found.height as f32, found.width as f32);
            let share = height * width / 4096.0;
            assert!((0.19..0.82).contains(&share), "{found:?}");
            assert!((0.72..1.4).contains(&(width / height)), "{found:?}");
            assert!(found.top + found.height <= 64 && found.left + found.width <= 64);
        }
    }

    #[test]
    fn a_crop_that_cannot_fit_comes_from_the_centre() {
        let wide = CropConfig {
            scale: [1.0, 1.0],
            ratio: [2.0, 2.0],
        };
        let found = draw_crop(&wide, 32, 32, &mut random(0));
        assert_eq!(
            found,
            Rectangle {
                top: 8,
                left: 0,
                height: 16,
                width: 32
            }
        );
        let tall = CropConfig {
            scale: [1.0, 1.0],
            ratio: [0.5, 0.5],
        };
        let found = draw_crop(&tall, 32, 32, &mut random(0));
        assert_eq!(
            found,
            Rectangle {
                top: 0,
                left: 8,
                height: 32,
                width: 16
            }
        );
    }

    #[test]
    fn probabilities_hold() {
        let views = ViewsConfig::cifar();
        let choices: Vec<_> = (0..2000)
            .map(|n| Choice::draw(&views, 32, 32, &mut random(n)))
            .collect();
        let share = |test: fn(&Choice) -> bool| {
            choices.iter().filter(|choice| test(choice)).count() as f32 / 2000.0
        };
        assert!((share(|c| c.flip) - 0.5).abs() < 0.04);
        assert!((share(|c| c.jitter.is_some()) - 0.8).abs() < 0.04);
        assert!((share(|c| c.grayscale) - 0.2).abs() < 0.04);
        assert_eq!(share(|c| c.blur_sigma.is_some()), 0.0);
        let hue_first = |c: &Choice| c.jitter.is_some_and(|j| j[0].0 == Adjustment::Hue);
        assert!((share(hue_first) - 0.2).abs() < 0.04);
    }

    #[test]
    fn factors_keep_to_their_range() {
        let mut jitter = ViewsConfig::cifar().jitter;
        jitter.probability = 1.0;
        jitter.brightness = 1.5;
        for name in 0..500 {
            for (adjustment, strength) in draw_jitter(&jitter, &mut random(name)).unwrap() {
                let allowed = match adjustment {
                    Adjustment::Brightness => 0.0..2.5,
                    Adjustment::Hue => -0.1..0.1,
                    Adjustment::Contrast | Adjustment::Saturation => 0.6..1.4,
                };
                assert!(allowed.contains(&strength), "{adjustment:?} {strength}");
            }
        }
    }
}
