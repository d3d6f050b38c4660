// DuckDB as the pages run it, in Node, with the lesson extract attached as a page attaches it.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { gunzipSync } from "node:zlib";
import { column, columnNames } from "../src/values.js";
import { givesRows, statements } from "../src/sql.js";

const require = createRequire(import.meta.url);

/** A connection to the extract of a built site. */
export async function open(site) {
  const duckdb = require("@duckdb/duckdb-wasm/blocking");
  const dist = path.dirname(require.resolve("@duckdb/duckdb-wasm"));
  const bundle = (kind) => ({
    mainModule: path.join(dist, `duckdb-${kind}.wasm`),
    mainWorker: path.join(dist, `duckdb-node-${kind}.worker.cjs`),
  });
  const bundles = { mvp: bundle("mvp"), eh: bundle("eh") };
  const database = await duckdb.createDuckDB(bundles, new duckdb.VoidLogger(), duckdb.NODE_RUNTIME);
  await database.instantiate(() => {});
  database.open({ query: { castBigIntToDouble: false } });
  const connection = database.connect();
  connection.query("SET autoinstall_known_extensions = false");
  connection.query("SET autoload_known_extensions = false");
  const { extract } = JSON.parse(readFileSync(path.join(site, "manifest.json"), "utf8"));
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
