// The report of one run: reads the embedded RunReport and builds the page, section by section.

const report = JSON.parse(document.getElementById("report-data").textContent);
const { config, history: past } = report;
const info = past.info;
const classes = info?.classes ?? [];
// Not past.state: the report is written before the run calls itself finished.
const networks = config.seeds.length * (config.methods.length + 1);
const isComplete = past.results.length >= networks;

const METHOD_NAMES = { supcon: "SupCon", supcon_in: "SupCon (L_in)", simclr: "SimCLR", cross_entropy: "Cross-entropy" };
const SEED_DASHES = [null, "7 4", "2 3", "9 3 2 3"];

// ---- Subjects and sections ------------------------------------------------------------------

const subjectKey = (subject) => (typeof subject === "string" ? subject : subject.trained);
const isRandom = (subject) => subjectKey(subject) === "random_encoder";
const subjectName = (subject) => (isRandom(subject) ? "Random encoder"
  : METHOD_NAMES[subjectKey(subject)] ?? subjectKey(subject));
const subjectColor = (subject) => `var(--c-${subjectKey(subject)}, currentColor)`;

/** Entries with a subject, as [entries of one subject, …] in order of appearance. */
function bySubject(entries) {
  const keys = unique(entries.map((entry) => subjectKey(entry.subject)));
  return keys.map((key) => entries.filter((entry) => subjectKey(entry.subject) === key));
}

const seedsOf = (entries) => unique(entries.map((entry) => entry.seed));

function section(title, ...children) {
  const id = title.toLowerCase().replace(/\W+/g, "-");
  return el("section", { "aria-labelledby": id }, el("h2", { id }, title), ...children);
}

const note = (...children) => el("p", { class: "note" }, ...children);

// ---- Head --------------------------------------------------------------------------------------

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

// ---- Results -----------------------------------------------------------------------------------

const MEASURES = [(row) => row.linear.top1, (row) => row.linear.top5, (row) => row.knn.top1, (row) => row.knn.top5];

/** Value, and the range under it: over test images for one seed, over seeds for several. */
function cellOf(rows, measure) {
  const estimates = rows.map(measure);
  if (rows.length === 1) return estimates[0];
  const [low, high] = extent(estimates.map((estimate) => estimate.value));
  return { value: median(estimates.map((estimate) => estimate.value)), low, high };
}

function resultsRow(rows, name, attributes) {
  const cells = MEASURES.map((measure) => cellOf(rows, measure));
  const tds = cells.map((cell) => el("td", null, percent(cell.value),
    el("small", null, `${(100 * cell.low).toFixed(1)} – ${(100 * cell.high).toFixed(1)}`)));
  tds.splice(1, 0, el("td", { class: "bar-cell" }, accuracyBar(cells[0], rows[0].subject)));
  return el("tr", attributes, el("th", { scope: "row" }, name), tds);
}

function accuracyBar({ value, low, high }, subject) {
  const guess = classes.length > 0 ? el("s", { style: `left: ${100 / classes.length}%` }) : null;
  return el("div", { class: "bar", style: `--series: ${subjectColor(subject)}`, "aria-hidden": "true" },
    el("i", { style: `width: ${100 * value}%` }), guess,
    el("b", { style: `left: ${100 * low}%; width: ${100 * (high - low)}%` }));
}

function resultsGroup(rows, severalSeeds) {
  const { subject, seed } = rows[0];
  const style = isRandom(subject) ? "random" : null;
  const name = isRandom(subject) ? "Random encoder (never trained)" : subjectName(subject);
  if (!severalSeeds) return el("tbody", { class: style }, resultsRow(rows, name));
  const details = rows.map((row) => resultsRow([row], `seed ${row.seed}`, { class: "seed", hidden: "" }));
  const toggle = el("button", { type: "button", class: "toggle", "aria-expanded": "false" }, name,
    el("small", null, rows.length > 1 ? `median of ${rows.length} seeds` : `seed ${seed} only`));
  toggle.addEventListener("click", () => {
    const open = toggle.getAttribute("aria-expanded") !== "true";
    toggle.setAttribute("aria-expanded", open);
    details.forEach((row) => { row.hidden = !open; });
  });
  return el("tbody", { class: style }, resultsRow(rows, toggle), details);
}

function results() {
  if (past.results.length === 0) return null;
  const severalSeeds = seedsOf(past.results).length > 1;
  const heads = ["linear top-1", "linear top-5", "kNN top-1", "kNN top-5"].map((title) => el("th", { scope: "col" }, title));
  const scale = ["0", "100 %"].map((words) => el("span", null, words));
  const barHead = el("span", { class: "bar-scale" }, scale);
  heads.splice(1, 0, el("th", { scope: "col", class: "bar-cell", "aria-label": "bar of linear top-1" }, barHead));
  const range = severalSeeds
    ? "Under each median stand the lowest and the highest seed; open a row for the seeds with their intervals "
      + "(95 %, over the test images)."
    : "Under each value stands its 95 % bootstrap interval over the test images. One seed: another would give "
      + "somewhat different numbers.";
  const caption = `Accuracy on ${count(past.results[0].images)} test images, which no training or decision has seen. ${range}`;
  const table = el("table", { class: "results", "aria-describedby": "results-caption" },
    el("thead", null, el("tr", null, el("th", { scope: "col" }, "encoder"), heads)),
    bySubject(past.results).map((rows) => resultsGroup(rows, severalSeeds)));
  return section("Results", el("p", { class: "note", id: "results-caption" }, caption), table,
    note("“Linear” is a linear classifier trained on the frozen features; for cross-entropy it is the network’s own ",
      "classifier, trained together with it. ",
      `“kNN” lets the ${config.evaluation.knn_neighbors} nearest training images vote. ${guessing()}`));
}

function guessing() {
  if (classes.length === 0) return "";
  const share = (k) => percent(Math.min(1, k / classes.length));
  return `Guessing among ${classes.length} equally frequent classes gives ${share(1)} top-1 (the tick in the bars) `
    + `and ${share(5)} top-5.`;
}

// ---- Paired differences ------------------------------------------------------------------------

function verdict({ subject, baseline, difference }) {
  if (difference.low > 0) return ["better", `${subjectName(subject)} is better on these test images`];
  if (difference.high < 0) return ["better", `${subjectName(baseline)} is better on these test images`];
  return ["open", "no difference shown"];
}

/** The interval on an axis that all rows share, with zero in the middle. */
function differenceBar({ value, low, high }, reach) {
  const at = (share) => 50 + (50 * share) / reach;
  return el("div", { class: "difference-bar", "aria-hidden": "true" }, el("s"),
    el("i", { style: `left: ${at(low)}%; width: ${at(high) - at(low)}%` }), el("b", { style: `left: ${at(value)}%` }));
}

function differences() {
  if (report.differences.length === 0) return null;
  const ends = report.differences.flatMap(({ difference: d }) => [Math.abs(d.low), Math.abs(d.high)]);
  const reach = 1.08 * Math.max(...ends, 0.001);
  const rows = report.differences.map((pair) => {
    const { subject, baseline, difference } = pair;
    const [kind, words] = verdict(pair);
    return el("li", null,
      el("span", { class: "name" }, `${subjectName(subject)} − ${subjectName(baseline)}:`),
      el("span", { class: "number" }, el("b", null, `${points(difference.value)} points`),
        ` [${points(difference.low)}, ${points(difference.high)}]`),
      el("span", { class: `verdict ${kind}` }, words), differenceBar(difference, reach));
  });
  const seeds = Math.max(...report.differences.map((pair) => pair.seeds));
  return section("Paired differences", el("ol", { class: "differences" }, rows),
    note("Linear top-1 of two networks on the same images", seeds > 1 ? `, ${seeds} seeds pooled` : "",
      ", in percentage points with a 95 % bootstrap interval. ",
      "The intervals cover the choice of test images, not the choice of seeds",
      seeds > 1 ? "." : ": with one seed, a difference may be this seed’s luck."));
}

// ---- Curves ------------------------------------------------------------------------------------

const runSeeds = config.seeds;

function seriesOf(kinds, read) {
  return past.stages.filter((stage) => kinds.includes(stage.info.plan.kind)).map((stage) => {
    const { subject, seed } = stage.info.plan;
    return {
      subject, seed, stage,
      label: runSeeds.length > 1 ? `${subjectName(subject)}, seed ${seed}` : subjectName(subject),
      color: subjectColor(subject),
      dash: SEED_DASHES[Math.max(0, runSeeds.indexOf(seed)) % SEED_DASHES.length],
      points: read(stage).filter((point) => Number.isFinite(point[1])),
    };
  }).filter((line) => line.points.length > 0);
}

/** Colours tell the methods, dashes the seeds. */
function legendOf(series) {
  const entry = (color, dash, words) => el("li", null, lineSwatch(color, dash), words);
  const seeds = seedsOf(series);
  return el("ul", { class: "legend" },
    bySubject(series).map(([line]) => entry(line.color, null, subjectName(line.subject))),
    seeds.length > 1 ? series.filter((line) => subjectKey(line.subject) === subjectKey(series[0].subject))
      .map((line) => entry("var(--muted)", line.dash, `seed ${line.seed}`)) : null);
}

/** Reference lines, named by method where methods differ. */
function landmarksOf(series) {
  const known = series.filter((line) => line.stage.info.landmarks);
  return ["chance", "floor"].flatMap((key) => {
    const values = unique(known.map((line) => line.stage.info.landmarks[key]));
    return values.map((value) => {
      if (values.length === 1) return { value, label: key, color: "var(--muted)" };
      const lines = known.filter((line) => line.stage.info.landmarks[key] === value);
      const names = unique(lines.map((line) => subjectName(line.subject))).join(", ");
      return { value, label: `${key} of ${names}`, color: lines[0].color };
    });
  });
}

const lossPoints = (stage) => stage.steps.map((step) => [step.step, step.loss]);

function lossChart(kind, title, height) {
  const series = seriesOf([kind], lossPoints);
  if (series.length === 0) return null;
  return lineChart({
    title: `${title} (nats)`, series, landmarks: landmarksOf(series), format: axisNats, height, legend: legendOf(series),
  });
}

/** Ticks are short numbers, read-outs have three digits. */
const axisNats = (value) => (Math.abs(value * 10 - Math.round(value * 10)) < 1e-9
  ? String(Number(value.toFixed(1))) : nats(value));

function probeChart() {
  const series = seriesOf(["contrastive", "cross_entropy"], (stage) => stage.probes.map((probe) => [probe.step, probe.knn_top1]));
  if (series.length === 0) return null;
  const images = series[0].stage.probes[0].images;
  return lineChart({
    title: "kNN probe (top-1 on validation)", series, legend: legendOf(series),
    format: (value) => `${Number((100 * value).toFixed(1))} %`,
    note: `On ${count(images)} validation images, while training: compare the curves with each other, `
      + "not with the test results above.",
  });
}

/** All stages of a kind share their schedule: one line a kind, from the one that went furthest. */
function rateChart() {
  const kinds = [["contrastive", "Contrastive", "supcon"], ["linear", "Linear", "random_encoder"],
    ["cross_entropy", "Cross-entropy", "cross_entropy"]];
  const series = kinds.flatMap(([kind, label, color]) => {
    const lines = seriesOf([kind], (stage) => stage.steps.map((step) => [step.step, step.learning_rate]));
    const longest = lines.sort((a, b) => b.points.length - a.points.length)[0];
    return longest ? [{ ...longest, label, color: `var(--c-${color})`, dash: null }] : [];
  });
  if (series.length === 0) return null;
  const legend = el("ul", { class: "legend" }, series.map((line) => el("li", null, lineSwatch(line.color, null), line.label)));
  return lineChart({ title: "Learning rate", series, format: plain, height: 170, legend });
}

/** Where the contrastive losses ended between their two reference lines. */
function progressTable(series) {
  const rows = bySubject(series).map((lines) => {
    const ends = lines.map((line) => line.points[line.points.length - 1][1]);
    const shares = lines.map((line, i) => {
      const { chance, floor } = line.stage.info.landmarks;
      return (chance - ends[i]) / (chance - floor);
    });
    const range = extent(shares).map((share) => percent(share, 0)).join(" – ");
    return el("tr", null, el("th", { scope: "row" }, subjectName(lines[0].subject)), el("td", null, nats(median(ends))),
      el("td", null, percent(median(shares), 0), lines.length > 1 ? el("small", null, range) : null));
  });
  return el("table", { class: "progress" },
    el("thead", null, el("tr", null, ["", "last loss", "progress"].map((title) => el("th", { scope: "col" }, title)))),
    el("tbody", null, rows));
}

function landmarkWords(series) {
  return el("aside", null,
    el("p", null, el("b", null, "Chance"),
      " is the loss of an encoder that maps every image to the same point: nothing is told apart."),
    el("p", null, el("b", null, "Floor"),
      " is the lowest loss that the batch size and temperature allow, with each class on one point "
      + "and the classes as far apart as possible (for SimCLR, each image its own class): it is never 0."),
    el("p", { class: "formula" }, "progress = (chance − loss) / (chance − floor)"),
    progressTable(series),
    note("Losses at different temperatures, or of different methods, cannot be compared; ",
      "progress at least starts and ends at the same marks."));
}

function contrastiveBlock() {
  const chart = lossChart("contrastive", "Contrastive loss", 340);
  if (!chart) return null;
  const series = seriesOf(["contrastive"], lossPoints).filter((line) => line.stage.info.landmarks);
  return el("div", { class: "beside" }, chart, series.length > 0 ? landmarkWords(series) : null);
}

function curves() {
  const contrastive = contrastiveBlock();
  const others = [lossChart("cross_entropy", "Cross-entropy loss"), lossChart("linear", "Linear classifier loss"),
    probeChart(), rateChart()];
  if (!contrastive && others.every((chart) => chart === null)) return null;
  return section("Curves", note("Mean training loss since the previous report, by optimiser step. ",
    "Point at a chart, or focus it and use the arrow keys, to read values."),
    contrastive, el("div", { class: "charts" }, others));
}

// ---- Choosing a network ------------------------------------------------------------------------

/** Buttons for the subjects and, with several seeds, a list for those; starts with a trained one. */
function picker(entries, label, show) {
  let chosen = entries.find((entry) => !isRandom(entry.subject)) ?? entries[0];
  const buttons = bySubject(entries).map(([{ subject }]) => {
    const button = el("button", { type: "button" }, subjectName(subject));
    button.addEventListener("click", () => choose(subject, chosen.seed));
    return [subjectKey(subject), button];
  });
  const seeds = seedsOf(entries);
  const list = el("select", { "aria-label": "Seed" }, seeds.map((seed) => el("option", { value: seed }, `seed ${seed}`)));
  list.addEventListener("change", () => choose(chosen.subject, seeds[list.selectedIndex]));
  const choose = (subject, seed) => {
    const ofSubject = entries.filter((entry) => subjectKey(entry.subject) === subjectKey(subject));
    chosen = ofSubject.find((entry) => entry.seed === seed) ?? ofSubject[0];
    list.selectedIndex = seeds.indexOf(chosen.seed);
    buttons.forEach(([key, button]) => button.setAttribute("aria-pressed", key === subjectKey(subject)));
    show(chosen);
  };
  choose(chosen.subject, chosen.seed);
  return el("div", { class: "picker", role: "group", "aria-label": label },
    el("div", { class: "segments" }, buttons.map(([, button]) => button)), seeds.length > 1 ? list : null);
}

function maps() {
  if (report.maps.length === 0 || report.samples.images.length === 0) return null;
  const view = new EmbeddingMapView(report.samples, classes);
  const words = note();
  const pick = picker(report.maps, "Network of the map", (map) => {
    view.show(map);
    const wrong = map.points.filter((_, i) => view.isWrong(i)).length;
    words.textContent = `${map.method}, ${map.points.length} test images. The two axes show `
      + `${percent(map.explained_variance, 0)} of the variance of the features; the rest is not visible `
      + `here, so points that overlap may still be far apart.`
      + (map.predictions.length > 0 ? ` Rings: ${wrong} images the classifier gets wrong.` : "");
  });
  return section("Embedding map", pick, view.element, words);
}

// ---- Confusion matrix --------------------------------------------------------------------------

const sumOf = (row) => row.reduce((sum, n) => sum + n, 0);

const mistakeWords = (counts, label, prediction, total) => (label === prediction
  ? `${className(classes, label)} recognised: ${counts[label][prediction]} of ${total}`
  : `${className(classes, label)} taken for ${className(classes, prediction)}: ${counts[label][prediction]} of ${total}`);

function confusionTable(counts, say) {
  const heads = counts.map((_, i) => el("th", { scope: "col" }, el("span", null, className(classes, i))));
  const rows = counts.map((row, label) => {
    const total = sumOf(row);
    const cells = row.map((n, prediction) => {
      // The square root, from a base above nothing, keeps rare mistakes visible beside the diagonal.
      const style = n > 0 ? `--share: ${(10 + 90 * Math.sqrt(n / total)).toFixed(0)}%` : null;
      const td = el("td", { class: label === prediction ? "hit" : null, style }, n > 0 ? String(n) : "");
      td.addEventListener("pointerenter", () => {
        td.title = mistakeWords(counts, label, prediction, total);
        say(td.title);
      });
      return td;
    });
    return el("tr", null, el("th", { scope: "row" }, className(classes, label)), cells,
      el("td", { class: "recall" }, total > 0 ? percent(row[label] / total, 0) : "–"));
  });
  const lastHead = el("th", { scope: "col" }, el("span", null, "right"));
  return el("table", { class: counts.length > 20 ? "confusion dense" : "confusion" },
    el("thead", null, el("tr", null, el("th", null, "label ↓  predicted →"), heads, lastHead)),
    el("tbody", null, rows));
}

function commonMistakes(counts) {
  const all = counts.flatMap((row, label) => row.map((n, prediction) => ({ n, label, prediction })));
  const mistakes = all.filter(({ n, label, prediction }) => n > 0 && label !== prediction);
  if (mistakes.length === 0) return "No mistakes on the test images.";
  const worst = mistakes.sort((a, b) => b.n - a.n).slice(0, 3);
  const words = worst.map(({ label, prediction }) => mistakeWords(counts, label, prediction, sumOf(counts[label])));
  return `Most frequent: ${words.join("; ")}.`;
}

function confusion() {
  if (past.results.length === 0) return null;
  const holder = el("div", {
    class: "confusion-holder", tabindex: 0, role: "region", "aria-label": "Confusion matrix, scrolls",
  });
  const spoken = el("p", { class: "read-out" });
  const pick = picker(past.results, "Network of the confusion matrix", ({ confusion: { counts } }) => {
    spoken.textContent = commonMistakes(counts);
    holder.replaceChildren(confusionTable(counts, (words) => { spoken.textContent = words; }));
    holder.onpointerleave = () => { spoken.textContent = commonMistakes(counts); };
  });
  return section("Confusion matrix", pick, spoken, holder,
    note("Test images by label (row) and prediction (column) of the classifier. ",
      "Shades are relative to the row, on a square-root scale."));
}

// ---- Repeat and configuration ------------------------------------------------------------------

function copyBox(text) {
  const code = el("code", null, text);
  const button = el("button", { type: "button" }, "copy");
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = "copied";
    } catch {
      // Browsers may refuse the clipboard to a local file: leave the text selected for Ctrl+C.
      getSelection().selectAllChildren(code);
      button.textContent = "selected";
    }
    setTimeout(() => { button.textContent = "copy"; }, 2000);
  });
  return el("div", { class: "copy-box" }, el("pre", null, code), button);
}

function repeat() {
  const facts = info ? [["Device", info.device], ["Host", info.host], ["CPU threads", info.threads], ["supcon", info.version],
    ["Configuration hash", info.config_hash], ["Data fingerprint", info.data_fingerprint]] : [];
  const rows = facts.map(([name, value]) => el("tr", null, el("th", { scope: "row" }, name), el("td", null, String(value))));
  return section("Repeat this run", copyBox(report.repeat_command), el("table", { class: "facts" }, el("tbody", null, rows)),
    note("The same device, version and number of threads give the same bits; other devices round differently, ",
      "so expect small differences."));
}

function configuration() {
  return section("Configuration", el("details", null, el("summary", null, "All settings of this run"),
    el("pre", null, el("code", null, JSON.stringify(config, null, 2)))));
}

function build() {
  const parts = [header(), notices(), results(), differences(), curves(), maps(), confusion(), repeat(), configuration()];
  document.getElementById("report").replaceChildren(...parts.flat().filter((part) => part !== null));
  // Paper cannot be clicked.
  addEventListener("beforeprint", () => document.querySelectorAll("details").forEach((details) => { details.open = true; }));
}

build();
