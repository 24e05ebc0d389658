//! CIFAR-10 and CIFAR-100 in their official binary layout
//! (<https://www.cs.toronto.edu/~kriz/cifar.html>).
//!
//! A record is one label byte (CIFAR-100: coarse, then fine; the fine one is used) and 3072 pixel
//! bytes: the red, the green and the blue plane, 32×32 each. Files may lie at the top of the source
//! or in the folder of the official archive.

use crate::{BlobSource, CHANNELS, DataError, ImageSet, Splits, stratified_split};

const SIDE: usize = 32;
const PLANE: usize = SIDE * SIDE;

/// What tells the two data sets apart.
struct Layout {
    name: &'static str,
    /// Folder of the official archive.
    folder: &'static str,
    /// Bytes before the pixels; the last of them is the label used.
    label_bytes: usize,
    n_classes: usize,
    train: &'static str,
    test: &'static str,
    class_names: &'static str,
}

const CIFAR_10: Layout = Layout {
    name: "cifar-10",
    folder: "cifar-10-batches-bin/",
    label_bytes: 1,
    n_classes: 10,
    train: "data_batch_1.bin",
    test: "test_batch.bin",
    class_names: "batches.meta.txt",
};

const CIFAR_100: Layout = Layout {
    name: "cifar-100",
    folder: "cifar-100-binary/",
    label_bytes: 2,
    n_classes: 100,
    train: "train.bin",
    test: "test.bin",
    class_names: "fine_label_names.txt",
};

const CIFAR_10_CLASSES: [&str; 10] = [
    "airplane",
    "automobile",
    "bird",
    "cat",
    "deer",
    "dog",
    "frog",
    "horse",
    "ship",
    "truck",
];

/// Loads whichever of the two the source holds.
///
/// `validation_fraction` of the official training images, the same share of each class, becomes the
/// validation split; `seed` decides which.
///
/// # Errors
/// When neither or both are there, or a file is not what it should be.
pub fn load(
    source: &dyn BlobSource,
    validation_fraction: f32,
    seed: u64,
) -> Result<Splits, DataError> {
    let names = source.names()?;
    match (CIFAR_10.find(&names), CIFAR_100.find(&names)) {
        (Some(files), None) => CIFAR_10.load(source, &files, validation_fraction, seed),
        (None, Some(files)) => CIFAR_100.load(source, &files, validation_fraction, seed),
        (Some(_), Some(_)) => Err(DataError::Ambiguous {
            place: source.describe(),
            found: vec![CIFAR_10.name.to_owned(), CIFAR_100.name.to_owned()],
        }),
        (None, None) => Err(not_found(source, "CIFAR", &[&CIFAR_10, &CIFAR_100], names)),
    }
}

/// Loads CIFAR-10: any number of `data_batch_N.bin`, `test_batch.bin` and, if there,
/// `batches.meta.txt`.
///
/// # Errors
/// When the files are not there or not what they should be.
pub fn load10(
    source: &dyn BlobSource,
    validation_fraction: f32,
    seed: u64,
) -> Result<Splits, DataError> {
    load_only(&CIFAR_10, source, validation_fraction, seed)
}

/// Loads CIFAR-100 with its fine labels: `train.bin`, `test.bin` and, if there,
/// `fine_label_names.txt`.
///
/// # Errors
/// When the files are not there or not what they should be.
pub fn load100(
    source: &dyn BlobSource,
    validation_fraction: f32,
    seed: u64,
) -> Result<Splits, DataError> {
    load_only(&CIFAR_100, source, validation_fraction, seed)
}

fn load_only(
    layout: &Layout,
    source: &dyn BlobSource,
    validation_fraction: f32,
    seed: u64,
) -> Result<Splits, DataError> {
    let names = source.names()?;
    match layout.find(&names) {
        Some(files) => layout.load(source, &files, validation_fraction, seed),
        None => Err(not_found(source, layout.name, &[layout], names)),
    }
}

fn not_found(
    source: &dyn BlobSource,
    format: &str,
    layouts: &[&Layout],
    found: Vec<String>,
) -> DataError {
    let pair = |layout: &&Layout| format!("{} with {}", layout.train, layout.test);
    DataError::NotFound {
        place: source.describe(),
        format: format.to_owned(),
        looked_for: layouts.iter().map(pair).collect(),
        found,
    }
}

/// Names of the files of one data set in a source.
struct Files {
    train: Vec<String>,
    test: String,
    class_names: Option<String>,
}

impl Layout {
    /// The files at the top of the source, else in the archive's folder.
    fn find(&self, names: &[String]) -> Option<Files> {
        ["", self.folder]
            .iter()
            .find_map(|folder| self.find_in(folder, names))
    }

    fn find_in(&self, folder: &str, names: &[String]) -> Option<Files> {
        let existing = |file: &str| {
            let name = format!("{folder}{file}");
            names.contains(&name).then_some(name)
        };
        let train = if self.n_classes == 10 {
            numbered_batches(folder, names)
        } else {
            existing(self.train).into_iter().collect()
        };
        let test = existing(self.test)?;
        let class_names = existing(self.class_names);
        (!train.is_empty()).then_some(Files {
            train,
            test,
            class_names,
        })
    }

    fn load(
        &self,
        source: &dyn BlobSource,
        files: &Files,
        validation_fraction: f32,
        seed: u64,
    ) -> Result<Splits, DataError> {
        if !(0.0..1.0).contains(&validation_fraction) {
            return Err(DataError::ValidationFraction {
                found: validation_fraction,
            });
        }
        let class_names = self.class_names(source, files.class_names.as_deref())?;
        let official = self.read_images(source, &files.train, &class_names)?;
        let test = self.read_images(source, std::slice::from_ref(&files.test), &class_names)?;
        let (train, validation) = stratified_split(&official, validation_fraction, seed);
        Ok(Splits {
            name: self.name.to_owned(),
            train: official.subset(&train),
            validation: official.subset(&validation),
            test,
        })
    }

    fn class_names(
        &self,
        source: &dyn BlobSource,
        file: Option<&str>,
    ) -> Result<Vec<String>, DataError> {
        let Some(file) = file else {
            return Ok(self.known_class_names());
        };
        let bytes = source.read(file)?;
        let text = String::from_utf8_lossy(&bytes);
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        let names: Vec<String> = lines.map(str::to_owned).collect();
        if names.len() != self.n_classes {
            let (expected, found) = (self.n_classes, names.len());
            return Err(DataError::WrongClassNames {
                file: file.to_owned(),
                expected,
                found,
            });
        }
        Ok(names)
    }

    fn known_class_names(&self) -> Vec<String> {
        if self.n_classes == CIFAR_10_CLASSES.len() {
            CIFAR_10_CLASSES.map(str::to_owned).to_vec()
        } else {
            (0..self.n_classes)
                .map(|class| format!("class {class}"))
                .collect()
        }
    }

    fn read_images(
        &self,
        source: &dyn BlobSource,
        files: &[String],
        class_names: &[String],
    ) -> Result<ImageSet, DataError> {
        let (mut pixels, mut labels) = (Vec::new(), Vec::new());
        for file in files {
            self.decode(file, &source.read(file)?, &mut pixels, &mut labels)?;
        }
        ImageSet::new(SIDE, SIDE, pixels, labels, class_names.to_vec())
    }

    /// Appends the records of one file.
    fn decode(
        &self,
        file: &str,
        bytes: &[u8],
        pixels: &mut Vec<u8>,
        labels: &mut Vec<u32>,
    ) -> Result<(), DataError> {
        let record_bytes = self.label_bytes + CHANNELS * PLANE;
        if bytes.is_empty() {
            return Err(DataError::Empty {
                file: file.to_owned(),
            });
        }
        let extra = bytes.len() % record_bytes;
        if extra != 0 {
            let (file, bytes) = (file.to_owned(), bytes.len());
            return Err(DataError::PartialRecord {
                file,
                bytes,
                record_bytes,
                extra,
            });
        }
        pixels.reserve(bytes.len());
        for (record, content) in bytes.chunks_exact(record_bytes).enumerate() {
            let (label, planes) = content.split_at(self.label_bytes);
            let label = u32::from(label[self.label_bytes - 1]);
            if label as usize >= self.n_classes {
                let (file, n_classes) = (file.to_owned(), self.n_classes);
                return Err(DataError::LabelOutOfRange {
                    file,
                    record,
                    label,
                    n_classes,
                });
            }
            labels.push(label);
            interleave(planes, pixels);
        }
        Ok(())
    }
}

/// `data_batch_1.bin`, `data_batch_2.bin`, … by number.
fn numbered_batches(folder: &str, names: &[String]) -> Vec<String> {
    let number = |name: &str| -> Option<u32> {
        let digits = name
            .strip_prefix(folder)?
            .strip_prefix("data_batch_")?
            .strip_suffix(".bin")?;
        digits.parse().ok()
    };
    let mut batches: Vec<(u32, String)> = names
        .iter()
        .filter_map(|name| Some((number(name)?, name.clone())))
        .collect();
    batches.sort_unstable();
    batches.into_iter().map(|(_, name)| name).collect()
}

/// Planes to pixels.
fn interleave(planes: &[u8], pixels: &mut Vec<u8>) {
    let (red, rest) = planes.split_at(PLANE);
    let (green, blue) = rest.split_at(PLANE);
    for ((&r, &g), &b) in red.iter().zip(green).zip(blue) {
        pixels.extend_from_slice(&[r, g, b]);
    }
}

#[cfg(test)]
mod tests;
