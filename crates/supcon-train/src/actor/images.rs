use super::gallery::LoadedImages;
use crate::images::{generate_images, images_sentence};
use supcon_data::Loaded;
use supcon_protocol::{DataRequest, DataSource, ErrorReport};

/// Generates images, or has them found by `open` at the place that is named.
///
/// # Errors
/// Whatever is wrong with the images.
pub fn open_images_with<E: std::error::Error + 'static>(
    request: &DataRequest,
    open: impl FnOnce(&str) -> Result<Loaded, E>,
) -> Result<LoadedImages, ErrorReport> {
    match (request.config.source, &request.place) {
        (DataSource::Shapes, _) => {
            let images = generate_images(&request.config);
            Ok(LoadedImages {
                splits: images.splits,
                sentence: images.sentence,
            })
        }
        (DataSource::Images, Some(place)) => {
            let loaded = open(place).map_err(|error| ErrorReport::new(&error, None))?;
            Ok(LoadedImages {
                sentence: images_sentence(&loaded),
                splits: loaded.splits,
            })
        }
        (DataSource::Images, None) => Err(ErrorReport {
            message: "no images were chosen".to_owned(),
            causes: Vec::new(),
            hint: Some(
                "Choose a folder with a sub-folder a class, CIFAR files, an .npz, or an archive of these."
                    .to_owned(),
            ),
        }),
    }
}

/// Generates images, or reads them from a path.
///
/// # Errors
/// Whatever is wrong with the images.
#[cfg(not(target_family = "wasm"))]
pub fn open_images_at(request: &DataRequest) -> Result<LoadedImages, ErrorReport> {
    open_images_with(request, |place| {
        crate::images::open_images(place.as_ref(), &request.config)
    })
}
