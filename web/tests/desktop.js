// Runs that travel between the desktop's program and the tab: the other side opens the checkpoint, trains
// the last stage's linear classifier on its features, and must come to the same results.

import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const call = promisify(execFile);
const QUICK = ["contrastive.length=30 steps", "linear.length=10 steps"].flatMap((set) => ["--set", set]);

/** Share of 200 test images that another processor's rounding may turn: one. */
const ONE_IMAGE = 0.0051;

/** A folder for archives, served to the tab, and what is done with them. */
export async function desktop(supcon) {
  const folder = await mkdtemp(join(tmpdir(), "supcon-desk-"));
  const log = (run) => join(folder, run, "events.jsonl");

  /** What a run says it evaluated last. */
  async function lastRow(run) {
    const lines = (await readFile(log(run), "utf8")).trim().split("\n");
    const events = lines.map((line) => JSON.parse(line).msg);
    return events.filter((event) => event.evaluated).at(-1).evaluated;
  }

  /** Without its last event a run is not finished, and goes on from its checkpoint. */
  async function forgetTheEnd(run) {
    const lines = (await readFile(log(run), "utf8")).trim().split("\n");
    await writeFile(log(run), `${lines.slice(0, -1).join("\n")}\n`);
  }

  return {
    folder,
    lastRow,
    close: () => rm(folder, { recursive: true, force: true }),

    /** Trains a run and packs it. */
    async train() {
      const out = join(folder, "desk");
      await call(supcon, ["train", "--preset", "browser-smoke", "--device", "cpu", "--out", out, ...QUICK]);
      const row = await lastRow("desk");
      await forgetTheEnd("desk");
      await call("tar", ["cf", "desk.tar", "desk"], { cwd: folder });
      return row;
    },

    /** Unpacks a run of the tab and evaluates its checkpoint. */
    async goOn(run, archive) {
      await writeFile(join(folder, "tab.tar"), Buffer.from(archive, "base64"));
      await call("tar", ["xf", "tab.tar"], { cwd: folder });
      await forgetTheEnd(run);
      await call(supcon, ["resume", join(folder, run), "--device", "cpu"]);
      return lastRow(run);
    },
  };
}

/** What two results say differently, or nothing. */
export function difference(one, other) {
  const places = ["linear", "knn", "class_mean"];
  const far = places.filter((key) => Math.abs(one[key].top1.value - other[key].top1.value) > ONE_IMAGE);
  const show = (key) => `${key} ${one[key].top1.value} and ${other[key].top1.value}`;
  return far.length ? far.map(show).join(", ") : undefined;
}
