// Runs scripts in the pages' DuckDB: node cells.mjs <site> <pages.json> <results.json>
// A page is a list of scripts, run in order on a connection of its own. A script gives its last table, or its error.

import { readFileSync, writeFileSync } from "node:fs";
import { open, tables } from "./node_duckdb.mjs";

const [site, input, output] = process.argv.slice(2);
const pages = JSON.parse(readFileSync(input, "utf8"));
const connection = await open(site);
const results = {};
for (const [page, scripts] of Object.entries(pages)) {
  results[page] = scripts.map((script) => {
    if (script === null) return null;
    try {
      return { tables: tables(connection, script) };
    } catch (error) {
      return { error: error.message };
    }
  });
  // The next page begins with nothing of this one.
  const made = "SELECT table_name FROM duckdb_tables() WHERE database_name = 'memory' AND schema_name = 'main'";
  for (const name of tables(connection, made)[0].columns[0]) connection.query(`DROP TABLE "${name}"`);
}
writeFileSync(output, JSON.stringify(results, (_, value) => (typeof value === "bigint" ? Number(value) : value)));
process.exit(0);
