use super::PolicyConfig;
use serde::{Deserialize, Serialize};

/// How each view (augmented version) of an image is drawn: crop → flip → colour jitter → grayscale →
/// blur (methods: SimCLR, arXiv:2002.05709, appendix A), and a policy where its order says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ViewsConfig {
    /// Views of each image in a batch, ≥ 1.
    pub n_views: usize,
    /// Random resized crop.
    pub crop: CropConfig,
    /// Probability of a horizontal flip.
    pub flip_probability: f32,
    /// Brightness, contrast, saturation and hue, in random order.
    pub jitter: JitterConfig,
    /// Probability of turning the view gray.
    pub grayscale_probability: f32,
    /// Gaussian blur.
    pub blur: BlurConfig,
    /// AutoAugment or RandAugment.
    #[serde(default)]
    pub policy: PolicyConfig,
}

/// Random resized crop: area `U(scale)` of the image, aspect ratio log-uniform in `ratio`, resized
/// back bilinearly. `scale = [1, 1]` with `ratio = [1, 1]` leaves the image as it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CropConfig {
    /// Smallest and largest share of the image's area.
    pub scale: [f32; 2],
    /// Smallest and largest width over height.
    pub ratio: [f32; 2],
}

/// Colour jitter with PyTorch's meaning of the parameters: factors are `U(max(0, 1−x), 1+x)`, the
/// hue shift is `U(−hue, hue)` turns; the four run in random order and clamp after each.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JitterConfig {
    /// Probability that a view is jittered at all.
    pub probability: f32,
    /// Largest relative change of brightness.
    pub brightness: f32,
    /// Largest relative change of contrast.
    pub contrast: f32,
    /// Largest relative change of saturation.
    pub saturation: f32,
    /// Largest hue shift in turns, ≤ 0.5.
    pub hue: f32,
}

/// Gaussian blur with a kernel of `2⌊(side/10)/2⌋ + 1` pixels.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BlurConfig {
    /// Probability of blurring a view.
    pub probability: f32,
    /// Smallest and largest standard deviation in pixels.
    pub sigma: [f32; 2],
}

impl ViewsConfig {
    /// The CIFAR recipe of Khosla et al.'s PyTorch release: crop 0.2–1, flip, jitter
    /// (0.4, 0.4, 0.4, 0.1) with p = 0.8, grayscale with p = 0.2, no blur.
    #[must_use]
    pub fn cifar() -> Self {
        Self {
            n_views: 2,
            crop: CropConfig {
                scale: [0.2, 1.0],
                ratio: [0.75, 4.0 / 3.0],
            },
            flip_probability: 0.5,
            jitter: JitterConfig {
                probability: 0.8,
                brightness: 0.4,
                contrast: 0.4,
                saturation: 0.4,
                hue: 0.1,
            },
            grayscale_probability: 0.2,
            blur: BlurConfig {
                probability: 0.0,
                sigma: [0.1, 2.0],
            },
            policy: PolicyConfig::default(),
        }
    }

    /// [`cifar`](Self::cifar) with a milder crop, under which the classes of `shapes` keep their
    /// names: a shape never leaves the picture by more than a corner.
    #[must_use]
    pub fn shapes() -> Self {
        Self {
            crop: CropConfig {
                scale: [0.6, 1.0],
                ratio: [0.85, 1.0 / 0.85],
            },
            ..Self::cifar()
        }
    }

    /// No augmentation at all, one view.
    #[must_use]
    pub fn identity() -> Self {
        Self {
            n_views: 1,
            crop: CropConfig {
                scale: [1.0, 1.0],
                ratio: [1.0, 1.0],
            },
            flip_probability: 0.0,
            jitter: JitterConfig {
                probability: 0.0,
                brightness: 0.0,
                contrast: 0.0,
                saturation: 0.0,
                hue: 0.0,
            },
            grayscale_probability: 0.0,
            blur: BlurConfig {
                probability: 0.0,
                sigma: [0.1, 2.0],
            },
            policy: PolicyConfig::default(),
        }
    }
}
