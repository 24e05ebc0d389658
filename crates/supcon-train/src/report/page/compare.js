// Several runs side by side: reads the embedded RunComparison and builds the page.

const comparison = JSON.parse(document.getElementById("report-data").textContent);
const { runs, results: networks } = comparison;
const METHOD_DASHES = [null, "7 4", "2 3", "9 3 2 3", "12 4", "1 4"];
/** Classes shown before "all classes" is opened. */
const FIRST_CLASSES = 5;

const refusals = unique(comparison.differences.map(({ pairing }) => pairing.impossible).filter((reason) => reason));

const labelOf = (run) => runs[run].label;
const networkName = (run, subject) => `${labelOf(run)} · ${subjectName(subject)}`;
const runColor = (run) => seriesColor(run);
const runMark = (run) => markSwatch(runColor(run), run);

// ---- Head --------------------------------------------------------------------------------------

function header() {
  return el("header", null, el("p", { class: "kicker" }, "supcon comparison"), el("h1", null, `${runs.length} runs side by side`),
    el("p", { class: "lead" }, runs.map(({ label }) => label).join(", ")));
}

function notices() {
  const unfinished = runs.filter((run) => !run.is_complete).map(({ label }) => label);
  const warned = runs.filter((run) => run.warnings > 0).map(({ label, warnings }) => `${label} (${warnings})`);
  const box = (title, words) => el("div", { class: "notice" }, el("strong", null, title), " ", words);
  return [
    refusals.length > 0 ? box("Not every difference can be judged.", el("ul", null, refusals.map((reason) => el("li", null, reason)))) : null,
    unfinished.length > 0 ? box("Not finished:", `${unfinished.join(", ")}. Its results are those so far.`) : null,
    warned.length > 0 ? box("Warnings during training:", `${warned.join(", ")}; the runs’ own reports have them.`) : null,
  ];
}

function runTable() {
  const heads = ["run", "data set", "test images", "seeds", "device", "time"];
  const rows = runs.map((run, i) => el("tr", null, el("th", { scope: "row" }, runMark(i), ` ${run.label}`, run.name === run.label ? null : el("small", null, run.name)),
    el("td", null, `${run.dataset}, ${run.classes.length} classes`), el("td", null, count(run.test_images)), el("td", null, run.seeds.join(", ")),
    el("td", null, run.device), el("td", null, duration(run.duration_secs))));
  return section("Runs", scrolling("Runs", el("table", { class: "numbers texts" },
    el("thead", null, el("tr", null, heads.map((title) => el("th", { scope: "col" }, title)))), el("tbody", null, rows))));
}

// ---- Results -----------------------------------------------------------------------------------

const MEASURES = [["linear top-1", (row) => row.linear, percent], ["kNN top-1", (row) => row.knn, percent], ["class mean", (row) => row.class_mean, percent],
  ["ECE", (row) => row.calibration_error, percent], ["NLL, nats", (row) => row.negative_log_likelihood, nats]];

function spreadCell(value, format) {
  if (value === null) return el("td", null, "–");
  const { mean: centre, standard_deviation: sd } = value;
  return el("td", null, format(centre), sd === null ? null : el("small", null, `± ${format(sd)}`));
}

function results() {
  if (networks.length === 0) return null;
  const groups = runs.map((_, i) => networks.filter((network) => network.run === i)).filter((group) => group.length > 0);
  const row = (network) => el("tr", { class: isRandom(network.subject) ? "random" : null }, el("th", { scope: "row" }, subjectName(network.subject)),
    el("td", null, String(network.seeds.length)), MEASURES.map(([, read, format]) => spreadCell(read(network), format)));
  const bodies = groups.map((group) => el("tbody", null,
    el("tr", { class: "run" }, el("th", { scope: "rowgroup", colspan: MEASURES.length + 2 }, runMark(group[0].run), ` ${labelOf(group[0].run)}`)), group.map(row)));
  const heads = ["", "seeds", ...MEASURES.map(([title]) => title)];
  return section("Results", scrolling("Results", el("table", { class: "numbers" },
    el("thead", null, el("tr", null, heads.map((title) => el("th", { scope: "col" }, title)))), bodies)),
    note("On the test images: mean over seeds ± sample standard deviation. “Linear” is the classifier on frozen features, for cross-entropy the network’s own; ",
      "“class mean” takes the class whose mean training feature points most nearly the same way; ECE and NLL are of the linear classifier. ",
      "A dash: not measured by the version that made the run."));
}

// ---- Differences -------------------------------------------------------------------------------

function pairName({ run, subject, baseline_run: other, baseline }) {
  if (subjectKey(subject) === subjectKey(baseline)) return [`${labelOf(run)} − ${labelOf(other)}`, el("small", null, subjectName(subject))];
  return [`${networkName(run, subject)} − ${networkName(other, baseline)}`];
}

function verdict({ run, baseline_run: other }, { low, high }) {
  if (low > 0) return ["better", `${labelOf(run)} is better on these test images`];
  if (high < 0) return ["better", `${labelOf(other)} is better on these test images`];
  return ["open", "no difference shown"];
}

function differenceItem(pair, reach) {
  const found = pair.pairing.same_images;
  if (!found) {
    return el("li", null, el("span", { class: "name" }, pairName(pair)), el("span", { class: "number open" }, "not compared"),
      el("span", { class: "verdict open" }, refusals.length > 1 ? pair.pairing.impossible : "for the reason at the top of the page"));
  }
  const { difference, seeds } = found;
  const [kind, words] = verdict(pair, difference);
  const seedWords = seeds === null ? "no seed in common: all seeds of both" : `seed${seeds.length > 1 ? "s" : ""} ${seeds.join(", ")}`;
  return el("li", null, el("span", { class: "name" }, pairName(pair)),
    el("span", { class: "number" }, el("b", null, `${points(difference.value)} points`), ` [${points(difference.low)}, ${points(difference.high)}]`),
    el("span", { class: `verdict ${kind}` }, words, el("small", null, `${testWords(found)}; ${seedWords}`)), differenceBar(difference, reach));
}

function differences() {
  if (comparison.differences.length === 0) return null;
  const intervals = comparison.differences.flatMap(({ pairing }) => (pairing.same_images ? [pairing.same_images.difference] : []));
  const reach = reachOf(intervals);
  return section("Paired differences", el("ol", { class: "differences" }, comparison.differences.map((pair) => differenceItem(pair, reach))),
    intervals.length === 0 ? null : note("Linear top-1 on the same test images, image by image, in percentage points with a 95 % bootstrap interval over images; p by exchanging the two at ",
      "random (paired permutation test). Neither covers what else a new training run would change; the test over seeds does, where there are enough of them."));
}

// ---- Classes -----------------------------------------------------------------------------------

function classRows(pair, changes) {
  const names = runs[pair.run].classes;
  const reach = reachOf(changes.map(({ subject, baseline }) => ({ low: subject - baseline, high: subject - baseline })));
  return changes.map(({ class: label, subject, baseline }) => {
    const change = subject - baseline;
    return el("tr", null, el("th", { scope: "row" }, className(names, label)), el("td", null, percent(baseline)), el("td", null, percent(subject)),
      el("td", null, points(change)), el("td", { class: "change-cell" }, differenceBar({ value: change, low: Math.min(change, 0), high: Math.max(change, 0) }, reach)));
  });
}

function classFigure(pair) {
  const { classes } = pair.pairing.same_images;
  const heads = ["class", labelOf(pair.baseline_run), labelOf(pair.run), "change", ""];
  const rows = classRows(pair, classes);
  const rest = rows.slice(FIRST_CLASSES);
  rest.forEach((row) => { row.hidden = true; });
  const more = el("button", { type: "button", class: "more" }, `all ${classes.length} classes`);
  const open = () => {
    rest.forEach((row) => { row.hidden = false; });
    more.hidden = true;
  };
  more.addEventListener("click", open);
  addEventListener("beforeprint", open);
  return el("div", { class: "class-changes" }, el("h3", null, pairName(pair)), el("table", { class: "numbers" },
    el("thead", null, el("tr", null, heads.map((title) => el("th", { scope: "col" }, title)))), el("tbody", null, rows)), rest.length > 0 ? more : null);
}

function classChanges() {
  const pairs = comparison.differences.filter(({ pairing }) => pairing.same_images?.classes.length > 0);
  if (pairs.length === 0) return null;
  return section("Class by class", el("div", { class: "charts" }, pairs.map(classFigure)),
    note("Share of each class’s test images that the classifier recognises, mean over the seeds compared; largest changes first, in points."));
}

// ---- Curves ------------------------------------------------------------------------------------

function seriesOf(kind) {
  const curves = comparison.curves.filter((curve) => curve.kind === kind);
  return curves.map((curve) => ({
    ...curve,
    label: `${networkName(curve.run, curve.subject)}${runs[curve.run].seeds.length > 1 ? `, seed ${curve.seed}` : ""}`,
    color: runColor(curve.run), shape: curve.run, dash: METHOD_DASHES[subjectIndex(curve.subject) % METHOD_DASHES.length],
  })).filter((line) => line.points.length > 0);
}

/** Colours and marks tell the runs, dashes the methods; the seeds of a run look alike. */
function legendOf(series) {
  const ofRuns = unique(series.map((line) => line.run)).map((run) => [{ color: runColor(run), shape: run }, labelOf(run)]);
  const ofMethods = bySubject(series).map(([line]) => [{ color: "var(--muted)", dash: line.dash }, subjectName(line.subject)]);
  const all = ofMethods.length > 1 ? [...ofRuns, ...ofMethods] : ofRuns;
  return el("ul", { class: "legend" }, all.map(([line, words]) => el("li", null, lineSwatch(line), words)));
}

/** Only where all curves share them: runs with other batch sizes or temperatures have their own. */
function landmarksOf(series) {
  return ["chance", "floor"].flatMap((key) => {
    const values = unique(series.map((line) => line.landmarks?.[key]));
    return values.length === 1 && values[0] !== undefined ? [{ value: values[0], label: key, color: "var(--muted)" }] : [];
  });
}

const axisNats = (value) => (Math.abs(value * 10 - Math.round(value * 10)) < 1e-9 ? String(Number(value.toFixed(1))) : nats(value));

function curves() {
  const kinds = [["contrastive_loss", "Contrastive loss (nats)", axisNats], ["cross_entropy_loss", "Cross-entropy loss (nats)", axisNats],
    ["knn_probe", "kNN probe (top-1 on validation)", (value) => `${Number((100 * value).toFixed(1))} %`]];
  const charts = kinds.map(([kind, title, format]) => {
    const series = seriesOf(kind);
    return series.length > 0 ? lineChart({ title, series, landmarks: landmarksOf(series), format, height: 280, legend: legendOf(series) }) : null;
  }).filter((chart) => chart !== null);
  if (charts.length === 0) return null;
  return section("Curves", note("By optimiser step. Losses of runs with other batch sizes or temperatures have other scales; chance and floor are drawn where all runs share them."),
    el("div", { class: "charts" }, charts));
}

// ---- Settings ----------------------------------------------------------------------------------

function settings() {
  const { settings: found } = comparison;
  if (found.length === 0) {
    return section("Configuration differences", note("None: the runs have the same configuration."));
  }
  const rows = found.map(({ key, values }) => el("tr", null, el("th", { scope: "row" }, el("code", null, key)),
    values.map((value) => el("td", null, value ?? "–"))));
  return section("Configuration differences", scrolling("Configuration differences", el("table", { class: "numbers texts" },
    el("thead", null, el("tr", null, el("th", { scope: "col" }, "key"), runs.map(({ label }) => el("th", { scope: "col" }, label)))), el("tbody", null, rows))),
    note("Every other key is the same in all runs."));
}

function repeat() {
  return section("Repeat these runs", runs.map(({ label, repeat_command: command }) => el("div", { class: "repeat" }, el("p", null, label), copyBox(command))));
}

buildPage([header(), notices(), runTable(), results(), differences(), classChanges(), curves(), settings(), repeat()]);
