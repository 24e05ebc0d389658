//! Which points are meant: under the pointer, in a rectangle, in a lasso.

use eframe::egui::{Pos2, Rect};

/// The nearest point within reach of the pointer; points at the back of a sphere are out of reach.
#[must_use]
pub fn nearest(
    points: &[(Pos2, f32)],
    is_visible: impl Fn(usize) -> bool,
    at: Pos2,
    reach: f32,
) -> Option<usize> {
    let distance = |(i, (point, depth)): (usize, &(Pos2, f32))| {
        let distance = point.distance_sq(at);
        (distance <= reach * reach && *depth > -0.1 && is_visible(i)).then_some((i, distance))
    };
    let candidates = points.iter().enumerate().filter_map(distance);
    candidates
        .min_by(|a, b| a.1.total_cmp(&b.1))
        .map(|(i, _)| i)
}

/// An area drawn with the pointer.
#[derive(Clone, Debug, PartialEq)]
pub enum Area {
    /// A rectangle.
    Rectangle(Rect),
    /// A closed line.
    Lasso(Vec<Pos2>),
}

impl Area {
    /// Whether a point is inside. For a lasso: by the number of edges left of it (even-odd).
    #[must_use]
    pub fn contains(&self, point: Pos2) -> bool {
        match self {
            Self::Rectangle(rect) => rect.contains(point),
            Self::Lasso(line) => {
                let edges = line.iter().zip(line.iter().cycle().skip(1));
                let crossings = edges.filter(|(a, b)| {
                    (a.y > point.y) != (b.y > point.y)
                        && point.x < (b.x - a.x) * (point.y - a.y) / (b.y - a.y) + a.x
                });
                crossings.count() % 2 == 1
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use eframe::egui::pos2;

    #[test]
    fn a_lasso_holds_what_it_surrounds() {
        // A "U": the notch in its middle is outside.
        let line = [
            (0.0, 0.0),
            (6.0, 0.0),
            (6.0, 6.0),
            (4.0, 6.0),
            (4.0, 2.0),
            (2.0, 2.0),
            (2.0, 6.0),
            (0.0, 6.0),
        ];
        let lasso = Area::Lasso(line.iter().map(|&(x, y)| pos2(x, y)).collect());
        assert!(lasso.contains(pos2(1.0, 5.0)));
        assert!(lasso.contains(pos2(3.0, 1.0)));
        assert!(!lasso.contains(pos2(3.0, 5.0)));
        assert!(!lasso.contains(pos2(9.0, 1.0)));
    }

    #[test]
    fn the_nearest_visible_point_is_picked() {
        let points = [
            (pos2(0.0, 0.0), 1.0),
            (pos2(3.0, 0.0), 1.0),
            (pos2(4.0, 0.0), -0.9),
        ];
        let at = pos2(3.6, 0.0);
        assert_eq!(nearest(&points, |_| true, at, 8.0), Some(1));
        assert_eq!(nearest(&points, |i| i != 1, at, 8.0), Some(0));
        assert_eq!(nearest(&points, |_| true, pos2(50.0, 0.0), 8.0), None);
    }
}
