// `node engine.js CHROMIUM ENGINE_FOLDER SUPCON [CASE]`: the engine in a worker, without the app's page.

import { serve } from "./server.js";
import { open } from "./browser.js";
import { desktop, difference } from "./desktop.js";

const [chromium, engine, supcon, wanted] = process.argv.slice(2);
const desk = await desktop(supcon);
const host = await serve({ tests: import.meta.dirname, desk: desk.folder, "": engine });
let failures = 0;

/** A page that loads the driver; what it complains about is a failure. */
async function openPage(context) {
  const page = await context.newPage();
  page.on("pageerror", (error) => tell("page", { failed: error.message }));
  await page.goto(`${host.address}/tests/worker.html`);
  await page.waitForFunction(() => window.runCase);
  return page;
}

function tell(name, { said, failed }, start = performance.now()) {
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  failures += failed ? 1 : 0;
  const words = typeof said === "object" ? "done" : said;
  console.log(`${failed ? "FAILED" : "ok"} ${name.replaceAll("_", " ")} (${seconds} s): ${failed ?? words}`);
}

async function run(page, name, argument) {
  const start = performance.now();
  const outcome = await page.evaluate(([of, with_]) => window.runCase(of, with_), [name, argument]);
  tell(name, outcome, start);
  return outcome.said;
}

/** Runs a case in a page of its own. */
async function runAlone(context, name) {
  const page = await openPage(context);
  await run(page, name);
  await page.close();
}

async function twoTabs(context) {
  const [first, second] = [await openPage(context), await openPage(context)];
  const held = await run(first, "holds_a_run");
  await run(second, "is_refused_a_run_in_use", held);
  await first.close();
  await run(second, "takes_over", held);
  await second.close();
}

/** The browser gives so little storage that no checkpoint fits. */
async function fullStorage(context) {
  const page = await openPage(context);
  const devtools = await context.newCDPSession(page);
  const { origin } = new URL(host.address);
  await devtools.send("Storage.overrideQuotaForOrigin", { origin, quotaSize: 50_000 });
  await run(page, "says_that_storage_is_full");
  await devtools.send("Storage.overrideQuotaForOrigin", { origin });
  await page.close();
}

/** Both ways between the desktop's program and the tab. */
async function travels(context) {
  const start = performance.now();
  const compare = (name, there, here) => {
    const differs = here ? difference(there, here) : "no result";
    const said = `kNN ${there.knn.top1.value} there and ${here?.knn.top1.value} here`;
    tell(name, differs ? { failed: differs } : { said }, start);
  };
  const page = await openPage(context);
  const trained = await desk.train();
  const opened = await run(page, "opens_a_run_of_the_desktop", "desk/desk.tar");
  compare("a network of the desktop measures the same in the tab", trained, opened?.measured);
  compare("a checkpoint of the desktop evaluates to the same in the tab", trained, opened?.evaluated);
  const given = await run(page, "gives_a_run_to_the_desktop");
  if (given) {
    const evaluated = await desk.goOn(given.run, given.archive);
    compare("a checkpoint of the tab evaluates to the same on the desktop", given.row, evaluated);
  }
  await page.close();
}

const isWanted = (name) => !wanted || name.includes(wanted);
const software = await open(chromium);
for (const name of [
  "another_version_is_told",
  "images_are_dropped",
  "a_software_gpu_is_left_for_the_faster_cpu",
  "stop_keeps_a_checkpoint_and_exports_come_back",
  "a_killed_worker_resumes_to_the_same_bits",
  "trains_on_webgpu",
]) {
  if (isWanted(name)) await runAlone(software.context, name);
}
if (isWanted("full_storage")) await fullStorage(software.context);
if (isWanted("two_tabs")) await twoTabs(software.context);
if (isWanted("travels")) await travels(software.context);
await software.close();
if (isWanted("without_webgpu_the_cpu_trains")) {
  const plain = await open(chromium, { webgpu: false });
  await runAlone(plain.context, "without_webgpu_the_cpu_trains");
  await plain.close();
}
host.close();
await desk.close();
process.exitCode = failures ? 1 : 0;
