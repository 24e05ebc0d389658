//! Classes by colour and, as a second channel, by shape.

use eframe::egui::{Color32, Pos2, Stroke, Vec2, epaint::PathShape, pos2, vec2};

/// Okabe and Ito's colours (jfly.uni-koeln.de/color), which people with the common colour blindnesses
/// can tell apart, with the darkest lightened for a dark ground.
const ON_DARK: [Color32; 8] = [
    Color32::from_rgb(0xe6, 0x9f, 0x00),
    Color32::from_rgb(0x56, 0xb4, 0xe9),
    Color32::from_rgb(0x1f, 0xb5, 0x88),
    Color32::from_rgb(0xf0, 0xe4, 0x42),
    Color32::from_rgb(0x5b, 0x8d, 0xff),
    Color32::from_rgb(0xee, 0x6f, 0x2d),
    Color32::from_rgb(0xdd, 0x8c, 0xbb),
    Color32::from_rgb(0xc4, 0xc9, 0xd0),
];

/// The same hues for a light ground.
const ON_LIGHT: [Color32; 8] = [
    Color32::from_rgb(0xd1, 0x8a, 0x00),
    Color32::from_rgb(0x2f, 0x9c, 0xdb),
    Color32::from_rgb(0x00, 0x8a, 0x64),
    Color32::from_rgb(0xb3, 0xa2, 0x00),
    Color32::from_rgb(0x00, 0x5f, 0xb0),
    Color32::from_rgb(0xd0, 0x52, 0x00),
    Color32::from_rgb(0xb8, 0x58, 0x90),
    Color32::from_rgb(0x4a, 0x50, 0x5a),
];

/// Colour of a class. Classes eight apart share it and differ in [`shape`].
#[must_use]
pub fn color(class: u32, dark_mode: bool) -> Color32 {
    let colors = if dark_mode { &ON_DARK } else { &ON_LIGHT };
    colors[class as usize % colors.len()]
}

/// Viridis (Smith and van der Walt, 2015), from low to high: lightness rises evenly, so that order is seen
/// whatever colours one can tell apart.
const VIRIDIS: [[u8; 3]; 11] = [
    [68, 1, 84],
    [72, 36, 117],
    [65, 68, 135],
    [53, 95, 141],
    [42, 120, 142],
    [33, 145, 140],
    [34, 168, 132],
    [68, 191, 112],
    [122, 209, 81],
    [189, 223, 38],
    [253, 231, 37],
];

/// Colour of a number's place on its scale, in [0, 1]. The end that would drown in the ground is left out.
#[must_use]
pub fn scale(place: f32, dark_mode: bool) -> Color32 {
    let (low, high) = if dark_mode { (0.2, 1.0) } else { (0.0, 0.88) };
    let at = (low + (high - low) * place.clamp(0.0, 1.0)) * (VIRIDIS.len() - 1) as f32;
    let before = (at as usize).min(VIRIDIS.len() - 2);
    let share = at - before as f32;
    let [r, g, b] = std::array::from_fn(|channel| {
        let [from, to] = [before, before + 1].map(|k| f32::from(VIRIDIS[k][channel]));
        (from + (to - from) * share).round() as u8
    });
    Color32::from_rgb(r, g, b)
}

/// Form of a point. Five forms and eight colours tell forty classes apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Shape {
    /// A disc.
    Circle = 0,
    /// A square.
    Square = 1,
    /// A triangle on its base.
    Triangle = 2,
    /// A square on its corner.
    Diamond = 3,
    /// A triangle on its tip.
    TriangleDown = 4,
}

/// Shape of a class.
#[must_use]
pub fn shape(class: u32) -> Shape {
    match class % 5 {
        0 => Shape::Circle,
        1 => Shape::Square,
        2 => Shape::Triangle,
        3 => Shape::Diamond,
        _ => Shape::TriangleDown,
    }
}

impl Shape {
    /// Corners around the origin, in units of the radius, y downwards; none for the disc. All shapes
    /// look equally large.
    #[must_use]
    pub fn corners(self) -> &'static [Vec2] {
        const SQUARE: [Vec2; 4] = [
            vec2(-0.88, -0.88),
            vec2(0.88, -0.88),
            vec2(0.88, 0.88),
            vec2(-0.88, 0.88),
        ];
        const DIAMOND: [Vec2; 4] = [
            vec2(0.0, -1.2),
            vec2(1.2, 0.0),
            vec2(0.0, 1.2),
            vec2(-1.2, 0.0),
        ];
        const UP: [Vec2; 3] = [vec2(0.0, -1.2), vec2(1.15, 0.85), vec2(-1.15, 0.85)];
        const DOWN: [Vec2; 3] = [vec2(0.0, 1.2), vec2(-1.15, -0.85), vec2(1.15, -0.85)];
        match self {
            Self::Circle => &[],
            Self::Square => &SQUARE,
            Self::Triangle => &UP,
            Self::Diamond => &DIAMOND,
            Self::TriangleDown => &DOWN,
        }
    }

    /// As egui draws it, in legends.
    pub fn mark(self, center: Pos2, radius: f32, fill: Color32) -> eframe::egui::Shape {
        match self {
            Self::Circle => eframe::egui::Shape::circle_filled(center, radius, fill),
            polygon => PathShape::convex_polygon(
                polygon
                    .corners()
                    .iter()
                    .map(|corner| pos2(center.x + corner.x * radius, center.y + corner.y * radius))
                    .collect(),
                fill,
                Stroke::NONE,
            )
            .into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{color, scale, shape};

    #[test]
    fn forty_classes_look_different() {
        for dark in [false, true] {
            let looks: std::collections::HashSet<_> = (0..40)
                .map(|class| (color(class, dark), shape(class) as u32))
                .collect();
            assert_eq!(looks.len(), 40);
        }
    }

    /// CIE 1976 lightness of an sRGB colour, in [0, 100].
    fn lightness(color: eframe::egui::Color32) -> f64 {
        let [r, g, b, _] = color.to_array();
        let linear = |channel: u8| {
            let c = f64::from(channel) / 255.0;
            if c <= 0.04045 {
                c / 12.92
            } else {
                ((c + 0.055) / 1.055).powf(2.4)
            }
        };
        let y = 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
        116.0 * y.cbrt() - 16.0
    }

    /// Without any colour vision the order is still seen: every tenth is lighter by about as much.
    #[test]
    fn the_scale_rises_evenly_in_lightness() {
        for dark in [false, true] {
            let light: Vec<f64> = (0..=10)
                .map(|k| lightness(scale(k as f32 / 10.0, dark)))
                .collect();
            let steps: Vec<f64> = light.windows(2).map(|pair| pair[1] - pair[0]).collect();
            let mean = steps.iter().sum::<f64>() / 10.0;
            assert!(mean > 5.0, "{light:?}");
            assert!(
                steps.iter().all(|step| (step / mean - 1.0).abs() < 0.35),
                "{steps:?}"
            );
        }
    }
}
