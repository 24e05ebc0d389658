// The dedicated worker: lends the engine what only JavaScript has, and passes messages on.

import init, { receive, start, turn } from "./{{engine.js}}";
import * as storage from "./{{storage.js}}";

/** Messages that came before the engine was there. */
let waiting = [];
onmessage = (event) => waiting.push(event.data);

let isBroken = false;
function broken(message) {
  // The first reason is the reason.
  if (!isBroken) postMessage({ kind: "broken", message });
  isBroken = true;
}

onerror = (event) => broken(`the engine broke: ${event.message ?? event}`);
onunhandledrejection = (event) => broken(`the engine broke: ${event.reason?.message ?? event.reason}`);

/** What WebGPU complains about reaches nobody otherwise: a run would go on with wrong numbers. */
function watchDevices() {
  const requestDevice = self.GPUAdapter?.prototype.requestDevice;
  if (!requestDevice) return;
  GPUAdapter.prototype.requestDevice = async function watched(...wishes) {
    const device = await requestDevice.apply(this, wishes);
    device.addEventListener("uncapturederror", (event) => {
      broken(`the GPU refused its work: ${event.error.message}`);
    });
    device.lost.then((info) => broken(`the GPU was lost (${info.reason}): ${info.message}`));
    return device;
  };
}

const channel = new MessageChannel();
channel.port1.onmessage = () => turn();

const host = {
  ...storage,
  broken,
  post: (message, moved) => postMessage(message, moved),
  schedule: () => channel.port2.postMessage(null),
};

watchDevices();
init({ module_or_path: new URL("./{{engine.wasm}}", import.meta.url) }).then(
  () => {
    start(host);
    onmessage = (event) => receive(event.data);
    waiting.forEach((message) => receive(message));
    waiting = [];
  },
  (error) => broken(`the engine could not be loaded (${error.message}): reload the page`),
);
