// What people meet on the page. Each visit gets a browser that the ones before it used, and throws if something is
// not as it should be.

import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { picture } from "./pictures.js";
import { Window, fragment } from "./window.js";

const call = promisify(execFile);
/** A canvas without a picture is a few thousand bytes. */
const PICTURE_BYTES = 30_000;
/** A run of some ten seconds, and one that outlasts every test. */
const SMOKE = fragment('preset = "browser-smoke"\n');
const LONG = fragment('preset = "browser-smoke"\ncontrastive.length = "20000 steps"\n');

function check(holds, what) {
  if (!holds) throw new Error(what);
}

function hasNoComplaints(window) {
  check(window.complaints.length === 0, `the page complained: ${window.complaints.join("; ")}`);
}

/** Opens the page, waits for images and a picture, and has it train. */
async function loads_and_trains({ context, address, pictures }) {
  const window = await Window.open(context, address);
  const ready = await window.page.textContent("#status");
  const seen = await window.page.screenshot({ timeout: 120_000 });
  check(seen.length > PICTURE_BYTES, `a picture of ${seen.length} bytes`);
  await window.press("Train");
  const trains = await window.hears(/^Training/);
  await window.picture(pictures, "training");
  hasNoComplaints(window);
  return `${ready} → ${trains}`;
}

/** Places of the points in a map saved as SVG. */
function points({ bytes }) {
  const text = bytes.toString();
  return [...text.matchAll(/<circle cx="([^"]+)" cy="([^"]+)"|points="([^"]+)"/g)].map((found) => found.slice(1).join());
}

/** The map moves, and comes out as a picture, shapes and a film; the page draws on while the film is made. */
async function the_map_moves_and_is_saved({ context, address, pictures }) {
  const window = await Window.open(context, address, { hash: LONG });
  await window.press("Train");
  await window.sees(/^(\d+) \/ \1$/);
  const early = points(await window.saves("Save map as SVG…"));
  let moved = 0;
  for (let tries = 0; moved <= early.length / 2 && tries < 30; tries += 1) {
    await window.page.waitForTimeout(1000);
    const late = points(await window.saves("Save map as SVG…"));
    check(early.length > 50 && early.length === late.length, `${early.length} points, then ${late.length}`);
    moved = late.filter((place, index) => place !== early[index]).length;
  }
  check(moved > early.length / 2, `${moved} of ${early.length} points moved`);
  const png = await window.saves("Save map as PNG…");
  check(png.bytes.subarray(1, 4).toString() === "PNG" && png.bytes.length > PICTURE_BYTES, `PNG of ${png.bytes.length}`);
  await window.page.evaluate(() => {
    window.drawn = 0;
    const count = () => {
      window.drawn += 1;
      requestAnimationFrame(count);
    };
    count();
  });
  const gif = await window.saves("Save film as GIF…");
  const drawn = await window.page.evaluate(() => window.drawn);
  check(gif.bytes.subarray(0, 3).toString() === "GIF", "no GIF");
  if (pictures) await writeFile(join(pictures, "film.gif"), gif.bytes);
  if (pictures) await writeFile(join(pictures, "map saved.png"), png.bytes);
  check(drawn >= 3, `${drawn} frames while the film was made`);
  await window.picture(pictures, "map");
  await window.press("Stop");
  await window.hears(/^Stopped/);
  hasNoComplaints(window);
  return `${moved} of ${early.length} points moved; ${png.bytes.length} and ${gif.bytes.length} bytes; ${drawn} frames meanwhile`;
}

/** A run goes to the desktop's program, is deleted here, and comes back by being dropped. */
async function a_run_leaves_and_comes_back({ context, address, supcon, pictures }) {
  const folder = await mkdtemp(join(tmpdir(), "supcon-visit-"));
  const window = await Window.open(context, address, { hash: SMOKE });
  await window.press("Train");
  await window.hears(/^Finished/);
  await window.picture(pictures, "finished");
  await window.press("New run");
  await window.sees(/^[1-9]\d* kept$/);
  await window.press("Runs in this browser…");
  // The list as it is by now; the newest stands first.
  await window.sees(/^finished · /);
  const run = (await window.sees(/^browser-smoke-\d+$/)).trim();
  await window.picture(pictures, "kept runs");
  const given = await window.takes(`Download ${run}`);
  check(given.name === `${run}.tar`, given.name);
  await call("tar", ["xf", given.path, "-C", folder]);
  const evaluated = await call(supcon, ["eval", join(folder, run), "--json"]);
  check(/"trained"/.test(evaluated.stdout), evaluated.stdout);
  await window.press(`Delete ${run}`);
  await window.press(`Really delete ${run}`);
  await window.control(`Download ${run}`).waitFor({ state: "detached", timeout: 120_000 });
  await window.press("Close");
  await writeFile(join(folder, given.name), given.bytes);
  await window.drop(join(folder, given.name));
  const back = await window.hears(/^Finished. Test accuracy/);
  await rm(folder, { recursive: true });
  hasNoComplaints(window);
  return back;
}

async function writePictures(folder, classes, each) {
  for (const [label, name] of classes.entries()) {
    await mkdir(join(folder, name), { recursive: true });
    for (let index = 0; index < each; index += 1) {
      await writeFile(join(folder, name, `${index}.bmp`), picture(label * each + index));
    }
  }
}

/** Images are dropped and picked; a broken one is named, and can be left out. */
async function images_are_dropped_and_picked({ context, address, pictures }) {
  const folder = await mkdtemp(join(tmpdir(), "supcon-visit-"));
  const pets = join(folder, "pets");
  await writePictures(pets, ["cats", "dogs", "owls"], 20);
  const window = await Window.open(context, address);
  await window.drop(pets);
  await window.hears(/^Ready to train on pets/);
  const flowers = join(folder, "flowers");
  await writePictures(flowers, ["roses", "tulips"], 20);
  await writeFile(join(flowers, "roses", "torn.bmp"), picture(0).subarray(0, 60));
  await window.drop(flowers);
  const refused = await window.hears(/torn\.bmp/);
  check(/Leave out unreadable pictures/.test(refused) && !/--/.test(refused), refused);
  await window.picture(pictures, "broken picture");
  await window.press("OK");
  await window.press("Leave out unreadable pictures", "checkbox");
  const without = await window.hears(/1 images that cannot be decoded left out/);
  await call("tar", ["cf", "pets.tar", "pets"], { cwd: folder });
  await window.isTouched();
  const picker = window.page.waitForEvent("filechooser", { timeout: 120_000 });
  await window.press("File…");
  await (await picker).setFiles(join(folder, "pets.tar"));
  await window.hears(/^Ready to train on pets\.tar|pets\.tar/);
  await rm(folder, { recursive: true });
  hasNoComplaints(window);
  return without;
}

/** A worker that crashes is said, and its run goes on. */
async function a_crashed_worker_resumes({ context, address, pictures }) {
  const window = await Window.open(context, address, { hash: SMOKE });
  await window.press("Train");
  await window.hears(/percent done/);
  const [worker] = window.page.workers();
  await worker.evaluate(() => void setTimeout(() => { throw new Error("made up"); }));
  const said = await window.hears(/engine stopped unexpectedly/);
  await window.picture(pictures, "crashed");
  await window.press("Resume from the last checkpoint");
  await window.hears(/^Finished/);
  return said;
}

/** Closing the tab interrupts a run; the next visit offers it. A second tab leaves it alone. */
async function a_closed_tab_resumes_and_two_tabs_share_nothing({ context, address, pictures }) {
  const first = await Window.open(context, address, { hash: LONG });
  await first.press("Train");
  await first.hears(/percent done/);
  const second = await Window.open(context, address);
  await second.sees(/^[1-9]\d* kept$/);
  await second.press("Runs in this browser…");
  await second.sees(/^training now/);
  const run = (await second.sees(/^browser-smoke-\d+$/)).trim();
  const isOff = (name) => second.control(`${name} ${run}`).getAttribute("aria-disabled");
  check((await isOff("Resume")) === "true" && (await isOff("Delete")) === "true", "the second tab offers the run");
  await second.close();
  await first.close();
  const third = await Window.open(context, address);
  await third.sees(new RegExp(`${run} was interrupted`));
  await third.picture(pictures, "interrupted");
  await third.press("Resume it");
  await third.hears(/^Training/);
  await third.press("Stop");
  await third.hears(/^Stopped/);
  hasNoComplaints(third);
  return run;
}

/** The browser takes the graphics device away: made up, as no page can ask a browser for that. */
async function a_lost_device_is_said({ context, address, pictures }) {
  const before = (page) =>
    page.addInitScript(() => {
      const lost = new Promise((lose) => (window.loseDevice = lose));
      Object.defineProperty(GPUDevice.prototype, "lost", { get: () => lost });
    });
  const window = await Window.open(context, address, { before });
  await window.page.evaluate(() => window.loseDevice({ reason: "unknown", message: "The GPU process crashed." }));
  await window.page.locator("#failure").waitFor({ state: "visible", timeout: 120_000 });
  const said = `${await window.page.textContent("#fact")} ${await window.page.textContent("#way-out")}`;
  await window.picture(pictures, "lost device");
  check(/took the graphics device away. The GPU process crashed/.test(said) && /Reload/.test(said), said);
  await window.page.locator("#reload").click();
  await window.hears(/^Ready to train/);
  return said;
}

/** A worker of another version came out of a cache. */
async function a_cached_worker_of_another_version_is_told({ context, address, pictures }) {
  const stub = 'postMessage({ kind: "ready", protocol: 999 });';
  const before = (page) =>
    page.route("**/worker.js", (route) => route.fulfill({ contentType: "text/javascript", body: stub }));
  const window = await Window.open(context, address, { before, ready: /version 999/ });
  const said = await window.page.textContent("#status");
  check(/reload the page/i.test(said), said);
  await window.picture(pictures, "another version");
  return said;
}

/** As if the tab had been away for a minute in which little happened. */
async function a_throttled_tab_says_so({ context, address, pictures }) {
  const before = (page) =>
    page.addInitScript(() => {
      const now = Date.now;
      window.away = { isHidden: false, milliseconds: 0 };
      Date.now = () => now() + window.away.milliseconds;
      Object.defineProperty(Document.prototype, "hidden", { get: () => window.away.isHidden });
    });
  const window = await Window.open(context, address, { hash: LONG, before });
  await window.press("Train");
  await window.hears(/percent done/);
  await window.page.waitForTimeout(2000);
  const set = (away) => window.page.evaluate((values) => Object.assign(window.away, values), away);
  await set({ isHidden: true });
  await window.page.waitForTimeout(1000);
  await set({ milliseconds: 60_000 });
  await set({ isHidden: false });
  const said = await window.sees(/^Hidden for/);
  check(/slows hidden tabs down/.test(said), said);
  await window.picture(pictures, "throttled");
  await window.press("Stop");
  await window.hears(/^Stopped/);
  return said;
}

/** Storage for less than a checkpoint. */
async function a_full_storage_is_said({ context, address, pictures }) {
  const window = await Window.open(context, address, { hash: SMOKE });
  const devtools = await context.newCDPSession(window.page);
  const { origin } = new URL(address);
  await devtools.send("Storage.overrideQuotaForOrigin", { origin, quotaSize: 50_000 });
  await window.press("Train");
  const said = await window.hears(/no more storage/);
  await window.picture(pictures, "full storage");
  await devtools.send("Storage.overrideQuotaForOrigin", { origin });
  return said;
}

/** A link carries settings; the address is free of them afterwards. */
async function a_link_carries_settings({ context, address }) {
  const { origin } = new URL(address);
  await context.grantPermissions(["clipboard-read", "clipboard-write"], { origin });
  const hash = fragment('preset = "browser-shapes"\ncontrastive.temperature = 0.25\n');
  const window = await Window.open(context, address, { hash });
  const temperature = (of) => of.control(/^Temperature/, "slider").getAttribute("aria-valuetext");
  check(Number(await temperature(window)) === 0.25, `τ is ${await temperature(window)}`);
  check(!(await window.page.evaluate(() => location.hash)), "the fragment stays");
  await window.isTouched();
  await window.press("Copy a link to these settings");
  await window.sees(/^The link is copied/);
  const link = await window.page.evaluate(() => navigator.clipboard.readText());
  check(link.startsWith(`${address}/index.html#config=`), link);
  const second = await Window.open(context, address, { hash: new URL(link).hash });
  check(Number(await temperature(second)) === 0.25, "the copied link has another τ");
  const bad = await Window.open(context, address, { hash: "#config=!!", ready: /cut short/ });
  hasNoComplaints(bad);
  return `${link.length} characters`;
}

/** Five steps, each of which moves the app. */
async function the_tour_is_walked({ context, address, pictures }) {
  const window = await Window.open(context, address, { hash: SMOKE });
  await window.press("Tour");
  const titles = [/^What is a view/, /^What pulls, what pushes/, /^Watch the classes/, /^Who pulls how hard/, /^Why L_out/];
  for (const [index, title] of titles.entries()) {
    if (index > 0) await window.press("Next");
    await window.sees(title);
    if (index === 1) await window.hears(/^Training/);
    await window.page.waitForTimeout(500);
    await window.picture(pictures, `tour ${index + 1}`);
  }
  await window.press("Done");
  hasNoComplaints(window);
  return `${titles.length} steps`;
}

/** Keys alone train; little motion is heeded when the system asks for it. */
async function keys_and_little_motion({ context, address }) {
  const window = await Window.open(context, address, { hash: SMOKE });
  await window.page.keyboard.press("Control+Enter");
  await window.hears(/^Training/);
  const reduces = async (reducedMotion, wanted) => {
    await window.page.emulateMedia({ reducedMotion });
    await window.press("View ▾");
    const box = window.control("Reduce motion", "checkbox");
    const state = async () => `${await box.getAttribute("aria-checked")} ${await box.getAttribute("aria-disabled")}`;
    const found = await window.becomes(state, wanted);
    await window.press("View ▾");
    await box.waitFor({ state: "detached", timeout: 120_000 });
    check(found === wanted, `with ${reducedMotion} the box is ${found} where ${wanted} was expected`);
  };
  await reduces("reduce", "true true");
  await reduces("no-preference", "false null");
  hasNoComplaints(window);
  return "Ctrl+Enter trains";
}

/** Portrait, one pane at a time. */
async function a_phone_trains({ context, address, pictures }) {
  const before = (page) => page.setViewportSize({ width: 390, height: 844 });
  const window = await Window.open(context, address, { hash: SMOKE, before });
  await window.picture(pictures, "phone setup");
  await window.press("Train");
  await window.hears(/^Finished/);
  for (const pane of ["Embedding", "Views", "Curves", "Pairs", "Similarities", "Results", "Compare"]) {
    await window.press(pane);
    await window.page.waitForTimeout(700);
    await window.picture(pictures, `phone ${pane}`);
  }
  hasNoComplaints(window);
  return "390 × 844";
}

export const SUPPORTED = {
  loads_and_trains,
  the_map_moves_and_is_saved,
  a_run_leaves_and_comes_back,
  images_are_dropped_and_picked,
  a_crashed_worker_resumes,
  a_closed_tab_resumes_and_two_tabs_share_nothing,
  a_cached_worker_of_another_version_is_told,
  a_throttled_tab_says_so,
  a_full_storage_is_said,
  a_link_carries_settings,
  the_tour_is_walked,
  keys_and_little_motion,
  a_phone_trains,
  a_lost_device_is_said,
};

export const WITHOUT_WEBGPU = { loads_and_trains_without_webgpu: loads_and_trains };
