// Compares an answer with a key and says what a check says, as leocourse/checks/judge.py does.

import { Answer } from "./answer.js";
import { causes, explained } from "./causes.js";
import { inCommon } from "./common.js";
import { text } from "./format.js";
import { Hashes } from "./hashes.js";
import { Attempt } from "./ladder.js";
import { Parts } from "./sketch.js";
import { told } from "./telling.js";
import { say } from "./words.js";

export const RIGHT = "right";
export const PARTLY = "partly right";
export const WRONG = "not right yet";
export const STOPPED = "stopped";
export const NOT_ATTEMPTED = "not attempted";
export const MARKS = { [RIGHT]: "✓", [PARTLY]: "◐", [WRONG]: "✗", [STOPPED]: "!", [NOT_ATTEMPTED]: "○" };

export const notAttempted = (specification) => result(specification, NOT_ATTEMPTED, say("not_attempted"));

export const stopped = (specification, message) => result(specification, STOPPED, message);

/**
 * The result of a question. ``answers`` and ``key`` hold one entry a call, and the worst one speaks. ``attributes`` is
 * what the records say of people, to find what wrong rows have in common.
 */
export function judge(specification, answers, key, candidates = [], attributes = null) {
  const [calls, worst] = judged(specification, answers, key, candidates);
  const found = calls[worst] instanceof Parts ? resultOf(specification, calls, key, worst, attributes) : calls[worst];
  return answers.length === 1 || found.status === RIGHT ? found : forCall(specification, found, worst);
}

/** The parts of the call that speaks, with its entry; null if it could not be run, or is right. */
export function worstParts(specification, answers, key, candidates = []) {
  const [calls, worst] = judged(specification, answers, key, candidates);
  const parts = calls[worst];
  return parts instanceof Parts && parts.found.length ? { parts, entry: key[worst] } : null;
}

/** What each call gave, and the number of the worst one. */
function judged(specification, answers, key, candidates) {
  const calls = answers.map((answer, call) =>
    answer instanceof Answer ? partsOf(specification, answer, key[call], call, candidates[call] ?? null) : answer,
  );
  const credit = (each) => (each instanceof Parts ? (each.found[0]?.credit ?? 1) : each.credit);
  let worst = 0;
  calls.forEach((each, call) => {
    if (credit(each) < credit(calls[worst])) worst = call;
  });
  return [calls, worst];
}

function partsOf(specification, answer, entry, call, candidates) {
  const hashes = new Hashes(answer, specification, `${specification.name}/${call}`);
  return new Parts(new Attempt(hashes, entry.right, candidates));
}

function resultOf(specification, calls, key, call, attributes) {
  const parts = calls[call];
  if (!parts.found.length) return result(specification, RIGHT, specification.because ?? "", 1);
  const { credit } = parts.found[0];
  const elsewhere = (name) =>
    calls.reduce((sum, each, other) => {
      if (other === call || !(each instanceof Parts)) return sum;
      return sum + explained(each, key[other].misconceptions[name] ?? {});
    }, 0);
  const common = (each) => inCommon(parts.attempt, each, attributes, key[call].attributes);
  const { message, findings, name, table } = told(parts, causes(parts, key[call], elsewhere), specification, common);
  const guess = specification.form === "predict"; // of a wrong one is said why, and never what is right
  const said = guess ? (specification.misconceptions[name]?.message ?? specification.otherwise) : message;
  const found = {
    ...result(specification, credit ? PARTLY : WRONG, said, credit),
    ...(guess ? {} : { findings, table }),
  };
  if (name === null) return found;
  const known = specification.misconceptions[name];
  return { ...found, misconception: name, misconceptionTitle: known.title, lesson: known.lesson, heading: known.heading ?? "" };
}

function result(specification, status, message, credit = 0) {
  const { name: question, title, points, lesson, heading = "" } = specification;
  return { question, title, status, credit, points, message, misconception: null, misconceptionTitle: "", lesson, heading, findings: [], table: [] };
}

function forCall(specification, worst, call) {
  const given = Object.entries(specification.calls[call] ?? {});
  if (!given.length || worst.status === NOT_ATTEMPTED) return worst;
  const shown = given.map(([name, value]) => `${name} = ${typeof value === "string" ? `'${value}'` : text(value)}`);
  return { ...worst, message: say("call", { arguments: shown.join(", "), message: worst.message }) };
}
