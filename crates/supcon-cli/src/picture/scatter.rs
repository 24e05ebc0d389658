use super::mark::{DISTINCT, Mark, RADIUS};
use super::raster::{self, Canvas};
use super::svg;

/// Side of the square the points lie in, pixels.
const SIDE: f32 = 760.0;
const MARGIN: f32 = 24.0;
/// Height of the line of the title.
pub(super) const TITLE: f32 = 44.0;
/// Height of an entry of the legend.
pub(super) const ENTRY: f32 = 22.0;
/// Entries of the legend in a column.
const ENTRIES: usize = 34;
/// From a legend's mark to its text.
pub(super) const TEXT_OFFSET: f32 = 14.0;
/// Width of a letter; SVG's may be a little narrower or wider.
pub(super) const LETTER: f32 = 12.0;

/// Points in the plane, marked by class, with a legend.
pub struct Scatter<'a> {
    pub title: &'a str,
    pub points: &'a [[f32; 2]],
    /// Class of each point.
    pub labels: &'a [u32],
    pub classes: &'a [String],
    /// The points that the square is laid around: these, or those of all pictures of a film.
    pub around: &'a [[f32; 2]],
}

/// A scatter plot with places in pixels.
pub(super) struct Placed {
    pub width: f32,
    pub height: f32,
    pub title: String,
    pub marks: Vec<(f32, f32, Mark)>,
    /// Place of the mark of each class, and its name.
    pub legend: Vec<(f32, f32, Mark, String)>,
}

impl Scatter<'_> {
    pub fn svg(&self) -> String {
        svg::draw(&self.placed())
    }

    pub fn png(&self) -> Vec<u8> {
        let Canvas {
            pixels,
            width,
            height,
        } = raster::draw(&self.placed());
        super::png(&pixels, width, height)
    }

    /// As one picture of a film.
    pub fn canvas(&self) -> Canvas {
        raster::draw(&self.placed())
    }

    /// Whether some classes look alike.
    pub fn repeats_marks(&self) -> bool {
        self.classes.len() > DISTINCT
    }

    fn placed(&self) -> Placed {
        let (centre, scale) = self.frame();
        let place = |p: &[f32; 2]| {
            let x = MARGIN + SIDE / 2.0 + (p[0] - centre[0]) * scale;
            // Pictures count rows downwards.
            let y = TITLE + SIDE / 2.0 - (p[1] - centre[1]) * scale;
            (x, y)
        };
        let marks = self.points.iter().zip(self.labels).map(|(point, &label)| {
            let (x, y) = place(point);
            (x, y, Mark::of(label as usize))
        });
        let longest = self.classes.iter().map(|name| name.chars().count()).max();
        let column = TEXT_OFFSET + LETTER * longest.unwrap_or(0) as f32 + MARGIN;
        let legend = self.classes.iter().enumerate().map(|(class, name)| {
            let (column_index, row) = (class / ENTRIES, class % ENTRIES);
            let x = SIDE + 2.0 * MARGIN + column * column_index as f32;
            let y = TITLE + ENTRY * (row as f32 + 0.5);
            (x, y, Mark::of(class), name.clone())
        });
        let columns = self.classes.len().div_ceil(ENTRIES) as f32;
        Placed {
            width: SIDE + 2.0 * MARGIN + column * columns,
            height: TITLE + SIDE + MARGIN,
            title: self.title.to_owned(),
            marks: marks.collect(),
            legend: legend.collect(),
        }
    }

    /// Centre of the points and pixels a unit: both axes have the same scale.
    fn frame(&self) -> ([f32; 2], f32) {
        let axis = |a: usize| {
            let values = self.around.iter().map(|p| p[a]);
            let low = values.clone().fold(f32::INFINITY, f32::min);
            let high = values.fold(f32::NEG_INFINITY, f32::max);
            (low, high)
        };
        let spans = [axis(0), axis(1)];
        let extent = spans
            .iter()
            .map(|(low, high)| high - low)
            .fold(0.0, f32::max);
        let centre = spans.map(|(low, high)| low + (high - low) / 2.0);
        let scale = (SIDE - 2.0 * RADIUS) / extent.max(f32::MIN_POSITIVE);
        (centre, if scale.is_finite() { scale } else { 0.0 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_lie_within_the_square_and_keep_their_proportions() {
        let points = [[-10.0, 0.0], [30.0, 0.0], [10.0, 5.0]];
        let classes = ["a & b".to_owned(), "c".to_owned()];
        let scatter = Scatter {
            title: "t",
            points: &points,
            labels: &[0, 1, 1],
            classes: &classes,
            around: &points,
        };
        let placed = scatter.placed();
        let ((x0, y0, _), (x1, _, _), (x2, y2, _)) =
            (placed.marks[0], placed.marks[1], placed.marks[2]);
        assert!((x1 - x0 - (SIDE - 2.0 * RADIUS)).abs() < 1e-2);
        // 5 of 40 units upwards.
        assert!(((y0 - y2) / (x1 - x0) - 0.125).abs() < 1e-4);
        assert!((x2 - (x0 + x1) / 2.0).abs() < 1e-3);
        let svg = scatter.svg();
        assert!(svg.contains("a &amp; b") && svg.ends_with("</svg>\n"));
        assert_eq!(&scatter.png()[1..4], b"PNG");
    }

    #[test]
    fn equal_points_and_none_are_drawn() {
        for points in [&[][..], &[[2.0, 2.0], [2.0, 2.0]][..]] {
            let labels = vec![0; points.len()];
            let scatter = Scatter {
                title: "",
                points,
                labels: &labels,
                classes: &["a".to_owned()],
                around: points,
            };
            assert!(
                scatter
                    .placed()
                    .marks
                    .iter()
                    .all(|(x, y, _)| x.is_finite() && y.is_finite())
            );
            assert!(!scatter.png().is_empty());
        }
    }
}
