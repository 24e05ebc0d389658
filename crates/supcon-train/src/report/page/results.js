// The table of results and the paired differences.

const MEASURES = [(row) => row.linear.top1, (row) => row.linear.top5, (row) => row.knn.top1, (row) => row.knn.top5,
  ...(past.results.every((row) => row.class_mean) ? [(row) => row.class_mean.top1] : [])];

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
  return el("div", { class: "bar accuracy", style: `--series: ${subjectColor(subject)}`, "aria-hidden": "true" },
    el("i", { style: `width: ${100 * value}%` }), guess,
    el("b", { style: `left: ${100 * low}%; width: ${100 * (high - low)}%` }));
}

function resultsGroup(rows, severalSeeds) {
  const { subject, seed } = rows[0];
  const style = isRandom(subject) ? "random" : null;
  const name = subjectName(subject);
  const trained = isRandom(subject) ? "never trained" : null;
  if (!severalSeeds) return el("tbody", { class: style }, resultsRow(rows, [name, trained ? el("small", null, trained) : ""]));
  const details = rows.map((row) => resultsRow([row], `seed ${row.seed}`, { class: "seed", hidden: "" }));
  const toggle = el("button", { type: "button", class: "toggle", "aria-expanded": "false" }, name,
    el("small", null, trained ? `${trained}; ` : "", rows.length > 1 ? `median of ${rows.length} seeds` : `seed ${seed} only`));
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
  const heads = ["linear top-1", "linear top-5", "kNN top-1", "kNN top-5", "class mean"].slice(0, MEASURES.length).map((title) => el("th", { scope: "col" }, title));
  const scale = ["0", "100 %"].map((words) => el("span", null, words));
  const barHead = el("span", { class: "bar-scale" }, scale);
  heads.splice(1, 0, el("th", { scope: "col", class: "bar-cell", "aria-label": "bar of linear top-1" }, barHead));
  const range = severalSeeds
    ? "Under each median stand the lowest and the highest seed; open a row for the seeds with their intervals "
      + "(95 %, over the test images)."
    : "Under each value stands its 95 % bootstrap interval over the test images. One seed: another would give "
      + "somewhat different numbers.";
  const caption = `Accuracy on ${count(past.results[0].images)} test images, which no training or decision has seen. ${range}`;
  const table = el("table", { class: "results", "aria-describedby": "results-caption" },
    el("thead", null, el("tr", null, el("th", { scope: "col" }, "encoder"), heads)),
    bySubject(past.results).map((rows) => resultsGroup(rows, severalSeeds)));
  return section("Results", el("p", { class: "note", id: "results-caption" }, caption), table,
    note("“Linear” is a linear classifier trained on the frozen features; for cross-entropy it is the network’s own ",
      "classifier, trained together with it. ",
      `“kNN” lets the ${config.evaluation.knn_neighbors} nearest training images vote. `, MEASURES.length > 4
        ? "“Class mean” takes the class whose mean training feature points most nearly the same way (top-1): no training at all. " : "",
      guessing(), " ", randomWords()));
}

function randomWords() {
  if (!past.results.some((row) => isRandom(row.subject))) return "";
  return "The random encoder has the weights it was made with; only the means and variances of its normalisation are "
    + "taken from training images, so that its features have a usable scale.";
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

function differences() {
  if (report.differences.length === 0) return null;
  const reach = reachOf(report.differences.map((pair) => pair.difference));
  const rows = report.differences.map((pair) => {
    const { subject, baseline, difference } = pair;
    const [kind, words] = verdict(pair);
    return el("li", null,
      el("span", { class: "name" }, `${subjectName(subject)} − ${subjectName(baseline)}:`),
      el("span", { class: "number" }, el("b", null, `${points(difference.value)} points`),
        ` [${points(difference.low)}, ${points(difference.high)}]`),
      el("span", { class: `verdict ${kind}` }, words, el("small", null, testWords(pair))), differenceBar(difference, reach));
  });
  const seeds = Math.max(...report.differences.map((pair) => pair.seeds));
  return section("Paired differences", el("ol", { class: "differences" }, rows),
    note("Linear top-1 of two networks on the same images", seeds > 1 ? `, ${seeds} seeds pooled` : "",
      ", in percentage points with a 95 % bootstrap interval; p by exchanging the two at random (paired permutation test). ",
      "The intervals cover the choice of test images, not the choice of seeds",
      seeds > 1 ? "." : ": with one seed, a difference may be this seed’s luck."));
}
