// Real Chromium, without a display.

import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";

/** `quiet` for any machine; `webgpu` on a processor: with fewer flags canvases stay blank. `xtask` reads them too. */
const FLAGS = JSON.parse(await readFile(new URL("chromium.json", import.meta.url), "utf8"));

/** A browser with a profile of its own on the disk, as a person's is; `close` removes it. */
export async function open(executablePath, { webgpu = true } = {}) {
  const profile = await mkdtemp(join(tmpdir(), "supcon-profile-"));
  const args = webgpu ? [...FLAGS.quiet, ...FLAGS.webgpu] : FLAGS.quiet;
  const context = await chromium.launchPersistentContext(profile, { executablePath, headless: true, args });
  // Another build may take the machine's cores.
  context.setDefaultTimeout(120_000);
  const close = async () => {
    await context.close();
    await rm(profile, { recursive: true, force: true });
  };
  return { context, close };
}
