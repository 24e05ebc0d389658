//! Marks of a plot's axes: as close as 1, 2 or 5 times a power of ten lets them be, each with its number.
//! egui_plot's own go by powers of ten alone, so that a small plot had no number but 0.

use eframe::egui::{FontFamily, FontId};
use egui_plot::{AxisHints, GridInput, GridMark};

/// Points between the marks that egui_plot asks for.
const ASKED: f64 = 8.0;
/// Least points between marks, across and up: room for a number.
const ACROSS: f64 = 44.0;
const UP: f64 = 22.0;
/// A long axis has no more than this many marks.
const MOST: f64 = 10.0;
/// Size of the numbers, in points.
const SIZE: f32 = 11.5;

/// Marks and numbers of the axis across.
pub fn across() -> (AxisHints<'static>, impl Fn(GridInput) -> Vec<GridMark>) {
    (hints(AxisHints::new_x(), ACROSS), |input| {
        marks(&input, ACROSS)
    })
}

/// Marks and numbers of the axis up.
pub fn up() -> (AxisHints<'static>, impl Fn(GridInput) -> Vec<GridMark>) {
    (hints(AxisHints::new_y(), UP), |input| marks(&input, UP))
}

fn hints(hints: AxisHints<'static>, spacing: f64) -> AxisHints<'static> {
    let spacing = spacing as f32;
    hints
        .label_spacing(0.6 * spacing..=0.9 * spacing)
        .tick_label_font(FontId::new(SIZE, FontFamily::Proportional))
        .formatter(|mark, _| number(mark.value, mark.step_size))
}

/// The marks within the bounds, at least `spacing` points from each other.
fn marks(input: &GridInput, spacing: f64) -> Vec<GridMark> {
    let (low, high) = input.bounds;
    let closest = input.base_step_size.abs() * spacing / ASKED;
    let step_size = round_up(closest.max((high - low) / MOST));
    let (first, last) = ((low / step_size).ceil(), (high / step_size).floor());
    if !(step_size.is_normal() && (0.0..1e3).contains(&(last - first))) {
        return Vec::new();
    }
    (first as i64..=last as i64)
        .map(|k| GridMark {
            value: k as f64 * step_size,
            step_size,
        })
        .collect()
}

/// The least of 1, 2 and 5 times a power of ten that is no smaller.
fn round_up(x: f64) -> f64 {
    let power = 10_f64.powf(x.log10().floor());
    let times = [1.0, 2.0, 5.0].into_iter().find(|&k| k * power >= x);
    times.unwrap_or(10.0) * power
}

/// With the digits that tell a mark from the next, and no more.
fn number(value: f64, step_size: f64) -> String {
    // A step such as 0.1 may come out of its power as a little less.
    let decimals = (-(step_size * 1.000_001).log10().floor()).clamp(0.0, 9.0) as usize;
    format!("{value:.decimals$}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers((low, high): (f64, f64), height: f64) -> Vec<String> {
        let input = GridInput {
            bounds: (low, high),
            base_step_size: (high - low) / height * ASKED,
        };
        let marks = marks(&input, UP);
        assert!(marks.iter().all(|mark| (low..=high).contains(&mark.value)));
        let number = |mark: &GridMark| number(mark.value, mark.step_size);
        marks.iter().map(number).collect()
    }

    #[test]
    fn a_small_plot_has_round_numbers_with_room_between() {
        assert_eq!(numbers((0.0, 100.0), 64.0), ["0", "50", "100"]);
        assert_eq!(numbers((0.0, 0.3), 64.0), ["0.0", "0.2"]);
        assert_eq!(numbers((0.0, 0.11), 64.0), ["0.00", "0.05", "0.10"]);
        assert_eq!(numbers((2.1, 5.2), 100.0), ["3", "4", "5"]);
        assert_eq!(
            numbers((-0.04, 0.05), 100.0),
            ["-0.04", "-0.02", "0.00", "0.02", "0.04"]
        );
        assert_eq!(numbers((0.0, 326_469.0), 64.0), ["0", "200000"]);
        let tall = numbers((-2.0, 31.0), 700.0);
        assert_eq!(tall, ["0", "5", "10", "15", "20", "25", "30"]);
    }

    #[test]
    fn any_range_from_zero_has_two_numbers_in_a_plot_of_64_points() {
        for k in 0..4_000 {
            let most = 1e-4 * 1.01_f64.powi(k % 2_000);
            let numbers = numbers((0.0, most), 64.0);
            assert!(
                numbers.len() >= 2 && numbers.len() <= 4,
                "{most}: {numbers:?}"
            );
        }
    }

    #[test]
    fn bounds_that_are_none_have_no_marks() {
        for bounds in [
            (0.0, 0.0),
            (f64::NAN, 1.0),
            (f64::NEG_INFINITY, f64::INFINITY),
        ] {
            for base_step_size in [0.0, 1.0, f64::NAN, f64::INFINITY] {
                let input = GridInput {
                    bounds,
                    base_step_size,
                };
                assert!(marks(&input, UP).len() <= 1);
            }
        }
    }
}
