//! The points themselves: drawing, and what the pointer does to them.

use super::coloring::Paint;
use super::pick::{Area, nearest};
use super::points::{draw_points, point_radius};
use super::scene::Look;
use super::{MapState, Tool, hover, legend, scale};
use crate::controls::palette as roles;
use crate::film::Frame;
use crate::palette;
use crate::panels::inspector;
use crate::session::{Run, Session};
use crate::view_state::{Settings, ViewState};
use eframe::egui::{
    self, Color32, PointerButton, Pos2, Rect, Response, Role, Sense, Stroke, Ui, UiBuilder,
    WidgetInfo, vec2,
};
use std::hash::{DefaultHasher, Hash, Hasher};

/// Pixels around a point within which it is meant.
const REACH: f32 = 14.0;
/// Pictures drawn instead of points, at most.
const MOST_PICTURES: usize = 600;

/// One of several canvases.
#[derive(Clone, Copy)]
pub(super) struct Canvas<'a> {
    /// Keeps its buffers apart from those of others.
    pub(super) key: u64,
    /// What reads of it to those who cannot see it.
    pub(super) name: &'a str,
    /// Whether the wheel zooms; in a page that scrolls it needs Ctrl.
    pub(super) wheel_zooms: bool,
    /// The run whose points it shows.
    pub(super) run: Option<&'a Run>,
}

/// Where the points of a canvas are on the screen.
pub(super) type Screen = Vec<(Pos2, f32)>;

/// The canvas of the map.
pub(super) fn canvas_ui(ui: &mut Ui, session: &Session, view: &mut ViewState) {
    let Some(frame) = view.map.scene.frame().cloned() else {
        return;
    };
    let room = ui.available_rect_before_wrap();
    ui.shrink_clip_rect(room);
    let (place, rect) = legend::divide(&frame.samples, room);
    let canvas = Canvas {
        key: 0,
        name: &format!("Embedding map of {} images", frame.n()),
        wheel_zooms: true,
        run: session.run(),
    };
    ui.allocate_rect(room, Sense::hover());
    let by = view.settings.color_by;
    let mut map_ui = ui.new_child(UiBuilder::new().max_rect(rect));
    map_ui.shrink_clip_rect(rect);
    let screen = points_ui(
        &mut map_ui,
        session,
        &view.settings,
        &mut view.map,
        &frame,
        canvas,
    );
    inspector::draw_lines(&map_ui, session, view, &frame, &screen);
    let corner = rect.shrink(8.0);
    scale::scale_ui(&mut map_ui, corner, by, &view.map.coloring);
    caption(&map_ui, &frame, corner);
    legend::legend_ui(ui, &place, session, &frame.samples, by, &mut view.map);
}

/// The points of a frame in the rest of the room, and what the pointer does to them.
pub(super) fn points_ui(
    ui: &mut Ui,
    session: &Session,
    settings: &Settings,
    map: &mut MapState,
    frame: &Frame,
    canvas: Canvas<'_>,
) -> Screen {
    let rect = ui.available_rect_before_wrap();
    let response = ui.allocate_rect(rect, Sense::click_and_drag());
    response.widget_info(|| WidgetInfo::labeled(Role::Canvas, true, canvas.name));
    let now = ui.input(|i| i.time);
    navigate(ui, &response, map, canvas.wheel_zooms);
    let visible: Vec<bool> = visible_points(session, map, frame);
    map.coloring
        .follow(ui, settings.color_by, canvas.run, frame);
    dress(ui, settings, map, frame, &visible);
    let screen = map.scene.on_screen(&map.camera, rect, now);
    select(ui, &response, map, &screen, &visible);
    if map.scene.is_sphere() {
        draw_globe(ui, map, rect);
    }
    draw_points(ui, map, settings, &screen, rect, canvas.key);
    draw_pictures(ui, map, settings, frame, &screen, &visible, rect);
    draw_marks(ui, map, settings, &screen);
    draw_area(ui, map.area.as_ref());
    if map.scene.glide(now) < 1.0 {
        ui.ctx().request_repaint();
    }
    if let Some(image) = map.hovered
        && map.area.is_none()
    {
        hover::hover_ui(&response, session, map, frame, image);
    }
    screen
}

/// Pan, turn and zoom.
fn navigate(ui: &Ui, response: &Response, map: &mut MapState, wheel_zooms: bool) {
    let rect = response.rect;
    let pans = response.dragged_by(PointerButton::Middle)
        || (map.tool == Tool::Pan && response.dragged_by(PointerButton::Primary));
    if pans && map.scene.is_sphere() {
        map.camera.turn(response.drag_delta());
    } else if pans {
        map.camera.pan(response.drag_delta(), rect);
    }
    if let Some(at) = response.hover_pos() {
        let (scroll, pinch) = ui.input(|i| (i.smooth_scroll_delta().y, i.zoom_delta()));
        let scroll = if wheel_zooms { scroll } else { 0.0 };
        let factor = (scroll * 0.004).exp() * pinch;
        if factor != 1.0 {
            map.camera.zoom_at(factor, at, rect);
        }
    }
}

fn visible_points(session: &Session, map: &MapState, frame: &Frame) -> Vec<bool> {
    let classes = 1 + frame.samples.labels.iter().copied().max().unwrap_or(0);
    let shown: Vec<bool> = (0..classes)
        .map(|class| map.shows(class, &session.class(class)))
        .collect();
    frame
        .samples
        .labels
        .iter()
        .map(|&label| shown[label as usize])
        .collect()
}

/// Hovering, clicking and drawing areas.
fn select(
    ui: &Ui,
    response: &Response,
    map: &mut MapState,
    screen: &[(Pos2, f32)],
    visible: &[bool],
) {
    let is_visible = |i: usize| visible[i];
    let pointer = response.hover_pos();
    map.hovered = pointer.and_then(|at| nearest(screen, is_visible, at, REACH));
    if response.clicked() {
        map.anchor = response
            .interact_pointer_pos()
            .and_then(|at| nearest(screen, is_visible, at, REACH));
        if map.anchor.is_none() {
            map.selected.clear();
        }
    }
    let Some(at) = response.interact_pointer_pos() else {
        return;
    };
    if map.tool != Tool::Pan && response.dragged_by(PointerButton::Primary) {
        let start = ui.input(|i| i.pointer.press_origin()).unwrap_or(at);
        match (map.tool, &mut map.area) {
            (Tool::Lasso, Some(Area::Lasso(line))) => line.push(at),
            (Tool::Lasso, area) => *area = Some(Area::Lasso(vec![start, at])),
            (_, area) => *area = Some(Area::Rectangle(Rect::from_two_pos(start, at))),
        }
    }
    if response.drag_stopped()
        && let Some(area) = map.area.take()
    {
        let inside = |&i: &usize| visible[i] && area.contains(screen[i].0);
        map.select((0..screen.len()).filter(inside).collect());
    }
}

/// Gives the points their colours, shapes and sizes.
fn dress(ui: &Ui, settings: &Settings, map: &mut MapState, frame: &Frame, visible: &[bool]) {
    let dark = ui.visuals().dark_mode;
    let mut hasher = DefaultHasher::new();
    let shown = map.coloring.key();
    (dark, settings.color_by, shown, visible, &map.selected).hash(&mut hasher);
    let selected = &map.selected;
    let labels = &frame.samples.labels;
    let values = map.coloring.shown().cloned();
    let paint = Paint::of(ui, settings.color_by, frame, values.as_deref());
    map.scene.dress(hasher.finish(), |i| {
        let label = labels[i];
        let color = paint.color(i);
        let is_faded = !selected.is_empty() && selected.binary_search(&i).is_err();
        let [r, g, b, _] = color.to_opaque().to_array();
        Look {
            color: [r, g, b, if is_faded { 50 } else { 235 }],
            shape: palette::shape(label) as u32,
            size: if visible[i] { 1.0 } else { 0.0 },
        }
    });
}

/// The outline of the sphere and its equator.
fn draw_globe(ui: &Ui, map: &MapState, rect: Rect) {
    let stroke = Stroke::new(1.0, roles(ui).outline);
    let radius = map.camera.scale(rect);
    let center = map.camera.project([0.0; 3], rect);
    ui.painter().circle_stroke(center, radius, stroke);
    let rotation = map.camera.rotation(true);
    let circle = |axis: usize| -> Vec<Pos2> {
        (0..=64)
            .map(|k| {
                let (sin, cos) = (std::f32::consts::TAU * k as f32 / 64.0).sin_cos();
                let mut point = [cos, sin, 0.0];
                point.rotate_right(axis);
                map.camera
                    .project(super::camera::turned(&rotation, point), rect)
            })
            .collect()
    };
    for axis in 0..3 {
        ui.painter()
            .line(circle(axis), Stroke::new(0.6, roles(ui).outline));
    }
}

/// The images themselves, where the points are far enough apart.
fn draw_pictures(
    ui: &Ui,
    map: &MapState,
    settings: &Settings,
    frame: &Frame,
    screen: &[(Pos2, f32)],
    visible: &[bool],
    rect: Rect,
) {
    let inside: Vec<usize> = (0..screen.len())
        .filter(|&i| visible[i] && screen[i].1 > 0.0 && rect.contains(screen[i].0))
        .collect();
    if !settings.show_images || inside.is_empty() || inside.len() > MOST_PICTURES {
        return;
    }
    let side = (1.6 * typical_gap(&inside, screen)).min(72.0);
    let Some(mut mesh) = map.thumbnails.mesh().filter(|_| side >= 20.0) else {
        return;
    };
    let dark = ui.visuals().dark_mode;
    let mut rims = egui::Mesh::default();
    for &i in &inside {
        let square = Rect::from_center_size(screen[i].0, vec2(side, side));
        let color = palette::color(frame.samples.labels[i], dark);
        rims.add_colored_rect(square, color);
        map.thumbnails
            .add(&mut mesh, i, square.shrink(2.0), Color32::WHITE);
    }
    ui.painter().add(rims);
    ui.painter().add(mesh);
}

/// The median distance to the nearest other point, of up to 64 of the points.
fn typical_gap(points: &[usize], screen: &[(Pos2, f32)]) -> f32 {
    let stride = points.len().div_ceil(64).max(1);
    let nearest = |&i: &usize| {
        let others = points.iter().filter(|&&j| j != i);
        let distances = others.map(|&j| screen[i].0.distance_sq(screen[j].0));
        distances.fold(f32::INFINITY, f32::min).sqrt()
    };
    let mut gaps: Vec<f32> = points.iter().step_by(stride).map(nearest).collect();
    gaps.sort_by(f32::total_cmp);
    gaps.get(gaps.len() / 2).copied().unwrap_or(0.0)
}

/// Rings around the anchor, the hovered and the selected.
fn draw_marks(ui: &Ui, map: &MapState, settings: &Settings, screen: &[(Pos2, f32)]) {
    let colors = roles(ui);
    let radius = point_radius(map, settings);
    for i in map.hovered.into_iter().chain(map.echo) {
        ui.painter()
            .circle_stroke(screen[i].0, radius + 4.0, Stroke::new(1.5, colors.text));
    }
    if let Some(i) = map.anchor {
        ui.painter()
            .circle_stroke(screen[i].0, radius + 5.0, Stroke::new(2.5, colors.accent));
    }
}

fn draw_area(ui: &Ui, area: Option<&Area>) {
    let colors = roles(ui);
    let stroke = Stroke::new(1.5, colors.accent);
    match area {
        Some(Area::Rectangle(rect)) => {
            ui.painter().rect(
                *rect,
                0.0,
                colors.accent.gamma_multiply(0.12),
                stroke,
                egui::StrokeKind::Middle,
            );
        }
        Some(Area::Lasso(line)) => {
            let mut line = line.clone();
            line.extend(line.first().copied());
            ui.painter().line(line, stroke);
        }
        None => {}
    }
}

/// What the picture shows, in its lower left corner.
fn caption(ui: &Ui, frame: &Frame, corner: Rect) {
    let mut text = format!("step {} · {} images", frame.embedding.step, frame.n());
    if let Some(accuracy) = frame.accuracy() {
        text.push_str(&format!(" · kNN {:.1} %", 100.0 * accuracy));
    }
    let colors = roles(ui);
    let font = egui::TextStyle::Small.resolve(ui.style());
    let text = ui.painter().layout_no_wrap(text, font, colors.weak);
    let at = corner.left_bottom() - vec2(0.0, text.size().y);
    // Points may lie below it.
    let ground = Rect::from_min_size(at, text.size()).expand2(vec2(4.0, 1.0));
    let veil = colors.canvas.gamma_multiply(0.8);
    ui.painter().rect_filled(ground, 4.0, veil);
    ui.painter().galley(at, text, colors.weak);
}
