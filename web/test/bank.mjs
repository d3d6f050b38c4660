// Runs cases through the checker of the pages: node bank.mjs <site> <cases.json> <results.json>
// A case has SQL text, run here in the pages' DuckDB, or a ready table.

import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { gunzipSync } from "node:zlib";
import { Answer, NO_ROWS, NotAttempted, answerOf, answerStatements, sqlStopped } from "../src/check/answer.js";
import { Attributes } from "../src/check/attributes.js";
import { judge, notAttempted, stopped, worstParts } from "../src/check/judge.js";
import { walk } from "../src/check/walk.js";
import { open, tables } from "./node_duckdb.mjs";

const [site, input, output] = process.argv.slice(2);
const { entries, cases } = JSON.parse(readFileSync(input, "utf8"));
const connection = await open(site);
const universes = new Map();

function run(text) {
  connection.query("BEGIN TRANSACTION");
  try {
    return tables(connection, text).at(-1);
  } finally {
    connection.query("ROLLBACK");
  }
}

function universe(specification) {
  if (!specification.universe) return null;
  if (!universes.has(specification.universe)) {
    const { names, columns } = run(specification.universe);
    universes.set(specification.universe, answerOf(names, columns));
  }
  return universes.get(specification.universe);
}

function answer(one, specification) {
  if (one.columns) return new Answer(new Map(Object.entries(one.columns)));
  let parts;
  try {
    parts = answerStatements(one.sql);
  } catch (error) {
    if (error instanceof NotAttempted) return notAttempted(specification);
    throw error;
  }
  let table;
  try {
    table = run(one.sql);
  } catch (error) {
    return stopped(specification, sqlStopped(error.message).message);
  }
  if (!parts.gives) return stopped(specification, NO_ROWS);
  try {
    return answerOf(table.names, table.columns);
  } catch (error) {
    return stopped(specification, error.message);
  }
}

const { attributes: file } = JSON.parse(readFileSync(path.join(site, "manifest.json"), "utf8"));
const attributes = new Attributes(JSON.parse(gunzipSync(readFileSync(path.join(site, file.file)))));
const fetch = (sql) => {
  const { names, columns } = run(sql);
  return answerOf(names, columns);
};

const results = [];
for (const one of cases) {
  const { specification, calls } = entries[one.entry];
  const given = answer(one, specification);
  const ready = one.columns ? one.candidates && new Answer(new Map(Object.entries(one.candidates))) : undefined;
  const candidates = ready === undefined ? given instanceof Answer && universe(specification) : ready;
  const asked = [specification, calls.map(() => given), calls, calls.map(() => candidates || null)];
  const found = judge(...asked, one.plain ? null : attributes);
  const wrong = one.walk ? worstParts(...asked) : null;
  results.push({
    status: found.status, credit: found.credit, misconception: found.misconception, message: found.message,
    title: found.misconceptionTitle, lesson: found.lesson, heading: found.heading, findings: found.findings,
    table: found.table, walk: wrong && (await walk(wrong.parts, wrong.entry, fetch, one.walk)),
  });
}
writeFileSync(output, JSON.stringify(results));
process.exit(0);
