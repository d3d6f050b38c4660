// What the wrong rows of an answer have in common, as leocourse/checks/common.py has it: the shortest statement that is
// true of nearly all of them and of few others. A statement has a bit for each row.

import { WORDS, short } from "./attributes.js";
import { isNumber, text, thousands } from "./format.js";
import { value } from "./ladder.js";
import { say } from "./words.js";

const [FEW, NEARLY_ALL, RARE, CHANCE] = [3, 0.95, 0.1, 0.01];
const [WRONG_ROWS, OTHER_ROWS, VALUES] = [600, 2000, 40];

/** The sentences that say what the rows of a finding have in common; empty if there is nothing to say. */
export function inCommon(attempt, finding, attributes, own) {
  const told = [];
  const add = (kind, rows, itself) => told.push(sentence(attempt, kind, rows, attributes, own, itself));
  if (finding.part === "extra" || finding.part === "people") {
    add("extra", answers(attempt, finding.rows, attempt.whoIsRight));
  }
  if (finding.absent.size) add("missing", absent(attempt, finding.absent));
  if (finding.part === "repeated" || finding.part.startsWith("=")) {
    const about = new Set(finding.rows.map((row) => attempt.who[row]));
    const others = attempt.whoIsRight.filter((row) => !about.has(attempt.who[row]));
    const kind = finding.part === "repeated" ? "repeated" : "wrong";
    add(kind, answers(attempt, finding.rows, others), finding.part.replace(/^=/, ""));
  }
  return told.filter(Boolean).join(" ");
}

const spread = (rows, most) =>
  rows.length <= most ? rows : Array.from({ length: most }, (_, at) => rows[Math.floor((at * rows.length) / most)]);

/** The first of these rows about each: people are counted, as the other sentences count them, and not rows. */
function oneEach(attempt, rows) {
  const first = new Map();
  for (const row of rows) if (!first.has(attempt.who[row])) first.set(attempt.who[row], row);
  return [...first.values()];
}

function answers(attempt, wrongRows, otherRows) {
  const [wrong, others] = [oneEach(attempt, wrongRows), oneEach(attempt, otherRows)];
  if (Math.min(wrong.length, others.length) < FEW) return null; // what all have but one or two says nothing
  const [first, second] = [spread(wrong, WRONG_ROWS), spread(others, OTHER_ROWS)];
  const names = Object.keys(attempt.specification.columns);
  const held = (name) => [...first, ...second].map((row) => attempt.answer.columns.get(name)[row]);
  return { columns: new Map(names.map((name) => [name, held(name)])), wrong: first.length, total: wrong.length };
}

function absent(attempt, missing) {
  const names = attempt.specification.identity;
  const { candidates } = attempt;
  if (missing.size < FEW || !attempt.candidatesWho.length) return null;
  const found = new Map();
  attempt.candidatesWho.forEach((who, row) => {
    if (missing.has(who)) found.set(who, row);
  });
  const others = oneEach(attempt, attempt.whoIsRight);
  if (found.size < NEARLY_ALL * missing.size || others.length < FEW) return null;
  const [first, second] = [spread([...found.values()], WRONG_ROWS), spread(others, OTHER_ROWS)];
  const held = (name) => [
    ...first.map((row) => candidates.columns.get(name)[row]),
    ...second.map((row) => attempt.answer.columns.get(name)[row]),
  ];
  return { columns: new Map(names.map((name) => [name, held(name)])), wrong: first.length, total: missing.size };
}

function sentence(attempt, kind, rows, attributes, own, itself = "") {
  if (!rows) return "";
  const looked = rows.columns.values().next().value.length - rows.wrong;
  const statements = [...ofPeople(attempt, rows, attributes, own), ...ofColumns(attempt, rows, itself)];
  const found = search(statements, rows.wrong, looked);
  if (!found) return "";
  const { hits, seen } = counted(found, rows.wrong);
  const all = hits === rows.wrong;
  const people = { hits: thousands(hits), people: attempt.units(all ? rows.total : rows.wrong) };
  return say("common", {
    people: say(all ? "common_all" : "common_of", people),
    which: say(`common_${kind}`),
    words: found.words,
    others: thousands(looked),
    few: say(seen ? "common_some" : "common_none", { number: thousands(seen) }, seen),
  });
}

function counted({ rows }, wrong) {
  let [hits, seen] = [0, 0];
  rows.forEach((each, row) => {
    if (each && row < wrong) hits += 1;
    else if (each) seen += 1;
  });
  return { hits, seen };
}

/** The statement, or two together, true of nearly all of the first rows and of few of the others. */
function search(all, wrong, others) {
  const fit = all.filter((each) => counted(each, wrong).hits >= NEARLY_ALL * wrong);
  const found = best(fit, wrong, others, all.length);
  if (found) return found;
  const both = [];
  fit.forEach((first, at) => {
    for (const second of fit.slice(at + 1)) {
      const words = say("common_and", { first: first.words, second: second.words });
      const one = { words, rows: first.rows.map((each, row) => each && second.rows[row]) };
      const least = Math.min(counted(first, wrong).seen, counted(second, wrong).seen);
      if (2 * counted(one, wrong).seen <= least) both.push(one);
    }
  });
  return best(both, wrong, others, all.length * all.length);
}

function best(given, wrong, others, tried) {
  let found = null;
  for (const each of given) {
    const { hits, seen } = counted(each, wrong);
    const chance = ((seen + 1) / (others + 2)) ** hits * tried;
    if (hits < NEARLY_ALL * wrong || seen > RARE * others || chance > CHANCE) continue;
    if (!found || seen < found.seen || (seen === found.seen && hits > found.hits)) found = { each, hits, seen };
  }
  return found && found.each;
}

const order = (a, b) => (text(a) < text(b) ? -1 : 1);

/** Statements about the people that the rows are about, from the records. */
function ofPeople(attempt, rows, attributes, own) {
  const column = attempt.specification.identity.find((name) => name in WORDS.identities);
  if (column === undefined) return [];
  const found = [];
  for (const [words, made] of Object.entries(own ?? {})) {
    const fits = new Set(made.who);
    if (rows.columns.has(made.column)) found.push({ words, rows: rows.columns.get(made.column).map((each) => fits.has(short(each))) });
  }
  if (!attributes) return found;
  const known = rows.columns.get(column).map((each) => attributes.of(column, each));
  for (const name of attributes.names) {
    const is = known.map((places) => places !== null && attributes.is(name, places));
    found.push({ words: WORDS.is[name], rows: is });
    if (name in WORDS.is_not) found.push({ words: WORDS.is_not[name], rows: known.map((places, row) => places !== null && !is[row]) });
  }
  found.push({ words: say("common_unknown", { column }), rows: known.map((places) => places === null) });
  return found;
}

/** Statements about what the columns of the answer hold, but for the wrong one itself. */
function ofColumns(attempt, rows, itself) {
  const found = [];
  for (const [name, values] of rows.columns) {
    if (name === itself) continue;
    const add = (words, gaps, truth) => found.push({ words: say(words, { column: name, ...gaps }), rows: values.map(truth) });
    if (values.includes(null)) add("common_null", {}, (each) => each === null);
    const different = new Set(values.filter((each) => each !== null));
    const named = different.size <= VALUES ? [...different].sort(order) : different.has(0) ? [0] : [];
    for (const one of named) add("common_value", { value: value(one) }, (each) => each === one);
    const identity = attempt.specification.identity.includes(name);
    if (!identity || different.size <= 2 || different.size > VALUES || ![...different].every(isNumber)) continue;
    const sorted = [...different].sort((a, b) => (a < b ? -1 : 1)).slice(1, -1);
    for (const one of sorted) {
      add("common_least", { value: value(one) }, (each) => each !== null && each >= one);
      add("common_most", { value: value(one) }, (each) => each !== null && each <= one);
    }
  }
  return found;
}
