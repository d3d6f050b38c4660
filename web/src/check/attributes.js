// What is true of people in the records, as leocourse/checks/attributes.py reads it: a table beside the keys.

import { blake2b } from "@noble/hashes/blake2.js";
import WORDS from "../../../leocourse/checks/attributes.json" with { type: "json" };
import { text } from "./format.js";

export { WORDS };
const encoder = new TextEncoder();

/** A hash of 32 bits of an identity; 0 if there is none. */
export function short(value) {
  if (value === null) return 0;
  const bytes = blake2b(encoder.encode(text(value)), { dkLen: 4 });
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
}

const bytesOf = (base64) => Uint8Array.from(atob(base64), (each) => each.charCodeAt(0));

/** The table of one extract. */
export class Attributes {
  #made;
  #places = new Map();
  #is = new Map();

  constructor(made) {
    this.#made = made;
    this.names = Object.keys(made.is);
  }

  /** The places in the table of whom a column of an answer names; null if nobody is known by it. */
  of(column, value) {
    const identity = WORDS.identities[column];
    if (identity === undefined || value === null) return null;
    if (!this.#places.has(identity)) this.#places.set(identity, this.#placesOf(identity));
    return this.#places.get(identity).get(short(value)) ?? null;
  }

  /** Whether an attribute is true of somebody, who may have several places. */
  is(name, places) {
    if (!this.#is.has(name)) this.#is.set(name, bytesOf(this.#made.is[name]));
    const bits = this.#is.get(name);
    return places.some((place) => (bits[place >> 3] >> (place & 7)) & 1);
  }

  #placesOf(identity) {
    const raw = bytesOf(this.#made.who[identity]);
    const view = new DataView(raw.buffer);
    const found = new Map();
    for (let place = 0; place < this.#made.paths; place += 1) {
      const who = view.getUint32(4 * place, true);
      if (who === 0) continue;
      if (found.has(who)) found.get(who).push(place);
      else found.set(who, [place]);
    }
    return found;
  }
}
