// `node page.js CHROMIUM SITE SUPCON [CASE]`: the whole page under a sub-path, as a static host serves it. With
// SUPCON_PICTURES=FOLDER it leaves pictures of what it saw there.

import { serve } from "./server.js";
import { open } from "./browser.js";
import { SUPPORTED, WITHOUT_WEBGPU } from "./visits.js";

const [chromium, site, supcon, wanted = ""] = process.argv.slice(2);
const host = await serve({ "": site });
const pictures = process.env.SUPCON_PICTURES;
let failures = 0;

/** Runs visits in one browser, as a person comes back to it. What the page complains about is a failure. */
async function visit(visits, options) {
  const asked = Object.entries(visits).filter(([name]) => name.includes(wanted));
  if (asked.length === 0) return;
  const { context, close } = await open(chromium, options);
  const { address } = host;
  for (const [name, go] of asked) {
    const start = performance.now();
    let [said, failed] = ["", ""];
    try {
      said = await go({ context, address, supcon, pictures });
    } catch (error) {
      failed = error.message;
    }
    for (const page of context.pages()) await page.close();
    failures += failed ? 1 : 0;
    const seconds = ((performance.now() - start) / 1000).toFixed(1);
    console.log(`${failed ? "FAILED" : "ok"} ${name.replaceAll("_", " ")} (${seconds} s): ${failed || said}`);
  }
  await close();
}

await visit(SUPPORTED, {});
await visit(WITHOUT_WEBGPU, { webgpu: false });
host.close();
process.exitCode = failures ? 1 : 0;
