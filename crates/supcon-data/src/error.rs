/// What can be wrong with the data a user brings.
#[derive(Debug, thiserror::Error)]
pub enum DataError {
    /// A file or folder could not be read.
    #[error("cannot read {name} in {place}")]
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
        "{place} holds several data sets: {}; name the folder of one of them",
        list(found)
    )]
    Ambiguous {
        /// The source that was searched.
        place: String,
        /// The data sets that are there.
        found: Vec<String>,
    },
    /// A file without any record.
    #[error("{file} is empty")]
    Empty {
        /// The file.
        file: String,
    },
    /// A file that was cut off, or is of another format.
    #[error(
        "{file} has {bytes} bytes, not a multiple of the {record_bytes} bytes of a record: {extra} too many"
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
        "{file}, record {record}: label {label} is not below the number of classes, {n_classes}"
    )]
    LabelOutOfRange {
        /// The file.
        file: String,
        /// Number of the record, from 0.
        record: usize,
        /// The label found there.
        label: u32,
        /// Number of classes.
        n_classes: usize,
    },
    /// A list of class names of the wrong length.
    #[error("{file} names {found} classes, expected {expected}")]
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
