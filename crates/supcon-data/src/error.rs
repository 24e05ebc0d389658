use crate::published::CIFAR_PAGE;

/// File name endings of the images that are read, for messages.
pub(crate) const IMAGE_ENDINGS: &str = "png, jpg, jpeg, webp, bmp or gif";

/// What can be wrong with the data a user brings.
#[derive(Debug, thiserror::Error)]
pub enum DataError {
    /// A file or folder could not be read.
    #[error("cannot read {name} in {place}; check that it is there and that you may read it")]
    Read {
        /// What was to be read.
        name: String,
        /// The source it belongs to.
        place: String,
        /// The reason given by the system.
        source: std::io::Error,
    },
    /// The source holds none of the files a format consists of.
    #[error(
        "{place} holds no {format} data: looked for {}; found {}",
        list(looked_for),
        list(found)
    )]
    NotFound {
        /// The source that was searched.
        place: String,
        /// The format that was wanted.
        format: String,
        /// File names that would have been accepted.
        looked_for: Vec<String>,
        /// File names that are there.
        found: Vec<String>,
    },
    /// The source holds several data sets and nothing says which one is meant.
    #[error(
        "{place} holds several data sets: {}; name the folder or file of one of them",
        list(found)
    )]
    Ambiguous {
        /// The source that was searched.
        place: String,
        /// The data sets that are there.
        found: Vec<String>,
    },
    /// A file without any record.
    #[error("{file} is empty; copy or download it again")]
    Empty {
        /// The file.
        file: String,
    },
    /// A file that was cut off, or is of another format.
    #[error(
        "{file} has {bytes} bytes, not a multiple of the {record_bytes} bytes of a record: {extra} too many; it was cut off or is of another format: copy or download it again"
    )]
    PartialRecord {
        /// The file.
        file: String,
        /// Its size.
        bytes: usize,
        /// Size of one record of this format.
        record_bytes: usize,
        /// Bytes after the last whole record.
        extra: usize,
    },
    /// A label that names no class, in a file.
    #[error(
        "{file}, record {record}: label {label} is not below the number of classes, {n_classes}; the file is damaged or of another format: copy or download it again"
    )]
    LabelOutOfRange {
        /// The file.
        file: String,
        /// Number of the record, from 0.
        record: usize,
        /// The label found there.
        label: i64,
        /// Number of classes.
        n_classes: usize,
    },
    /// Bytes that are not what their format prescribes.
    #[error("{file} cannot be read as {format}: {fact}; {way_out}")]
    Malformed {
        /// The file.
        file: String,
        /// The format, with its article.
        format: &'static str,
        /// What is wrong.
        fact: String,
        /// What the user can do.
        way_out: &'static str,
    },
    /// More than is held in memory.
    #[error("{file} {fact} than the limit of {limit}; {way_out}")]
    TooLarge {
        /// The file or folder.
        file: String,
        /// What is too large, as a predicate that ends in a comparative.
        fact: String,
        /// The limit, with its unit.
        limit: String,
        /// What the user can do.
        way_out: &'static str,
    },
    /// An entry that unpacking would put elsewhere, or that is no file.
    #[error("{archive} holds \"{entry}\", {fact}; unpack the archive yourself and give the folder")]
    UnsafeEntry {
        /// The archive.
        archive: String,
        /// Name of the entry.
        entry: String,
        /// Why it is refused, as an apposition.
        fact: &'static str,
    },
    /// A pickle that would run code; nothing was run.
    #[error(
        "{file} asks Python to call {callable}, which CIFAR files never do; nothing was run: delete the file and download it again from {CIFAR_PAGE}"
    )]
    ForbiddenCall {
        /// The pickle.
        file: String,
        /// Module and name of what it asks for.
        callable: String,
    },
    /// Something that is wrong with a file in an archive.
    #[error("in {archive}: {error}")]
    InArchive {
        /// The archive.
        archive: String,
        /// What is wrong.
        error: Box<DataError>,
    },
    /// A class folder without images.
    #[error(
        "{place}: the class folder {folder} holds no image ({others} other files); add images ({IMAGE_ENDINGS}) or remove the folder"
    )]
    EmptyClass {
        /// The source that was searched.
        place: String,
        /// The folder, within the source.
        folder: String,
        /// Files in it that are no images.
        others: usize,
    },
    /// A file that is named like an image but cannot be decoded.
    #[error(
        "{file} in {place} cannot be decoded: {fact}; replace it, remove it, or leave such images out"
    )]
    UnreadableImage {
        /// The file.
        file: String,
        /// The source it belongs to.
        place: String,
        /// What the decoder said.
        fact: String,
    },
    /// An image whose header announces more pixels than are decoded.
    #[error(
        "{file} in {place} has {width}×{height} pixels, more than the limit of {max_pixels}; scale it down, remove it, or leave such images out"
    )]
    ImageTooLarge {
        /// The file.
        file: String,
        /// The source it belongs to.
        place: String,
        /// Columns.
        width: u32,
        /// Rows.
        height: u32,
        /// Limit of the product of both.
        max_pixels: u64,
    },
    /// A class that only the test or validation images have.
    #[error(
        "{place}: {folder} is a class that the training images lack; add a folder of that name there, or remove it here"
    )]
    UntrainedClass {
        /// The source.
        place: String,
        /// The folder, within the source.
        folder: String,
    },
    /// Images and labels of different number.
    #[error(
        "{images} holds {n_images} images, {labels} holds {n_labels} labels; save both from the same data set"
    )]
    LabelCount {
        /// File of the images.
        images: String,
        /// Number of images.
        n_images: usize,
        /// File of the labels.
        labels: String,
        /// Number of labels.
        n_labels: usize,
    },
    /// A split that holds no image.
    #[error(
        "{place}: dividing {n_images} images leaves none for the {split} split; add images to each class, or change the share that is held out"
    )]
    EmptySplit {
        /// The source.
        place: String,
        /// The split.
        split: &'static str,
        /// Images to divide.
        n_images: usize,
    },
    /// An option outside its range.
    #[error("{name} = {found}: {rule}")]
    Option {
        /// Name of the option.
        name: &'static str,
        /// The value given.
        found: String,
        /// What would be right.
        rule: &'static str,
    },
    /// A download that is not the published file.
    #[error(
        "{file} has the MD5 {found}, published is {expected}; it is incomplete or altered: download it again from {url}"
    )]
    Checksum {
        /// The file.
        file: String,
        /// The published sum.
        expected: &'static str,
        /// The sum of its bytes.
        found: String,
        /// Where it is published.
        url: &'static str,
    },
    /// A list of class names of the wrong length.
    #[error(
        "{file} names {found} classes, expected {expected}; give each class one line, or remove the file"
    )]
    WrongClassNames {
        /// The file.
        file: String,
        /// Number of classes of the format.
        expected: usize,
        /// Number of names in the file.
        found: usize,
    },
    /// A share outside [0, 1).
    #[error("the validation fraction must be at least 0 and below 1, found {found}")]
    ValidationFraction {
        /// The value given.
        found: f32,
    },
    /// Pixels that do not make up the stated images.
    #[error("{found} pixel bytes for {images} images of {height}×{width} RGB, expected {expected}")]
    PixelCount {
        /// Number of labels.
        images: usize,
        /// Rows of an image.
        height: usize,
        /// Columns of an image.
        width: usize,
        /// Bytes needed.
        expected: usize,
        /// Bytes given.
        found: usize,
    },
    /// A label that names no class, in an image set built in memory.
    #[error("image {image}: label {label} is not below the number of classes, {n_classes}")]
    UnknownClass {
        /// Index of the image.
        image: usize,
        /// Its label.
        label: u32,
        /// Number of classes.
        n_classes: usize,
    },
}

impl DataError {
    /// Whether the rest can be used without the image that it is about
    /// ([`LoadOptions::skip_unreadable`](crate::LoadOptions::skip_unreadable)).
    #[must_use]
    pub fn can_be_left_out(&self) -> bool {
        match self {
            Self::UnreadableImage { .. } | Self::ImageTooLarge { .. } => true,
            Self::InArchive { error, .. } => error.can_be_left_out(),
            _ => false,
        }
    }
}

/// At most this many names are spelled out in a message.
const LISTED: usize = 12;

fn list(names: &[String]) -> String {
    if names.is_empty() {
        return "nothing".to_owned();
    }
    let mut text = names
        .iter()
        .take(LISTED)
        .map(String::as_str)
        .collect::<Vec<_>>()
        .join(", ");
    if names.len() > LISTED {
        text.push_str(&format!(" and {} more", names.len() - LISTED));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::list;

    #[test]
    fn long_lists_are_cut() {
        let names: Vec<String> = (0..14).map(|i| format!("f{i}")).collect();
        assert!(list(&names).ends_with("f11 and 2 more"));
        assert_eq!(list(&[]), "nothing");
    }
}
