// Curves of training.

const SEED_DASHES = [null, "7 4", "2 3", "9 3 2 3"];

const runSeeds = config.seeds;

function seriesOf(kinds, read) {
  return past.stages.filter((stage) => kinds.includes(stage.info.plan.kind)).map((stage) => {
    const { subject, seed } = stage.info.plan;
    return {
      subject, seed, stage,
      label: runSeeds.length > 1 ? `${subjectName(subject)}, seed ${seed}` : subjectName(subject),
      color: subjectColor(subject),
      shape: subjectShape(subject),
      dash: SEED_DASHES[Math.max(0, runSeeds.indexOf(seed)) % SEED_DASHES.length],
      points: read(stage).filter((point) => Number.isFinite(point[1])),
    };
  }).filter((line) => line.points.length > 0);
}

/** Colours and marks tell the methods, dashes the seeds. */
function legendOf(series) {
  const entry = (line, words) => el("li", null, lineSwatch(line), words);
  const seeds = seedsOf(series);
  return el("ul", { class: "legend" },
    bySubject(series).map(([line]) => entry({ ...line, dash: null }, subjectName(line.subject))),
    seeds.length > 1 ? series.filter((line) => subjectKey(line.subject) === subjectKey(series[0].subject))
      .map((line) => entry({ color: "var(--muted)", dash: line.dash }, `seed ${line.seed}`)) : null);
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
  const kinds = [["contrastive", "Contrastive"], ["linear", "Linear"], ["cross_entropy", "Cross-entropy"]];
  const series = kinds.flatMap(([kind, label], i) => {
    const lines = seriesOf([kind], (stage) => stage.steps.map((step) => [step.step, step.learning_rate]));
    const longest = lines.sort((a, b) => b.points.length - a.points.length)[0];
    return longest ? [{ ...longest, label, color: seriesColor(i + 4), shape: i + 4, dash: null }] : [];
  });
  if (series.length === 0) return null;
  const legend = el("ul", { class: "legend" }, series.map((line) => el("li", null, lineSwatch(line), line.label)));
  return lineChart({ title: "Learning rate by kind of stage", series, format: plain, legend });
}

/** How alike the two views of an image are to the loss, in cosines of z. */
function viewChart() {
  const series = seriesOf(["contrastive"], (stage) => stage.steps.map((step) => [step.step, step.view_similarity ?? NaN]));
  if (series.length === 0) return null;
  return lineChart({
    title: "Similarity of an image’s views (mean cosine of z)", series, legend: legendOf(series),
    format: (value) => String(Number(value.toFixed(2))),
    note: "It rises towards 1 while the network learns to ignore the augmentation. 1 from the start is a collapse.",
  });
}

/**
 * The InfoNCE bound. It holds with one positive per anchor, the other view of its image, so it is drawn for two
 * views only; the program computes it from that loss on the same similarities, whatever was trained.
 */
function informationChart() {
  if (config.views.n_views !== 2) return null;
  const series = seriesOf(["contrastive"], (stage) => stage.steps.map((step) => [step.step, step.mutual_information_bound ?? NaN]));
  if (series.length === 0) return null;
  const caps = unique(series.map((line) => 2 * line.stage.info.batch_size - 1));
  const landmarks = caps.map((candidates) => ({
    value: Math.log(candidates), label: `cap ln(${count(candidates)}) =`, color: "var(--muted)",
  }));
  return lineChart({
    title: "Mutual information of two views, lower bound (nats)", series, landmarks, format: axisNats, legend: legendOf(series),
    note: "ln(2N − 1) − L, where L is the self-supervised loss (one positive per anchor) on the same similarities, N images "
      + "in a batch. The bound cannot exceed its cap, however much the views share. A supervised loss itself has "
      + "several positives and gives no such bound, and it is free to give this one up: it pulls whole classes together.",
  });
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
    probeChart(), informationChart(), viewChart(), rateChart()];
  if (!contrastive && others.every((chart) => chart === null)) return null;
  return section("Curves", note("Mean training loss since the previous report, by optimiser step. ",
    "Point at a chart, or focus it and use the arrow keys, to read values."),
    contrastive, el("div", { class: "charts" }, others));
}
