// Compares an answer with a key and says what a check says, as leocourse/checks/judge.py does.

import { Answer } from "./answer.js";
import { causes, explained } from "./causes.js";
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

/** The result of a question. ``answers`` and ``key`` hold one entry a call, and the worst one speaks. */
export function judge(specification, answers, key, candidates = []) {
  const calls = answers.map((answer, call) =>
    answer instanceof Answer ? partsOf(specification, answer, key[call], call, candidates[call] ?? null) : answer,
  );
  const credit = (each) => (each instanceof Parts ? (each.found[0]?.credit ?? 1) : each.credit);
  let worst = 0;
  calls.forEach((each, call) => {
    if (credit(each) < credit(calls[worst])) worst = call;
  });
  const found = calls[worst] instanceof Parts ? resultOf(specification, calls, key, worst) : calls[worst];
  return answers.length === 1 || found.status === RIGHT ? found : forCall(specification, found, worst);
}

function partsOf(specification, answer, entry, call, candidates) {
  const hashes = new Hashes(answer, specification, `${specification.name}/${call}`);
  return new Parts(new Attempt(hashes, entry.right, candidates));
}

function resultOf(specification, calls, key, call) {
  const parts = calls[call];
  if (!parts.found.length) return result(specification, RIGHT, "", 1);
  const { credit } = parts.found[0];
  const elsewhere = (name) =>
    calls.reduce((sum, each, other) => {
      if (other === call || !(each instanceof Parts)) return sum;
      return sum + explained(each, key[other].misconceptions[name] ?? {});
    }, 0);
  const { message, findings, name } = told(parts, causes(parts, key[call], elsewhere), specification);
  const found = { ...result(specification, credit ? PARTLY : WRONG, message, credit), findings };
  if (name === null) return found;
  const known = specification.misconceptions[name];
  return { ...found, misconception: name, misconceptionTitle: known.title, lesson: known.lesson, heading: known.heading ?? "" };
}

function result(specification, status, message, credit = 0) {
  const { name: question, title, points, lesson, heading = "" } = specification;
  return { question, title, status, credit, points, message, misconception: null, misconceptionTitle: "", lesson, heading, findings: [] };
}

function forCall(specification, worst, call) {
  const given = Object.entries(specification.calls[call] ?? {});
  if (!given.length || worst.status === NOT_ATTEMPTED) return worst;
  const shown = given.map(([name, value]) => `${name} = ${typeof value === "string" ? `'${value}'` : text(value)}`);
  return { ...worst, message: say("call", { arguments: shown.join(", "), message: worst.message }) };
}
