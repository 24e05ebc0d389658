// The run that the page shows, its head and how to repeat it.

const report = JSON.parse(document.getElementById("report-data").textContent);
const { config, history: past } = report;
const info = past.info;
const classes = info?.classes ?? [];
// Not past.state: the report is written before the run calls itself finished.
const networks = config.seeds.length * (config.methods.length + 1);
const isComplete = past.results.length >= networks;

function header() {
  return el("header", null, el("p", { class: "kicker" }, "supcon run report"), el("h1", null, config.name),
    el("p", { class: "lead" }, summary()));
}

function summary() {
  const length = `${isComplete ? "it took" : "so far"} ${duration(report.duration_secs)}`;
  if (!info) return `Encoder ${config.encoder}; ${length}.`;
  const [train, validation, test] = info.images.map(count);
  return `Data set ${info.dataset} with ${classes.length} classes (${train} training, ${validation} validation `
    + `and ${test} test images); encoder ${config.encoder} with ${compact(info.encoder_parameters)} parameters and `
    + `${compact(info.encoder_multiply_adds)} multiply-adds an image; on ${info.device}; ${length}.`;
}

function notices() {
  const boxes = [];
  if (past.failure) {
    const { message, causes, hint } = past.failure;
    boxes.push(el("div", { class: "notice failure", role: "alert" }, el("strong", null, "The run ended with an error. "),
      [message, ...causes].join(": "), hint ? el("p", null, hint) : null));
  } else if (!isComplete) {
    boxes.push(el("div", { class: "notice" }, el("strong", null, "The run has not finished"),
      `: ${past.results.length} of ${networks} networks are evaluated; what follows is what there is so far.`));
  }
  if (past.warnings.length > 0) {
    const lines = past.warnings.map((warning) => el("li", null, warning));
    const title = past.warnings.length > 1 ? "Warnings" : "Warning";
    boxes.push(el("div", { class: "notice" }, el("strong", null, title), el("ul", null, lines)));
  }
  return boxes;
}

function repeat() {
  const facts = info ? [["Device", info.device], ["Host", info.host], ["CPU threads", info.threads], ["supcon", info.version],
    ["Configuration hash", info.config_hash], ["Data fingerprint", info.data_fingerprint],
    ...(report.test_fingerprint ? [["Test images’ fingerprint", report.test_fingerprint]] : [])] : [];
  const rows = facts.map(([name, value]) => el("tr", null, el("th", { scope: "row" }, name), el("td", null, String(value))));
  return section("Repeat this run", copyBox(report.repeat_command), el("table", { class: "facts" }, el("tbody", null, rows)),
    note("The same device, version and number of threads give the same bits; other devices round differently, ",
      "so expect small differences."));
}

function configuration() {
  return section("Configuration", el("details", null, el("summary", null, "All settings of this run"),
    el("pre", null, el("code", null, JSON.stringify(config, null, 2)))));
}
