// The embedding map of the test images.

// Petroff's ten colours for readers with and without colour-vision deficiencies (arXiv:2107.02270);
// red and violet are lightened, to be seen on a dark page too.
const CLASS_COLORS = ["#3f90da", "#ffa90e", "#d23a1e", "#94a4a2", "#9b52d0", "#a96b59", "#e76300",
  "#b9ac70", "#717581", "#92dadd"];

/** Side of a thumbnail on the map, and the room it takes, in pixels. */
const TILE = 22;
const TILE_ROOM = 24;
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** Beyond ten classes hues go round by the golden angle, so that neighbours differ. */
function classColor(index, classes) {
  if (classes <= CLASS_COLORS.length) return CLASS_COLORS[index];
  return `hsl(${(index * 137.5) % 360} 65% ${[45, 58, 68][index % 3]}%)`;
}

/** The canvas, its read-out and its legend. `show(map)` draws another network's map. */
class EmbeddingMapView {
  constructor(samples, classes) {
    this.samples = samples;
    this.classes = classes;
    this.pinned = null;
    this.hovered = null;
    this.withPictures = false;
    this.selected = null;
    this.canvas = el("canvas", { role: "img", tabindex: 0 });
    this.sprite = this.loadSprite();
    this.thumbnail = this.buildThumbnail();
    this.words = el("div");
    this.tip = el("div", { class: "tip map-tip", hidden: "" }, this.thumbnail, this.words);
    this.stage = el("div", { class: "map-stage" }, this.canvas, this.tip);
    this.element = el("div", { class: "map" }, this.stage, this.buildLegend());
    this.canvas.addEventListener("pointermove", (event) => this.point(event));
    this.canvas.addEventListener("pointerdown", (event) => this.point(event));
    this.canvas.addEventListener("pointerleave", () => this.select(null));
    this.canvas.addEventListener("blur", () => this.select(null));
    this.canvas.addEventListener("keydown", (event) => this.walk(event));
    new ResizeObserver(() => this.draw()).observe(this.stage);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.draw());
  }

  show(map) {
    this.map = map;
    this.select(null);
    this.canvas.setAttribute("aria-label", `${map.method}: ${map.points.length} test images as points, coloured and shaped by `
      + "class. Arrow keys walk from image to image.");
    this.draw();
  }

  loadSprite() {
    if (!this.samples.sprite_png) return null;
    const image = new Image();
    image.onload = () => this.draw();
    image.src = `data:image/png;base64,${this.samples.sprite_png}`;
    return image;
  }

  /** Draws the images themselves where there is room for them. */
  showPictures(wanted) {
    this.withPictures = wanted;
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
        markSwatch(color, label), className(this.classes, label));
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
    if (this.withPictures && this.sprite?.complete) this.drawPictures(context, order.reverse(), focus);
    context.globalAlpha = 1;
    if (this.selected !== null) this.drawRing(context, this.selected, 9, 2, ring);
  }

  drawPoint(context, i, focus, ring) {
    const [x, y] = this.position(this.map.points[i]);
    const label = this.samples.labels[i];
    context.globalAlpha = focus === null ? 0.85 : label === focus ? 1 : 0.1;
    context.fillStyle = classColor(label, this.classes.length);
    context.fill(new Path2D(markerPath(label, x, y, 3.9)));
    context.globalAlpha *= 0.6;
    if (this.isWrong(i)) this.drawRing(context, i, 6.4, 1, ring);
  }

  drawRing(context, i, radius, width, color) {
    const [x, y] = this.position(this.map.points[i]);
    context.strokeStyle = color;
    context.lineWidth = width;
    context.beginPath();
    context.arc(x, y, radius, 0, 2 * Math.PI);
    context.stroke();
  }

  /** One picture a cell of a grid, so that none hides another; the rest stay points. */
  drawPictures(context, order, focus) {
    const { side, columns, labels } = this.samples;
    const taken = new Set();
    context.lineWidth = 2;
    for (const i of order) {
      const [x, y] = this.position(this.map.points[i]);
      const cell = [x, y].map((v) => Math.floor(v / TILE_ROOM));
      if (taken.has(cell.join()) || (focus !== null && labels[i] !== focus)) continue;
      taken.add(cell.join());
      const [left, top] = cell.map((v) => v * TILE_ROOM + (TILE_ROOM - TILE) / 2);
      context.globalAlpha = 1;
      context.drawImage(this.sprite, (i % columns) * side, Math.floor(i / columns) * side, side, side, left, top, TILE, TILE);
      context.strokeStyle = classColor(labels[i], this.classes.length);
      context.strokeRect(left, top, TILE, TILE);
    }
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
    this.select(i < 0 || distances[i] > 14 ? null : i);
  }

  /** To the nearest point in the direction of an arrow key. */
  walk(event) {
    const direction = ARROWS[event.key];
    if (!direction) return;
    event.preventDefault();
    const side = this.stage.clientWidth;
    const from = this.selected === null ? [side / 2, side / 2] : this.position(this.map.points[this.selected]);
    const costs = this.map.points.map((point, i) => {
      const away = this.position(point).map((v, k) => v - from[k]);
      const ahead = away[0] * direction[0] + away[1] * direction[1];
      const aside = Math.abs(away[0] * direction[1]) + Math.abs(away[1] * direction[0]);
      return i === this.selected || ahead <= 0 || aside > ahead ? Infinity : ahead + aside;
    });
    const [least] = extent(costs);
    if (Number.isFinite(least)) this.select(costs.indexOf(least));
  }

  select(i) {
    this.tip.hidden = i === null;
    if (this.selected === i) return;
    this.selected = i;
    this.draw();
    if (i === null) return;
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

/** What a picture made this way shows, and what it does not. */
function mapWords(map, view) {
  const wrong = map.points.filter((_, i) => view.isWrong(i)).length;
  const trust = map.trustworthiness === null ? "" : ` Trustworthiness ${map.trustworthiness.toFixed(2)} (1: the ten nearest on the map are `
    + "near among the features too).";
  const reading = map.explained_variance === null
    ? "Neighbours mean something, distances between groups and their sizes do not."
    : `The two axes show ${percent(map.explained_variance, 0)} of the variance of the features; the rest is not visible here, `
      + "so points that overlap may still be far apart.";
  return `${map.method}, ${count(map.points.length)} test images. ${reading}${trust}`
    + (map.predictions.length > 0 ? ` Rings: ${wrong} images the classifier gets wrong.` : "");
}

function maps() {
  if (report.maps.length === 0 || report.samples.images.length === 0) return null;
  const view = new EmbeddingMapView(report.samples, classes);
  const words = note();
  const methods = unique(report.maps.map((map) => map.method));
  let [method, network] = [methods[0], null];
  const show = () => {
    const map = report.maps.find((entry) => entry.method === method && entry.seed === network.seed
      && subjectKey(entry.subject) === subjectKey(network.subject));
    // Only a projection head makes z: elsewhere the first map stands in, and the words say which it is.
    view.show(map ?? network);
    words.textContent = (map ? "" : `${subjectName(network.subject)} has no ${method}. `) + mapWords(map ?? network, view);
  };
  const pick = picker(report.maps, "Network of the map", (entry) => {
    network = entry;
    show();
  });
  const ways = segments("Kind of map", methods.map((name) => [name, name.replace(" of the features", "")]), (name) => {
    method = name;
    show();
  });
  const pictures = segments("Marks of the map", [[false, "points"], [true, "pictures"]], (wanted) => view.showPictures(wanted));
  return section("Embedding map", pick, el("div", { class: "picker" }, methods.length > 1 ? ways : null, view.sprite ? pictures : null),
    view.element, words);
}
