// The steps of a check, in the order in which they apply, as in leocourse/checks/ladder.py. The first that finds
// something speaks. A test runs every question's right and wrong answers through both and compares every word.

import { Answer } from "./answer.js";
import { fixed, isNumber, isWhole, text, thousands } from "./format.js";
import { Hashes, unpack, unpackValues, valueColumns } from "./hashes.js";
import { LADDER as WORDS, say } from "./words.js";

const { people_right: PEOPLE_RIGHT, labels_left: LABELS_LEFT, wrong_everywhere: WRONG_EVERYWHERE, order_left: ORDER_LEFT } = WORDS.credit;
const SHOWN = WORDS.shown;
const [NEAR, SEEN] = [40, 300];

/** An answer, as its hashes, beside the fingerprint of the right one. */
export class Attempt {
  #rightWho = null;
  #rightOnes = null;
  #expected = null;
  #expectedWho = null;
  #known = null;
  #candidatesWho = null;
  #wrong = new Map();

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

  /** Whom each row of the candidates is about; nobody if they have not all columns of the identity. */
  get candidatesWho() {
    const { candidates, specification } = this;
    const whole = candidates && specification.identity.every((name) => candidates.columns.has(name));
    this.#candidatesWho ??= whole ? new Hashes(candidates, specification, this.hashes.salt).who : [];
    return this.#candidatesWho;
  }

  /** How many rows the right answer has about each. */
  get expectedWho() {
    this.#expectedWho ??= counted(this.rightWho);
    return this.#expectedWho;
  }

  /** The right rows that the key has in plain, by whom they are about; not those of somebody who has several. */
  get known() {
    if (!this.#known) {
      const { who } = new Hashes(examples(this), this.specification, this.hashes.salt);
      const rows = who.map((each, row) => [each, this.right.examples[row]]);
      this.#known = new Map(rows.filter(([each]) => this.expectedWho.get(each) === 1));
    }
    return this.#known;
  }

  /** The rows that are about the right people. */
  get whoIsRight() {
    if (!this.#rightOnes) {
      const right = new Set(this.rightWho);
      this.#rightOnes = this.who.flatMap((who, row) => (right.has(who) ? [row] : []));
    }
    return this.#rightOnes;
  }

  /** By column and by whom a row is about, the hashes of the right values. */
  get expected() {
    this.#expected ??= new Map(
      Object.entries(this.right.values).map(([name, packed]) => [name, gathered(this.rightWho, unpackValues(packed))]),
    );
    return this.#expected;
  }

  /** The rows about the right people whose value in this column is not a right one. */
  wrong(name) {
    if (!this.#wrong.has(name)) this.#wrong.set(name, this.#findWrong(name));
    return this.#wrong.get(name);
  }

  #findWrong(name) {
    const expected = this.expected.get(name);
    const left = new Map([...expected].map(([who, each]) => [who, [...each]]));
    const got = this.hashes.column(name);
    return this.who.flatMap((who, row) => {
      const there = left.get(who);
      if (!there) return [];
      const fits = got[row].find((each) => there.includes(each));
      if (fits === undefined) return there.length && !got[row].includes(expected.get(who)[0]) ? [row] : [];
      if (there.length > 1) there.splice(there.indexOf(fits), 1);
      return [];
    });
  }

  /** A row's identity in words: ``ae_id 1234``. */
  name(row) {
    return identity(this.specification, this.answer, row) || say("row", { number: row + 1 });
  }

  /** A number of the things that rows are about: ``1 pupil``, ``2 pupils``. */
  units(number) {
    const { unit, plural } = this.specification;
    return say("units", { number: thousands(number), unit: number === 1 ? unit : plural || say("plural", { unit }) });
  }
}

const identity = (specification, answer, row) =>
  specification.identity.map((name) => `${name} ${text(answer.columns.get(name)[row])}`).join(", ");

const finding = (step, message, credit = 0, part = "", rows = [], absent = new Set(), shown = null, expected = []) => ({
  step, message, credit, part, rows, absent, shown, expected,
});

function columns({ specification, answer }) {
  const missing = Object.keys(specification.columns).filter((name) => !answer.columns.has(name));
  if (!missing.length) return null;
  const got = [...answer.columns.keys()].join(", ") || say("no_columns");
  return finding("columns", say("columns", { missing: missing.join(", "), got }, missing.length));
}

function families({ specification, answer }) {
  for (const [name, wanted] of Object.entries(specification.columns)) {
    const got = answer.families.get(name);
    if (got !== wanted && got !== "missing") {
      const words = WORDS.families;
      return finding("families", say("families", { name, wanted: words[wanted], got: words[got] }));
    }
  }
  return null;
}

function nothing(attempt) {
  if (attempt.answer.rows || !attempt.rightWho.length) return null;
  const absent = new Set(attempt.rightWho);
  const shown = named(attempt, absent);
  const sentence = Object.keys(attempt.specification.labels).length ? "nothing_figure" : "nothing";
  const words = say(shown ? sentence : "nothing_unnamed", { people: attempt.units(absent.size), shown });
  return finding("nothing", words, 0, "missing", [], absent);
}

function people(attempt) {
  if (nothing(attempt)) return null;
  const right = new Set(attempt.rightWho);
  const mine = counted(attempt.who);
  const first = new Map();
  attempt.who.forEach((who, row) => {
    if (!right.has(who) && !first.has(who)) first.set(who, row);
  });
  const extra = [...first.values()];
  // also who has fewer rows than there should be
  const missing = new Set([...right].filter((who) => (mine.get(who) ?? 0) < attempt.expectedWho.get(who)));
  if (!extra.length && !missing.size) return null;
  const shown = extra.slice(0, SHOWN).map((row) => attempt.name(row)).join("; ");
  const names = missing.size ? named(attempt, missing) : "";
  const much = { extra: attempt.units(extra.length), missing: attempt.units(missing.size), shown, named: names };
  if (!missing.size) {
    return finding("people", say("extra_rows", { people: much.extra, shown }), 0, "extra", extra);
  }
  if (!extra.length) {
    const sentence = names ? "missing_rows" : "missing_unnamed";
    const words = say(sentence, { people: much.missing, shown: names }, missing.size);
    return finding("people", words, 0, "missing", [], missing);
  }
  const both = extra.length === missing.size ? "as_many_missing" : "both_ways";
  const sentence = missing.size === right.size ? "none_right" : both;
  const such = names ? say("such_as", { named: names }) : "";
  return finding("people", say(sentence, { ...much, such }, missing.size), 0, "people", extra, missing);
}

function repeatedRows(attempt) {
  const wanted = counted(attempt.rightWho);
  const got = counted(attempt.who);
  const repeated = attempt.who.flatMap((who, row) => (wanted.get(who) && got.get(who) > wanted.get(who) ? [row] : []));
  if (!repeated.length) return null;
  const number = new Set(repeated.map((row) => attempt.who[row])).size;
  const first = { whom: attempt.name(repeated[0]), number: got.get(attempt.who[repeated[0]]) };
  const words = say("repeated_rows", { people: attempt.units(number), ...first }, number);
  return finding("repeated_rows", words, peopleRight(attempt), "repeated", repeated);
}

function values(attempt) {
  return valueColumns(attempt.specification).flatMap((name) => {
    const wrong = attempt.wrong(name);
    return wrong.length ? [wrongValues(attempt, name, wrong)] : [];
  });
}

function order(attempt) {
  if (!attempt.specification.ordered || !sameRows(attempt)) return null;
  const row = attempt.who.findIndex((who, at) => who !== attempt.rightWho[at]);
  if (row < 0) return null;
  return finding("order", say("order", { whom: attempt.name(row), row: row + 1 }), ORDER_LEFT, "order");
}

function labels(attempt) {
  const asked = attempt.labelsAsked ? attempt.specification.labels : {};
  for (const [label, words] of Object.entries(asked)) {
    const given = attempt.answer.labels[label] ?? "";
    if (!given.trim()) return finding("labels", say("no_label", { label }), LABELS_LEFT, "labels");
    const accepted = words.split("|");
    if (words && !accepted.some((word) => given.toLowerCase().includes(word.toLowerCase()))) {
      const wanted = accepted.map((word) => `'${word}'`).join(" or ");
      return finding("labels", say("label", { label, text: given, wanted }), LABELS_LEFT, "labels");
    }
  }
  return null;
}

const LADDER = [columns, families, nothing, people, repeatedRows, values, order, labels];
const STOPS = [columns, families];

/** All findings, in the order of the ladder: none if the answer is right. The first gives the credit. */
export function findings(attempt) {
  const found = [];
  for (const step of LADDER) {
    found.push(...[step(attempt) ?? []].flat());
    if (found.length && STOPS.includes(step)) break;
  }
  return found;
}

/** Hashes or rows by whom they are about. */
export function gathered(who, things) {
  const found = new Map();
  who.forEach((each, at) => {
    if (found.has(each)) found.get(each).push(things[at]);
    else found.set(each, [things[at]]);
  });
  return found;
}

/** Whether the answer is about exactly the same people or groups, each as often. */
function sameRows(attempt) {
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

/** Whether a column of values is right in part: neither wrong everywhere nor one value for all, and wrong. */
function someValuesRight(attempt) {
  const rows = attempt.whoIsRight;
  return valueColumns(attempt.specification).some((name) => {
    const wrong = attempt.wrong(name).length;
    const given = attempt.answer.columns.get(name);
    const varies = rows.some((row) => given[row] !== given[rows[0]]);
    return !wrong || (varies && wrong < WRONG_EVERYWHERE * rows.length);
  });
}

function wrongValues(attempt, name, wrong) {
  const { known } = attempt;
  const row = wrong.find((each) => known.has(attempt.who[each])) ?? wrong[0];
  const about = new Set(attempt.whoIsRight.map((each) => attempt.who[each])).size;
  const number = new Set(wrong.map((each) => attempt.who[each])).size;
  const rows = thousands(Math.max(about, number));
  const where = { column: name, people: attempt.units(number), rows, whom: attempt.name(row) };
  const got = attempt.answer.columns.get(name)[row];
  const example = known.get(attempt.who[row]);
  const expected = example ? [example[name]] : foundOut(attempt, name, row);
  let words;
  if (expected.length) {
    const apart = shownApart(expected[0], got);
    words = say("values", { ...where, expected: apart[0], got: apart[1] });
  } else words = say("values_unexplained", { ...where, got: value(got) });
  const credit = someValuesRight(attempt) ? peopleRight(attempt) : 0;
  return finding("values", words, credit, `=${name}`, wrong, new Set(), row, expected);
}

/** The right value of a row, if it is among those that lie near: then its hash is the right one. */
function foundOut(attempt, name, row) {
  if (attempt.specification.tolerance[name]) return [];
  const given = attempt.answer.columns.get(name);
  const near = [null, ...Array(NEAR).keys()];
  if (isNumber(given[row]) && isWhole(given[row])) {
    for (let away = -NEAR; away <= NEAR; away += 1) near.push(Number(given[row]) + away);
  }
  near.push(...new Set(given.slice(0, SEEN)));
  const wanted = attempt.expected.get(name).get(attempt.who[row]);
  const found = near.findIndex((each) => wanted.includes(attempt.hashes.of(name, row, each)[0]));
  return found < 0 ? [] : [near[found]];
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

/** A value as a message names it. */
export function value(each, places = 2) {
  if (each === null) return say("missing_value");
  if (isNumber(each) && !isWhole(each)) return fixed(each, places);
  return [...text(each)].slice(0, 60).join("");
}

/** Two different values with as many digits as it takes to tell them apart. */
export function shownApart(first, second) {
  let found;
  for (let places = 2; places < 9; places += 1) {
    found = [value(first, places), value(second, places)];
    if (found[0] !== found[1]) break;
  }
  return found;
}
