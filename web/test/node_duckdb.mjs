// DuckDB as the pages run it, in Node, with the lesson extract attached as a page attaches it.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { gunzipSync } from "node:zlib";
import { column, columnNames } from "../src/values.js";
import { givesRows, statements } from "../src/sql.js";

const require = createRequire(import.meta.url);

/** A connection to the extract of a built site. */
export async function open(site) {
  const duckdb = require("@duckdb/duckdb-wasm/blocking");
  const dist = path.dirname(require.resolve("@duckdb/duckdb-wasm"));
  const { extract, wasm } = JSON.parse(readFileSync(path.join(site, "manifest.json"), "utf8"));
  const room = mkdtempSync(path.join(tmpdir(), "leo-duckdb-"));
  const mainModule = path.join(room, "duckdb.wasm");
  writeFileSync(mainModule, gunzipSync(readFileSync(path.join(site, wasm.file))));
  const bundle = { mainModule, mainWorker: path.join(dist, "duckdb-node-eh.worker.cjs") };
  const database = await duckdb.createDuckDB({ mvp: bundle, eh: bundle }, new duckdb.VoidLogger(), duckdb.NODE_RUNTIME);
  await database.instantiate(() => {});
  rmSync(room, { recursive: true });
  database.open({ query: { castBigIntToDouble: false } });
  const connection = database.connect();
  connection.query("SET autoinstall_known_extensions = false");
  connection.query("SET autoload_known_extensions = false");
  for (const pack of Object.values(extract.packs)) {
    const raw = gunzipSync(readFileSync(path.join(site, pack.file)));
    for (const part of pack.parts) {
      database.registerFileBuffer(part.name, new Uint8Array(raw.subarray(part.start, part.end)));
      connection.query(`ATTACH '${part.name}' AS ${part.name.replace(".duckdb", "")} (READ_ONLY)`);
    }
    for (const statement of pack.setup ?? []) connection.query(statement);
  }
  return connection;
}

/** Run a script and give each table that it returns, as column names and columns of plain values. */
export function tables(connection, script) {
  const found = [];
  for (const statement of statements(script)) {
    const table = connection.query(statement);
    if (!givesRows(statement)) continue;
    found.push({ names: columnNames(table.schema), columns: columns(table) });
  }
  return found;
}

function columns(table) {
  return table.schema.fields.map((_, index) => table.batches.flatMap((batch) => column(batch, index)));
}
