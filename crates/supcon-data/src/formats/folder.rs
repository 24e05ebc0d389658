//! A folder of images with one sub-folder a class.
//!
//! ```text
//! flowers/rose/1.jpg               flowers/train/rose/1.jpg
//! flowers/rose/2.png        or     flowers/train/tulip/2.png
//! flowers/tulip/1.jpg              flowers/test/rose/3.webp
//! ```
//!
//! Classes are numbered in the order of their names. Beside `train` there may be `test` and `val`
//! (or `valid`, `validation`); what is missing is held out of the training images. One folder around
//! it all, as archives have it, is looked through, and folders within a class belong to the class.
//! Hidden files, files that are not named like an image, and images outside a class folder are left
//! out and counted.

mod layout;

use crate::formats::picture::{self, PictureError};
use crate::parallel::for_each_chunk;
use crate::source::read_at_most;
use crate::split::OwnSplits;
use crate::{BlobSource, CHANNELS, DataError, ImageSet, LoadOptions, Skipped, Splits};
pub(crate) use layout::{Classes, Layout};

/// The largest image file that is read.
const MAX_FILE_BYTES: u64 = 512 << 20;

/// Files are read and decoded in groups of this many, or of this many bytes.
const GROUP_FILES: usize = 256;
const GROUP_BYTES: usize = 64 << 20;

/// Pixels of all images, in bytes.
const MAX_SET_BYTES: u64 = if cfg!(target_pointer_width = "32") {
    1 << 30
} else {
    16 << 30
};

/// Loads the images of a layout.
pub(crate) fn load(
    source: &dyn BlobSource,
    layout: Layout,
    name: String,
    options: &LoadOptions,
) -> Result<(Splits, Skipped), DataError> {
    let place = source.describe();
    layout.check(&place)?;
    let bytes = layout.n_images() as u64 * (options.side * options.side * CHANNELS) as u64;
    if bytes > MAX_SET_BYTES {
        return Err(DataError::TooLarge {
            file: place,
            fact: format!("makes {bytes} bytes of {0}×{0} pixels, more", options.side),
            limit: format!("{MAX_SET_BYTES} bytes"),
            way_out: "choose a smaller side, or fewer images",
        });
    }
    let mut skipped = layout.skipped;
    let class_names: Vec<String> = layout.train.keys().cloned().collect();
    let mut read = |classes: &Classes| -> Result<ImageSet, DataError> {
        let mut reader = Reader {
            source,
            options,
            pixels: Vec::new(),
            labels: Vec::new(),
            skipped: &mut skipped.unreadable,
        };
        reader.read(classes, &class_names)?;
        let (pixels, labels) = (reader.pixels, reader.labels);
        ImageSet::new(
            options.side,
            options.side,
            pixels,
            labels,
            class_names.clone(),
        )
    };
    let own = OwnSplits {
        train: read(&layout.train)?,
        validation: layout.validation.as_ref().map(&mut read).transpose()?,
        test: layout.test.as_ref().map(&mut read).transpose()?,
    };
    Ok((own.complete(name, &place, options)?, skipped))
}

/// Images of one split while they are read.
struct Reader<'a> {
    source: &'a dyn BlobSource,
    options: &'a LoadOptions,
    pixels: Vec<u8>,
    labels: Vec<u32>,
    /// Files that could not be decoded.
    skipped: &'a mut Vec<String>,
}

/// A file that was read but not decoded.
struct Packed<'a> {
    name: &'a str,
    label: u32,
    bytes: Vec<u8>,
}

impl Reader<'_> {
    fn read(&mut self, classes: &Classes, class_names: &[String]) -> Result<(), DataError> {
        let mut group = Vec::new();
        let mut group_bytes = 0;
        for (class, files) in classes {
            let label = class_names.binary_search(class);
            let label = label.expect("the layout was checked") as u32;
            for name in files {
                let bytes = read_at_most(self.source, name, MAX_FILE_BYTES)?;
                group_bytes += bytes.len();
                group.push(Packed { name, label, bytes });
                if group.len() == GROUP_FILES || group_bytes > GROUP_BYTES {
                    self.decode(&group)?;
                    group.clear();
                    group_bytes = 0;
                }
            }
        }
        self.decode(&group)?;
        self.check_classes(classes, class_names)
    }

    /// Refuses classes of which every image was skipped.
    fn check_classes(&self, classes: &Classes, class_names: &[String]) -> Result<(), DataError> {
        let mut has_images = vec![false; class_names.len()];
        for &label in &self.labels {
            has_images[label as usize] = true;
        }
        let is_empty = |class: &&String| {
            let label = class_names.binary_search(class);
            label.is_ok_and(|label| !has_images[label])
        };
        match classes.keys().find(is_empty) {
            None => Ok(()),
            Some(class) => Err(DataError::EmptyClass {
                place: self.source.describe(),
                folder: format!("of {class}"),
                others: classes[class].len(),
            }),
        }
    }

    fn decode(&mut self, group: &[Packed<'_>]) -> Result<(), DataError> {
        let (side, max_pixels) = (self.options.side, self.options.max_pixels);
        let mut decoded: Vec<_> = group.iter().map(|_| None).collect();
        for_each_chunk(
            &mut decoded,
            1,
            || (),
            |(), index, slot| {
                slot[0] = Some(picture::decode(&group[index].bytes, side, max_pixels));
            },
        );
        for (packed, outcome) in group.iter().zip(decoded.into_iter().flatten()) {
            match outcome {
                Ok(pixels) => {
                    self.pixels.extend_from_slice(&pixels);
                    self.labels.push(packed.label);
                }
                Err(_) if self.options.skip_unreadable => {
                    self.skipped.push(packed.name.to_owned());
                }
                Err(refusal) => return Err(self.error(packed.name, refusal)),
            }
        }
        Ok(())
    }

    fn error(&self, name: &str, refusal: PictureError) -> DataError {
        let (file, place) = (name.to_owned(), self.source.describe());
        match refusal {
            PictureError::Unreadable(fact) => DataError::UnreadableImage { file, place, fact },
            PictureError::TooLarge { width, height } => DataError::ImageTooLarge {
                file,
                place,
                width,
                height,
                max_pixels: self.options.max_pixels,
            },
        }
    }
}

#[cfg(test)]
mod tests;
