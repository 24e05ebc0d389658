mod blend;
mod geometry;
mod tone;

use super::choice::Rectangle;
use super::{Planes, byte_from_unit};
use crate::CHANNELS;

/// An operation of a policy with its argument, on bytes. Where Pillow has it, the same bytes as
/// Pillow's: the published policies were found and used with its arithmetic.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Operation {
    /// Column x of row y comes from x + argument · y.
    ShearX(f64),
    /// Row y of column x comes from y + argument · x.
    ShearY(f64),
    /// Column x comes from x + argument.
    TranslateX(f64),
    /// Row y comes from y + argument.
    TranslateY(f64),
    /// By degrees against the clock, about the middle.
    Rotate(f64),
    /// Stretches each channel to all bytes.
    AutoContrast,
    /// Makes all bytes of a channel about equally frequent.
    Equalize,
    /// 255 minus each byte.
    Invert,
    /// 255 minus each byte that is not below the argument.
    Solarize(u16),
    /// Adds to each byte below 128.
    SolarizeAdd(u8),
    /// Keeps the highest bits.
    Posterize(u8),
    /// Away from the mean gray of the image.
    Contrast(f32),
    /// Away from the gray of the pixel.
    Color(f32),
    /// Away from black.
    Brightness(f32),
    /// Away from a smoothed image.
    Sharpness(f32),
    /// Fills a part.
    Cutout(Rectangle),
}

/// A view as bytes, while the operations of a policy work on it.
#[derive(Default)]
pub(super) struct ByteImage {
    height: usize,
    width: usize,
    channels: [Vec<u8>; CHANNELS],
    /// One channel for operations that cannot work in place.
    spare: Vec<u8>,
}

impl Planes {
    /// Makes operations one after the other, on bytes; without any, the planes stay as they are.
    pub(super) fn operate(&mut self, operations: &[Operation], fill: u8) {
        if operations.is_empty() {
            return;
        }
        self.bytes.resize(self.height, self.width);
        for (bytes, plane) in self.bytes.channels.iter_mut().zip(&self.channels) {
            for (byte, &value) in bytes.iter_mut().zip(plane) {
                *byte = byte_from_unit(value);
            }
        }
        for &operation in operations {
            self.bytes.operate(operation, fill);
        }
        for (bytes, plane) in self.bytes.channels.iter().zip(&mut self.channels) {
            for (value, &byte) in plane.iter_mut().zip(bytes) {
                *value = f32::from(byte) * (1.0 / 255.0);
            }
        }
    }
}

impl ByteImage {
    fn resize(&mut self, height: usize, width: usize) {
        (self.height, self.width) = (height, width);
        for plane in self.channels.iter_mut().chain([&mut self.spare]) {
            plane.resize(height * width, 0);
        }
    }

    fn operate(&mut self, operation: Operation, fill: u8) {
        match operation {
            Operation::ShearX(by) => self.transform([1.0, by, 0.0, 0.0, 1.0, 0.0], fill),
            Operation::ShearY(by) => self.transform([1.0, 0.0, 0.0, by, 1.0, 0.0], fill),
            Operation::TranslateX(by) => self.transform([1.0, 0.0, by, 0.0, 1.0, 0.0], fill),
            Operation::TranslateY(by) => self.transform([1.0, 0.0, 0.0, 0.0, 1.0, by], fill),
            Operation::Rotate(degrees) => self.rotate(degrees, fill),
            Operation::Cutout(part) => self.cutout(part, fill),
            Operation::AutoContrast => self.auto_contrast(),
            Operation::Equalize => self.equalize(),
            Operation::Invert => self.solarize(0),
            Operation::Solarize(from) => self.solarize(from),
            Operation::SolarizeAdd(addition) => self.solarize_add(addition),
            Operation::Posterize(bits) => self.posterize(bits),
            Operation::Contrast(factor) => self.contrast(factor),
            Operation::Color(factor) => self.color(factor),
            Operation::Brightness(factor) => self.brightness(factor),
            Operation::Sharpness(factor) => self.sharpness(factor),
        }
    }
}

#[cfg(test)]
mod tests;
