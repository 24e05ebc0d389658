//! Which picture of which frames goes into a file.

use crate::actions::ExportKind;
use crate::film::Frame;
use crate::map_view::raster::{self, Drawing, ExportError};
use crate::map_view::shown_frame;
use crate::session::Session;
use crate::view_state::ViewState;
#[cfg(target_family = "wasm")]
use crate::web::pause;
use eframe::egui::{Color32, Context};
use std::pin::Pin;
use supcon_protocol::ErrorReport;

/// The bytes of a file, to be made: off the window's thread, or, in the page, between its frames.
#[cfg(not(target_family = "wasm"))]
pub type Bytes = Pin<Box<dyn Future<Output = Result<Vec<u8>, ErrorReport>> + Send>>;
/// The bytes of a file, to be made: off the window's thread, or, in the page, between its frames.
#[cfg(target_family = "wasm")]
pub type Bytes = Pin<Box<dyn Future<Output = Result<Vec<u8>, ErrorReport>>>>;

/// Side of a saved map in pixels.
const MAP_SIDE: u32 = 1_600;
/// Side of a saved film in pixels.
const FILM_SIDE: u32 = 480;

/// What makes the file's bytes, or `None` where there is no map.
pub fn bytes(
    ctx: &Context,
    session: &Session,
    view: &mut ViewState,
    kind: ExportKind,
    (dark, ground): (bool, Color32),
) -> Option<Bytes> {
    let frame = shown_frame(ctx, session, view)?;
    let film: Vec<Frame> = session.run()?.film.mapped().cloned().collect();
    let side = if kind == ExportKind::Gif {
        FILM_SIDE
    } else {
        MAP_SIDE
    };
    let drawing = Drawing {
        side,
        radius: view.settings.point_radius * side as f32 / 700.0,
        camera: view.map.camera,
        dark,
        ground,
    };
    Some(Box::pin(async move {
        let made = match kind {
            ExportKind::Png => raster::png(&frame, &drawing),
            ExportKind::Svg => raster::svg(&frame, &drawing).map(String::into_bytes),
            ExportKind::Gif => raster::gif(&film, &drawing, pause).await,
        };
        made.map_err(|error: ExportError| ErrorReport::new(&error, None))
    }))
}

/// Another thread makes the bytes.
#[cfg(not(target_family = "wasm"))]
fn pause() -> std::future::Ready<()> {
    std::future::ready(())
}
