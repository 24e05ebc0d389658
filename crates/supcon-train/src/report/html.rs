use supcon_protocol::RunReport;

const TEMPLATE: &str = include_str!("template.html");
const STYLE: &str = include_str!("report.css");
const SCRIPTS: [&str; 2] = [include_str!("charts.js"), include_str!("report.js")];

/// One page with everything in it: no request leaves it.
#[must_use]
pub fn report_page(report: &RunReport) -> String {
    let json = serde_json::to_string(report).expect("a report is plain data");
    // Inside a script element only "</" could end it early.
    let data = json.replace("</", "<\\/");
    TEMPLATE
        .replacen("__TITLE__", &escape(&report.config.name), 1)
        .replacen("/*STYLE*/", STYLE, 1)
        .replacen("/*SCRIPT*/", &SCRIPTS.join("\n"), 1)
        .replacen("__DATA__", &data, 1)
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
