// What is measured beyond accuracy: calibration, similarities, alignment and uniformity.

// ---- Calibration -------------------------------------------------------------------------------

const SHARE_TICKS = [0, 0.2, 0.4, 0.6, 0.8, 1];

/** Height of each bin is its accuracy; the dotted line leads to what its confidence promises. */
function reliabilityDrawing({ bins }, color, width, height) {
  const axis = (title) => ({ ticks: SHARE_TICKS, format: (tick) => `${Math.round(100 * tick)}`, title });
  const { at, axes } = frameOf(width, height, axis("confidence, %"), axis("right, %"));
  const total = sumOf(bins.map((bin) => bin.count));
  const bars = bins.map(({ count: n, confidence, accuracy }, i) => {
    if (n === 0) return "";
    const [left, right] = [at.x(i / bins.length) + 1, at.x((i + 1) / bins.length) - 1];
    const [top, promised] = [at.y(accuracy), at.y(confidence)];
    const words = `confidence ${percent(confidence)}, right ${percent(accuracy)}, ${count(n)} images (${percent(n / total)})`;
    return svg("g", null, svg("title", null, words),
      svg("rect", { class: "reliability", x: left, y: top, width: right - left, height: at.bottom - top,
        style: `--share: ${(25 + 75 * Math.sqrt(n / total)).toFixed(0)}%` }),
      svg("line", { class: "promise", x1: left, x2: right, y1: promised, y2: promised }),
      svg("line", { class: "gap", x1: (left + right) / 2, x2: (left + right) / 2, y1: top, y2: promised }));
  });
  return svg("g", { style: `--series: ${color}` }, axes,
    svg("line", { class: "landmark", style: "--series: var(--muted)", x1: at.x(0), y1: at.y(0), x2: at.x(1), y2: at.y(1) }), bars);
}

function reliabilityFigure(row) {
  const { calibration: found, subject } = row;
  const name = subjectName(subject);
  return figure({
    title: [name, el("small", null, `ECE ${percent(found.expected_error)} · NLL ${nats(found.negative_log_likelihood)} nats`)],
    label: `Reliability diagram of ${name}: expected calibration error ${percent(found.expected_error)}.`,
    height: 260,
    draw: (width) => [reliabilityDrawing(found, subjectColor(subject), width, 260)],
  });
}

function calibrationTable(networks) {
  const cell = (rows, read, format) => {
    const values = rows.map((row) => read(row.calibration));
    const range = values.length > 1 ? el("small", null, extent(values).map((end) => format(end)).join(" – ")) : null;
    return el("td", null, format(mean(values)), range);
  };
  const rows = networks.map((seeds) => el("tr", null, el("th", { scope: "row" }, subjectName(seeds[0].subject)),
    cell(seeds, (found) => found.expected_error, percent), cell(seeds, (found) => found.negative_log_likelihood, nats)));
  return el("table", { class: "numbers" }, el("thead", null, el("tr", null,
    ["", "ECE", "NLL, nats"].map((title) => el("th", { scope: "col" }, title)))), el("tbody", null, rows));
}

function calibration() {
  const measured = past.results.filter((row) => row.calibration);
  if (measured.length === 0) return null;
  const networks = bySubject(measured);
  const seeds = seedsOf(measured);
  const shown = networks.map(([first]) => first);
  return section("Calibration",
    el("div", { class: "charts small-multiples quarters" }, shown.map(reliabilityFigure)),
    seeds.length > 1 ? el("div", { class: "below" }, el("p", { class: "note" }, `The diagrams are of seed ${shown[0].seed}; means over ${seeds.length} seeds:`),
      calibrationTable(networks)) : null,
    note("Test images sorted by the classifier’s confidence (its largest probability) into 15 bins of equal width. A bar is the share that was "
      + "right, the short line the mean confidence; on the diagonal they agree. Above it the classifier is too modest, below it too "
      + "sure. The stronger the colour, the more images. ECE, the expected calibration error, is the mean distance between the two, weighted "
      + "by images (Guo et al. 2017); NLL is the mean −ln of the probability given to the right class. A classifier that "
      + "knows nothing and says so has an ECE of 0: read it beside the accuracy."));
}

// ---- Similarities ------------------------------------------------------------------------------

const PAIRS = [["own_view", "own other view", 0, null], ["same_class", "same class", 2, "7 4"], ["other_class", "other class", 3, "2 3"]];
const SPACES = { features: "features", z: "z (projection head)" };

/** The part of the axis that any histogram uses, in whole tenths. */
function occupied(histograms) {
  const { low, high, counts } = histograms[0];
  const width = (high - low) / counts.length;
  const used = counts.map((_, i) => i).filter((i) => histograms.some((histogram) => histogram.counts[i] > 0));
  const end = (i) => low + i * width;
  return [Math.floor(end(used[0] ?? 0) * 10 - 1e-9) / 10, Math.ceil(end((used[used.length - 1] ?? 0) + 1) * 10 - 1e-9) / 10];
}

function histogramOutline({ low, high, counts }, at, total) {
  const width = (high - low) / counts.length;
  const [first, last] = [counts.findIndex((n) => n > 0), counts.findLastIndex((n) => n > 0)];
  const corners = [];
  for (let i = first; i <= last; i += 1) {
    const y = at.y(counts[i] / total);
    corners.push([at.x(low + i * width), y], [at.x(low + (i + 1) * width), y]);
  }
  const floor = (corner) => [corner[0], at.bottom];
  return [floor(corners[0]), ...corners, floor(corners[corners.length - 1])].map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(" ");
}

function similarityDrawing(geometry, width, height) {
  const shown = PAIRS.filter(([key]) => sumOf(geometry[key].counts) > 0);
  const totals = Object.fromEntries(shown.map(([key]) => [key, sumOf(geometry[key].counts)]));
  const [low, high] = occupied(shown.map(([key]) => geometry[key]));
  const peak = Math.max(...shown.map(([key]) => Math.max(...geometry[key].counts) / totals[key]));
  const { at, axes } = frameOf(width, height,
    { ticks: niceTicks(low, high, width / 70), format: (tick) => String(Number(tick.toFixed(2))), title: "cosine" },
    { ticks: niceTicks(0, peak, height / 60), format: (tick) => `${Number((100 * tick).toFixed(1))}`, title: "pairs, %" });
  return [...axes, ...shown.map(([key, words, color, dash]) => svg("g", { style: `--series: ${seriesColor(color)}` },
    svg("title", null, `${words}: mean cosine ${geometry[key].mean.toFixed(2)}, ${count(totals[key])} pairs`),
    svg("polyline", { class: "histogram", points: histogramOutline(geometry[key], at, totals[key]), "stroke-dasharray": dash })))];
}

function similarityFigure({ subject, geometry }) {
  const name = `${subjectName(subject)}, ${SPACES[geometry.space]}`;
  const means = PAIRS.filter(([key]) => geometry[key].mean !== null).map(([key, words]) => `${words} ${geometry[key].mean.toFixed(2)}`);
  return figure({
    title: [subjectName(subject), el("small", null, SPACES[geometry.space])],
    label: `Cosines of ${name}. Means: ${means.join(", ")}.`,
    height: 240,
    draw: (width) => similarityDrawing(geometry, width, 240),
  });
}

/** Alignment to the right is worse, uniformity upwards is worse: the good corner is at the lower left. */
function sphereDrawing(entries, width, height) {
  const values = (read) => extent(entries.map(({ geometry }) => read(geometry)));
  const [, widest] = values((geometry) => geometry.view_alignment);
  const [lowest, highest] = values((geometry) => geometry.uniformity);
  const number = (tick) => String(Number(tick.toFixed(2))).replace("-", "−");
  const { at, axes } = frameOf(width, height,
    { ticks: niceTicks(0, widest, width / 90), format: number, title: "alignment of two views (lower: views agree)" },
    { ticks: niceTicks(lowest, Math.min(0, highest + 0.2), height / 55), format: number, title: "uniformity, nats (lower: spread)" });
  return [...axes, ...entries.map(({ subject, seed, geometry }) => svg("path", {
    class: "dot", style: `--series: ${subjectColor(subject)}`,
    d: markerPath(subjectShape(subject), at.x(geometry.view_alignment), at.y(geometry.uniformity), 6),
  }, svg("title", null, `${subjectName(subject)}, seed ${seed}: alignment ${geometry.view_alignment.toFixed(3)}, uniformity ${geometry.uniformity.toFixed(2)}`)))];
}

function sphereFigure(entries, space) {
  const names = bySubject(entries).map(([{ subject }]) => subject);
  return figure({
    title: `Alignment and uniformity of ${SPACES[space]}`,
    label: `Alignment and uniformity of ${names.map(subjectName).join(", ")}; the table has the numbers.`,
    height: 300,
    draw: (width) => sphereDrawing(entries, width, 300),
    legend: el("ul", { class: "legend" }, names.map((subject) => el("li", null, markSwatch(subjectColor(subject), subjectShape(subject)), subjectName(subject)))),
  });
}

function geometryTable(entries) {
  const columns = [["alignment, views", (g) => g.view_alignment, 3], ["alignment, class", (g) => g.class_alignment, 3], ["uniformity", (g) => g.uniformity, 2],
    ["own view", (g) => g.own_view.mean, 2], ["same class", (g) => g.same_class.mean, 2], ["other class", (g) => g.other_class.mean, 2]];
  const cell = (list, read, digits) => {
    const values = list.map(({ geometry }) => read(geometry));
    return el("td", null, values.includes(null) ? "–" : fixed(mean(values), digits));
  };
  const groups = bySubject(entries).flatMap((list) => Object.keys(SPACES).map((space) => list.filter(({ geometry }) => geometry.space === space)));
  const rows = groups.filter((list) => list.length > 0).map((list) => el("tr", null,
    el("th", { scope: "row" }, subjectName(list[0].subject), el("small", null, SPACES[list[0].geometry.space])),
    columns.map(([, read, digits]) => cell(list, read, digits))));
  const groupHead = el("tr", null, el("th"), el("th", { scope: "colgroup", colspan: 3 }, "on the sphere"), el("th", { scope: "colgroup", colspan: 3 }, "mean cosine"));
  const heads = el("tr", null, ["", ...columns.map(([title]) => title)].map((title) => el("th", { scope: "col" }, title)));
  return scrolling("Alignment and uniformity", el("table", { class: "numbers" }, el("thead", null, groupHead, heads), el("tbody", null, rows)));
}

function similarities() {
  const entries = past.results.flatMap(({ subject, seed, geometry }) => geometry.map((found) => ({ subject, seed, geometry: found })));
  if (entries.length === 0) return null;
  const seeds = seedsOf(entries);
  const shown = entries.filter(({ seed }) => seed === seeds[0]);
  const spaces = Object.keys(SPACES).filter((space) => entries.some(({ geometry }) => geometry.space === space));
  const { images } = entries[0].geometry;
  return section("Similarities on the sphere",
    el("div", { class: `charts small-multiples ${shown.length % 3 === 0 ? "" : "quarters"}` }, shown.map(similarityFigure)),
    el("ul", { class: "legend" }, PAIRS.map(([, words, color, dash]) => el("li", null, lineSwatch({ color: seriesColor(color), dash }), words))),
    note(`Cosines between ${count(images)} test images, a fixed sample`, seeds.length > 1 ? ` (seed ${seeds[0]})` : "", ": of an image’s two augmented views, and of every pair of "
      + "unaugmented images of the same and of different classes. What a classifier can use is the gap between the last two. A contrastive loss acts on z; "
      + "the features before the projection head, which are never below 0 after a ReLU, are what is kept."),
    el("div", { class: "charts" }, spaces.map((space) => sphereFigure(entries.filter(({ geometry }) => geometry.space === space), space))),
    geometryTable(entries),
    note("Alignment is the mean ‖x − y‖² of two views of an image, or of two images of a class; uniformity is ln of the mean exp(−2‖x − y‖²) over pairs of "
      + "different images (Wang & Isola 2020): 0 in one point, about −4 spread over a sphere of many dimensions. Self-supervised losses seek both; "
      + "supervised ones gather each class in one place, so they align classes and are less uniform by design.",
      seeds.length > 1 ? ` Means over ${seeds.length} seeds.` : ""));
}
