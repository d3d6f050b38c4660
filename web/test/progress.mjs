// Reads and merges progress files as the pages do: node progress.mjs < {"texts": [...], "pairs": [[...], ...]}
// A text that repeats is given as [piece, times]. Gives for each text its state or the words that refuse it.

import { readFileSync } from "node:fs";
import "../../book/_static/progress-file.js";

const { parse, merge, write } = globalThis.leoProgressFile;
const given = JSON.parse(readFileSync(0, "utf8"));
const whole = (text) => (Array.isArray(text) ? text[0].repeat(text[1]) : text);
const states = given.texts.map((text) => {
  try {
    return { state: parse(whole(text)) };
  } catch (error) {
    if (!error.plain) throw error;
    return { refused: error.message };
  }
});
// What is merged is written and read again, as a file.
const merged = given.pairs.map(([first, second]) => parse(write(merge(parse(first), parse(second)))));
process.stdout.write(JSON.stringify({ states, merged }));
