// Runs of the tests: what is trained, how it is watched, and what its notices say.

export const SMOKE = await (await fetch("smoke.json")).json();

export function check(holds, what) {
  if (!holds) throw new Error(what);
}

export function startRequest(config, device, watch = {}, log_every = 5) {
  const tsne = { tsne: { perplexity: 15, iterations: 150, exaggeration_iterations: 50 } };
  return {
    start: {
      config,
      execution: { device, threads: 0, checkpoint_every: 10, log_every, watch: null },
      watch: { images: 100, every: 10, budget: 0.5, map: tsne, record: true, ...watch },
    },
  };
}

export function begin(engine, config, device, watch, log_every) {
  engine.request({ load_data: { config: config.data, place: null } });
  engine.request(startRequest(config, device, watch, log_every));
}

/** A short run on the CPU. */
export function quick(seeds = [0]) {
  return {
    ...SMOKE,
    seeds,
    contrastive: { ...SMOKE.contrastive, length: "30 steps" },
    linear: { ...SMOKE.linear, length: "10 steps" },
  };
}

/** Losses of the contrastive stages, by stage. */
export function contrastiveLosses(engine) {
  const stages = engine.events("stage_started").map((info) => info.plan);
  return stages
    .filter((plan) => plan.kind === "contrastive")
    .map((plan) => engine.events("step").filter((step) => step.stage === plan.index));
}

export const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}
