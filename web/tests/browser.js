// Real Chromium, without a display.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";

const QUIET = [
  "--no-sandbox",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--disable-default-apps",
  "--disable-dev-shm-usage",
];

/** WebGPU on a processor; with fewer flags canvases stay blank. */
const WEBGPU = [
  "--enable-unsafe-webgpu",
  "--use-webgpu-adapter=swiftshader",
  "--enable-features=Vulkan",
  "--use-vulkan=swiftshader",
  "--use-angle=swiftshader",
  "--ignore-gpu-blocklist",
];

/** A browser with a profile of its own on the disk, as a person's is; `close` removes it. */
export async function open(executablePath, { webgpu = true } = {}) {
  const profile = await mkdtemp(join(tmpdir(), "supcon-profile-"));
  const args = webgpu ? [...QUIET, ...WEBGPU] : QUIET;
  const context = await chromium.launchPersistentContext(profile, { executablePath, headless: true, args });
  const close = async () => {
    await context.close();
    await rm(profile, { recursive: true, force: true });
  };
  return { context, close };
}
