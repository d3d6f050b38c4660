// Reads statements and gives each with one reference renamed, as the pages do: node names.mjs < cases

import { readFileSync } from "node:fs";
import { renamed } from "../src/names.js";

const cases = JSON.parse(readFileSync(0, "utf8"));
process.stdout.write(JSON.stringify(cases.map(({ sql, position }) => renamed(sql, "a", "b", position))));
