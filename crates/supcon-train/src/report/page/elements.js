// Building blocks of every page: elements and numbers. Comes first in the page's one script.
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

function section(title, ...children) {
  const id = title.toLowerCase().replace(/\W+/g, "-");
  return el("section", { "aria-labelledby": id }, el("h2", { id }, title), ...children);
}

const note = (...children) => el("p", { class: "note" }, ...children);

const unique = (values) => [...new Set(values)];
const percent = (share, digits = 1) => `${(100 * share).toFixed(digits)}\u00a0%`;
const count = (n) => n.toLocaleString("en");
const nats = (value) => value.toFixed(3);

/** With a minus sign of its own, and none before a zero. */
const fixed = (value, digits) => value.toFixed(digits).replace(/^-(?=[0.]+$)/, "").replace("-", "−");

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

/** A p-value; a sample of exchanges cannot tell small ones apart. */
const probability = ({ p_value: p, least }) => (p <= least && p < 0.01 ? `p ≤ ${Number(p.toPrecision(1))}`
  : `p = ${p < 0.01 ? Number(p.toPrecision(1)) : Number(p.toFixed(2))}`);

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

/** A table in a frame of its own that scrolls sideways on narrow screens. */
function scrolling(label, table) {
  return el("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": `${label}, scrolls` }, table);
}

/** Puts the parts on the page. */
function buildPage(parts) {
  document.getElementById("report").replaceChildren(...parts.flat().filter((part) => part !== null));
  // Paper cannot be clicked.
  addEventListener("beforeprint", () => document.querySelectorAll("details").forEach((details) => { details.open = true; }));
}
