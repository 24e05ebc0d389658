//! Which picture of which frames goes into a file.

use crate::actions::ExportKind;
use crate::film::Frame;
use crate::map_view::raster::{self, Drawing, ExportError, Look};
use crate::map_view::{question, shown_frame};
use crate::session::Session;
use crate::theme::Colors;
use crate::view_state::{ColorBy, ViewState};
use eframe::egui::Context;
use std::collections::BTreeSet;
use supcon_protocol::ErrorReport;

/// Makes the bytes of a file; slow ones (films) are made off the window's thread where there is another.
pub type Bytes = Box<dyn FnOnce() -> Result<Vec<u8>, ErrorReport> + Send>;

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
    Some(Box::new(move || {
        let made = match kind {
            ExportKind::Png => raster::png(&frame, &look, &drawing),
            ExportKind::Svg => raster::svg(&frame, &look, &drawing).map(String::into_bytes),
            ExportKind::Gif => raster::gif(&film, &look, &drawing),
        };
        made.map_err(|error: ExportError| ErrorReport::new(&error, None))
    }))
}
