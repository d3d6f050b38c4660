// Puts what was found into words: first the causes, each with its evidence, as leocourse/checks/telling.py does.

import { compared } from "./comparison.js";
import { LADDER, say } from "./words.js";

/**
 * What is said of an answer that is wrong: message, the misconception if one is named, all findings, and the table.
 * ``common`` says what the rows of a finding have in common, if anything.
 */
export function told(parts, causes, { misconceptions }, common) {
  const explained = new Set(causes.flatMap((each) => [...each.parts]));
  const said = causes.map((cause) => withCause(parts, cause, misconceptions, common));
  for (const each of parts.found.filter((one) => !partsOf(one).some((part) => explained.has(part))).slice(0, LADDER.lines)) {
    const shared = common(each);
    const words = shared ? { message: shared, evidence: each.message } : { message: each.message, evidence: "" };
    said.push({ part: each.part.replace(/^=/, ""), ...words });
  }
  said.sort((a, b) => Number(!a.evidence) - Number(!b.evidence));
  const lines = said.map(({ message, evidence }) =>
    evidence ? say("misconception", { message, found: evidence }) : message,
  );
  const name = causes.flatMap((each) => each.slips)[0] ?? null;
  const table = parts.comparable ? compared(parts.attempt, parts.found) : [];
  return { message: lines.slice(0, LADDER.lines).join("\n"), findings: said, name, table };
}

const partsOf = (found) => (found.part === "people" ? ["extra", "missing"] : [found.part]);

function withCause(parts, cause, misconceptions, common) {
  const first = parts.found.find((each) => partsOf(each).some((part) => cause.parts.has(part)));
  const words = [...cause.slips.map((name) => misconceptions[name].message), ...cause.rules.map((rule) => ruleWords(parts, rule))];
  if (cause.change) words.push(say("change", { how: cause.change }));
  const evidence = `${first.message} ${common(first)}`.trim();
  return { part: first.part.replace(/^=/, ""), message: words.join(" "), evidence };
}

/** A rule in words, with how many rows prove it. */
function ruleWords(parts, { name, column, rows, of, other }) {
  const number = say(rows === of ? "all_rows" : "most_rows", { rows, of }, of);
  const gaps = { column, other, rows: number };
  if (name === "rounded" || name === "cut") gaps.to = say(`digits_${other.replace("-", "m")}`);
  return say(`rule_${ofFlag(parts, name, column) ?? name}`, gaps);
}

/** The sentence for one too many or too few where all wrong values are 1, or all 0: a flag is no number. */
function ofFlag(parts, name, column) {
  const given = parts.attempt.answer.columns.get(column);
  const wrong = new Set([...(parts.columns.get(column)?.values() ?? [])].flat().map((row) => (given[row] === null ? null : Number(given[row]))));
  if (wrong.size !== 1) return null;
  if (name === "one_more" && wrong.has(1)) return "flag_1";
  return name === "one_less" && wrong.has(0) ? "flag_0" : null;
}
