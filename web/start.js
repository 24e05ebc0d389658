// Starts the page: finds out what the browser can do, loads the app, and shows in HTML what went wrong
// where there is no canvas to draw it on.

const element = (id) => document.getElementById(id);

/** A fact and a way out, in place of the canvas. The first failure is shown; others follow from it. */
function fail(fact, wayOut, details = "") {
  if (!element("failure").hidden) return;
  element("loading").hidden = true;
  element("fact").textContent = fact;
  element("way-out").textContent = wayOut;
  element("details").textContent = `${details}\n${navigator.userAgent}`.trim();
  element("failure").hidden = false;
  element("reload").href = location.href;
  element("reload").onclick = (event) => {
    event.preventDefault();
    location.reload();
  };
  element("reload").focus();
}

/** The app calls these. */
globalThis.supcon = {
  fail,
  /** What a screen reader says of the canvas. */
  speak(text) {
    element("status").textContent = text;
  },
};

const stopped = (error) =>
  fail(
    "The page stopped because of a fault in it.",
    "Reload it: settings and runs are kept, and a run goes on from its last checkpoint. If it happens again, please report the details below.",
    error?.stack ?? String(error),
  );
addEventListener("error", (event) => event.error && stopped(event.error));
addEventListener("unhandledrejection", (event) => stopped(event.reason));

/** Whether WebGPU draws here. `?renderer=webgl` says no, for browsers whose WebGPU is broken. */
async function hasWebGpu() {
  if (new URLSearchParams(location.search).get("renderer") === "webgl") return false;
  return Boolean(await navigator.gpu?.requestAdapter().catch(() => null));
}

function hasWebGl() {
  return Boolean(document.createElement("canvas").getContext("webgl2"));
}

async function start() {
  if (typeof WebAssembly !== "object") {
    fail("This browser runs no WebAssembly.", "Use a newer browser, or allow WebAssembly for this page.");
    return;
  }
  const webGpu = await hasWebGpu();
  if (!webGpu && !hasWebGl()) {
    fail(
      "This browser draws neither with WebGPU nor with WebGL.",
      "Turn on hardware acceleration in its settings, or use a recent Chrome, Edge, Firefox or Safari. The desktop program needs neither.",
    );
    return;
  }
  let app;
  try {
    app = await import("./{{app.js}}");
    await app.default({ module_or_path: new URL("./{{app.wasm}}", import.meta.url) });
  } catch (error) {
    fail("The app could not be loaded.", "Check the connection and reload the page.", error?.stack ?? String(error));
    return;
  }
  try {
    await app.start(element("canvas"), new URL("./{{worker.js}}", import.meta.url).href, webGpu);
  } catch (error) {
    const wayOut = webGpu
      ? "Reload the page. If it happens again, add ?renderer=webgl to its address: WebGL then draws in place of WebGPU."
      : "Turn on hardware acceleration in the browser's settings and reload the page.";
    fail("The window could not be drawn.", wayOut, error?.stack ?? String(error));
    return;
  }
  element("loading").hidden = true;
  element("canvas").focus();
}

start();
