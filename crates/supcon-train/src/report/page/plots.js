// What all drawings share: figures that fit their container, axes, marks and read-outs.

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

/** Eight shapes, so that colour is never the only difference. */
const SHAPES = [
  (x, y, r) => `M${x - r},${y}a${r},${r} 0 1 0 ${2 * r},0a${r},${r} 0 1 0 ${-2 * r},0z`,
  (x, y, r) => polygon(x, y, r * 1.2, 4, 45),
  (x, y, r) => polygon(x, y, r * 1.3, 3, -90),
  (x, y, r) => polygon(x, y, r * 1.35, 4, 0),
  (x, y, r) => cross(x, y, r * 1.25, 0),
  (x, y, r) => polygon(x, y, r * 1.3, 3, 90),
  (x, y, r) => cross(x, y, r * 1.25, 45),
  (x, y, r) => polygon(x, y, r * 1.15, 5, -90),
];

function polygon(x, y, radius, corners, turn) {
  const at = (i) => ((turn + (360 * i) / corners) * Math.PI) / 180;
  const points = Array.from({ length: corners }, (_, i) => [x + radius * Math.cos(at(i)), y + radius * Math.sin(at(i))]);
  return `M${points.map((point) => point.map((v) => v.toFixed(2)).join(",")).join("L")}z`;
}

/** A plus with thick arms, turned by an angle. */
function cross(x, y, radius, turn) {
  const w = radius * 0.36;
  const outline = [[-w, -radius], [w, -radius], [w, -w], [radius, -w], [radius, w], [w, w], [w, radius], [-w, radius],
    [-w, w], [-radius, w], [-radius, -w], [-w, -w]];
  const [cos, sin] = [Math.cos((turn * Math.PI) / 180), Math.sin((turn * Math.PI) / 180)];
  const points = outline.map(([a, b]) => [x + a * cos - b * sin, y + a * sin + b * cos]);
  return `M${points.map((point) => point.map((v) => v.toFixed(2)).join(",")).join("L")}z`;
}

const markerPath = (shape, x, y, r) => SHAPES[(shape ?? 0) % SHAPES.length](x, y, r);

function lineSwatch({ color, dash, shape }) {
  const mark = shape === undefined ? null
    : svg("path", { class: "dot", style: `--series: ${color}`, d: markerPath(shape, 13, 6, 3.4) });
  return svg("svg", { class: "swatch", width: 26, height: 12, "aria-hidden": "true" },
    svg("line", { class: "line", style: `--series: ${color}`, x1: 1, x2: 25, y1: 6, y2: 6, "stroke-dasharray": dash }), mark);
}

function markSwatch(color, shape) {
  return svg("svg", { class: "swatch", width: 14, height: 14, "aria-hidden": "true" },
    svg("path", { class: "dot", style: `--series: ${color}`, d: markerPath(shape, 7, 7, 4.6) }));
}

/** A figure that is drawn anew for every width; `draw(width)` gives the children of its drawing. */
function figure({ title, label, height, draw, legend, words }) {
  const plot = el("div", { class: "plot", style: `height: ${height}px` });
  const paint = () => {
    const width = plot.clientWidth;
    if (width === 0) return;
    plot.replaceChildren(svg("svg", { viewBox: `0 0 ${width} ${height}`, width: "100%", role: "img", "aria-label": label }, draw(width)));
  };
  new ResizeObserver(paint).observe(plot);
  return el("figure", { class: "chart" }, el("figcaption", null, title), plot, legend, words ? note(words) : null);
}

/** Axes of any two quantities over a frame; `x` and `y` are { ticks, format, title }, ticks from end to end. */
function frameOf(width, height, x, y) {
  const frame = { left: 62, right: width - 14, top: 10, bottom: height - 44 };
  const ends = (axis) => [axis.ticks[0], axis.ticks[axis.ticks.length - 1]];
  const [[xLow, xHigh], [yLow, yHigh]] = [ends(x), ends(y)];
  const at = {
    ...frame,
    x: (value) => frame.left + ((value - xLow) / (xHigh - xLow)) * (frame.right - frame.left),
    y: (value) => frame.bottom - ((value - yLow) / (yHigh - yLow)) * (frame.bottom - frame.top),
  };
  const rows = y.ticks.map((tick) => svg("g", null,
    svg("line", { class: "grid", x1: frame.left, x2: frame.right, y1: at.y(tick), y2: at.y(tick) }),
    svg("text", { class: "tick", x: frame.left - 8, y: at.y(tick) + 4, "text-anchor": "end" }, y.format(tick))));
  // Labels that would touch are left out, every other one.
  const every = Math.ceil((x.ticks.length * 44) / (frame.right - frame.left));
  const columns = x.ticks.map((tick, i) => svg("g", null,
    svg("line", { class: "axis", x1: at.x(tick), x2: at.x(tick), y1: frame.bottom, y2: frame.bottom + 4 }),
    i % every === 0 ? svg("text", { class: "tick", x: at.x(tick), y: frame.bottom + 18, "text-anchor": "middle" }, x.format(tick)) : ""));
  const middle = (frame.top + frame.bottom) / 2;
  return {
    at,
    axes: [...rows, svg("line", { class: "axis", x1: frame.left, x2: frame.right, y1: frame.bottom, y2: frame.bottom }), ...columns,
      svg("text", { class: "axis-title", x: (frame.left + frame.right) / 2, y: height - 6, "text-anchor": "middle" }, x.title),
      svg("text", { class: "axis-title", x: 12, y: middle, "text-anchor": "middle", transform: `rotate(-90 12 ${middle})` }, y.title)],
  };
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
