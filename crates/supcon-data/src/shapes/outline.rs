use std::f64::consts::PI;

/// A point, or a vector, in the plane.
pub(super) type Point = [f32; 2];

/// A form of area 1 around the origin, known by its signed distance.
pub(super) struct Outline {
    form: Form,
    /// Length of the form's own unit when its area is 1.
    unit: f32,
}

/// A form in units of its own.
enum Form {
    /// Radius 1.
    Disk,
    /// Outer radius 1.
    Ring { inner: f32 },
    /// A disk of radius 1 without a disk of radius `bite` whose centre is `offset` to the right;
    /// the whole is moved right by `shift`.
    Crescent { bite: f32, offset: f32, shift: f32 },
    /// Corners in order; it may be concave.
    Polygon(Vec<Point>),
}

/// The outlines of the ten classes, in the order of their names.
pub(super) fn of_classes() -> [Outline; 10] {
    let arm = 0.32;
    [
        Form::Disk,
        Form::Ring { inner: 0.62 },
        regular(3),
        regular(4),
        star(5, 0.4),
        polygon(&[
            [arm, arm],
            [arm, 1.0],
            [-arm, 1.0],
            [-arm, arm],
            [-1.0, arm],
            [-1.0, -arm],
            [-arm, -arm],
            [-arm, -1.0],
            [arm, -1.0],
            [arm, -arm],
            [1.0, -arm],
            [1.0, arm],
        ]),
        Form::Crescent {
            bite: 0.8,
            offset: 0.55,
            shift: 0.3,
        },
        polygon(&[[1.0, 0.3], [-1.0, 0.3], [-1.0, -0.3], [1.0, -0.3]]),
        polygon(&[
            [0.15, 0.0],
            [0.8, 1.0],
            [-0.8, 1.0],
            [-0.15, 0.0],
            [-0.8, -1.0],
            [0.8, -1.0],
        ]),
        polygon(&[
            [-0.6, -0.6],
            [1.0, -0.6],
            [1.0, 0.0],
            [0.0, 0.0],
            [0.0, 1.0],
            [-0.6, 1.0],
        ]),
    ]
    .map(Outline::new)
}

impl Outline {
    fn new(form: Form) -> Self {
        let unit = 1.0 / libm::sqrt(form.area());
        Self {
            form,
            unit: unit as f32,
        }
    }

    /// Distance to the edge, negative inside.
    pub(super) fn distance(&self, point: Point) -> f32 {
        self.form.distance(point.map(|x| x / self.unit)) * self.unit
    }
}

impl Form {
    fn area(&self) -> f64 {
        match self {
            Self::Disk => PI,
            Self::Ring { inner } => PI * (1.0 - f64::from(inner * inner)),
            Self::Crescent { bite, offset, .. } => {
                PI - lens_area(1.0, f64::from(*bite), f64::from(*offset))
            }
            Self::Polygon(corners) => {
                let cross = |[a, b]: [Point; 2]| f64::from(a[0] * b[1] - b[0] * a[1]);
                edges(corners).map(cross).sum::<f64>().abs() / 2.0
            }
        }
    }

    fn distance(&self, point: Point) -> f32 {
        match self {
            Self::Disk => length(point) - 1.0,
            Self::Ring { inner } => {
                let radius = length(point);
                (radius - 1.0).max(inner - radius)
            }
            Self::Crescent {
                bite,
                offset,
                shift,
            } => {
                let [x, y] = [point[0] - shift, point[1]];
                (length([x, y]) - 1.0).max(bite - length([x - offset, y]))
            }
            Self::Polygon(corners) => polygon_distance(corners, point),
        }
    }
}

/// Area common to two disks whose centres are `distance` apart.
fn lens_area(r: f64, s: f64, distance: f64) -> f64 {
    let (d, r2, s2) = (distance, r * r, s * s);
    let sector = |own: f64, other: f64| {
        own * libm::acos((d * d + own - other) / (2.0 * d * libm::sqrt(own)))
    };
    let kite = (-d + r + s) * (d + r - s) * (d - r + s) * (d + r + s);
    sector(r2, s2) + sector(s2, r2) - 0.5 * libm::sqrt(kite)
}

fn polygon(corners: &[Point]) -> Form {
    Form::Polygon(corners.to_vec())
}

fn regular(corners: usize) -> Form {
    Form::Polygon((0..corners).map(|i| on_circle(i, corners, 1.0)).collect())
}

fn star(points: usize, inner: f32) -> Form {
    let radius = |i: usize| if i.is_multiple_of(2) { 1.0 } else { inner };
    Form::Polygon(
        (0..2 * points)
            .map(|i| on_circle(i, 2 * points, radius(i)))
            .collect(),
    )
}

fn on_circle(index: usize, count: usize, radius: f32) -> Point {
    let angle = 2.0 * PI as f32 * index as f32 / count as f32;
    [radius * libm::cosf(angle), radius * libm::sinf(angle)]
}

fn edges(corners: &[Point]) -> impl Iterator<Item = [Point; 2]> + '_ {
    let next = corners.iter().cycle().skip(1);
    corners.iter().zip(next).map(|(&from, &to)| [from, to])
}

fn length([x, y]: Point) -> f32 {
    libm::sqrtf(x * x + y * y)
}

/// Distance to the nearest edge; the sign counts how often a ray to the right crosses the outline.
fn polygon_distance(corners: &[Point], point: Point) -> f32 {
    let mut nearest = f32::INFINITY;
    let mut inside = false;
    for [from, to] in edges(corners) {
        let edge = [to[0] - from[0], to[1] - from[1]];
        let way = [point[0] - from[0], point[1] - from[1]];
        let along = (way[0] * edge[0] + way[1] * edge[1]) / (edge[0] * edge[0] + edge[1] * edge[1]);
        let along = along.clamp(0.0, 1.0);
        let gap = [way[0] - edge[0] * along, way[1] - edge[1] * along];
        nearest = nearest.min(gap[0] * gap[0] + gap[1] * gap[1]);
        let crosses = (from[1] > point[1]) != (to[1] > point[1]);
        let side = edge[0] * way[1] - edge[1] * way[0];
        if crosses && (side > 0.0) == (edge[1] > 0.0) {
            inside = !inside;
        }
    }
    let distance = libm::sqrtf(nearest);
    if inside { -distance } else { distance }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shapes::CLASS_NAMES;

    /// Points of a fine grid over [−2, 2]².
    fn grid() -> impl Iterator<Item = Point> {
        let at = |i: usize| (i as f32 + 0.5) / 200.0 - 2.0;
        (0..800 * 800).map(move |i| [at(i % 800), at(i / 800)])
    }

    #[test]
    fn every_outline_has_area_one_near_the_origin() {
        for (outline, name) in of_classes().iter().zip(CLASS_NAMES) {
            let mut count = 0.0_f64;
            let mut centre = [0.0_f64; 2];
            for point in grid().filter(|&point| outline.distance(point) < 0.0) {
                count += 1.0;
                centre = [
                    centre[0] + f64::from(point[0]),
                    centre[1] + f64::from(point[1]),
                ];
            }
            let area = count / 40_000.0;
            assert!((area - 1.0).abs() < 0.01, "{name}: area {area}");
            let off = centre.map(|sum| (sum / count).abs());
            assert!(
                off[0] < 0.06 && off[1] < 0.06,
                "{name}: centre off by {off:?}"
            );
        }
    }

    #[test]
    fn distances_of_a_square() {
        let square = Form::Polygon(vec![[1.0, 1.0], [-1.0, 1.0], [-1.0, -1.0], [1.0, -1.0]]);
        let cases = [
            ([0.0, 0.0], -1.0),
            ([0.5, 0.0], -0.5),
            ([3.0, 0.5], 2.0),
            ([4.0, 5.0], 5.0),
        ];
        for (point, expected) in cases {
            assert!(
                (square.distance(point) - expected).abs() < 1e-6,
                "{point:?}"
            );
        }
    }

    #[test]
    fn polygon_sign_does_not_depend_on_the_orientation() {
        let mut corners = vec![[1.0, 1.0], [-1.0, 1.0], [-1.0, -1.0], [1.0, -1.0]];
        corners.reverse();
        assert!(polygon_distance(&corners, [0.2, -0.7]) < 0.0);
        assert!(polygon_distance(&corners, [0.2, -1.7]) > 0.0);
    }
}
