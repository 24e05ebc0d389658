//! The table of results, and tables in general.

use supcon_protocol::{
    Interval, MeanOverSeeds, PairedDifference, Pairing, ResultRow, RunComparison,
};

/// Columns aligned: the first to the left, the rest to the right.
pub fn aligned(rows: &[Vec<String>]) -> String {
    with_columns(rows, |column| column > 0)
}

/// Columns aligned to the left.
pub fn left_aligned(rows: &[Vec<String>]) -> String {
    with_columns(rows, |_| false)
}

fn with_columns(rows: &[Vec<String>], to_the_right: impl Fn(usize) -> bool) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        rows.iter()
            .filter_map(|row| row.get(column))
            .map(|cell| cell.chars().count())
            .max()
            .unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let line = |row: &Vec<String>| {
        let cells = row.iter().enumerate().map(|(column, cell)| {
            let width = widths[column];
            if to_the_right(column) {
                format!("{cell:>width$}")
            } else {
                format!("{cell:<width$}")
            }
        });
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned() + "\n"
    };
    rows.iter().map(line).collect()
}

/// All networks evaluated so far, in percent.
pub fn results(rows: &[ResultRow]) -> String {
    let header = [
        "test accuracy, %",
        "seed",
        "linear top-1",
        "95 % interval",
        "top-5",
        "kNN top-1",
        "kNN top-5",
    ];
    let mut table = vec![header.map(str::to_owned).to_vec()];
    for row in rows {
        let top1 = row.linear.top1;
        table.push(vec![
            row.subject.to_string(),
            row.seed.to_string(),
            percent(top1.value),
            format!("[{}, {}]", percent(top1.low), percent(top1.high)),
            percent(row.linear.top5.value),
            percent(row.knn.top1.value),
            percent(row.knn.top5.value),
        ]);
    }
    aligned(&table)
}

/// Paired differences in points, each with what it shows.
pub fn differences(differences: &[PairedDifference]) -> String {
    let line = |d: &PairedDifference| {
        let names = format!("{} − {}", d.subject, d.baseline);
        format!("{names}: {}\n", difference(d.difference))
    };
    differences.iter().map(line).collect()
}

/// Several runs: results, differences, and the settings that are not the same.
pub fn comparison(comparison: &RunComparison) -> String {
    let label = |run: usize| &comparison.runs[run].label;
    let spread = |value: &MeanOverSeeds| match value.standard_deviation {
        Some(sd) => format!("{} ± {}", percent(value.mean), percent(sd)),
        None => percent(value.mean),
    };
    let optional = |value: &Option<MeanOverSeeds>| value.as_ref().map_or("–".to_owned(), spread);
    let header = ["test, %", "", "seeds", "linear top-1", "kNN top-1", "ECE"];
    let mut rows = vec![header.map(str::to_owned).to_vec()];
    for result in &comparison.results {
        rows.push(vec![
            label(result.run).clone(),
            result.subject.to_string(),
            result.seeds.len().to_string(),
            spread(&result.linear),
            spread(&result.knn),
            optional(&result.calibration_error),
        ]);
    }
    let mut text = aligned(&rows) + "\n";
    for d in &comparison.differences {
        let names = if d.subject == d.baseline {
            format!(
                "{} − {} ({})",
                label(d.run),
                label(d.baseline_run),
                d.subject
            )
        } else {
            let (run, baseline) = (label(d.run), label(d.baseline_run));
            format!("{run} ({}) − {baseline} ({})", d.subject, d.baseline)
        };
        let found = match &d.pairing {
            Pairing::SameImages {
                difference: interval,
                image_test,
                ..
            } => format!("{}, {}", difference(*interval), p_value(image_test.p_value)),
            Pairing::Impossible(reason) => format!("not compared. {reason}"),
        };
        text += &format!("{names}: {found}\n");
    }
    if !comparison.settings.is_empty() {
        text += "\nsettings that differ:\n";
    }
    let value = |value: &Option<String>| value.clone().unwrap_or_else(|| "–".to_owned());
    for setting in &comparison.settings {
        let values: Vec<String> = setting.values.iter().map(value).collect();
        text += &format!("  {}: {}\n", setting.key, values.join(" | "));
    }
    text
}

fn p_value(p: f64) -> String {
    if p < 0.001 {
        "p < 0.001".to_owned()
    } else {
        format!("p = {p:.3}")
    }
}

/// In points, with what it shows.
fn difference(interval: Interval) -> String {
    let verdict = match (interval.low > 0.0, interval.high < 0.0) {
        (true, _) => "better on these test images",
        (_, true) => "worse on these test images",
        _ => "no difference shown",
    };
    format!(
        "{:+.1} points [{:+.1}, {:+.1}], {verdict}",
        100.0 * interval.value,
        100.0 * interval.low,
        100.0 * interval.high
    )
}

fn percent(share: f64) -> String {
    format!("{:.1}", 100.0 * share)
}

#[cfg(test)]
mod tests {
    use super::aligned;

    #[test]
    fn columns_line_up() {
        let rows = [
            vec!["a".to_owned(), "10.0".to_owned()],
            vec!["long".to_owned(), "1".to_owned()],
        ];
        assert_eq!(aligned(&rows), "a     10.0\nlong     1\n");
    }
}
