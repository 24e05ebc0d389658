//! Which picture of which frames goes into a file.

use crate::actions::ExportKind;
use crate::film::Frame;
use crate::map_view::raster::{self, Drawing, ExportError, Look};
use crate::map_view::{question, shown_frame};
use crate::session::Session;
use crate::theme::Colors;
use crate::view_state::{ColorBy, ViewState};
#[cfg(target_family = "wasm")]
use crate::web::pause;
use eframe::egui::Context;
use std::collections::BTreeSet;
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
    (dark, roles): (bool, &'static Colors),
) -> Option<Bytes> {
    let frame = shown_frame(ctx, session, view)?;
    let run = session.run()?;
    let film: Vec<Frame> = run.film.mapped().cloned().collect();
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
        roles,
    };
    let by = view.settings.color_by;
    let classes = session.classes().len() as u32;
    let hidden = (0..classes).filter(|&class| !view.map.shows(class, &session.class(class)));
    let hidden: BTreeSet<u32> = hidden.collect();
    let question = match by {
        ColorBy::Field(field) => Some(question(field, Some(run), &frame)),
        _ => None,
    };
    let look = Look {
        by,
        question,
        hidden,
    };
    Some(Box::pin(async move {
        let made = match kind {
            ExportKind::Png => raster::png(&frame, &look, &drawing),
            ExportKind::Svg => raster::svg(&frame, &look, &drawing).map(String::into_bytes),
            ExportKind::Gif => raster::gif(&film, &look, &drawing, pause).await,
        };
        made.map_err(|error: ExportError| ErrorReport::new(&error, None))
    }))
}

/// Another thread makes the bytes.
#[cfg(not(target_family = "wasm"))]
fn pause() -> std::future::Ready<()> {
    std::future::ready(())
}
