//! The table of results, and tables in general.

use supcon_protocol::{Interval, PairedDifference, ResultRow};

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
        let difference = difference(&d.difference);
        format!("{} − {}: {difference}\n", d.subject, d.baseline)
    };
    differences.iter().map(line).collect()
}

/// A difference in points with its interval, and what it shows.
pub fn difference(interval: &Interval) -> String {
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
