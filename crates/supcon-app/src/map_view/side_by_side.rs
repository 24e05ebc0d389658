//! Maps of several runs next to each other: what is selected in one is selected in all.

use super::canvas::{Canvas, points_ui};
use super::{MapState, shown_frame, shown_position, timeline};
use crate::controls::palette as roles;
use crate::film::Frame;
use crate::session::{Run, Session};
use crate::terms;
use crate::theme::GAP;
use crate::view_state::ViewState;
use eframe::egui::{
    self, Align, Label, Layout, RichText, Sense, Stroke, TextStyle, Ui, UiBuilder, vec2,
};
use std::collections::HashMap;

/// Narrower maps stand below each other.
const LEAST_WIDTH: f32 = 190.0;
/// Wider ones leave room beside them.
const MOST_WIDTH: f32 = 460.0;
/// Height of the words above a map.
const TITLE_HEIGHT: f32 = 34.0;

/// The newest maps of these runs (by position), or all at the place where the time slider stands.
pub fn side_by_side_ui(ui: &mut Ui, session: &Session, view: &mut ViewState, runs: &[usize]) {
    view.side_maps
        .resize_with(session.runs.len(), MapState::default);
    let main = shown_frame(ui.ctx(), session, view);
    let share = film_share(ui, session, view);
    let shown: Vec<(usize, Frame)> = runs
        .iter()
        .filter_map(|&k| Some((k, frame_at(&session.runs[k], share)?)))
        .collect();
    if shown.is_empty() {
        ui.weak("None of these runs has a map yet.");
        return;
    }
    let room = ui.available_width();
    let columns = ((room / LEAST_WIDTH) as usize).clamp(1, shown.len().min(4));
    let width = ((room - GAP * (columns - 1) as f32) / columns as f32).min(MOST_WIDTH);
    for line in shown.chunks(columns) {
        ui.horizontal_top(|ui| {
            ui.spacing_mut().item_spacing.x = GAP;
            for (k, frame) in line {
                let size = vec2(width, width + TITLE_HEIGHT);
                let (rect, _) = ui.allocate_exact_size(size, Sense::hover());
                let below = Layout::top_down(Align::Min);
                let builder = UiBuilder::new().max_rect(rect).layout(below);
                let mut ui = ui.new_child(builder.id_salt(("map", k)));
                one_ui(&mut ui, session, view, *k, frame, main.as_ref());
            }
        });
    }
    timeline::timeline_ui(ui, session, view);
    ui.add_space(GAP);
    ui.weak("What is selected in one map is selected in all. Ctrl and the wheel zoom.")
        .on_hover_text(terms::SIDE_BY_SIDE);
}

/// How far into its film the run looked at stands; `None` for live.
fn film_share(ui: &Ui, session: &Session, view: &ViewState) -> Option<f64> {
    let count = session.run()?.film.mapped().count();
    let position = shown_position(count, view.playhead, ui.input(|i| i.time));
    (position + 1 < count).then(|| position as f64 / (count - 1) as f64)
}

fn frame_at(run: &Run, share: Option<f64>) -> Option<Frame> {
    let Some(share) = share else {
        return run.film.latest().cloned();
    };
    let frames: Vec<&Frame> = run.film.mapped().collect();
    let at = (share * frames.len().saturating_sub(1) as f64).round() as usize;
    frames.get(at).map(|frame| (*frame).clone())
}

fn one_ui(
    ui: &mut Ui,
    session: &Session,
    view: &mut ViewState,
    k: usize,
    frame: &Frame,
    main: Option<&Frame>,
) {
    let run = &session.runs[k];
    let is_linked = same_images(session.run(), run);
    title_ui(ui, k, run, frame, is_linked);
    let main = main.filter(|_| is_linked);
    let mut map = std::mem::take(&mut view.side_maps[k]);
    map.target = view.map.target;
    map.tool = view.map.tool;
    if let Some(main) = main {
        map.hidden = view.map.hidden.clone();
        map.search = view.map.search.clone();
        map.selected = carried(main, frame, &view.map.selected);
        map.anchor = carried(main, frame, view.map.anchor.as_slice())
            .first()
            .copied();
        map.echo = carried(main, frame, view.map.echo.as_slice())
            .first()
            .copied();
    }
    map.follow(frame.n());
    let before = (map.selected.clone(), map.anchor);
    canvas_ui(ui, session, view, &mut map, (k, frame));
    if let Some(main) = main {
        if (&map.selected, map.anchor) != (&before.0, before.1) {
            view.map.select(carried(frame, main, &map.selected));
            view.map.anchor = carried(frame, main, map.anchor.as_slice()).first().copied();
        }
        if map.hovered != map.was_hovered {
            view.map.echo = carried(frame, main, map.hovered.as_slice())
                .first()
                .copied();
            map.was_hovered = map.hovered;
            ui.ctx().request_repaint();
        }
    }
    view.side_maps[k] = map;
}

fn title_ui(ui: &mut Ui, k: usize, run: &Run, frame: &Frame, is_linked: bool) {
    let colors = roles(ui);
    ui.spacing_mut().item_spacing.y = 0.0;
    let stages = run.history.stages.iter();
    let mut stages = stages.filter(|stage| stage.info.plan.index == frame.embedding.stage);
    let subject = stages
        .next()
        .map(|stage| stage.info.plan.subject.to_string());
    let name = match subject {
        Some(subject) => format!("{}. {subject}", k + 1),
        None => format!("{}. {}", k + 1, run.name()),
    };
    ui.add(Label::new(name).truncate())
        .on_hover_text(run.name());
    let mut facts = format!("step {}", frame.embedding.step);
    if let Some(accuracy) = frame.accuracy() {
        facts.push_str(&format!(" · kNN {:.1} %", 100.0 * accuracy));
    }
    if !is_linked {
        facts.push_str(" · other images: not linked");
    }
    let facts = RichText::new(facts)
        .text_style(TextStyle::Small)
        .color(colors.weak);
    ui.add(Label::new(facts).truncate());
}

fn canvas_ui(
    ui: &mut Ui,
    session: &Session,
    view: &ViewState,
    map: &mut MapState,
    (k, frame): (usize, &Frame),
) {
    let colors = roles(ui);
    let now = ui.input(|i| i.time);
    map.thumbnails.load(ui.ctx(), &frame.samples);
    map.scene.show(frame, now, view.reduces_motion());
    egui::Frame::new()
        .fill(colors.canvas)
        .corner_radius(8)
        .stroke(Stroke::new(1.0, colors.outline))
        .show(ui, |ui| {
            ui.shrink_clip_rect(ui.available_rect_before_wrap());
            let canvas = Canvas {
                key: 1 + k as u64,
                name: &format!("Map of run {}, {} images", k + 1, frame.n()),
                wheel_zooms: false,
                run: session.runs.get(k),
            };
            points_ui(ui, session, &view.settings, map, frame, canvas);
        });
}

/// Whether two runs were made of the same images in the same splits.
fn same_images(one: Option<&Run>, other: &Run) -> bool {
    let fingerprint = |run: &Run| {
        let info = run.history.info.as_ref()?;
        Some((info.data_fingerprint.clone(), info.images))
    };
    let one = one.and_then(fingerprint);
    one.is_some() && one == fingerprint(other)
}

/// The same images in another frame; those it does not show are left out.
fn carried(from: &Frame, to: &Frame, images: &[usize]) -> Vec<usize> {
    let (from, to) = (&from.samples, &to.samples);
    if images.is_empty() || from.split != to.split {
        return Vec::new();
    }
    if from.images == to.images {
        return images.to_vec();
    }
    let there: HashMap<u32, usize> = to
        .images
        .iter()
        .enumerate()
        .map(|(at, id)| (*id, at))
        .collect();
    let find = |&image: &usize| there.get(from.images.get(image)?).copied();
    let mut found: Vec<usize> = images.iter().filter_map(find).collect();
    found.sort_unstable();
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use supcon_protocol::{EmbeddingFrame, Samples, Split};

    fn frame(split: Split, images: &[u32]) -> Frame {
        Frame {
            samples: Arc::new(Samples {
                split,
                images: images.to_vec(),
                ..Samples::default()
            }),
            embedding: Arc::new(EmbeddingFrame::default()),
            map: None,
        }
    }

    #[test]
    fn a_selection_is_carried_by_image_and_not_by_position() {
        let one = frame(Split::Validation, &[3, 7, 20]);
        let other = frame(Split::Validation, &[20, 5, 3]);
        assert_eq!(carried(&one, &other, &[0, 1, 2]), [0, 2]);
        let test = frame(Split::Test, &[3, 7, 20]);
        assert_eq!(carried(&one, &test, &[0, 1]), [0_usize; 0]);
    }
}
