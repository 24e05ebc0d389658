//! The few controls that all panels share.

use crate::theme::{self, Colors, GAP, GAP_LARGE, MARGIN, RADIUS, colors};
use eframe::egui::{
    self, Align, Button, Color32, Frame, Layout, Margin, Response, RichText, Role, Sense, Slider,
    SliderClamping, Stroke, TextStyle, Ui, WidgetInfo, vec2,
};
use std::ops::RangeInclusive;

/// Names of sliders.
const NAME_WIDTH: f32 = 104.0;
/// Their values, and the space before them.
const VALUE_WIDTH: f32 = 72.0;

/// The colours in force.
pub fn palette(ui: &Ui) -> &'static Colors {
    colors(ui.visuals())
}

/// A titled group.
pub fn section<R>(ui: &mut Ui, title: &str, contents: impl FnOnce(&mut Ui) -> R) -> R {
    ui.add_space(GAP);
    let color = palette(ui).weak;
    ui.label(
        RichText::new(title.to_uppercase())
            .text_style(TextStyle::Small)
            .extra_letter_spacing(0.6)
            .color(color),
    );
    let inner = contents(ui);
    ui.add_space(GAP);
    inner
}

/// A raised box.
pub fn card<R>(ui: &mut Ui, contents: impl FnOnce(&mut Ui) -> R) -> R {
    let colors = palette(ui);
    Frame::new()
        .fill(colors.raised)
        .stroke(Stroke::new(1.0, colors.outline))
        .corner_radius(RADIUS)
        .inner_margin(Margin::same(MARGIN - 2))
        .show(ui, |ui| {
            ui.set_width(ui.available_width());
            contents(ui)
        })
        .inner
}

/// A name on the left, a control on the right, and what the name means.
pub fn row(ui: &mut Ui, name: &str, term: &str, control: impl FnOnce(&mut Ui)) {
    ui.horizontal(|ui| {
        let color = palette(ui).text;
        ui.add(egui::Label::new(RichText::new(name).color(color)).truncate())
            .on_hover_text(term);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            ui.name_inputs(name, control);
        });
    });
}

/// A slider between its name and its value.
pub fn slider<N: egui::emath::Numeric>(
    ui: &mut Ui,
    name: &str,
    term: &str,
    value: &mut N,
    range: RangeInclusive<N>,
    shape: impl FnOnce(Slider<'_>) -> Slider<'_>,
) -> Response {
    ui.horizontal(|ui| {
        let height = ui.spacing().interact_size.y;
        let layout = Layout::left_to_right(Align::Center);
        ui.allocate_ui_with_layout(vec2(NAME_WIDTH, height), layout, |ui| {
            ui.set_min_width(NAME_WIDTH);
            ui.add(egui::Label::new(name).truncate())
                .on_hover_text(term);
        });
        ui.spacing_mut().slider_width = (ui.available_width() - VALUE_WIDTH).max(40.0);
        ui.spacing_mut().interact_size.x = VALUE_WIDTH - 2.0 * GAP;
        ui.name_inputs(name, |ui| {
            // A recipe beyond the slider's ends stays as it is until someone moves it.
            let slider = Slider::new(value, range).clamping(SliderClamping::Edits);
            ui.add(shape(slider))
                .on_hover_text(term)
                .accessible_name(name)
        })
    })
    .inner
}

/// The one button that matters most.
pub fn primary_button(ui: &mut Ui, text: &str, is_enabled: bool) -> Response {
    let colors = palette(ui);
    let button = Button::new(
        RichText::new(text)
            .color(colors.on_accent)
            .text_style(TextStyle::Heading),
    )
    .fill(colors.accent)
    .stroke(Stroke::NONE)
    .corner_radius(RADIUS + 2);
    let size = vec2(ui.available_width(), 44.0);
    ui.add_enabled_ui(is_enabled, |ui| ui.add_sized(size, button))
        .inner
}

/// A small coloured word.
pub fn badge(ui: &mut Ui, text: &str, color: Color32) -> Response {
    Frame::new()
        .fill(color.gamma_multiply(0.18))
        .corner_radius(20)
        .inner_margin(Margin::symmetric(8, 2))
        .show(ui, |ui| {
            ui.label(
                RichText::new(text)
                    .color(color)
                    .text_style(TextStyle::Small),
            )
        })
        .response
}

/// A note with a coloured edge: warnings and what to do about them.
pub fn note(ui: &mut Ui, color: Color32, text: &str) {
    Frame::new()
        .fill(color.gamma_multiply(0.12))
        .stroke(Stroke::new(1.0, color.gamma_multiply(0.5)))
        .corner_radius(RADIUS)
        .inner_margin(Margin::symmetric(10, 8))
        .show(ui, |ui| {
            ui.set_width(ui.available_width());
            ui.label(text);
        });
}

/// What an empty panel is for, in its middle.
pub fn empty_state(ui: &mut Ui, title: &str, text: &str) {
    let colors = palette(ui);
    let height = ui.available_height();
    ui.vertical_centered(|ui| {
        ui.add_space((height * 0.5 - 40.0).max(GAP_LARGE));
        ui.label(
            RichText::new(title)
                .text_style(theme::title())
                .color(colors.text),
        );
        ui.add_space(2.0);
        ui.scope(|ui| {
            ui.set_max_width((ui.available_width() - GAP_LARGE).min(380.0));
            ui.label(RichText::new(text).color(colors.weak));
        });
    });
}

/// A number with its name above it.
pub fn figure(ui: &mut Ui, name: &str, value: &str, term: &str) {
    let colors = palette(ui);
    ui.vertical(|ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        let name = RichText::new(name)
            .text_style(TextStyle::Small)
            .color(colors.weak);
        ui.add(egui::Label::new(name).extend());
        let value = RichText::new(value).heading().color(colors.text);
        ui.add(egui::Label::new(value).extend());
    })
    .response
    .on_hover_text(term);
}

/// One of a few, side by side.
pub fn choice<T: Copy + PartialEq>(
    ui: &mut Ui,
    value: &mut T,
    options: &[(T, &str, &str)],
) -> bool {
    let mut is_changed = false;
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 2.0;
        for (option, name, term) in options {
            let response = ui
                .add(Button::selectable(*value == *option, *name))
                .on_hover_text(*term);
            if response.clicked() && *value != *option {
                *value = *option;
                is_changed = true;
            }
        }
    });
    is_changed
}

/// A thin bar that fills up.
pub fn progress(ui: &mut Ui, share: f32, width: f32, name: &str) -> Response {
    let colors = palette(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(width, 6.0), Sense::hover());
    let painter = ui.painter();
    painter.rect_filled(rect, 3.0, colors.outline);
    let mut filled = rect;
    filled.set_width(rect.width() * share.clamp(0.0, 1.0));
    painter.rect_filled(filled, 3.0, colors.accent);
    let label = format!("{name}: {:.0} %", 100.0 * share);
    response.widget_info(|| WidgetInfo::labeled(Role::ProgressIndicator, true, &label));
    response
}
