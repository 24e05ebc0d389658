// Line charts by optimiser step.

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

function drawLine(line, scales, index, lines) {
  const at = line.points.map(([step, value]) => [scales.x(step), scales.y(value)]);
  const style = `--series: ${line.color}`;
  const path = at.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(" ");
  // Few points are measurements a reader may want to count; a curve of many is marked here and there.
  const stride = Math.ceil(at.length / 8);
  const first = at.length > 30 ? Math.floor((stride * (index + 0.5)) / lines) % stride : 0;
  const marked = at.length > 30 ? at.filter((_, i) => i % stride === first) : at;
  const marks = marked.map(([x, y]) => svg("path", { class: "dot", d: markerPath(line.shape, x, y, at.length > 30 ? 3.6 : 3) }));
  return svg("g", { style }, svg("polyline", { class: "line", points: path, "stroke-dasharray": line.dash }), marks);
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
      lineSwatch(line), el("span", null, line.label), el("b", null, format(point[1]))));
  return [el("div", { class: "tip-head" }, `step ${step.toLocaleString("en")}`), ...rows];
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
 * series: [{ label, color, shape, dash, points: [[step, value]] }], landmarks: [{ label, color, value }].
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
    }, drawAxes(scales, format), series.map((line, i) => drawLine(line, scales, i, series.length)), drawLandmarks(landmarks, scales, format));
    plot.replaceChildren(drawing, tip);
    addCrosshair(drawing, plot, tip, series, scales, format);
  };
  new ResizeObserver(draw).observe(plot);
  return el("figure", { class: "chart" }, el("figcaption", null, title), plot, legend,
    note ? el("p", { class: "note" }, note) : null);
}
