// Times every SQL cell of the lessons in the pages' DuckDB: node cell_speed.mjs <site> <steps.json> <times.json>
// A cell that makes tables is timed as it runs the first time, any other as it runs again.

import { readFileSync, writeFileSync } from "node:fs";
import { open, tables } from "./node_duckdb.mjs";

const [site, input, output] = process.argv.slice(2);
const found = [];
for (const [page, cells] of Object.entries(JSON.parse(readFileSync(input, "utf8")))) {
  const connection = await open(site);
  cells.forEach(({ sql, creates, tagged }, number) => {
    if (sql === null) return;
    let milliseconds;
    for (let run = 0; run < (creates.length ? 1 : 3); run += 1) {
      const begun = performance.now();
      tables(connection, sql);
      milliseconds = performance.now() - begun;
    }
    if (tagged) found.push({ page, number, milliseconds });
  });
}
writeFileSync(output, JSON.stringify(found));
process.exit(0);
