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
    use super::{color, shape};

    #[test]
    fn forty_classes_look_different() {
        for dark in [false, true] {
            let looks: std::collections::HashSet<_> = (0..40)
                .map(|class| (color(class, dark), shape(class) as u32))
                .collect();
            assert_eq!(looks.len(), 40);
        }
    }
}
