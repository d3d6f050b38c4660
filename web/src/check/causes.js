// Which slips and rules explain the parts in which an answer is wrong, as leocourse/checks/causes.py has it.

import { upTo } from "./hashes.js";
import { FEW, otherYear, ruleOf } from "./rules.js";
import { PEOPLE, Slip } from "./sketch.js";

/** The causes of what is wrong, the one that explains most first; no part has two. */
export function causes(parts, entry, elsewhere) {
  if (!parts.comparable) return [];
  const fair = Object.entries(entry.misconceptions).filter(([name]) => elsewhere(name) >= 0);
  const slips = fair.map(([name, made]) => new Slip(name, made));
  const left = (found) => [...parts.names].filter((each) => !told(found).has(each));
  let found = chosen(fitting(parts, slips), elsewhere);
  if (left(found).length) {
    const byRule = chosen(fitting(parts, slips, true), elsewhere);
    if (told(byRule).size > told(found).size) found = byRule;
  }
  if (left(found).length) found = withChanges(parts, entry.changes ?? {}, found);
  if (left(found).length) {
    const pairs = (entry.pairs ?? []).map((made) => pairOf(parts, made, entry.misconceptions)).filter(Boolean);
    const both = chosen(pairs, () => 0).slice(0, 1);
    if (told(both).size > told(found).size) found = both;
  }
  const moved = left(found).length ? otherYear(parts) : null;
  if (moved) {
    const rest = found.filter((each) => ![...each.parts].some((part) => moved.parts.has(part)));
    found = [{ parts: moved.parts, slips: [], rules: [moved.rule] }, ...rest];
  }
  for (const name of parts.columns.keys()) {
    const rule = told(found).has(`=${name}`) ? null : ruleOf(parts, name);
    if (rule) found = [...found, { parts: new Set([`=${name}`]), slips: [], rules: [rule] }];
  }
  if (!left(found).length) return found;
  const ruleAlone = (each) => each.rules.length && !each.slips.length;
  return found.filter((each) => ruleAlone(each) || (rowsOf(parts, each) >= FEW && !shared(parts, each, slips)));
}

/** What was found, and a change that explains the rest; or one that alone explains more than all of it. */
function withChanges(parts, changes, found) {
  const fitting = Object.entries(changes).flatMap(([words, made]) => {
    const cause = fits(parts, [], new Slip("", made));
    return cause ? [{ ...cause, change: words }] : [];
  });
  const known = told(found);
  const nobodyElse = (each, others) => [...parts.people.keys()].every((one) => each.parts.has(one) || others.has(one));
  const whole = fitting.filter((each) => nobodyElse(each, new Set()) && each.parts.size > known.size);
  const more = chosen(whole, () => 0).slice(0, 1);
  if (more.length) return more;
  const beside = fitting.filter((each) => ![...each.parts].some((part) => known.has(part)) && nobodyElse(each, known));
  return [...found, ...chosen(beside, () => 0).slice(0, 1)];
}

/** Whether another slip explains these parts as well: it may have been that one, and something else besides. */
function shared(parts, cause, slips) {
  const same = (slip) => [...cause.parts].every((part) => slip.parts.includes(part) && slip.explains(parts, part));
  return slips.some((slip) => !cause.slips.includes(slip.name) && same(slip));
}

const AGAINST = -1000;

/** How many parts of an answer a slip explains; far less than nothing if it is wrong in another way. */
export function explained(parts, made) {
  if (!parts.comparable || !parts.found.length || !Object.keys(made).length) return 0;
  return fits(parts, [""], new Slip("", made))?.parts.size ?? AGAINST;
}

const fitting = (parts, slips, withRules = false) =>
  slips.map((slip) => fits(parts, [slip.name], slip, withRules)).filter(Boolean);

const told = (found) => new Set(found.flatMap((each) => [...each.parts]));

function rowsOf(parts, cause) {
  const number = (part) => (parts.people.get(part) ?? parts.columns.get(part.slice(1)))?.size ?? parts.attempt.who.length;
  return [...cause.parts].reduce((sum, part) => sum + number(part), 0);
}

function fits(parts, names, slip, withRules = false) {
  const found = new Set();
  const rules = [];
  if (onlyRepeated(parts, slip)) return null;
  for (const part of slip.parts) {
    if (PEOPLE.includes(part) || part === "order") {
      if (!slip.explains(parts, part)) return null;
      found.add(part);
      continue;
    }
    const name = part.slice(1);
    if (![...slip.values(name).keys()].some((who) => parts.present.has(who))) continue;
    if (!slip.explains(parts, part)) {
      const rule = withRules ? ruleOf(parts, name, slip) : null;
      if (!rule) return null;
      rules.push(rule);
    }
    found.add(part);
  }
  return found.size ? { parts: found, slips: names, rules } : null;
}

/** The cause that two slips at once are, if either alone would not do as well for whom the answer has. */
function pairOf(parts, made, slips) {
  const pair = new Slip("", made);
  const cause = fits(parts, made.of, pair);
  return cause && made.of.every((name) => saysMore(parts, pair, new Slip(name, slips[name]), cause.parts)) ? cause : null;
}

/** Whether a pair says what one of its slips does not: of a few people in a column, or who is there at all. */
function saysMore(parts, pair, alone, parted) {
  return [...parted].some((part) => {
    if (!alone.parts.includes(part)) return true;
    if (!part.startsWith("=")) return !alone.explains(parts, part);
    const one = alone.values(part.slice(1));
    const last = alone.last(part.slice(1));
    const equal = (who, values) => one.get(who)?.size === values.size && [...values].every((each) => one.get(who).has(each));
    const known = [...pair.values(part.slice(1))].filter(([who]) => parts.present.has(who) && (last === null || upTo(who, last)));
    return known.filter(([who, values]) => !equal(who, values)).length >= FEW;
  });
}

/** Whether all that speaks for a slip is in rows about people who stand more often than they should. */
function onlyRepeated(parts, slip) {
  const twice = parts.people.get("repeated");
  if (!twice || "repeated" in slip.made) return false;
  const within = (part) => [...(parts.columns.get(part.slice(1))?.keys() ?? [])].every((who) => twice.has(who));
  return slip.parts.every((part) => part.startsWith("=") && within(part));
}

function chosen(candidates, elsewhere) {
  const found = [];
  const done = new Set();
  let left = candidates;
  while (left.length) {
    const ranked = left.map((each) => ({ each, rank: [[...each.parts].filter((part) => !done.has(part)).length,
      -each.rules.length, each.slips.reduce((sum, name) => sum + elsewhere(name), 0)] }));
    ranked.sort((a, b) => b.rank[0] - a.rank[0] || b.rank[1] - a.rank[1] || b.rank[2] - a.rank[2]);
    const [best] = ranked;
    if (!best.rank[0]) break;
    const fresh = (each) => [...each.parts].some((part) => best.each.parts.has(part) && !done.has(part));
    const equals = ranked.filter(({ each, rank }) => String(rank) === String(best.rank) && fresh(each)).map(({ each }) => each);
    for (const part of best.each.parts) done.add(part);
    if (equals.length === 1) found.push(best.each);
    left = left.filter((each) => !equals.includes(each) && ![...each.parts].some((part) => done.has(part)));
  }
  return found;
}
