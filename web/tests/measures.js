// What `cargo xtask bench web` measures inside a tab, with the engine in its worker.

import { Engine, floats } from "./driver.js";
import { SMOKE, begin, contrastiveLosses, median, startRequest } from "./runs.js";

/** What the window watches by itself. */
const WATCHED = { images: 1000, every: 0, budget: 0.1, record: true };
/** Steps that are slower because everything in them happens for the first time. */
const WARM_UP = 5;

function short(steps) {
  return {
    ...SMOKE,
    contrastive: { ...SMOKE.contrastive, length: `${steps} steps` },
    linear: { ...SMOKE.linear, length: "1 steps" },
  };
}

/** The steps in which the encoder learns; those of a linear classifier are many times faster. */
const encoderSteps = (engine) => contrastiveLosses(engine).flat();

/** Views a second: images of a step count once for every view. */
function viewsPerSecond(engine) {
  const steps = encoderSteps(engine).slice(WARM_UP);
  return 2 * median(steps.map((step) => step.images_per_second));
}

/** A message to the worker and back. Nobody knows its command, so nothing but the way is measured. */
async function thereAndBack(engine, times) {
  const took = [];
  for (let left = times; left > 0; left -= 1) {
    const start = performance.now();
    await engine.store("nothing").catch(() => null);
    took.push(performance.now() - start);
  }
  return { median: median(took), most: Math.max(...took) };
}

export const measures = {
  /** Milliseconds from asking for a run, with its images there, to its first step and maps, and its speed. */
  async course({ config, device, watch, steps }) {
    const engine = new Engine();
    await engine.until("device", (run) => run.of("device")[0]);
    const wanted = config ?? short(steps);
    engine.request({ load_data: { config: wanted.data, place: null } });
    await engine.until("images", (run) => run.of("data_loaded")[0]);
    const start = performance.now();
    engine.request(startRequest(wanted, device, watch ?? WATCHED, 1));
    const since = async (what, find) => {
      await engine.until(what, find, { seconds: 600 });
      return performance.now() - start;
    };
    const moved = (run) => {
      const maps = run.of("map").map((map) => floats(map.points));
      return maps.some((map, index) => index > 0 && map.some((x, at) => x !== maps[index - 1][at]));
    };
    const step = await since("step", (run) => encoderSteps(run)[0]);
    const map = await since("map", (run) => run.of("map")[0]);
    const movedMap = await since("moved map", moved);
    const enough = (run) => encoderSteps(run).length >= steps || run.hasState("finished");
    await since("steps", enough);
    const views = viewsPerSecond(engine);
    const { description } = engine.of("device").at(-1);
    engine.kill();
    return { description, step, map, movedMap, views };
  },

  /** Messages of an idle worker and of one that trains, and what reading the largest costs. */
  async wire({ config }) {
    const engine = new Engine();
    await engine.until("device", (run) => run.of("device")[0]);
    const idle = await thereAndBack(engine, 200);
    begin(engine, config, "cpu", WATCHED, 1);
    await engine.until("map", (run) => run.of("map")[0], { seconds: 600 });
    const training = await thereAndBack(engine, 50);
    const largest = engine.notices.reduce((most, notice) => {
      const text = JSON.stringify(notice);
      return text.length > most.length ? text : most;
    }, "");
    const start = performance.now();
    for (let left = 20; left > 0; left -= 1) JSON.parse(largest);
    const reading = (performance.now() - start) / 20;
    engine.kill();
    return { idle, training, bytes: largest.length, reading };
  },
};

/** Takes a measure. */
window.measure = (name, argument) => measures[name](argument);
