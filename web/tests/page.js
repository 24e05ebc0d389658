// `node page.js CHROMIUM SITE`: the whole page under a sub-path, as a static host serves it.

import { serve } from "./server.js";
import { open } from "./browser.js";

const [chromium, site] = process.argv.slice(2);
const host = await serve({ "": site });
/** A canvas without a picture is a few thousand bytes. */
const PICTURE_BYTES = 30_000;
let failures = 0;

/** Waits until the page's sentence for screen readers matches. */
async function hears(page, pattern, seconds) {
  const matches = (source) => new RegExp(source).test(document.getElementById("status").textContent);
  await page.waitForFunction(matches, pattern.source, { timeout: seconds * 1000 });
  return page.textContent("#status");
}

/** Opens the page, waits for images and a picture, and has it train. */
async function loadsAndTrains(name, options) {
  const start = performance.now();
  const { context, close } = await open(chromium, options);
  const page = await context.newPage();
  const complaints = [];
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(error.message));
  let said;
  try {
    await page.goto(`${host.address}/index.html`);
    const ready = await hears(page, /^Ready to train/, 120);
    const picture = await page.screenshot({ timeout: 60_000 });
    if (picture.length < PICTURE_BYTES) complaints.push(`a picture of ${picture.length} bytes`);
    await page.getByRole("button", { name: "Train", exact: true }).first().dispatchEvent("click");
    said = `${ready} → ${await hears(page, /^Training/, 120)}`;
  } catch (error) {
    complaints.push(error.message);
  }
  await close();
  failures += complaints.length;
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(`${complaints.length ? "FAILED" : "ok"} ${name} (${seconds} s): ${complaints.join("; ") || said}`);
}

await loadsAndTrains("the page trains", {});
await loadsAndTrains("the page trains without WebGPU", { webgpu: false });
host.close();
process.exitCode = failures ? 1 : 0;
