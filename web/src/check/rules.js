// Simple rules by which a whole column can be wrong, as leocourse/checks/rules.py has them. Each is tried on the
// answer's own values: the hash of a right value holds whom it is about, so where a changed value fits it, that is proof.

import { isNumber, isWhole, twelveDigits } from "./format.js";
import { Answer } from "./answer.js";
import { Hashes, upTo } from "./hashes.js";

export const FEW = 3;
const FIRST = 40;
const NEARLY_ALL = 0.95;
const LARGE = 20;
const DIGITS = [0, 1, 2, -1, -2, -3];
const STEPS = 2500;
const YEARS = { year_late: -1, year_early: 1 };
const MOST = 0.8;
const NOT = Symbol("the rule does not apply");

const isPlain = (value) => isNumber(value) && Math.abs(Number(value)) < 1e15;
const number = (change) => (value) => {
  if (value === null) return null;
  return isPlain(value) ? twelveDigits(change(Number(value))) : NOT;
};
const words = (change) => (value) => (typeof value === "string" ? change(value) : NOT);
const when = (wanted, made) => (value) => (value === wanted ? made : NOT);
const capital = (value) => {
  const [first = "", ...rest] = value.trim();
  return first.toUpperCase() + rest.join("").toLowerCase();
};

const REPAIRS = {
  times_100: number((value) => value / 100),
  over_100: number((value) => value * 100),
  of_100: number((value) => 100 - value),
  inverted: (value) => (value === 0 || value === 1 ? 1 - value : NOT),
  of_1: number((value) => 1 - value),
  sign: number((value) => -value || 0),
  one_more: number((value) => value - 1),
  one_less: number((value) => value + 1),
  times_12: number((value) => value / 12),
  over_12: number((value) => value * 12),
  thousands: number((value) => value * 1000),
  times_1000: number((value) => value / 1000),
  null_for_0: when(null, 0),
  zero_for_null: when(0, null),
  upper: words((value) => value.toUpperCase()),
  lower: words((value) => value.toLowerCase()),
  capital: words(capital),
  blanks: words((value) => value.trim()),
};
const SHRINKING = ["times_100", "times_12", "times_1000"];
const LIKELY = ["sign", "times_100", "over_100", "times_12", "over_12", "thousands", "times_1000", "of_100"];

/** The rule that repairs nearly all wrong values of a column: to the right ones, or to those of a slip. */
export function ruleOf(parts, column, slip = null) {
  const { attempt } = parts;
  let rows = [...(parts.columns.get(column)?.values() ?? [])].flat();
  if (!rows.length) return null;
  const expected = attempt.expected.get(column);
  const known = slip ? slip.values(column) : new Map();
  const wanted = (row) => new Set([...expected.get(attempt.who[row]), ...(known.get(attempt.who[row]) ?? [])]);
  const last = slip ? slip.last(column) : null;
  if (last !== null) rows = rows.filter((row) => upTo(attempt.who[row], last));
  for (const [name, repair] of Object.entries(REPAIRS)) {
    const small = SHRINKING.includes(name) && column in attempt.specification.tolerance;
    if (slip && (small || !LIKELY.includes(name))) continue;
    const repaired = repairedRows(attempt, column, rows, repair, wanted);
    if (repaired && proof(attempt, column, name, rows, repaired) && isSlip(parts, column, repair, slip)) {
      return { name, column, rows: repaired, of: rows.length, other: "" };
    }
  }
  return slip ? null : transposed(parts, column, rows) ?? roundedRule(attempt, column, rows) ?? empty(attempt, column, rows);
}

/** A column without any value: what is read is empty there, or a join has found nobody. */
function empty(attempt, column, rows) {
  const none = attempt.whoIsRight.every((row) => attempt.answer.columns.get(column)[row] === null);
  return rows.length >= FEW && none ? { name: "empty", column, rows: rows.length, of: rows.length, other: "" } : null;
}

/** The rule that rows are named after the year before or after, and the parts that this explains. */
export function otherYear(parts) {
  const { attempt } = parts;
  if (!parts.people.has("extra") && !parts.people.has("missing")) return null;
  const known = new Set(attempt.rightWho);
  for (const column of attempt.specification.identity) {
    for (const [name, away] of Object.entries(YEARS)) {
      const values = attempt.answer.columns.get(column).map((each) => movedYear(each, away));
      if (values.includes(null)) break;
      const moved = new Answer(new Map([...attempt.answer.columns, [column, values]]));
      const hashes = new Hashes(moved, attempt.specification, attempt.hashes.salt);
      const rows = hashes.who.flatMap((who, row) => (known.has(who) ? [row] : []));
      const good = rows.length >= Math.max(FEW, MOST * moved.rows) ? rightBeside(attempt, hashes, rows) : [];
      if (!good.length) continue;
      const explained = ["extra", "missing", ...good.map((each) => `=${each}`)].filter((each) => parts.names.has(each));
      return { rule: { name, column, rows: rows.length, of: moved.rows, other: "" }, parts: new Set(explained) };
    }
  }
  return null;
}

/** A year, or the label of a tax year such as 201617, so many years away; null for anything else. */
function movedYear(value, away) {
  if (!isNumber(value) || !isWhole(value)) return null;
  const given = Number(value);
  if (given >= 1900 && given <= 2100) return given + away;
  const year = Math.floor(given / 100) + away;
  const isLabel = year >= 1900 && year <= 2100 && given % 100 === (Math.floor(given / 100) + 1) % 100;
  return isLabel ? year * 100 + ((year + 1) % 100) : null;
}

/** The columns that are right in nearly all of these moved rows; none if no column proves the move, or if the move makes
 * a column wrong that was right in more of the rows. */
function rightBeside(attempt, hashes, rows) {
  let proved = false;
  const good = [];
  const before = attempt.whoIsRight.filter((row) => rows.includes(row));
  for (const [name, expected] of attempt.expected) {
    const number = rows.filter((row) => fits(hashes.column(name)[row], new Set(expected.get(hashes.who[row])))).length;
    const wrong = new Set(attempt.wrong(name));
    if (number < before.filter((row) => !wrong.has(row)).length) return [];
    if (number < NEARLY_ALL * rows.length) continue;
    good.push(name);
    const different = new Set(rows.map((row) => attempt.answer.columns.get(name)[row])).size >= FEW;
    proved ||= different && 2 * wrong.size >= attempt.whoIsRight.length;
  }
  return proved ? good : [];
}

const fits = (could, wanted) => could.some((each) => wanted.has(each));

/** How many rows a rule repairs; none if that is not nearly all. The first few decide whether it is worth trying. */
function repairedRows(attempt, column, rows, repair, wanted) {
  const given = attempt.answer.columns.get(column);
  let found = 0;
  for (const tried of [rows.slice(0, FIRST), rows]) {
    const made = tried.map((row) => [row, repair(given[row])]).filter(([, value]) => value !== NOT);
    if (made.length < NEARLY_ALL * tried.length) return 0;
    found = made.filter(([row, value]) => fits(attempt.hashes.of(column, row, value), wanted(row))).length;
    if (found < NEARLY_ALL * tried.length) return 0;
  }
  return found;
}

/** Whether repaired values are the slip's wherever it has others than the right ones. */
function isSlip(parts, column, repair, slip) {
  if (!slip) return true;
  const { attempt } = parts;
  const known = slip.values(column);
  const given = attempt.answer.columns.get(column);
  const hits = new Set();
  for (const row of attempt.whoIsRight) {
    const who = attempt.who[row];
    const value = repair(given[row]);
    if (known.has(who) && value !== NOT && fits(attempt.hashes.of(column, row, value), known.get(who))) hits.add(who);
  }
  const there = [...known.keys()].filter((who) => parts.present.has(who)).length;
  return hits.size >= Math.max(1, NEARLY_ALL * there);
}

/** Whether so many rows prove a rule: three, or fewer if no chance makes such a number fit. */
function proof(attempt, column, name, rows, repaired) {
  const values = attempt.answer.columns.get(column);
  if (name === "inverted" || name === "of_1") {
    const about = attempt.whoIsRight.filter((row) => values[row] !== null);
    if (rows.length < NEARLY_ALL * about.length) return false;
  }
  if (repaired >= FEW) return true;
  if (SHRINKING.includes(name) && column in attempt.specification.tolerance) return false;
  const sizes = rows.map((row) => values[row]).filter(isNumber).map((each) => Math.abs(Number(each)));
  return LIKELY.includes(name) && sizes.length > 0 && sizes.every((size) => size >= LARGE || size % 1);
}

/** Two columns that hold each other's values. */
function transposed(parts, column, rows) {
  const { attempt } = parts;
  const { tolerance } = attempt.specification;
  const holds = (name, from, places) => {
    const values = attempt.answer.columns.get(from);
    const expected = attempt.expected.get(name);
    return places.filter((row) =>
      fits(attempt.hashes.of(name, row, values[row]), new Set(expected.get(attempt.who[row]))),
    ).length;
  };
  for (const other of attempt.expected.keys()) {
    if (other === column || !parts.columns.has(other) || attempt.answer.families.get(other) !== "number") continue;
    const there = [...parts.columns.get(other).values()].flat();
    const found = holds(column, other, rows);
    const enough = column in tolerance ? 2 : FEW;
    if (found >= Math.max(NEARLY_ALL * rows.length, enough) && holds(other, column, there) >= NEARLY_ALL * there.length) {
      return { name: "transposed", column, rows: found, of: rows.length, other };
    }
  }
  return null;
}

/** Half to even, as Python rounds. */
function whole(value) {
  const down = Math.floor(value);
  const rest = value - down;
  if (rest === 0.5) return down % 2 ? down + 1 : down;
  return rest > 0.5 ? down + 1 : down;
}

/** Values that were rounded, or cut off, where they should not be. */
function roundedRule(attempt, column, rows) {
  const values = attempt.answer.columns.get(column);
  const held = attempt.whoIsRight.map((row) => values[row]).filter((each) => each !== null);
  if (!held.every(isPlain)) return null;
  const given = held.map(Number);
  for (const digits of given.length ? DIGITS : []) {
    const unit = 10 ** -digits;
    const all = given.every((each) => Math.abs(whole(each / unit) * unit - each) <= 1e-9 * Math.max(1, Math.abs(each)));
    if (!all) continue;
    for (const [name, low, high] of [["rounded", -0.5, 0.5], ["cut", 0, 1]]) {
      const found = within(attempt, column, rows, low * unit, high * unit);
      if (found !== null && found >= NEARLY_ALL * rows.length && found >= FEW) {
        return { name, column, rows: found, of: rows.length, other: String(digits) };
      }
    }
  }
  return null;
}

/** How many wrong values have the right one in this distance; null if that cannot be found out. */
function within(attempt, column, rows, low, high) {
  const tolerance = attempt.specification.tolerance[column];
  const values = attempt.answer.columns.get(column);
  if (!tolerance) return null;
  if ((high - low) / tolerance > STEPS) return withinKnown(attempt, column, rows, low, high);
  const expected = attempt.expected.get(column);
  let found = 0;
  for (const [at, row] of rows.entries()) {
    if (at === FIRST) return Math.floor((found * rows.length) / FIRST);
    if (!isPlain(values[row])) continue;
    const value = Number(values[row]);
    const [first, last] = [Math.floor((value + low) / tolerance), Math.floor((value + high) / tolerance)];
    const steps = Array.from({ length: last - first + 1 }, (_, each) => first + each);
    if (fits(attempt.hashes.steps(column, row, steps), new Set(expected.get(attempt.who[row])))) found += 1;
  }
  return found;
}

/** The same, from the rows that the key has in plain. */
function withinKnown(attempt, column, rows, low, high) {
  const { known } = attempt;
  const values = attempt.answer.columns.get(column);
  const pairs = rows.filter((row) => known.has(attempt.who[row])).map((row) => [values[row], known.get(attempt.who[row])[column]])
    .filter(([got, wanted]) => isPlain(got) && isPlain(wanted)).map(([got, wanted]) => [Number(got), Number(wanted)]);
  if (pairs.length < FEW) return null;
  const near = pairs.filter(([got, wanted]) => {
    const slack = 1e-8 * Math.abs(wanted);
    return low <= wanted - got + slack && wanted - got - slack <= high;
  });
  return Math.floor((near.length * rows.length) / pairs.length);
}
