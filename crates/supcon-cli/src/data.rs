//! Which images a run is about.

use anyhow::{Context as _, bail};
use std::path::Path;
use supcon_data::{Directory, Splits, cifar, shapes};
use supcon_protocol::{DataSource, RunConfig};

/// Loads or generates the images of a configuration.
pub fn load(config: &RunConfig, path: Option<&Path>) -> anyhow::Result<Splits> {
    let data = &config.data;
    match (data.source, path) {
        (DataSource::Shapes, None) => {
            let validation = (data.shapes_train as f32 * data.validation_fraction).round() as usize;
            Ok(shapes::generate(
                data.shapes_train - validation,
                validation,
                data.shapes_test,
                data.seed,
            ))
        }
        (DataSource::Shapes, Some(path)) => bail!(
            "--data {} was given, but the configuration \"{}\" generates its own images: use --preset cifar10-tiny, or drop --data",
            path.display(),
            config.name
        ),
        (DataSource::Cifar, None) => bail!(
            "the configuration \"{}\" needs images: give --data DIR with CIFAR-10 or CIFAR-100 in the official binary layout (data_batch_1.bin … test_batch.bin), or train without --preset on the built-in shapes",
            config.name
        ),
        (DataSource::Cifar, Some(path)) => {
            cifar::load(&Directory::new(path), data.validation_fraction, data.seed)
                .with_context(|| format!("the images in {} cannot be used", path.display()))
        }
    }
}
