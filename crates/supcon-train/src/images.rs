//! Which images a run is about: generated, or found at a place.

use std::path::PathBuf;
use supcon_data::{BlobSource, DataError, LoadOptions, Loaded, Splits, load, shapes};
use supcon_protocol::DataConfig;
use thiserror::Error;

/// The images of a run.
#[derive(Clone, Debug)]
pub struct RunImages {
    /// Divided into training, validation and test.
    pub splits: Splits,
    /// What they are, for the reader.
    pub sentence: String,
}

/// Why there are no images to work on.
#[derive(Debug, Error)]
pub enum ImagesError {
    /// A path for a configuration that needs none.
    #[error(
        "--data {} was given, but the configuration \"{name}\" generates its own images: use --preset images, or drop --data", .path.display()
    )]
    Generated {
        /// What was given.
        path: PathBuf,
        /// Name of the configuration.
        name: String,
    },
    /// No path for a configuration that needs one.
    #[error(
        "the configuration \"{name}\" needs images: give --data PATH with a folder of images (a sub-folder a class), CIFAR-10 or CIFAR-100, an .npz file or an archive of these, or train without --preset on the built-in shapes"
    )]
    Wanted {
        /// Name of the configuration.
        name: String,
    },
    /// What lies there cannot be used.
    #[error("the images in {} cannot be used", .path.display())]
    Unusable {
        /// Where.
        path: PathBuf,
        /// Why.
        source: DataError,
    },
}

/// The images of a configuration that generates them.
#[must_use]
pub fn generate_images(data: &DataConfig) -> RunImages {
    let validation = (data.shapes_train as f32 * data.validation_fraction).round() as usize;
    let sizes = [data.shapes_train - validation, validation, data.shapes_test];
    let splits = shapes::Variant {
        classes: data.shapes_classes,
        side: data.shapes_side,
    }
    .generate(sizes, data.seed);
    let sentence = format!("built-in shapes, {}", self::sizes(&splits));
    RunImages { splits, sentence }
}

/// Whatever images lie in `source`.
///
/// # Errors
/// [`ImagesError::Unusable`].
pub fn open_source(source: &dyn BlobSource, config: &DataConfig) -> Result<Loaded, ImagesError> {
    load(source, &options(config)).map_err(|error| ImagesError::Unusable {
        path: source.describe().into(),
        source: error,
    })
}

fn options(config: &DataConfig) -> LoadOptions {
    LoadOptions {
        side: config.side,
        validation_fraction: config.validation_fraction,
        test_fraction: config.test_fraction,
        seed: config.seed,
        skip_unreadable: config.skip_unreadable,
        ..LoadOptions::default()
    }
}

/// Format, sizes, and what was left out.
#[must_use]
pub fn images_sentence(loaded: &Loaded) -> String {
    let archive = loaded.archive.as_ref();
    let inside = archive.map_or_else(String::new, |name| format!(" in {name}"));
    let format = &loaded.format;
    let mut sentence = format!("{format}{inside}, {}", sizes(&loaded.splits));
    let skipped = &loaded.skipped;
    for (count, what) in [
        (skipped.hidden, "hidden files"),
        (skipped.not_images, "files that are no images"),
        (skipped.outside_classes, "images outside of class folders"),
        (skipped.unreadable.len(), "images that cannot be decoded"),
    ] {
        if count > 0 {
            sentence += &format!("; {count} {what} left out");
        }
    }
    sentence
}

fn sizes(splits: &Splits) -> String {
    format!(
        "{} classes: {} training, {} validation, {} test images of {}×{}",
        splits.train.n_classes(),
        splits.train.len(),
        splits.validation.len(),
        splits.test.len(),
        splits.train.height(),
        splits.train.width()
    )
}

#[cfg(not(target_family = "wasm"))]
pub use native::{load_images, open_images};

#[cfg(not(target_family = "wasm"))]
mod native {
    use super::{ImagesError, RunImages, generate_images, images_sentence, options};
    use std::path::Path;
    use supcon_data::{Loaded, load_path};
    use supcon_protocol::{DataConfig, DataSource, RunConfig};

    /// Loads or generates the images of a configuration.
    ///
    /// # Errors
    /// A path too many or too few, and whatever is wrong with the images.
    pub fn load_images(config: &RunConfig, path: Option<&Path>) -> Result<RunImages, ImagesError> {
        let name = config.name.clone();
        match (config.data.source, path) {
            (DataSource::Shapes, None) => Ok(generate_images(&config.data)),
            (DataSource::Shapes, Some(path)) => Err(ImagesError::Generated {
                path: path.to_owned(),
                name,
            }),
            (DataSource::Images, None) => Err(ImagesError::Wanted { name }),
            (DataSource::Images, Some(path)) => {
                let loaded = open_images(path, &config.data)?;
                Ok(RunImages {
                    sentence: images_sentence(&loaded),
                    splits: loaded.splits,
                })
            }
        }
    }

    /// Whatever images lie at `path`.
    ///
    /// # Errors
    /// [`ImagesError::Unusable`].
    pub fn open_images(path: &Path, config: &DataConfig) -> Result<Loaded, ImagesError> {
        load_path(path, &options(config)).map_err(|source| ImagesError::Unusable {
            path: path.to_owned(),
            source,
        })
    }
}
