// The steps of a check, in the order in which they apply, as in leocourse/checks/ladder.py. The first that finds
// something speaks. A test runs every question's right and wrong answers through both and compares every word.

import { Answer } from "./answer.js";
import { isNumber, isWhole, text, thousands, twoPlaces } from "./format.js";
import { Hashes, unpack, valueColumns } from "./hashes.js";
import { LADDER as WORDS, say } from "./words.js";

const { people_right: PEOPLE_RIGHT, labels_left: LABELS_LEFT, order_left: ORDER_LEFT } = WORDS.credit;
const SHOWN = WORDS.shown;

/** An answer, as its hashes, beside the fingerprint of the right one. */
export class Attempt {
  #rightWho = null;

  constructor(hashes, right, candidates = null, labelsAsked = true) {
    Object.assign(this, { hashes, right, candidates, labelsAsked });
  }

  get specification() {
    return this.hashes.specification;
  }

  get answer() {
    return this.hashes.answer;
  }

  get who() {
    return this.hashes.who;
  }

  get rightWho() {
    this.#rightWho ??= unpack(this.right.who);
    return this.#rightWho;
  }

  /** A row's identity in words: ``ae_id 1234``. */
  name(row) {
    return identity(this.specification, this.answer, row) || say("row", { number: row + 1 });
  }

  /** A number of the things that rows are about: ``1 pupil``, ``2 pupils``. */
  units(number) {
    return say("units", { number: thousands(number), unit: this.specification.unit }, number);
  }
}

const identity = (specification, answer, row) =>
  specification.identity.map((name) => `${name} ${text(answer.columns.get(name)[row])}`).join(", ");

const finding = (step, message, credit = 0) => ({ step, message, credit });

export function columns({ specification, answer }) {
  const missing = Object.keys(specification.columns).filter((name) => !answer.columns.has(name));
  if (!missing.length) return null;
  const got = [...answer.columns.keys()].join(", ") || say("no_columns");
  return finding("columns", say("columns", { missing: missing.join(", "), got }, missing.length));
}

export function families({ specification, answer }) {
  for (const [name, wanted] of Object.entries(specification.columns)) {
    const got = answer.families.get(name);
    if (got !== wanted && got !== "missing") {
      const words = WORDS.families;
      return finding("families", say("families", { name, wanted: words[wanted], got: words[got] }));
    }
  }
  return null;
}

function extraRows(attempt) {
  const right = new Set(attempt.rightWho);
  const extra = new Map();
  attempt.who.forEach((who, row) => {
    if (!right.has(who)) extra.set(who, row);
  });
  if (!extra.size) return null;
  const rows = [...extra.values()].sort((a, b) => a - b).slice(0, SHOWN);
  const shown = rows.map((row) => attempt.name(row)).join("; ");
  return finding("extra_rows", say("extra_rows", { people: attempt.units(extra.size), shown }));
}

function missingRows(attempt) {
  const mine = new Set(attempt.who);
  const missing = new Set(attempt.rightWho.filter((who) => !mine.has(who)));
  if (!missing.size) return null;
  const shown = named(attempt, missing);
  const people = attempt.units(missing.size);
  return finding("missing_rows", say(shown ? "missing_rows" : "missing_unnamed", { people, shown }, missing.size));
}

function repeatedRows(attempt) {
  const wanted = counted(attempt.rightWho);
  const got = counted(attempt.who);
  const repeated = attempt.who.flatMap((who, row) => (got.get(who) > (wanted.get(who) ?? 0) ? [row] : []));
  if (!repeated.length) return null;
  const number = new Set(repeated.map((row) => attempt.who[row])).size;
  const first = { whom: attempt.name(repeated[0]), number: got.get(attempt.who[repeated[0]]) };
  const words = say("repeated_rows", { people: attempt.units(number), ...first }, number);
  return finding("repeated_rows", words, peopleRight(attempt));
}

function values(attempt) {
  const place = new Map(attempt.rightWho.map((who, row) => [who, row]));
  for (const name of valueColumns(attempt.specification)) {
    const expected = unpack(attempt.right.values[name]);
    const got = attempt.hashes.column(name);
    const wrong = attempt.who.flatMap((who, row) => (got[row].includes(expected[place.get(who)]) ? [] : [row]));
    if (wrong.length) return wrongValues(attempt, name, wrong);
  }
  return null;
}

function order(attempt) {
  if (!attempt.specification.ordered) return null;
  const row = attempt.who.findIndex((who, at) => who !== attempt.rightWho[at]);
  if (row < 0) return null;
  return finding("order", say("order", { whom: attempt.name(row), row: row + 1 }), ORDER_LEFT);
}

function labels(attempt) {
  const asked = attempt.labelsAsked ? attempt.specification.labels : {};
  for (const [label, words] of Object.entries(asked)) {
    const given = attempt.answer.labels[label] ?? "";
    if (!given.trim()) return finding("labels", say("no_label", { label }), LABELS_LEFT);
    const accepted = words.split("|");
    if (words && !accepted.some((word) => given.toLowerCase().includes(word.toLowerCase()))) {
      const wanted = accepted.map((word) => `'${word}'`).join(" or ");
      return finding("labels", say("label", { label, text: given, wanted }), LABELS_LEFT);
    }
  }
  return null;
}

const LADDER = [columns, families, extraRows, missingRows, repeatedRows, values, order, labels];

/** The first finding, or null if the answer is right. */
export function climb(attempt) {
  for (const step of LADDER) {
    const found = step(attempt);
    if (found) return found;
  }
  return null;
}

/** Whether the answer is about exactly the same people or groups, each as often. */
export function sameRows(attempt) {
  if (attempt.who.length !== attempt.rightWho.length) return false;
  const wanted = counted(attempt.rightWho);
  const got = counted(attempt.who);
  return got.size === wanted.size && [...got].every(([who, times]) => wanted.get(who) === times);
}

function counted(hashes) {
  const found = new Map();
  for (const hash of hashes) found.set(hash, (found.get(hash) ?? 0) + 1);
  return found;
}

const peopleRight = (attempt) => (attempt.specification.people ? PEOPLE_RIGHT : 0);

function wrongValues(attempt, name, wrong) {
  const known = new Map(
    new Hashes(examples(attempt), attempt.specification, attempt.hashes.salt).who.map((who, row) => [
      who,
      attempt.right.examples[row],
    ]),
  );
  const row = wrong.find((each) => known.has(attempt.who[each])) ?? wrong[0];
  const where = { people: attempt.units(wrong.length), rows: thousands(attempt.answer.rows), whom: attempt.name(row) };
  Object.assign(where, { column: name, got: value(attempt.answer.columns.get(name)[row]) });
  const example = known.get(attempt.who[row]);
  const words = example
    ? say("values", { ...where, expected: value(example[name]) })
    : say("values_unexplained", where);
  return finding("values", words, peopleRight(attempt));
}

const examples = ({ specification, right }) =>
  new Answer(new Map(Object.keys(specification.columns).map((name) => [name, right.examples.map((row) => row[name])])));

/** Names of some that are missing: from the examples, else from the candidates. */
function named(attempt, missing) {
  const { specification } = attempt;
  const names = [];
  for (const source of [examples(attempt), ...(attempt.candidates ? [attempt.candidates] : [])]) {
    if (!specification.identity.every((name) => source.columns.has(name))) continue;
    new Hashes(source, specification, attempt.hashes.salt).who.forEach((who, row) => {
      if (!missing.has(who) || names.length >= SHOWN) return;
      const words = identity(specification, source, row);
      if (words && !names.includes(words)) names.push(words);
    });
  }
  return names.join("; ");
}

function value(each) {
  if (each === null) return say("missing_value");
  if (isNumber(each) && !isWhole(each)) return twoPlaces(each);
  return [...text(each)].slice(0, 60).join("");
}
