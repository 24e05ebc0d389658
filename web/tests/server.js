// A static server for the tests: the first folder that has a file gives it.

import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import { extname, join, normalize } from "node:path";

const KINDS = {
  ".css": "text/css",
  ".html": "text/html",
  ".js": "text/javascript",
  ".json": "application/json",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
};

/** Serves `{prefix: folder}` under `/site/`, as a static host under a sub-path does; resolves to its address. */
export async function serve(folders) {
  const server = createServer(async (request, response) => {
    const path = normalize(decodeURIComponent(new URL(request.url, "http://x").pathname));
    for (const [prefix, folder] of Object.entries(folders)) {
      const under = `/site/${prefix}`;
      const bytes = path.startsWith(under) && (await readFile(join(folder, path.slice(under.length))).catch(() => null));
      if (bytes) {
        response.setHeader("content-type", KINDS[extname(path)] ?? "application/octet-stream");
        return response.end(bytes);
      }
    }
    response.statusCode = 404;
    return response.end();
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { address: `http://127.0.0.1:${server.address().port}/site`, close: () => server.close() };
}
