// `node bench.js CHROMIUM SITE SUPCON APP ENGINE`: sizes and times of the page in SITE. APP and ENGINE are its
// modules as compiled, which still have names; SUPCON trains the same natively.

import { execFile } from "node:child_process";
import { readFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { open } from "./browser.js";
import { byCrate, weigh } from "./sizes.js";
import { serve } from "./server.js";

const call = promisify(execFile);
const [chromium, site, supcon, ...compiled] = process.argv.slice(2);
const MODULES = ["app", "engine"];
/** Of the crates shown; the others are added up. */
const MOST_CRATES = 16;
const LOADS = 5;
const STEPS = { cpu: 60, software: 20 };

const mb = (bytes) => (bytes / 1e6).toFixed(2);
const ms = (value) => value.toFixed(0);
const row = (...cells) => console.log(`| ${cells.join(" | ")} |`);

function table(title, ...columns) {
  console.log(`\n${title}\n`);
  row(...columns);
  row(...columns.map(() => "---"));
}

async function sizes() {
  table("MB", "module", "as compiled", "optimised", "gzip -9", "brotli");
  const sum = { gzip: 0, brotli: 0 };
  for (const [index, name] of MODULES.entries()) {
    const weight = weigh(await readFile(join(site, `${name}.wasm`)));
    const raw = (await readFile(compiled[index])).length;
    row(name, mb(raw), mb(weight.raw), mb(weight.gzip), mb(weight.brotli));
    sum.gzip += weight.gzip;
    sum.brotli += weight.brotli;
  }
  row("together", "", "", mb(sum.gzip), mb(sum.brotli));
}

async function crates() {
  for (const [index, name] of MODULES.entries()) {
    table(`Code of ${name} as compiled, by crate, kB`, "crate", "kB");
    const parts = byCrate(await readFile(compiled[index]));
    const kb = (bytes) => (bytes / 1e3).toFixed(0);
    parts.slice(0, MOST_CRATES).forEach(([part, bytes]) => row(part, kb(bytes)));
    const rest = parts.slice(MOST_CRATES);
    row(`${rest.length} others`, kb(rest.reduce((sum, [, bytes]) => sum + bytes, 0)));
  }
}

/** When the cover is gone and two frames were drawn: the canvas shows the app. */
function watchFirstFrame() {
  addEventListener("DOMContentLoaded", () => {
    const cover = document.getElementById("loading");
    const look = () => {
      if (!cover?.hidden) return requestAnimationFrame(look);
      return requestAnimationFrame(() => requestAnimationFrame(() => (window.firstFrame = performance.now())));
    };
    look();
  });
}

async function load(browser, address) {
  const page = await browser.context.newPage();
  await page.addInitScript(watchFirstFrame);
  await page.goto(`${address}/index.html`);
  await page.waitForFunction(() => window.firstFrame, null, { timeout: 120_000 });
  const frame = await page.evaluate(() => window.firstFrame);
  const isReady = () => /^Ready/.test(document.getElementById("status").textContent) && performance.now();
  const ready = await (await page.waitForFunction(isReady, null, { timeout: 120_000 })).jsonValue();
  await page.close();
  return { frame, ready };
}

/** The first load of a profile compiles the modules; later ones find them compiled. */
async function loads(address) {
  table("From navigation, ms", "browser", "load", "first frame", "images ready");
  for (const [name, webgpu] of [["WebGPU on SwiftShader", true], ["without WebGPU", false]]) {
    const browser = await open(chromium, { webgpu });
    for (let index = 1; index <= LOADS; index += 1) {
      const { frame, ready } = await load(browser, address);
      row(name, index, ms(frame), ms(ready));
    }
    await browser.close();
  }
}

/** Views a second of the program, by its log. */
async function natively(device, threads, steps) {
  const folder = await mkdtemp(join(tmpdir(), "supcon-bench-"));
  const out = join(folder, "run");
  const set = [`contrastive.length=${steps} steps`, "linear.length=1 steps"].flatMap((text) => ["--set", text]);
  const how = ["--device", device, "--threads", String(threads), "--no-watch", "--skip-selftest"];
  await call(supcon, ["train", "--preset", "browser-smoke", "--out", out, ...how, ...set]);
  const lines = (await readFile(join(out, "events.jsonl"), "utf8")).trim().split("\n");
  const found = lines.map((line) => JSON.parse(line).msg.step).filter(Boolean);
  await rm(folder, { recursive: true, force: true });
  const speeds = found.slice(1).map((step) => 2 * step.images_per_second);
  return speeds.sort((a, b) => a - b)[Math.floor(speeds.length / 2)];
}

async function courses(context, address) {
  const page = await context.newPage();
  await page.goto(`${address}/tests/measures.html`);
  await page.waitForFunction(() => window.measure);
  const measure = (name, argument) => page.evaluate(([of, with_]) => window.measure(of, with_), [name, argument]);
  const config = await preset("browser-shapes");
  table("From Train in the worker, ms", "preset", "device", "first step", "first map", "first moved map", "views/s");
  const show = (preset, { description, step, map, movedMap, views }) =>
    row(preset, description, ms(step), ms(map), ms(movedMap), views.toFixed(0));
  show("browser-shapes", await measure("course", { config, device: "cpu", steps: STEPS.cpu }));
  show("browser-smoke", await measure("course", { device: "cpu", steps: STEPS.cpu }));
  const watch = { images: 200, every: 5, budget: 0.5, map: "pca", record: true };
  show("browser-smoke", await measure("course", { device: "software", steps: STEPS.software, watch }));
  for (const [device, threads] of [["cpu", 1], ["cpu", 2], ["software", 2]]) {
    const views = await natively(device, threads, STEPS[device]);
    row("browser-smoke", `natively: ${device}, ${threads} threads`, "", "", "", views.toFixed(0));
  }
  const { idle, training, bytes, reading } = await measure("wire", { config });
  table("Messages between page and worker", "what", "figure");
  row("there and back, idle", `${idle.median.toFixed(2)} ms, at most ${idle.most.toFixed(1)}`);
  row("there and back, training browser-shapes", `${ms(training.median)} ms, at most ${ms(training.most)}`);
  row("largest message", `${(bytes / 1e3).toFixed(0)} kB, read in ${reading.toFixed(1)} ms`);
  await page.close();
}

async function preset(name) {
  return JSON.parse((await call(supcon, ["presets", "--json", "--show", name])).stdout);
}

await sizes();
await crates();
const host = await serve({ tests: import.meta.dirname, "": site });
await loads(host.address);
const { context, close } = await open(chromium);
await courses(context, host.address);
await close();
host.close();
