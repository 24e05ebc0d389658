// The page's side of the engine in a worker, for tests: a second, independent codec of the messages.

const PROTOCOL_VERSION = 1;
const MAGIC = [..."supcon"].map((c) => c.charCodeAt(0));

export function encode(message, version = PROTOCOL_VERSION) {
  const json = new TextEncoder().encode(JSON.stringify(message));
  const bytes = new Uint8Array(10 + json.length);
  bytes.set(MAGIC);
  new DataView(bytes.buffer).setUint32(6, version, true);
  bytes.set(json, 10);
  return bytes;
}

export function decode(bytes) {
  const version = new DataView(bytes.buffer, bytes.byteOffset).getUint32(6, true);
  if (MAGIC.some((byte, index) => bytes[index] !== byte) || version !== PROTOCOL_VERSION) {
    throw new Error("these bytes are no message of this version");
  }
  return JSON.parse(new TextDecoder().decode(bytes.subarray(10)));
}

/** Base64 of little-endian f32. */
export function floats(text) {
  return new Float32Array(Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer);
}

/** A worker with everything it ever said. */
export class Engine {
  constructor() {
    this.notices = [];
    this.broken = null;
    this.ready = null;
    this.watchers = new Set();
    this.answers = new Map();
    this.worker = new Worker("worker.js", { type: "module" });
    this.worker.onerror = (event) => this.hear({ kind: "broken", message: event.message });
    this.worker.onmessage = (event) => this.hear(event.data);
  }

  hear(message) {
    if (message.kind === "ready") this.ready = message;
    if (message.kind === "broken") this.broken = message.message;
    if (message.kind === "store") this.answers.get(message.id)(message);
    if (message.kind === "notices") {
      this.notices.push(...decode(message.bytes));
      this.worker.postMessage({ kind: "taken" });
    }
    this.watchers.forEach((look) => look());
  }

  request(request) {
    this.worker.postMessage({ kind: "request", bytes: encode(request) });
  }

  command(command) {
    this.request({ run: command });
  }

  files(place, files) {
    this.worker.postMessage({ kind: "files", place, files });
  }

  /** The answer to a store command; throws its message if it is a refusal. */
  async store(op, properties = {}) {
    const id = this.answers.size;
    const answer = await new Promise((resolve) => {
      this.answers.set(id, resolve);
      this.worker.postMessage({ kind: "store", id, op, ...properties });
    });
    if (!answer.ok) throw new Error(answer.message);
    return answer;
  }

  kill() {
    this.worker.terminate();
  }

  /** Waits until `find` finds something in this engine; a failure of it is thrown, unless looked for. */
  until(what, find, { seconds = 240, failures = false } = {}) {
    return new Promise((resolve, reject) => {
      const end = (settle, value) => {
        clearTimeout(timer);
        this.watchers.delete(look);
        settle(value);
      };
      const look = () => {
        const failed = failures ? undefined : this.failure();
        if (failed) return end(reject, new Error(`waiting for ${what}: ${failed}`));
        const found = find(this);
        return found ? end(resolve, found) : undefined;
      };
      const late = () => end(reject, new Error(`no ${what} within ${seconds} s`));
      const timer = setTimeout(late, seconds * 1000);
      this.watchers.add(look);
      look();
    });
  }

  failure() {
    const failed = this.of("failed")[0] ?? this.events("failed")[0];
    return this.broken ?? (failed && words(failed));
  }

  /** The contents of all notices of a kind. */
  of(kind) {
    return this.notices.filter((notice) => kind in notice).map((notice) => notice[kind]);
  }

  /** The contents of all events of a kind. */
  events(kind) {
    const events = this.of("event").map((envelope) => envelope.msg);
    return events.filter((event) => kind in event).map((event) => event[kind]);
  }

  hasState(state) {
    return this.events("state").includes(state);
  }
}

/** An error report in one line. */
export function words(report) {
  return [report.message, ...report.causes].join(": ");
}
