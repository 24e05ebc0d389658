//! The look: colour roles, spacing and type scale, once for light and once for dark.

use crate::fonts;
use eframe::egui::{
    self, Color32, CornerRadius, FontFamily, FontId, Margin, Shadow, Stroke, TextStyle, Visuals,
    style::WidgetVisuals, vec2,
};

/// Between things that belong together, in points.
pub const GAP: f32 = 8.0;
/// Between groups of things, in points.
pub const GAP_LARGE: f32 = 16.0;
/// Inner margin of panels and cards, in points.
pub const MARGIN: i8 = 12;
/// Corner radius of cards and buttons, in points.
pub const RADIUS: u8 = 6;

/// Colours by what they mean.
#[derive(Clone, Copy, Debug)]
pub struct Colors {
    /// Behind maps and plots.
    pub canvas: Color32,
    /// Behind controls.
    pub panel: Color32,
    /// Cards and buttons.
    pub raised: Color32,
    /// A button under the pointer.
    pub raised_hover: Color32,
    /// Lines between things.
    pub outline: Color32,
    /// Text.
    pub text: Color32,
    /// Text that explains.
    pub weak: Color32,
    /// What one should press, and what is chosen.
    pub accent: Color32,
    /// Text on the accent.
    pub on_accent: Color32,
    /// The chosen, as a background.
    pub accent_faint: Color32,
    /// All is well; a right prediction.
    pub good: Color32,
    /// Worth a look.
    pub warning: Color32,
    /// Wrong.
    pub bad: Color32,
    /// Pulls together.
    pub attract: Color32,
    /// Pushes apart.
    pub repel: Color32,
}

const DARK: Colors = Colors {
    canvas: Color32::from_rgb(0x0e, 0x12, 0x18),
    panel: Color32::from_rgb(0x15, 0x1a, 0x22),
    raised: Color32::from_rgb(0x20, 0x27, 0x32),
    raised_hover: Color32::from_rgb(0x2a, 0x33, 0x41),
    outline: Color32::from_rgb(0x2b, 0x33, 0x40),
    text: Color32::from_rgb(0xe6, 0xea, 0xf0),
    weak: Color32::from_rgb(0x93, 0x9d, 0xac),
    accent: Color32::from_rgb(0x6d, 0x8f, 0xff),
    on_accent: Color32::from_rgb(0x0b, 0x10, 0x1c),
    accent_faint: Color32::from_rgb(0x26, 0x32, 0x57),
    good: Color32::from_rgb(0x4f, 0xc1, 0x9a),
    warning: Color32::from_rgb(0xf0, 0xb4, 0x4c),
    bad: Color32::from_rgb(0xf2, 0x7d, 0x72),
    attract: Color32::from_rgb(0x56, 0xc8, 0xe8),
    repel: Color32::from_rgb(0xf2, 0x96, 0x5a),
};

const LIGHT: Colors = Colors {
    canvas: Color32::from_rgb(0xff, 0xff, 0xff),
    panel: Color32::from_rgb(0xf4, 0xf6, 0xf9),
    raised: Color32::from_rgb(0xff, 0xff, 0xff),
    raised_hover: Color32::from_rgb(0xe9, 0xee, 0xf7),
    outline: Color32::from_rgb(0xd6, 0xdc, 0xe5),
    text: Color32::from_rgb(0x1b, 0x22, 0x2e),
    weak: Color32::from_rgb(0x5c, 0x67, 0x78),
    accent: Color32::from_rgb(0x2f, 0x56, 0xd9),
    on_accent: Color32::from_rgb(0xff, 0xff, 0xff),
    accent_faint: Color32::from_rgb(0xdd, 0xe6, 0xff),
    good: Color32::from_rgb(0x12, 0x7a, 0x58),
    warning: Color32::from_rgb(0x9a, 0x62, 0x00),
    bad: Color32::from_rgb(0xc0, 0x34, 0x2b),
    attract: Color32::from_rgb(0x0b, 0x7c, 0xa3),
    repel: Color32::from_rgb(0xc4, 0x55, 0x12),
};

/// The colours of the theme that is on.
#[must_use]
pub fn colors(visuals: &Visuals) -> &'static Colors {
    if visuals.dark_mode { &DARK } else { &LIGHT }
}

/// The style of large, calm titles.
#[must_use]
pub fn title() -> TextStyle {
    TextStyle::Name("title".into())
}

/// Gives both themes their look.
pub fn install(ctx: &egui::Context) {
    ctx.set_fonts(fonts::of_this_target());
    ctx.set_visuals_of(egui::Theme::Dark, visuals(&DARK, Visuals::dark()));
    ctx.set_visuals_of(egui::Theme::Light, visuals(&LIGHT, Visuals::light()));
    ctx.all_styles_mut(|style| {
        let size = |style, points| (style, FontId::new(points, FontFamily::Proportional));
        style.text_styles = [
            size(TextStyle::Small, 11.5),
            size(TextStyle::Body, 13.5),
            size(TextStyle::Button, 13.5),
            size(TextStyle::Heading, 16.0),
            size(title(), 24.0),
            (
                TextStyle::Monospace,
                FontId::new(12.5, FontFamily::Monospace),
            ),
        ]
        .into();
        style.spacing.item_spacing = vec2(GAP, 6.0);
        style.spacing.button_padding = vec2(10.0, 5.0);
        style.spacing.interact_size.y = 24.0;
        style.spacing.window_margin = Margin::same(16);
        style.spacing.menu_margin = Margin::same(8);
        style.spacing.slider_width = 130.0;
        style.spacing.combo_width = 120.0;
        style.spacing.tooltip_width = 320.0;
        style.spacing.scroll = scroll_bars();
        style.interaction.selectable_labels = false;
        style.interaction.tooltip_delay = 0.35;
    });
}

/// Thin ones without a groove, their handles a shade of the text: as light as a button they were lost on a light
/// panel.
fn scroll_bars() -> egui::style::ScrollStyle {
    egui::style::ScrollStyle {
        foreground_color: true,
        dormant_background_opacity: 0.0,
        active_background_opacity: 0.0,
        dormant_handle_opacity: 0.25,
        active_handle_opacity: 0.4,
        ..egui::style::ScrollStyle::thin()
    }
}

fn visuals(colors: &Colors, base: Visuals) -> Visuals {
    let radius = CornerRadius::same(RADIUS);
    let widget = |fill: Color32, outline: Color32, text: Color32| WidgetVisuals {
        bg_fill: fill,
        weak_bg_fill: fill,
        bg_stroke: Stroke::new(1.0, outline),
        corner_radius: radius,
        fg_stroke: Stroke::new(1.2, text),
        expansion: 0.0,
    };
    let mut visuals = base;
    visuals.widgets.noninteractive = widget(colors.panel, colors.outline, colors.text);
    visuals.widgets.inactive = widget(colors.raised, colors.outline, colors.text);
    // Rails of sliders: in the colour of buttons they could not be told from a light panel.
    visuals.widgets.inactive.bg_fill = colors.outline;
    visuals.widgets.hovered = widget(colors.raised_hover, colors.accent, colors.text);
    visuals.widgets.active = widget(colors.accent_faint, colors.accent, colors.text);
    visuals.widgets.open = widget(colors.raised_hover, colors.outline, colors.text);
    visuals.selection.bg_fill = colors.accent_faint;
    visuals.selection.stroke = Stroke::new(1.0, colors.accent);
    visuals.weak_text_color = Some(colors.weak);
    visuals.hyperlink_color = colors.accent;
    visuals.warn_fg_color = colors.warning;
    visuals.error_fg_color = colors.bad;
    visuals.panel_fill = colors.panel;
    visuals.window_fill = colors.panel;
    visuals.extreme_bg_color = colors.canvas;
    // Every second row of a table: buttons still stand out from it.
    visuals.faint_bg_color = colors.panel.lerp_to_gamma(colors.raised, 0.5);
    visuals.code_bg_color = colors.raised;
    visuals.window_stroke = Stroke::new(1.0, colors.outline);
    visuals.window_corner_radius = CornerRadius::same(10);
    visuals.menu_corner_radius = radius;
    visuals.slider_trailing_fill = true;
    visuals.striped = false;
    let shadow = Shadow {
        offset: [0, 6],
        blur: 20,
        spread: 0,
        color: Color32::from_black_alpha(if visuals.dark_mode { 110 } else { 40 }),
    };
    visuals.window_shadow = shadow;
    visuals.popup_shadow = shadow;
    visuals
}
