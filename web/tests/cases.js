// What the engine in a worker must do. Each case runs in a page of its own and throws if it does not.

import { Engine, encode, floats, words } from "./driver.js";
import { folderOfPictures, picture } from "./pictures.js";
import { SMOKE, begin, check, contrastiveLosses, mean, quick, startRequest } from "./runs.js";

/** The loss of the first step of each contrastive stage on the processor. */
async function firstLosses(config) {
  const engine = new Engine();
  begin(engine, config, "cpu", { images: 24, every: 15, map: "pca" }, 1);
  await engine.until("end", (run) => run.hasState("finished"));
  engine.kill();
  return contrastiveLosses(engine).map((steps) => steps[0].loss);
}

export const cases = {
  /** The whole of it: three seeds on the browser's software GPU. */
  async trains_on_webgpu() {
    const engine = new Engine();
    // A processor that plays GPU takes a second for a step and more.
    const config = {
      ...SMOKE,
      seeds: [0, 1, 2],
      data: { ...SMOKE.data, shapes_train: 400, shapes_test: 100, validation_fraction: 0.2 },
      contrastive: { ...SMOKE.contrastive, length: "45 steps" },
      linear: { ...SMOKE.linear, length: "5 steps" },
    };
    const onCpu = await firstLosses(config);
    begin(engine, config, "software", { images: 24, every: 15, map: "pca" }, 1);
    const stage = (run) => run.events("stage_started").find((info) => info.plan.kind === "contrastive");
    await engine.until("contrastive stage", stage, { seconds: 300 });
    const asked = performance.now();
    engine.command("pause");
    await engine.until("pause", (run) => run.hasState("paused"), { seconds: 120 });
    const answered = performance.now() - asked;
    engine.command("save_checkpoint");
    engine.command("continue");
    await engine.until("end", (run) => run.hasState("finished"), { seconds: 1800 });

    const device = engine.of("device").find((told) => told.is_software);
    check(device, "the device is not called software");
    const losses = contrastiveLosses(engine);
    check(losses.length === 3, `${losses.length} contrastive stages instead of 3`);
    const falls = losses.map((steps) => {
      const values = steps.map((step) => step.loss);
      return mean(values.slice(0, 10)) - mean(values.slice(-10));
    });
    check(Math.min(...falls) > 0.1, `the loss fell by ${falls.map((fall) => fall.toFixed(2))} nats`);
    // The same images, views and weights: the processor's losses but for rounding, which grows from step to step.
    const apart = losses.map((steps, stage) => Math.abs(steps[0].loss - onCpu[stage]));
    check(Math.max(...apart) < 1e-4, `the first losses are ${apart} nats from the processor's`);
    const rows = engine.events("evaluated").filter((row) => typeof row.subject === "object");
    const knn = rows.map((row) => row.knn.top1.value);
    check(knn.length === 3, `${knn.length} evaluated networks instead of 3`);
    // Four classes: chance is 0.25; that of 100 test images has a standard error of 0.043.
    check(Math.min(...knn) > 0.37, `kNN accuracies ${knn} are not 12 points above chance`);
    const frames = engine.of("embedding").map((frame) => floats(frame.z));
    check(frames.length >= 6 && frames.every((z) => z.every(Number.isFinite)), "embeddings");
    const maps = engine.of("map").map((map) => floats(map.points));
    const moves = maps.slice(1).some((map, index) => map.some((x, at) => x !== maps[index][at]));
    check(maps.length >= 6 && moves, `${maps.length} maps, moving: ${moves}`);
    const speeds = losses.flat().map((step) => step.images_per_second);
    return [
      device.description,
      `loss fell by ${falls.map((fall) => fall.toFixed(2)).join(", ")}`,
      `at most ${Math.max(...apart).toExponential(1)} nats from the processor's at the first step`,
      `kNN ${knn.map((top1) => (100 * top1).toFixed(0)).join(", ")} % (chance 25 %)`,
      `${mean(speeds).toFixed(0)} images/s`,
      `pause answered in ${answered.toFixed(0)} ms`,
      `${frames.length} embeddings, ${maps.length} maps`,
    ].join("; ");
  },

  async a_software_gpu_is_left_for_the_faster_cpu() {
    const engine = new Engine();
    await engine.until("device", (run) => run.of("device")[0]);
    const { description, is_software } = engine.of("device")[0];
    check(/^CPU/.test(description) && /software/.test(description), description);
    check(!is_software, "the CPU is no software GPU");
    begin(engine, quick(), "auto");
    await engine.until("end", (run) => run.hasState("finished"));
    const speeds = contrastiveLosses(engine).flat().map((step) => step.images_per_second);
    return `${description}; ${mean(speeds).toFixed(0)} images/s`;
  },

  async without_webgpu_the_cpu_trains() {
    check(!(await navigator.gpu?.requestAdapter()), "this browser has WebGPU");
    const engine = new Engine();
    await engine.until("device", (run) => run.of("device")[0]);
    const { description } = engine.of("device")[0];
    check(/^CPU/.test(description) && /no WebGPU/.test(description), description);
    begin(engine, quick(), "auto");
    await engine.until("end", (run) => run.hasState("finished"));
    engine.request(startRequest(quick(), "gpu"));
    const refused = await engine.until("refusal", (run) => run.of("failed")[0], { failures: true });
    check(/no GPU was found/.test(words(refused)), words(refused));
    return description;
  },

  async a_killed_worker_resumes_to_the_same_bits() {
    const whole = new Engine();
    begin(whole, quick(), "cpu");
    await whole.until("end", (run) => run.hasState("finished"));
    const expected = whole.events("evaluated");
    whole.kill();

    const first = new Engine();
    begin(first, quick(), "cpu");
    const run = (await first.until("run", (engine) => engine.of("run_opened")[0]));
    const isUnderWay = (engine) => engine.events("checkpoint").some(({ stage, step }) => stage === 1 && step >= 10);
    await first.until("checkpoint", isUnderWay);
    first.kill();
    const second = new Engine();
    second.request({ resume: run });
    await second.until("end", (engine) => engine.hasState("finished"));
    const found = second.events("evaluated");
    check(JSON.stringify(found.map(comparable)) === JSON.stringify(expected.map(comparable)), "results differ");
    const seqs = second.of("event").map((envelope) => envelope.seq);
    check(seqs.every((seq, index) => seq === index), "the log has gaps or duplicates");
    second.request({ resume: run });
    const refused = await second.until("refusal", (engine) => engine.of("failed")[0], { failures: true });
    check(/is finished/.test(words(refused)), words(refused));
    return `${run}: ${found.length} results equal`;
  },

  async stop_keeps_a_checkpoint_and_exports_come_back() {
    const engine = new Engine();
    begin(engine, quick(), "cpu");
    const run = await engine.until("run", (found) => found.of("run_opened")[0]);
    await engine.until("frame", (found) => found.of("map")[0]);
    engine.command("stop");
    await engine.until("stop", (found) => found.hasState("stopped"));
    const { name, blob } = await engine.store("export", { run });
    check(name === `${run}.tar` && blob.size > 10_000, `${name} of ${blob.size} bytes`);
    const imported = await engine.store("import", { file: new File([blob], name) });
    check(imported.run !== run, "the import took the place of the run");
    const { files } = await engine.store("files", { run });
    const copies = await engine.store("files", { run: imported.run });
    check(JSON.stringify(files) === JSON.stringify(copies.files), "other files came back");
    for (const file of files) {
      const [a, b] = await Promise.all(
        [run, imported.run].map((of) => engine.store("read", { run: of, name: file.name })),
      );
      check(a.bytes.length === file.bytes, `${file.name} has another length`);
      check(a.bytes.every((byte, at) => byte === b.bytes[at]), `${file.name} differs`);
    }
    const { runs } = await engine.store("list");
    const listed = runs.find((entry) => entry.run === imported.run);
    check(listed && !listed.finished && !listed.in_use, JSON.stringify(runs));
    engine.request({ resume: imported.run });
    await engine.until("end", (found) => found.hasState("finished"));
    await engine.store("delete", { run: imported.run });
    const gone = await engine.store("read", { run: imported.run, name: "config.toml" }).catch((error) => error);
    check(/there is no run/.test(gone.message), String(gone.message));
    for (const bytes of [[], [1, 2, 3], new Uint8Array(2048)]) {
      const file = new File([new Uint8Array(bytes)], "broken.tar");
      const refused = await engine.store("import", { file }).catch((error) => error);
      check(refused instanceof Error && /broken\.tar/.test(refused.message), String(refused.message));
    }
    const { usage, quota } = await engine.store("estimate");
    check(quota > usage, `${usage} of ${quota} bytes`);
    return `${files.length} files, ${blob.size} bytes`;
  },

  async images_are_dropped() {
    const engine = new Engine();
    const data = { ...SMOKE.data, source: "images", side: 16 };
    engine.files("pets", folderOfPictures(["cats", "dogs", "owls"], 20));
    engine.request({ load_data: { config: data, place: "pets" } });
    const info = await engine.until("images", (found) => found.of("data_loaded")[0]);
    check(info.classes.join() === "cats,dogs,owls", info.classes.join());
    check(info.images.reduce((sum, n) => sum + n) === 60, info.images.join());
    engine.request({ preview_views: { views: SMOKE.views, images: [0, 1, 2], seed: 1 } });
    const sheet = await engine.until("preview", (found) => found.of("preview")[0]);
    check(atob(sheet.pixels).length === 3 * sheet.n_views * 16 * 16 * 3, "pixels of the preview");
    const refusal = async (place, files) => {
      const before = engine.of("failed").length;
      engine.files(place, files);
      engine.request({ load_data: { config: data, place } });
      const look = (found) => found.of("failed")[before];
      return words(await engine.until("refusal", look, { failures: true }));
    };
    const torn = folderOfPictures(["cats", "dogs"], 3);
    torn[4].file = new File([picture(0).slice(0, 60)], "torn.bmp");
    const broken = await refusal("torn", torn);
    check(broken.includes(torn[4].path), broken);
    const empty = await refusal("letters.zip", [{ path: "letters.zip", file: new File([], "letters.zip") }]);
    check(/letters\.zip/.test(empty), empty);
    engine.request({ load_data: { config: data, place: "never given" } });
    const look = (found) => found.of("failed").map(words).find((text) => /never given/.test(text));
    const gone = await engine.until("refusal", look, { failures: true });
    check(/give them again/.test(gone), gone);
    return broken;
  },

  async another_version_is_told() {
    const engine = new Engine();
    const { protocol } = await engine.until("ready", (found) => found.ready);
    check(protocol === 1, `protocol ${protocol}`);
    engine.worker.postMessage({ kind: "request", bytes: encode({ resume: "x" }, 999) });
    const told = await engine.until("refusal", (found) => found.broken, { failures: true });
    check(/version 1.*version 999.*reload/.test(told), told);
    return told;
  },

  /** With a quota of less than a checkpoint. */
  async says_that_storage_is_full() {
    const engine = new Engine();
    begin(engine, quick(), "cpu");
    const refused = await engine.until("refusal", (found) => found.of("failed")[0], { failures: true });
    check(/no more storage/.test(words(refused)), words(refused));
    return words(refused);
  },

  /** In two pages; the first holds its run until the second has been refused. */
  async holds_a_run() {
    window.engine = new Engine();
    begin(window.engine, SMOKE, "cpu");
    const run = await window.engine.until("run", (found) => found.of("run_opened")[0]);
    window.engine.command("pause");
    await window.engine.until("pause", (found) => found.hasState("paused"));
    return run;
  },

  async is_refused_a_run_in_use(run) {
    const engine = new Engine();
    engine.request({ resume: run });
    const refused = await engine.until("refusal", (found) => found.of("failed")[0], { failures: true });
    check(/another tab/.test(words(refused)), words(refused));
    const { runs } = await engine.store("list");
    check(runs.find((entry) => entry.run === run).in_use, "the list does not say so");
    const kept = await engine.store("delete", { run }).catch((error) => error);
    check(/another tab/.test(kept.message), String(kept.message));
    const { bytes } = await engine.store("read", { run, name: "config.toml" });
    check(bytes.length > 100, "it cannot be looked into");
    return words(refused);
  },

  /** The archive of a desktop's run, its end cut off: its networks are measured here as they are, and the run goes on. */
  async opens_a_run_of_the_desktop(archive) {
    const engine = new Engine();
    const bytes = await (await fetch(archive)).arrayBuffer();
    const { run } = await engine.store("import", { file: new File([bytes], "desk.tar") });
    engine.request({ measure: run });
    const measured = await engine.until("measures", (found) => found.of("measured")[0]);
    check(measured.run === run, measured.run);
    engine.request({ resume: run });
    await engine.until("end", (found) => found.hasState("finished"));
    return { measured: measured.rows.at(-1), evaluated: engine.events("evaluated").at(-1) };
  },

  /** A finished run, as an archive in base64, and what was evaluated. */
  async gives_a_run_to_the_desktop() {
    const engine = new Engine();
    begin(engine, quick(), "cpu");
    const run = await engine.until("run", (found) => found.of("run_opened")[0]);
    await engine.until("end", (found) => found.hasState("finished"));
    const { blob } = await engine.store("export", { run });
    const bytes = new Uint8Array(await blob.arrayBuffer());
    const binary = bytes.reduce((text, byte) => text + String.fromCharCode(byte), "");
    return { run, archive: btoa(binary), row: engine.events("evaluated").at(-1) };
  },

  /** After the page that held it was closed. */
  async takes_over(run) {
    const engine = new Engine();
    engine.request({ resume: run });
    await engine.until("stage", (found) => found.events("stage_started")[0]);
    engine.command("stop");
    await engine.until("stop", (found) => found.hasState("stopped"));
    return run;
  },
};

/** A result without what a clock says. */
function comparable(row) {
  return JSON.parse(JSON.stringify(row, (key, value) => (/seconds|secs|per_second/.test(key) ? 0 : value)));
}

/** Runs a case: what it says, or why it failed. */
window.runCase = async (name, argument) => {
  try {
    return { said: await cases[name](argument) };
  } catch (error) {
    return { failed: error.message };
  }
};
