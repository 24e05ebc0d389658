// The networks of a run: their names, colours and shapes.

/** Key → [position, name], from the program: a new method needs no change here. */
const METHODS = JSON.parse(document.getElementById("method-names").textContent);
const SERIES_COLORS = 8;
const RANDOM_SHAPE = 7;

const subjectKey = (subject) => (typeof subject === "string" ? subject : subject.trained);
const isRandom = (subject) => subjectKey(subject) === "random_encoder";
const subjectName = (subject) => (isRandom(subject) ? "Random encoder" : METHODS[subjectKey(subject)]?.[1] ?? subjectKey(subject));
const subjectIndex = (subject) => METHODS[subjectKey(subject)]?.[0] ?? SERIES_COLORS - 1;
const seriesColor = (index) => `var(--s${index % SERIES_COLORS})`;
const subjectColor = (subject) => (isRandom(subject) ? "var(--random)" : seriesColor(subjectIndex(subject)));
const subjectShape = (subject) => (isRandom(subject) ? RANDOM_SHAPE : subjectIndex(subject));

/** Entries with a subject, as [entries of one subject, …] in order of appearance. */
function bySubject(entries) {
  const keys = unique(entries.map((entry) => subjectKey(entry.subject)));
  return keys.map((key) => entries.filter((entry) => subjectKey(entry.subject) === key));
}

const seedsOf = (entries) => unique(entries.map((entry) => entry.seed));
const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

function className(classes, index) {
  return classes[index] ?? `class ${index}`;
}

/** An interval on an axis that all rows share, with zero in the middle. */
function differenceBar({ value, low, high }, reach) {
  const at = (share) => 50 + (50 * share) / reach;
  return el("div", { class: "difference-bar", "aria-hidden": "true" }, el("s"),
    el("i", { style: `left: ${at(low)}%; width: ${at(high) - at(low)}%` }), el("b", { style: `left: ${at(value)}%` }));
}

/** What the axis of all difference bars reaches to. */
function reachOf(intervals) {
  const ends = intervals.flatMap(({ low, high }) => [Math.abs(low), Math.abs(high)]);
  return 1.08 * Math.max(...ends, 0.001);
}

/** "95 % interval, then p over images and seeds", the same words on every page. */
function testWords({ image_test: images, seed_test: seeds }) {
  const words = [];
  if (images) words.push(`${probability(images)} over images`);
  if (seeds) words.push(`${probability(seeds)} over ${seeds.pairs} seeds (least possible ${Number(seeds.least.toPrecision(2))})`);
  return words.join(", ");
}
