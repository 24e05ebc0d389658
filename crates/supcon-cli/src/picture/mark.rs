//! How a class is marked: a colour and a shape, so that 40 classes can be told apart.

/// Okabe and Ito's palette, which stays distinct for colour-blind eyes (jfly.uni-koeln.de/color).
const COLOURS: [[u8; 3]; 8] = [
    [0, 114, 178],
    [230, 159, 0],
    [0, 158, 115],
    [213, 94, 0],
    [86, 180, 233],
    [204, 121, 167],
    [0, 0, 0],
    [240, 228, 66],
];

const SHAPES: [Shape; 5] = [
    Shape::Circle,
    Shape::Square,
    Shape::Triangle,
    Shape::Diamond,
    Shape::Cross,
];

/// Classes that look different.
pub const DISTINCT: usize = COLOURS.len() * SHAPES.len();

/// Half the width of a mark.
pub const RADIUS: f32 = 3.5;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    Circle,
    Square,
    Triangle,
    Diamond,
    Cross,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    pub colour: [u8; 3],
    pub shape: Shape,
}

impl Mark {
    pub fn of(class: usize) -> Self {
        Self {
            colour: COLOURS[class % COLOURS.len()],
            shape: SHAPES[class / COLOURS.len() % SHAPES.len()],
        }
    }

    /// Whether a place, measured from the centre, is within the mark.
    pub fn contains(self, x: f32, y: f32) -> bool {
        let r = RADIUS;
        match self.shape {
            Shape::Circle => x * x + y * y <= r * r,
            Shape::Square => x.abs().max(y.abs()) <= 0.9 * r,
            Shape::Diamond => x.abs() + y.abs() <= 1.25 * r,
            Shape::Triangle => {
                let from_top = y + r;
                y <= r && x.abs() <= 0.55 * from_top
            }
            Shape::Cross => {
                let (along, across) = ((x + y).abs(), (x - y).abs());
                along.min(across) <= 0.5 * r && along.max(across) <= 1.7 * r
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forty_classes_look_different() {
        let marks: Vec<Mark> = (0..DISTINCT).map(Mark::of).collect();
        for (i, mark) in marks.iter().enumerate() {
            assert!(!marks[..i].contains(mark), "{i}");
            assert!(mark.contains(0.0, 0.0) && !mark.contains(2.0 * RADIUS, 0.0));
        }
        assert_eq!(Mark::of(DISTINCT), Mark::of(0));
    }
}
