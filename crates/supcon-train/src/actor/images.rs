use super::gallery::LoadedImages;
use crate::images::{generate_images, images_sentence};
use supcon_data::{DataError, Loaded};
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
            let loaded = open(place).map_err(|error| ErrorReport::new(&error, hint(&error)))?;
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

/// What the window offers where single images are at fault.
fn hint(error: &(dyn std::error::Error + 'static)) -> Option<&'static str> {
    let root = std::iter::successors(Some(error), |error| error.source()).last()?;
    let is_one_image = root.downcast_ref::<DataError>()?.can_be_left_out();
    is_one_image.then_some("\"Leave out unreadable pictures\" under Images goes on without them.")
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
