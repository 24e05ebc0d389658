use super::gallery::LoadedImages;
use crate::images::{images_sentence, load_images, open_images};
use std::path::Path;
use supcon_protocol::{DataRequest, DataSource, ErrorReport, PRESETS, RunConfig};

/// Generates images, or reads them from a path.
///
/// # Errors
/// Whatever is wrong with the images.
pub fn open_images_at(request: &DataRequest) -> Result<LoadedImages, ErrorReport> {
    let report = |error: &(dyn std::error::Error + 'static)| ErrorReport::new(error, None);
    match (request.config.source, &request.place) {
        (DataSource::Shapes, _) => {
            let run = RunConfig {
                data: request.config.clone(),
                ..PRESETS[0].config()
            };
            let images = load_images(&run, None).map_err(|error| report(&error))?;
            Ok(LoadedImages {
                splits: images.splits,
                sentence: images.sentence,
            })
        }
        (DataSource::Images, Some(place)) => {
            let opened = open_images(Path::new(place), &request.config);
            let loaded = opened.map_err(|error| report(&error))?;
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
