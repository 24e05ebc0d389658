// Runs in the browser's own file system: a file each, opened by one worker at a time.

const FOLDER = "runs";
const lockOf = (run) => `supcon run ${run}`;
/** A tab that was closed a moment ago lets go of its files a little later. */
const TRIES = 10;
const BETWEEN_TRIES_MS = 200;

async function folder() {
  return (await navigator.storage.getDirectory()).getDirectoryHandle(FOLDER, { create: true });
}

/** Holds a lock until the returned function is called; a name that is locked is refused. */
function hold(name) {
  return new Promise((resolve, reject) => {
    navigator.locks.request(name, { ifAvailable: true }, (lock) => {
      if (!lock) {
        reject(new DOMException(`${name} is locked`, "NoModificationAllowedError"));
        return undefined;
      }
      return new Promise((release) => resolve(release));
    }).catch(reject);
  });
}

async function patiently(attempt) {
  for (let tries = 1; ; tries += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (error.name !== "NoModificationAllowedError" || tries === TRIES) throw error;
      await new Promise((resolve) => setTimeout(resolve, BETWEEN_TRIES_MS));
    }
  }
}

/** An open file; bytes go in and out at once. */
class RunFile {
  constructor(file, release) {
    this.file = file;
    this.release = release;
  }

  size() {
    return this.file.getSize();
  }

  read(bytes, at) {
    return this.file.read(bytes, { at });
  }

  write(bytes, at) {
    return this.file.write(bytes, { at });
  }

  resize(length) {
    this.file.truncate(length);
  }

  flush() {
    this.file.flush();
  }

  close() {
    this.file.close();
    this.release();
  }
}

export async function openRun(run, create) {
  const release = await patiently(() => hold(lockOf(run)));
  try {
    const handle = await (await folder()).getFileHandle(run, { create });
    return new RunFile(await patiently(() => handle.createSyncAccessHandle()), release);
  } catch (error) {
    release();
    throw error;
  }
}

export async function runFile(run) {
  return (await (await folder()).getFileHandle(run)).getFile();
}

export async function runs() {
  const held = new Set((await navigator.locks.query()).held.map((lock) => lock.name));
  const found = [];
  for await (const [run, handle] of (await folder()).entries()) {
    const { lastModified } = await handle.getFile();
    found.push({ run, modified: lastModified, inUse: held.has(lockOf(run)) });
  }
  return found.sort((a, b) => b.modified - a.modified);
}

export async function removeRun(run) {
  const release = await patiently(() => hold(lockOf(run)));
  try {
    await (await folder()).removeEntry(run);
  } finally {
    release();
  }
}

export async function estimate() {
  const { usage, quota } = await navigator.storage.estimate();
  return { usage, quota, persisted: await navigator.storage.persisted() };
}
