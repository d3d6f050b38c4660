// Hashes of an answer, as leocourse/checks/fingerprint.py makes them. A hash of 64 bits is a text of four characters,
// that of a value its first two.

import { blake2b } from "@noble/hashes/blake2.js";
import { float, isNumber, isWhole, nineDigits, text, whole } from "./format.js";

const BREAK = "\x1f";
const MISSING = "\x00";
const encoder = new TextEncoder();

function hash(words) {
  const bytes = blake2b(encoder.encode(words), { dkLen: 8 });
  return packed(bytes, 0);
}

const packed = (bytes, at) =>
  String.fromCharCode(
    bytes[at] | (bytes[at + 1] << 8),
    bytes[at + 2] | (bytes[at + 3] << 8),
    bytes[at + 4] | (bytes[at + 5] << 8),
    bytes[at + 6] | (bytes[at + 7] << 8),
  );

const VALUE = 2;

/** The hashes of a packed column of a key: of whom rows are about, or with two characters each, of values. */
export function unpack(base64, characters = 4) {
  const raw = atob(base64);
  const found = new Array(raw.length / (2 * characters));
  const at = (place) => raw.charCodeAt(place) | (raw.charCodeAt(place + 1) << 8);
  for (let row = 0; row < found.length; row += 1) {
    const start = row * 2 * characters;
    const places = Array.from({ length: characters }, (_, each) => at(start + 2 * each));
    found[row] = String.fromCharCode(...places);
  }
  return found;
}

/** The hashes of a packed column of values. */
export const unpackValues = (base64) => unpack(base64, VALUE);

/** Whether one hash is not larger than another, as numbers. */
export function upTo(first, second) {
  for (let place = first.length - 1; place >= 0; place -= 1) {
    if (first[place] !== second[place]) return first[place] < second[place];
  }
  return true;
}

/** One hash of many, in their order. */
export const digest = (hashes) => {
  const bytes = blake2b(encoder.encode(hashes.map(packedText).join(BREAK)), { dkLen: 8 });
  return [...bytes].map((each) => each.toString(16).padStart(2, "0")).join("");
};

/** The columns that hold values, not identities. */
export const valueColumns = (specification) =>
  Object.keys(specification.columns).filter((name) => !specification.identity.includes(name));

export class Hashes {
  #who = null;
  #columns = new Map();

  constructor(answer, specification, salt) {
    Object.assign(this, { answer, specification, salt });
  }

  /** Whom each row is about. Without an identity, rows are told apart by their order. */
  get who() {
    if (this.#who) return this.#who;
    const parts = this.specification.identity.map((name) => this.answer.columns.get(name));
    const rows = Array.from({ length: this.answer.rows }, (_, row) => row);
    const sources = parts.length ? parts : [rows];
    const one = (value) => (value === null ? MISSING : text(value));
    this.#who = rows.map((row) => hash([this.salt, ...sources.map((values) => one(values[row]))].join(BREAK)));
    return this.#who;
  }

  /** For each row the hashes of a value: of its step on the scale of the tolerance, then of the next steps. */
  column(name) {
    if (!this.#columns.has(name)) {
      const values = this.answer.columns.get(name);
      this.#columns.set(name, values.map((value, row) => this.of(name, row, value)));
    }
    return this.#columns.get(name);
  }

  /** All hashes that count as this value in a row: with a tolerance, those of the steps beside it, too. */
  of(name, row, value) {
    const tolerance = this.specification.tolerance[name];
    const step = tolerance ? stepOf(value, tolerance) : null;
    if (step === null) return [this.#short(name, row, shown(value))];
    return this.steps(name, row, [step, step - 1, step + 1]);
  }

  /** The hashes that values on these steps of the tolerance would have in a row. */
  steps(name, row, steps) {
    return steps.map((step) => this.#short(name, row, `step${BREAK}${whole(step)}`));
  }

  #short(name, row, words) {
    return hash(`${packedText(this.who[row])}${BREAK}${name}${BREAK}${words}`).slice(0, VALUE);
  }
}

/** A hash as Python writes it: an unsigned number of 64 bits. */
function packedText(hashed) {
  let total = 0n;
  for (let place = 3; place >= 0; place -= 1) total = (total << 16n) | BigInt(hashed.charCodeAt(place));
  return total.toString();
}

/** Where a number lies on the scale of the tolerance; null for what is no number. */
function stepOf(value, tolerance) {
  if (!isNumber(value) || !(Math.abs(Number(value)) < 1e300)) return null;
  return Math.floor(Number(value) / tolerance);
}

function shown(value) {
  if (value === null) return MISSING;
  return isNumber(value) && !isWhole(value) ? float(nineDigits(value)) : text(value);
}
