// Bundles the program of the pages: node build.mjs <folder of the site's part> <folder of the loader>.
// Everything comes from the packages of package-lock.json; the names of files change with their content.

import { createHash } from "node:crypto";
import { readFile, readdir, rm, stat, mkdir, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { withoutUnusedExports } from "./trim.mjs";

const here = import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname);
const [site, loader] = process.argv.slice(2);
const dist = path.dirname(createRequire(import.meta.url).resolve("@duckdb/duckdb-wasm"));
const hashed = (bytes) => createHash("sha256").update(bytes).digest("hex");
// esm with splitting: the editor and the checks come first, DuckDB's client when a query runs.
const common = { bundle: true, minify: true, legalComments: "linked", logLevel: "warning", target: "es2022" };

await mkdir(site, { recursive: true });
await mkdir(loader, { recursive: true });
for (const old of await readdir(site)) {
  if (/\.(js|txt)$|^duckdb-/.test(old)) await rm(path.join(site, old));
}

const app = await build({
  ...common,
  entryPoints: { app: path.join(here, "src", "app.js") },
  entryNames: "[name]-[hash]",
  chunkNames: "[name]-[hash]",
  format: "esm",
  splitting: true,
  outdir: site,
  metafile: true,
});
const name = Object.entries(app.metafile.outputs).find(([, output]) => output.entryPoint?.endsWith("app.js"))[0];

await build({
  ...common,
  entryPoints: [path.join(here, "src", "loader.js")],
  format: "iife",
  outfile: path.join(loader, "leo-live.js"),
  define: { LEO_APP: JSON.stringify(path.basename(name)) },
});
await writeFile(path.join(loader, "leo-live.css"), await readFile(path.join(here, "src", "live.css")));

const workerCode = await readFile(path.join(dist, "duckdb-browser-eh.worker.js"), "utf8");
const prelude = await build({
  ...common,
  entryPoints: [path.join(here, "src", "worker_prelude.js")],
  format: "iife",
  legalComments: "none",
  write: false,
});
// The map is not shipped.
const workerText = prelude.outputFiles[0].text + workerCode.replace(/\/\/# sourceMappingURL=.*/g, "");
const worker = `duckdb-worker-${hashed(workerText).slice(0, 12)}.js`;
await writeFile(path.join(site, worker), workerText);

const raw = await withoutUnusedExports(await readFile(path.join(dist, "duckdb-eh.wasm")), workerCode);
const digest = hashed(raw);
const wasm = `duckdb-eh-${digest.slice(0, 12)}.bin`;
await writeFile(path.join(site, wasm), gzipSync(raw, { level: 9 }));
const { size } = await stat(path.join(site, wasm));

await writeFile(
  path.join(site, "..", "..", "program.json"),
  JSON.stringify({ app: path.basename(name), worker, wasm: { file: wasm, bytes: size, raw: raw.length, sha256: digest } }),
);
