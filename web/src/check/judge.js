// Compares an answer with a key and says what a check says, as leocourse/checks/judge.py does.

import { Answer } from "./answer.js";
import { text } from "./format.js";
import { Hashes } from "./hashes.js";
import { Attempt, climb, columns, families, sameRows } from "./ladder.js";
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
  const results = answers.map((answer, call) =>
    answer instanceof Answer ? judgeCall(specification, answer, key[call], call, candidates[call] ?? null) : answer,
  );
  let worst = 0;
  results.forEach((each, call) => {
    if (each.credit < results[worst].credit) worst = call;
  });
  const found = results[worst];
  return answers.length === 1 || found.status === RIGHT ? found : forCall(specification, found, worst);
}

function judgeCall(specification, answer, entry, call, candidates) {
  const hashes = new Hashes(answer, specification, `${specification.name}/${call}`);
  const attempt = new Attempt(hashes, entry.right, candidates);
  const finding = climb(attempt);
  if (!finding) return result(specification, RIGHT, "", 1);
  const status = finding.credit ? PARTLY : WRONG;
  const name = misconception(attempt, entry.misconceptions);
  if (name === null) return result(specification, status, finding.message, finding.credit);
  const known = specification.misconceptions[name];
  return {
    ...result(specification, status, say("misconception", { message: known.message, found: finding.message }), finding.credit),
    misconception: name,
    misconceptionTitle: known.title,
    lesson: known.lesson,
  };
}

/** The misconception whose answer this is; else the only one that is about the same people. */
function misconception(attempt, fingerprints) {
  if (columns(attempt) || families(attempt)) return null;
  const others = Object.entries(fingerprints).map(([name, other]) => [
    name,
    new Attempt(attempt.hashes, other, null, false),
  ]);
  const exact = others.find(([, other]) => climb(other) === null);
  if (exact) return exact[0];
  if (!attempt.specification.identity.length || sameRows(attempt)) return null;
  const alike = others.filter(([, other]) => sameRows(other));
  return alike.length === 1 ? alike[0][0] : null;
}

function result(specification, status, message, credit = 0) {
  const { name: question, title, points, lesson } = specification;
  return { question, title, status, credit, points, message, misconception: null, misconceptionTitle: "", lesson };
}

function forCall(specification, worst, call) {
  const given = Object.entries(specification.calls[call] ?? {});
  if (!given.length || worst.status === NOT_ATTEMPTED) return worst;
  const shown = given.map(([name, value]) => `${name} = ${typeof value === "string" ? `'${value}'` : text(value)}`);
  return { ...worst, message: say("call", { arguments: shown.join(", "), message: worst.message }) };
}
