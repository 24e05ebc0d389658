// What a WebAssembly module weighs, and which crates its code is of.

import { brotliCompressSync, constants, gzipSync } from "node:zlib";

/** Bytes raw, by `gzip -9` and by brotli at its best, as static hosts send them. */
export function weigh(bytes) {
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 22 };
  return {
    raw: bytes.length,
    gzip: gzipSync(bytes, { level: 9 }).length,
    brotli: brotliCompressSync(bytes, { params }).length,
  };
}

const [CUSTOM, IMPORT, CODE, DATA] = [0, 2, 10, 11];
const FUNCTION_NAMES = 1;
/** Kinds of imports: a function has a type; a table two limits, a memory one, a global a type and a truth. */
const [FUNCTION, TABLE, MEMORY, GLOBAL] = [0, 1, 2, 3];

/** Reads a module from its beginning. */
class Reader {
  constructor(bytes, at = 0, end = bytes.length) {
    Object.assign(this, { bytes, at, end });
  }

  number() {
    let [value, scale] = [0, 1];
    for (;;) {
      const byte = this.bytes[this.at++];
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 128;
    }
  }

  text() {
    const length = this.number();
    this.at += length;
    return new TextDecoder().decode(this.bytes.subarray(this.at - length, this.at));
  }

  /** The next so many bytes, to be read by themselves. */
  part(length) {
    this.at += length;
    return new Reader(this.bytes, this.at - length, this.at);
  }

  isAtEnd() {
    return this.at >= this.end;
  }
}

function sections(bytes) {
  const reader = new Reader(bytes, 8);
  const found = [];
  while (!reader.isAtEnd()) {
    const id = reader.number();
    const length = reader.number();
    found.push({ id, length, body: reader.part(length) });
  }
  return found;
}

function importedFunctions(reader) {
  let functions = 0;
  const limits = () => reader.number() & 1 ? [reader.number(), reader.number()] : reader.number();
  for (let left = reader.number(); left > 0; left -= 1) {
    reader.text();
    reader.text();
    const kind = reader.number();
    if (kind === FUNCTION) {
      functions += 1;
      reader.number();
    }
    if (kind === TABLE) reader.at += 1;
    if (kind === TABLE || kind === MEMORY) limits();
    if (kind === GLOBAL) reader.at += 2;
  }
  return functions;
}

function functionNames(reader) {
  const names = new Map();
  while (!reader.isAtEnd()) {
    const id = reader.number();
    const part = reader.part(reader.number());
    if (id !== FUNCTION_NAMES) continue;
    for (let left = part.number(); left > 0; left -= 1) names.set(part.number(), part.text());
  }
  return names;
}

/** The crate whose code a function is: of an implementation's name that of the type. */
export function crateOf(name) {
  const [, length, rest] = name.match(/^_ZN(\d+)(.*)/) ?? [];
  if (!rest) return "no crate";
  const first = rest.slice(0, Number(length));
  if (!first.includes("$LT$")) return first;
  return first.match(/([A-Za-z_]\w*)\.\./)?.[1] ?? "core";
}

/** Bytes of code by crate, and of what is no code: `[name, bytes]`, largest first. The module must have names. */
export function byCrate(bytes) {
  const found = new Map();
  const add = (name, length) => found.set(name, (found.get(name) ?? 0) + length);
  const all = sections(bytes);
  const of = (id) => all.find((section) => section.id === id);
  const named = all.find(({ id, body }) => id === CUSTOM && new Reader(bytes, body.at, body.end).text() === "name");
  const nameReader = named && new Reader(bytes, named.body.at, named.body.end);
  nameReader?.text();
  const names = nameReader ? functionNames(nameReader) : new Map();
  const imported = of(IMPORT) ? importedFunctions(of(IMPORT).body) : 0;
  const code = of(CODE).body;
  const count = code.number();
  for (let index = 0; index < count; index += 1) {
    const length = code.number();
    code.part(length);
    add(crateOf(names.get(imported + index) ?? ""), length);
  }
  for (const { id, length } of all) {
    if (id === DATA) add("(data)", length);
    else if (id !== CODE && id !== CUSTOM) add("(tables)", length);
  }
  return [...found].sort((a, b) => b[1] - a[1]);
}
