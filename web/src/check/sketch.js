// In what an answer differs from the right one, part by part, as leocourse/checks/sketch.py has it.

import { digest, unpack, unpackValues, upTo } from "./hashes.js";
import { findings, gathered } from "./ladder.js";

export const NEARLY_ALL = 0.99;
export const PEOPLE = ["extra", "missing", "repeated"];

/** The parts in which an answer is wrong. */
export class Parts {
  constructor(attempt) {
    this.attempt = attempt;
    this.found = findings(attempt);
    this.comparable = !this.found.some((each) => each.step === "columns" || each.step === "families");
    const who = this.comparable ? attempt.who : [];
    this.people = new Map();
    this.columns = new Map();
    for (const each of this.found) {
      const about = new Set(each.rows.map((row) => who[row]));
      if (each.part === "extra" || each.part === "people") this.people.set("extra", about);
      if (each.absent.size) this.people.set("missing", each.absent);
      if (each.part === "repeated") this.people.set("repeated", about);
      if (each.step === "values") this.columns.set(each.part.slice(1), gathered(each.rows.map((row) => who[row]), each.rows));
    }
    this.present = new Set(who);
    this.order = this.found.some((each) => each.part === "order") ? digest(who) : null;
    const columns = [...this.columns.keys()].map((name) => `=${name}`);
    this.names = new Set([...this.people.keys(), ...columns, ...(this.order ? ["order"] : [])]);
  }
}

/** The parts in which a slip's answer is wrong, as a key has them. */
export class Slip {
  #values = new Map();

  constructor(name, made) {
    Object.assign(this, { name, made });
  }

  get parts() {
    const columns = Object.keys(this.made.values ?? {}).map((name) => `=${name}`);
    return [...PEOPLE.filter((each) => each in this.made), ...columns, ...("order" in this.made ? ["order"] : [])];
  }

  /** Whether this part of an answer is wrong as the slip's answer is. */
  explains(parts, part) {
    if (part === "order") return parts.order === this.made.order;
    if (!PEOPLE.includes(part)) return this.#explainsValues(parts, part.slice(1));
    return same(parts.people.get(part) ?? new Set(), new Set(unpack(this.made[part].who)), this.made[part].number);
  }

  #explainsValues(parts, name) {
    const isSo = this.values(name);
    const last = this.last(name);
    const asked = [...(parts.columns.get(name) ?? new Map())].filter(([who]) => last === null || upTo(who, last));
    const there = [...isSo.keys()].filter((who) => parts.present.has(who)).length;
    const got = parts.attempt.hashes.column(name);
    const bearable = (1 - NEARLY_ALL) * asked.reduce((sum, [, rows]) => sum + rows.length, 0);
    const hits = new Set();
    let missed = 0;
    for (const [who, rows] of asked) {
      for (const row of rows) {
        if (got[row].some((each) => isSo.get(who)?.has(each))) hits.add(who);
        else missed += 1;
      }
    }
    return missed <= bearable && hits.size >= Math.max(1, NEARLY_ALL * there);
  }

  /** What the slip's values are in a column where they are wrong, as hashes by whom they are about. */
  values(name) {
    if (!this.#values.has(name)) {
      const given = this.made.values[name];
      const found = gathered(unpack(given.who), unpackValues(given.is));
      this.#values.set(name, new Map([...found].map(([who, each]) => [who, new Set(each)])));
    }
    return this.#values.get(name);
  }

  /** The largest hash of whom the sketch of a column goes up to; null if it is whole. */
  last(name) {
    const isSo = this.values(name);
    return isSo.size < this.made.values[name].number ? largest(isSo.keys()) : null;
  }
}

const largest = (hashes) => [...hashes].reduce((found, each) => (upTo(found, each) ? each : found));

/** Whether a set is (nearly) the one of which the smallest are known, and the number of all. */
function same(mine, known, number) {
  const most = Math.max(mine.size, number);
  if (!mine.size || !known.size || Math.abs(mine.size - number) > (1 - NEARLY_ALL) * most) return false;
  const last = known.size < number ? largest(known) : null;
  const asked = [...mine].filter((each) => last === null || upTo(each, last));
  const both = asked.filter((each) => known.has(each)).length;
  return both >= NEARLY_ALL * known.size && both >= NEARLY_ALL * asked.length;
}
