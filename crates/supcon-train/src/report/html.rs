use supcon_protocol::RunReport;

const TEMPLATE: &str = include_str!("template.html");
const STYLE: &str = include_str!("report.css");
const SCRIPTS: [&str; 2] = [include_str!("charts.js"), include_str!("report.js")];

/// One page with everything in it: no request leaves it.
#[must_use]
pub fn report_page(report: &RunReport) -> String {
    let json = serde_json::to_string(report).expect("a report is plain data");
    // Inside a script element "<" alone can change how the rest is read.
    let data = json.replace('<', "\\u003c");
    // What was put in is not searched again: a run may be named like a marker.
    let mut page = String::with_capacity(TEMPLATE.len() + STYLE.len() + data.len());
    let mut rest = TEMPLATE;
    let parts = [
        ("__TITLE__", escape(&report.config.name)),
        ("/*STYLE*/", STYLE.to_owned()),
        ("__DATA__", data),
        ("/*SCRIPT*/", SCRIPTS.join("\n")),
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

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
