// The WGSL of /shaders in a real browser: every specialisation through its compiler, and the kernels
// against the f64 reference. `cargo xtask browser` serves this page, its inputs (written by
// tests/src/browser.rs) and takes its report.

const send = (path, value) => fetch(path, { method: "POST", body: JSON.stringify(value) });
const progress = (text) => send("/progress", text);

const words = (bits) => new Uint32Array(bits);

/** Devices with default limits but for the workgroup memory and the subgroups that their kernels need. */
class Devices {
  constructor() {
    this.opened = new Map();
  }

  /** null where the adapter has less. */
  async with(workgroupBytes, subgroups) {
    const key = `${workgroupBytes} ${subgroups}`;
    if (!this.opened.has(key)) {
      // An adapter makes one device.
      const adapter = await navigator.gpu.requestAdapter();
      if (workgroupBytes > adapter.limits.maxComputeWorkgroupStorageSize) return null;
      if (subgroups && !adapter.features.has("subgroups")) return null;
      const requiredLimits = { maxComputeWorkgroupStorageSize: workgroupBytes };
      const requiredFeatures = subgroups ? ["subgroups"] : [];
      const device = await adapter.requestDevice({ requiredLimits, requiredFeatures });
      device.errors = [];
      device.addEventListener("uncapturederror", (event) => device.errors.push(event.error.message));
      this.opened.set(key, device);
    }
    return this.opened.get(key);
  }
}

/** Compiles all sources; what the compiler had to say. */
async function compile(device, shaders) {
  const messages = [];
  for (let start = 0; start < shaders.length; start += 64) {
    await Promise.all(shaders.slice(start, start + 64).map(async ({ name, source }) => {
      const module = device.createShaderModule({ code: source });
      for (const message of (await module.getCompilationInfo()).messages) {
        messages.push(`${name}, line ${message.lineNum}: ${message.type}: ${message.message}`);
      }
    }));
  }
  return { count: shaders.length, messages };
}

/** A loss on the device, as `supcon_loss::ContrastiveLoss::dispatches` lays it out. */
class Run {
  constructor(device, test) {
    this.device = device;
    this.test = test;
    const nothing = () => this.buffer(4);
    this.roundings = [];
    this.z = this.embeddings(test.z);
    this.columns = test.columns ? this.embeddings(test.columns) : nothing();
    this.identity = this.filled(words(test.identity));
    this.columnIdentity = test.column_identity ? this.filled(words(test.column_identity)) : nothing();
    this.stats = this.buffer(4 * test.rows * test.statistics);
    this.scratch = this.buffer(4 * test.rows * test.scratch);
    this.weights = this.buffer(4 * test.rows);
    this.gradient = this.buffer(4 * test.rows * test.dim);
    this.buffers = [];
  }

  buffer(size) {
    const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST | GPUBufferUsage.COPY_SRC;
    return this.device.createBuffer({ size, usage });
  }

  filled(values) {
    const buffer = this.buffer(values.byteLength);
    this.device.queue.writeBuffer(buffer, 0, values);
    return buffer;
  }

  /** As the kernels read them; in half storage `round` writes them. */
  embeddings(bits) {
    const given = this.filled(words(bits));
    if (!this.test.half) return given;
    const rows = bits.length / this.test.dim;
    const held = this.buffer(4 * rows * Math.ceil(this.test.dim / 2));
    this.roundings.push([given, held, this.filled(words([rows]))]);
    return held;
  }

  async pipelines() {
    const made = Object.entries(this.test.sources).map(async ([pass, source]) => {
      const module = this.device.createShaderModule({ code: source });
      const compute = { module, entryPoint: "main" };
      return [pass, await this.device.createComputePipelineAsync({ layout: "auto", compute })];
    });
    return Object.fromEntries(await Promise.all(made));
  }

  async dispatch(pipelines, backward) {
    const own = backward ? [this.weights, this.gradient] : [this.scratch];
    let told = performance.now();
    for (const { pass, params, groups } of this.test.dispatches) {
      if ((pass === "backward") !== backward) continue;
      const bound = [this.z, this.columns, this.identity, this.columnIdentity, this.stats, ...own, this.filled(words(params))];
      await this.launch(pipelines[pass], bound, groups);
      // A page that says nothing for minutes counts as stuck.
      if (performance.now() - told > 30_000) {
        told = performance.now();
        await progress(`      ${this.test.name}: ${pass} up to row ${params[2]}, column ${params[5]}`);
      }
    }
  }

  async round(pipelines) {
    for (const bound of this.roundings) {
      const invocations = bound[1].size / 4;
      await this.launch(pipelines.half_words, bound, [Math.ceil(invocations / 256)]);
    }
  }

  async launch(pipeline, bound, groups) {
    const entries = bound.map((buffer, binding) => ({ binding, resource: { buffer } }));
    const encoder = this.device.createCommandEncoder();
    const compute = encoder.beginComputePass();
    compute.setPipeline(pipeline);
    compute.setBindGroup(0, this.device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries }));
    compute.dispatchWorkgroups(...groups);
    compute.end();
    this.device.queue.submit([encoder.finish()]);
    await this.device.queue.onSubmittedWorkDone();
  }

  async read(buffer) {
    const usage = GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST;
    const copy = this.device.createBuffer({ size: buffer.size, usage });
    const encoder = this.device.createCommandEncoder();
    encoder.copyBufferToBuffer(buffer, 0, copy, 0, buffer.size);
    this.device.queue.submit([encoder.finish()]);
    await copy.mapAsync(GPUMapMode.READ);
    return new Float32Array(copy.getMappedRange().slice(0));
  }

  /** Mean loss over the valid anchors, and its gradient. */
  async outcome(pipelines) {
    await this.dispatch(pipelines, false);
    const { rows, statistics } = this.test;
    const stats = await this.read(this.stats);
    const valid = Array.from({ length: rows }, (_, i) => stats[i * statistics + 9] > 0);
    const count = Math.max(valid.filter(Boolean).length, 1);
    let loss = 0;
    for (let i = 0; i < rows; i++) loss += stats[i * statistics] / count;
    this.device.queue.writeBuffer(this.weights, 0, Float32Array.from(valid, (v) => (v ? 1 / count : 0)));
    await this.dispatch(pipelines, true);
    return { loss, gradient: await this.read(this.gradient) };
  }
}

/** The rows of the gradient that the test knows. */
function known(gradient, test) {
  if (!test.gradient_rows) return gradient;
  const parts = test.gradient_rows.map((row) => Array.from(gradient.subarray(row * test.dim, (row + 1) * test.dim)));
  return Float32Array.from(parts.flat());
}

/** As `relative_error` of tests/src/loss/oracles.rs. */
function relativeError(found, exact) {
  let largest = 0;
  let worst = 0;
  for (let k = 0; k < exact.length; k++) {
    largest = Math.max(largest, Math.abs(exact[k]));
    const difference = Math.abs(found[k] - exact[k]);
    worst = difference > worst || Number.isNaN(difference) ? difference : worst;
  }
  return largest < 1e-9 ? worst : worst / largest;
}

function judge(test, { loss, gradient }) {
  if (test.poisoned) {
    const finite = gradient.filter(Number.isFinite).length;
    return { ok: !Number.isFinite(loss) && finite === 0, detail: `loss ${loss}, ${finite} finite numbers in the gradient` };
  }
  const scale = Math.max(Math.abs(test.loss), 1e-30);
  const lossError = Math.abs(loss - test.loss) / scale;
  const gradientError = relativeError(known(gradient, test), test.gradient);
  const ok = lossError <= test.loss_bar && gradientError <= test.gradient_bar;
  const text = (error, bar) => `${error.toExponential(1)} (bar ${bar.toExponential(1)})`;
  return { ok, detail: `loss ${text(lossError, test.loss_bar)}, gradient ${text(gradientError, test.gradient_bar)}` };
}

async function run(devices, test) {
  const device = await devices.with(test.workgroup_memory, test.subgroups);
  if (!device) return { name: test.name, ok: true, detail: "skipped: the adapter has less workgroup memory or no subgroups", seconds: 0 };
  const start = performance.now();
  const runOnce = new Run(device, test);
  const pipelines = await runOnce.pipelines();
  await runOnce.round(pipelines);
  const first = await runOnce.outcome(pipelines);
  let { ok, detail } = judge(test, first);
  if (test.rows < 1000 && !test.poisoned) {
    const again = await runOnce.outcome(pipelines);
    const bits = ({ gradient }) => new Uint32Array(gradient.buffer).join();
    if (again.loss !== first.loss || bits(again) !== bits(first)) {
      ok = false;
      detail += "; the same input gave other bits";
    }
  }
  if (device.errors.length > 0) {
    ok = false;
    detail += `; ${device.errors.splice(0).join("; ")}`;
  }
  return { name: test.name, ok, detail, seconds: (performance.now() - start) / 1000 };
}

async function main() {
  const adapter = await navigator.gpu?.requestAdapter();
  if (!adapter) throw new Error("this browser offers no WebGPU adapter");
  const { vendor, architecture, description } = adapter.info;
  const name = [vendor, architecture, description].filter(Boolean).join(" ");
  const features = [...adapter.features].filter((feature) => ["subgroups", "shader-f16"].includes(feature));
  const { maxComputeWorkgroupStorageSize: memory } = adapter.limits;
  await progress(`${name}; features ${features.join(", ") || "none"}; workgroup memory ${memory} bytes`);
  const devices = new Devices();
  const shaders = await (await fetch("/shaders.json")).json();
  const compiled = { count: 0, messages: [] };
  for (const subgroups of [false, true]) {
    const device = await devices.with(16384, subgroups);
    if (!device) continue;
    const { count, messages } = await compile(device, shaders.filter((shader) => shader.subgroups === subgroups));
    compiled.count += count;
    compiled.messages.push(...messages);
  }
  await progress(`${compiled.count} shaders compiled, ${compiled.messages.length} messages`);
  const cases = [];
  for (const test of await (await fetch("/cases.json")).json()) {
    const result = await run(devices, test);
    cases.push(result);
    await progress(`${result.ok ? "ok   " : "WRONG"} ${result.seconds.toFixed(1).padStart(5)} s  ${result.name}: ${result.detail}`);
  }
  return { messages: compiled.messages, shaders: compiled.count, cases };
}

main().then((report) => send("/report", report), (error) => send("/report", { error: String(error.stack ?? error) }));
