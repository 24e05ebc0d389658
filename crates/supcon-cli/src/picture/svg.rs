use super::mark::{Mark, RADIUS, Shape};
use super::scatter::{Placed, TEXT_OFFSET, TITLE};
use std::fmt::Write as _;

/// The plot as an SVG document.
pub(super) fn draw(plot: &Placed) -> String {
    let (width, height) = (plot.width.ceil(), plot.height.ceil());
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" font-family=\"sans-serif\" font-size=\"15\">\n\
         <rect width=\"{width}\" height=\"{height}\" fill=\"white\"/>\n\
         <text x=\"24\" y=\"{}\">{}</text>\n",
        TITLE * 0.65,
        escaped(&plot.title)
    );
    for &(x, y, mark) in &plot.marks {
        push_mark(&mut svg, x, y, mark);
    }
    for (x, y, mark, name) in &plot.legend {
        push_mark(&mut svg, *x, *y, *mark);
        let (x, y) = (x + TEXT_OFFSET, y + 5.0);
        let _ = writeln!(
            svg,
            "<text x=\"{x:.1}\" y=\"{y:.1}\">{}</text>",
            escaped(name)
        );
    }
    svg + "</svg>\n"
}

fn push_mark(svg: &mut String, x: f32, y: f32, mark: Mark) {
    let [red, green, blue] = mark.colour;
    let fill = format!("fill=\"#{red:02x}{green:02x}{blue:02x}\" fill-opacity=\"0.85\"");
    let r = RADIUS;
    let path = |corners: &[(f32, f32)]| {
        let corners = corners.iter();
        let places: Vec<String> = corners
            .map(|(dx, dy)| format!("{:.1},{:.1}", x + dx, y + dy))
            .collect();
        format!("<polygon points=\"{}\" {fill}/>", places.join(" "))
    };
    let element = match mark.shape {
        Shape::Circle => format!("<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{r}\" {fill}/>"),
        Shape::Square => {
            let s = 0.9 * r;
            path(&[(-s, -s), (s, -s), (s, s), (-s, s)])
        }
        Shape::Diamond => {
            let s = 1.25 * r;
            path(&[(0.0, -s), (s, 0.0), (0.0, s), (-s, 0.0)])
        }
        Shape::Triangle => path(&[(0.0, -r), (1.1 * r, r), (-1.1 * r, r)]),
        Shape::Cross => {
            let (far, near) = (1.1 * r, 0.6 * r);
            let inner = far - near;
            path(&[
                (-far, -near),
                (-near, -far),
                (0.0, -inner),
                (near, -far),
                (far, -near),
                (inner, 0.0),
                (far, near),
                (near, far),
                (0.0, inner),
                (-near, far),
                (-far, near),
                (-inner, 0.0),
            ])
        }
    };
    svg.push_str(&element);
    svg.push('\n');
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
