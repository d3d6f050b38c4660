// A small table of rows of a wrong answer beside what is expected, as leocourse/checks/comparison.py makes it. The first
// line is its head. A cell that differs begins with a sign, so that no colour is needed.

import { BLANKS } from "./answer.js";
import { shownApart, value } from "./ladder.js";
import { valueColumns } from "./hashes.js";
import { LADDER, say } from "./words.js";

const { table_rows: ROWS, table_values: VALUES, differs: DIFFERS } = LADDER;
const WIDTH = 60;

/** The table of an answer with these findings; empty if there is nothing to show. */
export function compared(attempt, found) {
  const wrong = found.filter((each) => each.step === "values");
  const named = wrong.length ? wrong.map((each) => each.part.slice(1)) : valueColumns(attempt.specification);
  const columns = named.slice(0, VALUES);
  const rows = picked(attempt, found);
  if (!rows.length) return [];
  const head = columns.flatMap((column) => [say("yours", { column }), say("expected", { column })]);
  return [[...attempt.specification.identity, ...head], ...rows.map((each) => cells(attempt, found, columns, each))];
}

/** Rows of the answer, or whom it has none about, from each kind of finding in turn; known ones first. */
function picked(attempt, found) {
  const known = attempt.known;
  const kinds = [];
  for (const each of found) {
    if (!["values", "people", "nothing", "repeated_rows"].includes(each.step)) continue;
    const isKnown = (row) => known.has(attempt.who[row]);
    let rows = [...each.rows.filter(isKnown), ...each.rows.filter((row) => !isKnown(row))];
    if (each.shown !== null) rows = [each.shown, ...rows];
    if (each.part === "repeated") rows = each.rows.filter((row) => attempt.who[row] === attempt.who[rows[0]]);
    kinds.push([...new Set(rows)].slice(0, ROWS).map((row) => ({ row, absent: null })));
    kinds.push([...known.keys()].filter((who) => each.absent.has(who)).slice(0, ROWS).map((absent) => ({ row: null, absent })));
  }
  const turns = Array.from({ length: ROWS }, (_, turn) => kinds.flatMap((kind) => kind.slice(turn, turn + 1))).flat();
  return [...new Map(turns.map((each) => [`${each.row} ${each.absent}`, each])).values()].slice(0, ROWS);
}

/** The cells of one row: identity, then each column as it is and as it should be. */
function cells(attempt, found, columns, { row, absent }) {
  const who = row === null ? absent : attempt.who[row];
  const example = attempt.known.get(who) ?? {};
  const given = (name) => (row === null ? undefined : attempt.answer.columns.get(name)?.[row]);
  const line = attempt.specification.identity.map((name) => cut(value(given(name) ?? example[name] ?? null)));
  const extra = row !== null && !attempt.expectedWho.has(who);
  const repeated = found.some((each) => each.part === "repeated" && each.rows.includes(row));
  for (const column of columns) {
    const said = found.find((each) => each.part === `=${column}`);
    if (row === null) line.push(`${DIFFERS} ${say("no_row")}`, cut(value(example[column] ?? null)));
    else if (extra || (repeated && !said?.rows.includes(row))) {
      line.push(`${DIFFERS} ${cut(value(given(column)))}`, say(extra ? "no_row" : "one_row"));
    } else line.push(...pair(given(column), column, example, said, row));
  }
  return line;
}

/** What is there and what is expected, the first with the sign if it is wrong. */
function pair(got, column, example, said, row) {
  if (!said?.rows.includes(row)) return [cut(value(got)), cut(value(got))];
  const foundOut = said.shown === row ? said.expected : [];
  const expected = column in example ? [example[column]] : foundOut;
  const [mine, right] = expected.length ? shownApart(got, expected[0]) : [value(got), say("not_known")];
  return [`${DIFFERS} ${cut(mine)}`, cut(right)];
}

/** A cell in one line of bearable width. */
export const cut = (words) => [...words.split(BLANKS).filter(Boolean).join(" ")].slice(0, WIDTH).join("");
