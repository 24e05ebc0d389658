use std::collections::BTreeMap;
use supcon_protocol::{Method, RunComparison, RunReport};

const TEMPLATE: &str = include_str!("page/template.html");
const STYLE: &str = include_str!("page/report.css");
/// What every page draws with.
const SHARED: [&str; 4] = [
    include_str!("page/elements.js"),
    include_str!("page/plots.js"),
    include_str!("page/lines.js"),
    include_str!("page/subjects.js"),
];
/// The report of one run; the last one builds the page.
const REPORT: [&str; 7] = [
    include_str!("page/run.js"),
    include_str!("page/results.js"),
    include_str!("page/curves.js"),
    include_str!("page/map.js"),
    include_str!("page/classes.js"),
    include_str!("page/measures.js"),
    include_str!("page/report.js"),
];
const COMPARISON: [&str; 1] = [include_str!("page/compare.js")];

/// One page with everything in it: no request leaves it.
#[must_use]
pub fn report_page(report: &RunReport) -> String {
    page(&report.config.name, report, &REPORT)
}

/// Several runs side by side, in one page like [`report_page`]'s.
#[must_use]
pub fn comparison_page(comparison: &RunComparison) -> String {
    let labels: Vec<&str> = comparison
        .runs
        .iter()
        .map(|run| run.label.as_str())
        .collect();
    page(&labels.join(", "), comparison, &COMPARISON)
}

fn page(title: &str, data: &impl serde::Serialize, scripts: &[&str]) -> String {
    // What was put in is not searched again: a run may be named like a marker.
    let mut page = String::with_capacity(TEMPLATE.len() + STYLE.len());
    let mut rest = TEMPLATE;
    let parts = [
        ("__TITLE__", escape(title)),
        ("/*STYLE*/", STYLE.to_owned()),
        ("__METHODS__", embedded(&method_names())),
        ("__DATA__", embedded(data)),
        ("/*SCRIPT*/", [&SHARED, scripts].concat().join("\n")),
    ];
    for (marker, part) in parts {
        let (before, after) = rest
            .split_once(marker)
            .expect("the template has its markers in order");
        page += before;
        page += &part;
        rest = after;
    }
    page + rest
}

/// JSON for a script element, inside which "<" alone can change how the rest is read.
fn embedded(data: &impl serde::Serialize) -> String {
    let json = serde_json::to_string(data).expect("a report is plain data");
    json.replace('<', "\\u003c")
}

/// Key → (position, name): the page knows no method by itself.
fn method_names() -> BTreeMap<&'static str, (usize, String)> {
    let methods = Method::ALL.iter().enumerate();
    methods
        .map(|(at, method)| (method.key(), (at, method.to_string())))
        .collect()
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
