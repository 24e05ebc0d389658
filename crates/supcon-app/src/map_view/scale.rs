//! What colours mean where they do not mean classes: a scale with numbers, or two words.

use super::coloring::Coloring;
use crate::controls::palette as roles;
use crate::fields::Field;
use crate::palette;
use crate::view_state::ColorBy;
use eframe::egui::{
    self, Align2, Mesh, Rect, RichText, Role, Sense, Stroke, StrokeKind, TextStyle, Ui, UiBuilder,
    WidgetInfo, pos2, vec2,
};

const WIDTH: f32 = 168.0;
const BAR: f32 = 10.0;
const MARGIN: f32 = 8.0;
/// Patches of the bar.
const PATCHES: usize = 24;

/// The key to the colours in the lower right corner, where there is something to say.
pub(super) fn scale_ui(ui: &mut Ui, corner: Rect, by: ColorBy, coloring: &Coloring) {
    let size = match by {
        ColorBy::Class | ColorBy::Prediction => return,
        ColorBy::Correctness => vec2(116.0, 34.0),
        ColorBy::Field(_) => vec2(WIDTH + 2.0 * MARGIN, 62.0),
    };
    let rect = Rect::from_min_max(corner.max - size, corner.max);
    let colors = roles(ui);
    ui.painter().rect(
        rect,
        6.0,
        colors.panel.gamma_multiply(0.92),
        Stroke::new(1.0, colors.outline),
        StrokeKind::Inside,
    );
    let builder = UiBuilder::new().max_rect(rect.shrink(MARGIN));
    ui.scope_builder(builder, |ui| {
        ui.spacing_mut().item_spacing.y = 2.0;
        match by {
            ColorBy::Field(field) => field_ui(ui, field, coloring),
            _ => correctness_ui(ui),
        }
    });
}

fn correctness_ui(ui: &mut Ui) {
    let colors = roles(ui);
    ui.horizontal(|ui| {
        for (word, color) in [("right", colors.good), ("wrong", colors.bad)] {
            let text = RichText::new(format!("● {word}"))
                .text_style(TextStyle::Small)
                .color(color);
            ui.label(text)
                .on_hover_text("Whether what kNN says is the label");
        }
    });
}

fn field_ui(ui: &mut Ui, field: Field, coloring: &Coloring) {
    let colors = roles(ui);
    let small = |text: String| RichText::new(text).text_style(TextStyle::Small);
    let name = match coloring.progress() {
        Some(share) if coloring.shown().is_none() => {
            format!("{}: {:.0} %", field.name(), 100.0 * share)
        }
        _ => field.name().to_owned(),
    };
    ui.label(small(name).color(colors.text))
        .on_hover_text(field.term());
    let Some(values) = coloring.shown() else {
        return;
    };
    let [low, high] = values.range;
    let (bar, response) = ui.allocate_exact_size(vec2(WIDTH, BAR + 16.0), Sense::hover());
    let info = format!(
        "Scale from {} to {}",
        number(low, high - low),
        number(high, high - low)
    );
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, &info));
    bar_of(ui, Rect::from_min_size(bar.min, vec2(WIDTH, BAR)));
    let font = TextStyle::Small.resolve(ui.style());
    for (share, align) in [
        (0.0, Align2::LEFT_TOP),
        (0.5, Align2::CENTER_TOP),
        (1.0, Align2::RIGHT_TOP),
    ] {
        let at = pos2(bar.left() + share * WIDTH, bar.top() + BAR + 1.0);
        let text = number(low + share * (high - low), high - low);
        ui.painter()
            .text(at, align, text, font.clone(), colors.weak);
    }
    response.on_hover_text(field.term());
}

fn bar_of(ui: &Ui, rect: Rect) {
    let dark = ui.visuals().dark_mode;
    let mut mesh = Mesh::default();
    for k in 0..=PATCHES {
        let share = k as f32 / PATCHES as f32;
        let x = egui::lerp(rect.x_range(), share);
        let color = palette::scale(share, dark);
        mesh.colored_vertex(pos2(x, rect.top()), color);
        mesh.colored_vertex(pos2(x, rect.bottom()), color);
        if k > 0 {
            let at = 2 * k as u32;
            mesh.add_triangle(at - 2, at - 1, at);
            mesh.add_triangle(at - 1, at, at + 1);
        }
    }
    ui.painter().add(mesh);
}

/// As many digits as the scale needs.
#[must_use]
pub fn number(value: f32, span: f32) -> String {
    let digits = (1.0 - span.max(1e-6).log10().floor()).clamp(0.0, 5.0) as usize;
    format!("{value:.digits$}")
}

#[cfg(test)]
mod tests {
    use super::number;

    #[test]
    fn numbers_have_the_digits_that_their_scale_needs() {
        assert_eq!(number(0.5, 1.0), "0.5");
        assert_eq!(number(3.1234, 4.0), "3.1");
        assert_eq!(number(0.98765, 0.02), "0.988");
        assert_eq!(number(123.4, 200.0), "123");
    }
}
