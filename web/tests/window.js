// A page of the app as a person has it: what it says, what can be pressed in it, what is dropped on it and
// what comes out of it.

import { readFile } from "node:fs/promises";
import { join } from "node:path";

/** A link's fragment with these settings: how the app writes them, made here a second time. */
export const fragment = (toml) => `#config=${Buffer.from(toml).toString("base64url")}`;

export class Window {
  constructor(page) {
    this.page = page;
    this.complaints = [];
    page.on("console", (message) => message.type() === "error" && this.complaints.push(message.text()));
    page.on("pageerror", (error) => this.complaints.push(error.message));
  }

  /** Opens the page and waits until it is ready to train. */
  static async open(context, address, { hash = "", before, ready = /^Ready to train/ } = {}) {
    const window = new Window(await context.newPage());
    await before?.(window.page);
    await window.page.goto(`${address}/index.html${hash}`);
    if (ready) await window.hears(ready);
    return window;
  }

  /** Waits until the sentence for screen readers matches, and returns it. */
  async hears(pattern, seconds = 240) {
    const matches = (source) => new RegExp(source).test(document.getElementById("status").textContent);
    try {
      await this.page.waitForFunction(matches, pattern.source, { timeout: seconds * 1000, polling: 100 });
    } catch {
      throw new Error(`"${await this.page.textContent("#status")}" where ${pattern} was expected`);
    }
    return this.page.textContent("#status");
  }

  /** Waits until some text of the window matches, and returns it. */
  async sees(pattern, seconds = 180) {
    const find = (source) => {
      const texts = [...document.querySelectorAll("#controls > *")].map((element) => element.textContent);
      return texts.find((text) => new RegExp(source).test(text));
    };
    const found = this.page.waitForFunction(find, pattern.source, { timeout: seconds * 1000, polling: 100 });
    const handle = await found.catch(async () => {
      const all = await this.page.textContent("#controls");
      throw new Error(`nothing in the window matches ${pattern}: ${all.slice(0, 1500)}`);
    });
    return handle.jsonValue();
  }

  control(name, role = "button") {
    return this.page.getByRole(role, { name, exact: typeof name === "string" }).first();
  }

  /** Presses a control that is enabled, as a screen reader does. */
  async press(name, role = "button") {
    const control = this.control(name, role);
    const isOff = async () => (await control.getAttribute("aria-disabled", { timeout: 120_000 })) === "true";
    for (let tries = 0; await isOff(); tries += 1) {
      if (tries === 1200) throw new Error(`${name} stays disabled`);
      await this.page.waitForTimeout(100);
    }
    await control.dispatchEvent("click");
  }

  /** Waits until something asked for again and again is as wanted, and returns what it was at last. */
  async becomes(ask, wanted, seconds = 120) {
    const end = Date.now() + seconds * 1000;
    for (;;) {
      const found = await ask();
      if (found === wanted || Date.now() > end) return found;
      await this.page.waitForTimeout(100);
    }
  }

  /** Presses something that gives a file, and returns its name, its bytes and where they lie. */
  async takes(name, seconds = 180) {
    const coming = this.page.waitForEvent("download", { timeout: seconds * 1000 });
    await this.press(name);
    const download = await coming;
    const path = await download.path();
    return { name: download.suggestedFilename(), path, bytes: await readFile(path) };
  }

  /** Saves the map or the film from its menu. */
  async saves(name) {
    await this.press("View ▾");
    return this.takes(name);
  }

  /** Files of the disk, or folders, dropped on the middle of the window. */
  async drop(...files) {
    const devtools = await this.page.context().newCDPSession(this.page);
    const data = { items: [], files, dragOperationsMask: 1 };
    for (const type of ["dragEnter", "dragOver", "drop"]) {
      await devtools.send("Input.dispatchDragEvent", { type, x: 640, y: 400, data });
    }
    await devtools.detach();
  }

  /** What a browser asks for before it opens a picker: that a person did something. */
  async isTouched() {
    await this.page.mouse.click(40, 20);
  }

  async picture(folder, name) {
    if (folder) await this.page.screenshot({ path: join(folder, `${name}.png`), timeout: 120_000 });
  }

  close() {
    return this.page.close();
  }
}
