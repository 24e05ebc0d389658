// Building blocks of the report: elements, numbers, line charts and the embedding map.
// Precedes report.js in the page's one script.
// Data reaches the page through text nodes and attributes only: class names come from users.
"use strict";

const SVG_NAMESPACE = "http://www.w3.org/2000/svg";

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value !== null && value !== undefined && value !== false) node.setAttribute(name, value);
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return node;
}

function el(tag, attributes, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

function svg(tag, attributes, ...children) {
  return fill(document.createElementNS(SVG_NAMESPACE, tag), attributes, children);
}

const unique = (values) => [...new Set(values)];
const percent = (share, digits = 1) => `${(100 * share).toFixed(digits)} %`;
const count = (n) => n.toLocaleString("en");
const nats = (value) => value.toFixed(3);

/** At most four significant digits, without trailing zeros. */
const plain = (value) => String(Number(value.toPrecision(4)));

/** 1071104 → "1.07 M". */
function compact(n) {
  const [size, letter] = [[1e9, " G"], [1e6, " M"], [1e3, " k"]].find(([unit]) => n >= unit) ?? [1, ""];
  return `${Number((n / size).toPrecision(3))}${letter}`;
}

/** Percentage points with a sign; a second digit where one would round a difference away. */
function points(share) {
  const value = 100 * share;
  const digits = value !== 0 && Math.abs(value) < 0.05 ? 2 : 1;
  return `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(digits)}`;
}

function duration(seconds) {
  const whole = Math.round(seconds);
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), whole % 60];
  if (h > 0) return `${h} h ${m} min`;
  return m > 0 ? `${m} min ${s} s` : `${s} s`;
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length / 2;
  return (sorted[Math.ceil(half) - 1] + sorted[Math.floor(half)]) / 2;
}

/** Smallest and largest value; Math.min(...values) would overflow the stack on long curves. */
function extent(values) {
  return values.reduce(([low, high], v) => [Math.min(low, v), Math.max(high, v)], [Infinity, -Infinity]);
}

/** Puts a read-out beside (x, y) without leaving its container. */
function placeTip(tip, container, x, y) {
  tip.hidden = false;
  const gap = 14;
  const left = x + gap + tip.offsetWidth <= container.clientWidth ? x + gap : x - gap - tip.offsetWidth;
  const top = Math.min(y - tip.offsetHeight / 2, container.clientHeight - tip.offsetHeight);
  tip.style.left = `${Math.max(0, left)}px`;
  tip.style.top = `${Math.max(0, top)}px`;
}

// ---- Line charts -------------------------------------------------------------------------------

/** Round values that cover [low, high], about `count` of them. */
function niceTicks(low, high, count) {
  const raw = (high - low || Math.abs(high) || 1) / Math.max(1, count);
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].find((factor) => factor * power >= raw * 0.999) * power;
  const first = Math.floor(low / step + 1e-9);
  const last = Math.ceil(high / step - 1e-9);
  const ticks = [];
  for (let i = first; i <= Math.max(last, first + 1); i += 1) ticks.push(i * step);
  return ticks;
}

function chartScales(series, landmarks, width, height) {
  const xs = series.flatMap((line) => line.points.map((point) => point[0]));
  const values = series.flatMap((line) => line.points.map((point) => point[1]));
  values.push(...landmarks.map((mark) => mark.value));
  const [lowest, highest] = extent(values);
  const yTicks = niceTicks(lowest, highest, height / 50);
  const xEnd = Math.max(extent(xs)[1], 1);
  const frame = { left: 48, right: width - 12, top: 12, bottom: height - 30 };
  const [yLow, yHigh] = [yTicks[0], yTicks[yTicks.length - 1]];
  return {
    frame,
    yTicks,
    xEnd,
    xTicks: niceTicks(0, xEnd, width / 75).filter((tick) => tick <= xEnd),
    x: (value) => frame.left + (value / xEnd) * (frame.right - frame.left),
    y: (value) => frame.bottom - ((value - yLow) / (yHigh - yLow)) * (frame.bottom - frame.top),
  };
}

function drawAxes(scales, format) {
  const { frame, x, y } = scales;
  const rows = scales.yTicks.map((tick) => svg("g", null,
    svg("line", { class: "grid", x1: frame.left, x2: frame.right, y1: y(tick), y2: y(tick) }),
    svg("text", { class: "tick", x: frame.left - 8, y: y(tick) + 4, "text-anchor": "end" }, format(tick))));
  const columns = scales.xTicks.map((tick) => svg("g", null,
    svg("line", { class: "axis", x1: x(tick), x2: x(tick), y1: frame.bottom, y2: frame.bottom + 4 }),
    // A label at the very end would be cut off by the edge.
    svg("text", { class: "tick", x: x(tick), y: frame.bottom + 18, "text-anchor": frame.right - x(tick) < 16 ? "end" : "middle" },
      tick === 0 ? "step 0" : tick.toLocaleString("en"))));
  const base = svg("line", { class: "axis", x1: frame.left, x2: frame.right, y1: frame.bottom, y2: frame.bottom });
  return [...rows, base, ...columns];
}

function drawLine(line, scales) {
  const at = line.points.map(([step, value]) => [scales.x(step), scales.y(value)]);
  const style = `--series: ${line.color}`;
  const path = at.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(" ");
  // Few points are measurements a reader may want to count; many are a curve.
  const dots = at.length > 30 ? [] : at.map(([cx, cy]) => svg("circle", { class: "dot", cx, cy, r: 2.5 }));
  return svg("g", { style }, svg("polyline", { class: "line", points: path, "stroke-dasharray": line.dash }), dots);
}

function drawLandmarks(landmarks, scales, format) {
  let previous = Infinity;
  let onLeft = false;
  return [...landmarks].sort((a, b) => a.value - b.value).map((mark) => {
    const y = scales.y(mark.value);
    // Neighbours too close to stand above one another change sides.
    onLeft = previous - y < 15 ? !onLeft : false;
    previous = y;
    return svg("g", { style: `--series: ${mark.color}` },
      svg("line", { class: "landmark", x1: scales.frame.left, x2: scales.frame.right, y1: y, y2: y }),
      svg("text", {
        class: "landmark-label",
        x: onLeft ? scales.frame.left + 6 : scales.frame.right - 2,
        y: y - 5,
        "text-anchor": onLeft ? "start" : "end",
      }, `${mark.label} ${format(mark.value)}`));
  });
}

function nearest(points, step) {
  return points.reduce((best, point) => (Math.abs(point[0] - step) < Math.abs(best[0] - step) ? point : best));
}

/** The values of all lines at a step; a line that is not near it has nothing to say. */
function readOut(series, step, reach, format) {
  const hits = series.map((line) => ({ line, point: nearest(line.points, step) }));
  const rows = hits.filter(({ point }) => Math.abs(point[0] - step) <= reach)
    .sort((a, b) => b.point[1] - a.point[1])
    .map(({ line, point }) => el("div", { class: "tip-row" },
      lineSwatch(line.color, line.dash), el("span", null, line.label), el("b", null, format(point[1]))));
  return [el("div", { class: "tip-head" }, `step ${step.toLocaleString("en")}`), ...rows];
}

function lineSwatch(color, dash) {
  return svg("svg", { class: "swatch", width: 24, height: 8, "aria-hidden": "true" },
    svg("line", { class: "line", style: `--series: ${color}`, x1: 1, x2: 23, y1: 4, y2: 4, "stroke-dasharray": dash }));
}

/** A crosshair that follows the pointer, or the arrow keys while the chart has the focus. */
function addCrosshair(drawing, plot, tip, series, scales, format) {
  const steps = [...new Set(series.flatMap((line) => line.points.map((point) => point[0])))].sort((a, b) => a - b);
  const hair = svg("line", { class: "crosshair", y1: scales.frame.top, y2: scales.frame.bottom, visibility: "hidden" });
  drawing.append(hair);
  let index = steps.length;
  const show = (wanted) => {
    index = Math.max(0, Math.min(steps.length - 1, wanted));
    const x = scales.x(steps[index]);
    hair.setAttribute("x1", x);
    hair.setAttribute("x2", x);
    hair.setAttribute("visibility", "visible");
    tip.replaceChildren(...readOut(series, steps[index], scales.xEnd / 50, format));
    placeTip(tip, plot, x, scales.frame.top + 60);
  };
  const hide = () => {
    hair.setAttribute("visibility", "hidden");
    tip.hidden = true;
  };
  drawing.addEventListener("pointermove", (event) => {
    const { frame, xEnd } = scales;
    const share = (event.clientX - drawing.getBoundingClientRect().left - frame.left) / (frame.right - frame.left);
    show(steps.indexOf(nearest(steps.map((step) => [step]), share * xEnd)[0]));
  });
  drawing.addEventListener("pointerleave", hide);
  drawing.addEventListener("blur", hide);
  drawing.addEventListener("keydown", (event) => {
    const move = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!move) return;
    event.preventDefault();
    show(index + move);
  });
}

/**
 * A chart of lines by step that fits its container.
 * series: [{ label, color, dash, points: [[step, value]] }], landmarks: [{ label, color, value }].
 */
function lineChart({ title, series, landmarks = [], format, height = 240, legend, note }) {
  const plot = el("div", { class: "plot", style: `height: ${height}px` });
  const tip = el("div", { class: "tip", hidden: "", "aria-live": "polite" });
  const ends = series.map((line) => `${line.label} ends at ${format(line.points[line.points.length - 1][1])}`);
  const draw = () => {
    const width = plot.clientWidth;
    if (width === 0) return;
    const scales = chartScales(series, landmarks, width, height);
    const drawing = svg("svg", {
      viewBox: `0 0 ${width} ${height}`, width: "100%", role: "img", tabindex: 0,
      "aria-label": `${title} by step. ${ends.join("; ")}. Arrow keys read the values.`,
    }, drawAxes(scales, format), series.map((line) => drawLine(line, scales)), drawLandmarks(landmarks, scales, format));
    plot.replaceChildren(drawing, tip);
    addCrosshair(drawing, plot, tip, series, scales, format);
  };
  new ResizeObserver(draw).observe(plot);
  return el("figure", { class: "chart" }, el("figcaption", null, title), plot, legend,
    note ? el("p", { class: "note" }, note) : null);
}

// ---- Embedding map -----------------------------------------------------------------------------

// Petroff's ten colours for readers with and without colour-vision deficiencies (arXiv:2107.02270);
// red and violet are lightened, to be seen on a dark page too.
const CLASS_COLORS = ["#3f90da", "#ffa90e", "#d23a1e", "#94a4a2", "#9b52d0", "#a96b59", "#e76300",
  "#b9ac70", "#717581", "#92dadd"];

/** Beyond ten classes hues go round by the golden angle, so that neighbours differ. */
function classColor(index, classes) {
  if (classes <= CLASS_COLORS.length) return CLASS_COLORS[index];
  return `hsl(${(index * 137.5) % 360} 65% ${[45, 58, 68][index % 3]}%)`;
}

function className(classes, index) {
  return classes[index] ?? `class ${index}`;
}

/** The canvas, its read-out and its legend. `show(map)` draws another network's map. */
class EmbeddingMapView {
  constructor(samples, classes) {
    this.samples = samples;
    this.classes = classes;
    this.pinned = null;
    this.hovered = null;
    this.canvas = el("canvas", { role: "img" });
    this.thumbnail = this.buildThumbnail();
    this.words = el("div");
    this.tip = el("div", { class: "tip map-tip", hidden: "" }, this.thumbnail, this.words);
    this.stage = el("div", { class: "map-stage" }, this.canvas, this.tip);
    this.element = el("div", { class: "map" }, this.stage, this.buildLegend());
    this.canvas.addEventListener("pointermove", (event) => this.point(event));
    this.canvas.addEventListener("pointerdown", (event) => this.point(event));
    this.canvas.addEventListener("pointerleave", () => { this.tip.hidden = true; });
    new ResizeObserver(() => this.draw()).observe(this.stage);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.draw());
  }

  show(map) {
    this.map = map;
    this.tip.hidden = true;
    this.canvas.setAttribute("aria-label", `${map.method}: ${map.points.length} test images as points, coloured by class`);
    this.draw();
  }

  buildThumbnail() {
    const { sprite_png: png, columns, side } = this.samples;
    if (!png) return null;
    const style = `width: ${side * 3}px; height: ${side * 3}px; background-size: ${columns * side * 3}px auto; `
      + `background-image: url("data:image/png;base64,${png}")`;
    return el("div", { class: "thumbnail", style });
  }

  buildLegend() {
    const shown = [...new Set(this.samples.labels)].sort((a, b) => a - b);
    const buttons = shown.map((label) => {
      const color = classColor(label, this.classes.length);
      const button = el("button", { type: "button", class: "class-key", "aria-pressed": "false" },
        el("i", { style: `background: ${color}` }), className(this.classes, label));
      button.addEventListener("pointerenter", () => this.highlight(label));
      button.addEventListener("pointerleave", () => this.highlight(null));
      button.addEventListener("click", () => {
        this.pinned = this.pinned === label ? null : label;
        buttons.forEach((other, i) => other.setAttribute("aria-pressed", shown[i] === this.pinned));
        this.draw();
      });
      return button;
    });
    return el("div", { class: "class-keys", role: "group", "aria-label": "Highlight a class" }, buttons);
  }

  highlight(label) {
    this.hovered = label;
    this.draw();
  }

  position([x, y]) {
    const margin = 14;
    const half = this.stage.clientWidth / 2;
    return [half + x * (half - margin), half - y * (half - margin)];
  }

  draw() {
    const side = this.stage.clientWidth;
    if (!this.map || side === 0) return;
    const scale = window.devicePixelRatio || 1;
    this.canvas.width = side * scale;
    this.canvas.height = side * scale;
    const context = this.canvas.getContext("2d");
    context.scale(scale, scale);
    const ring = getComputedStyle(this.stage).color;
    const focus = this.hovered ?? this.pinned;
    const order = this.map.points.map((_, i) => i);
    // The highlighted class is drawn last, above the others.
    order.sort((a, b) => (this.samples.labels[a] === focus) - (this.samples.labels[b] === focus));
    for (const i of order) this.drawPoint(context, i, focus, ring);
  }

  drawPoint(context, i, focus, ring) {
    const [x, y] = this.position(this.map.points[i]);
    const label = this.samples.labels[i];
    context.globalAlpha = focus === null ? 0.85 : label === focus ? 1 : 0.1;
    context.fillStyle = classColor(label, this.classes.length);
    context.beginPath();
    context.arc(x, y, 4, 0, 2 * Math.PI);
    context.fill();
    if (!this.isWrong(i)) return;
    context.strokeStyle = ring;
    context.lineWidth = 1.2;
    context.beginPath();
    context.arc(x, y, 5.6, 0, 2 * Math.PI);
    context.stroke();
  }

  /** A map without a classifier has no predictions, and so no mistakes. */
  isWrong(i) {
    return i in this.map.predictions && this.map.predictions[i] !== this.samples.labels[i];
  }

  point(event) {
    const box = this.canvas.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left, event.clientY - box.top];
    const distances = this.map.points.map((p) => Math.hypot(...this.position(p).map((v, k) => v - [x, y][k])));
    const i = distances.indexOf(extent(distances)[0]);
    if (i < 0 || distances[i] > 14) {
      this.tip.hidden = true;
      return;
    }
    this.describe(i);
    placeTip(this.tip, this.stage, ...this.position(this.map.points[i]));
  }

  describe(i) {
    const { side, columns, labels, images } = this.samples;
    const offset = [-(i % columns) * side * 3, -Math.floor(i / columns) * side * 3];
    if (this.thumbnail) this.thumbnail.style.backgroundPosition = offset.map((v) => `${v}px`).join(" ");
    const predicted = i in this.map.predictions ? el("div", { class: this.isWrong(i) ? "wrong" : null },
      "predicted: ", el("b", null, className(this.classes, this.map.predictions[i]))) : "";
    this.words.replaceChildren(
      el("div", null, "label: ", el("b", null, className(this.classes, labels[i]))), predicted,
      el("div", { class: "muted" }, `test image ${images[i]}`));
  }
}
