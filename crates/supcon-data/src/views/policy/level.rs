use super::tables::Kind;
use crate::random::Random;
use crate::views::choice::Rectangle;
use crate::views::operation::Operation;

/// How strong an operation is.
pub(super) struct Level {
    /// 0 to 1, and beyond where a configuration asks for it.
    pub(super) share: f64,
    pub(super) ranges: Ranges,
    /// Of the view, in pixels.
    pub(super) height: usize,
    pub(super) width: usize,
}

/// What a share of 1 means.
#[derive(Clone, Copy)]
pub(super) enum Ranges {
    /// TensorFlow's model garden: shares of the side that operations move and cut out.
    Google { translate: f64, cutout: f64 },
    /// torchvision, after the paper on AutoAugment.
    Torchvision,
}

impl Ranges {
    /// Its constants are 250 and 100 pixels of 224.
    pub(super) const GOOGLE_AUTO_AUGMENT: Self = Self::Google {
        translate: 250.0 / 224.0,
        cutout: 100.0 / 224.0,
    };
    /// 100 and 40 pixels of 224.
    pub(super) const GOOGLE_RAND_AUGMENT: Self = Self::Google {
        translate: 100.0 / 224.0,
        cutout: 40.0 / 224.0,
    };
}

impl Level {
    /// The operation of a kind at this level; its direction and place are drawn.
    pub(super) fn operation(&self, kind: Kind, random: &mut Random) -> Operation {
        let mut either_way = |argument: f64| {
            if random.chance(0.5) {
                -argument
            } else {
                argument
            }
        };
        match kind {
            Kind::ShearX => Operation::ShearX(either_way(0.3 * self.share)),
            Kind::ShearY => Operation::ShearY(either_way(0.3 * self.share)),
            Kind::TranslateX => Operation::TranslateX(either_way(self.pixels(self.width))),
            Kind::TranslateY => Operation::TranslateY(either_way(self.pixels(self.height))),
            Kind::Rotate => Operation::Rotate(either_way(30.0 * self.share)),
            Kind::AutoContrast => Operation::AutoContrast,
            Kind::Equalize => Operation::Equalize,
            Kind::Invert => Operation::Invert,
            Kind::Solarize => Operation::Solarize(self.threshold()),
            Kind::SolarizeAdd => Operation::SolarizeAdd((self.share * 110.0) as u8),
            Kind::Posterize => Operation::Posterize(self.bits()),
            Kind::Contrast => Operation::Contrast(self.factor(random)),
            Kind::Color => Operation::Color(self.factor(random)),
            Kind::Brightness => Operation::Brightness(self.factor(random)),
            Kind::Sharpness => Operation::Sharpness(self.factor(random)),
            Kind::Cutout => Operation::Cutout(self.square(random)),
        }
    }

    /// Pixels to move a side of that length by; torchvision takes whole ones.
    fn pixels(&self, length: usize) -> f64 {
        let length = length as f64;
        match self.ranges {
            Ranges::Google { translate, .. } => self.share * translate * length,
            Ranges::Torchvision => (self.share * (150.0 / 331.0) * length).trunc(),
        }
    }

    /// Google's enhancements go from 0.1 to 1.9; torchvision's are drawn on either side of 1.
    fn factor(&self, random: &mut Random) -> f32 {
        let factor = match self.ranges {
            Ranges::Google { .. } => 1.8 * self.share + 0.1,
            Ranges::Torchvision if random.chance(0.5) => 1.0 - 0.9 * self.share,
            Ranges::Torchvision => 1.0 + 0.9 * self.share,
        };
        factor as f32
    }

    /// Google's posterise keeps more bits the stronger it is; at 0 TensorFlow shifts by no more than
    /// seven and so keeps one.
    fn bits(&self) -> u8 {
        match self.ranges {
            Ranges::Google { .. } => ((self.share * 4.0) as u8).max(1),
            Ranges::Torchvision => 8_u8.saturating_sub((self.share * 4.0).round_ties_even() as u8),
        }
    }

    /// The least byte to solarise: upwards in Google's, downwards in torchvision's.
    fn threshold(&self) -> u16 {
        match self.ranges {
            Ranges::Google { .. } => (self.share * 256.0) as u16,
            Ranges::Torchvision => (255.0 - 255.0 * self.share).ceil() as u16,
        }
    }

    /// A square about any pixel of the view, as far as it lies inside.
    fn square(&self, random: &mut Random) -> Rectangle {
        let share = match self.ranges {
            Ranges::Google { cutout, .. } => cutout * self.share,
            Ranges::Torchvision => 0.0,
        };
        let half = (share * self.height.min(self.width) as f64) as usize;
        let mut part = |length: usize| {
            let centre = random.below(length);
            let (start, end) = (centre.saturating_sub(half), (centre + half).min(length));
            (start, end - start)
        };
        let ((top, height), (left, width)) = (part(self.height), part(self.width));
        Rectangle {
            top,
            left,
            height,
            width,
        }
    }
}
