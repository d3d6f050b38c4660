// Walks through one wrong person: the records, what the right rule makes of them, and what the answer made of them, as
// leocourse/checks/walk.py does.

import { isNumber, text } from "./format.js";
import { upTo } from "./hashes.js";
import { cut } from "./comparison.js";
import { shownApart, value } from "./ladder.js";
import { LADDER, say } from "./words.js";

const { walk_people: PEOPLE, walk_rows: ROWS, differs: DIFFERS } = LADDER;
const LEO = 'leo_i2."2005003".';
const LOOKUPS = {
  pmr: [`${LEO}learner_ae_id_to_pmr_lookup`, "pupilmatchingrefanonymous"],
  edukey: [`${LEO}learner_ae_id_to_edukey_lookup`, "edukey"],
  recordid: [`${LEO}education_records_lookup`, "recordid"],
};

/** Which key of a person or record a column holds, by its name. */
function kindOf(column) {
  const name = column.toLowerCase();
  if (["ae_id", "pmr", "edukey", "recordid"].includes(name)) return name;
  return name.includes("pupilmatchingrefanonymous") ? "pmr" : null;
}

/** The walk through the wrong person of this number. ``fetch`` runs SQL and gives an answer. */
export async function walk(parts, entry, fetch, number = 1) {
  const { specification } = parts.attempt;
  const nothing = (sentence) => ({ heading: say(sentence, { question: specification.name, why: parts.found[0].message }), sections: [] });
  if (!parts.comparable) return nothing("walk_not_compared");
  const people = wrongPeople(parts);
  if (!people.length) return nothing("walk_nobody");
  const at = (number - 1) % people.length;
  const person = people[at];
  const named = Object.entries(person.identity).map(([name, each]) => `${name} ${value(each)}`);
  const whom = named.join(", ") || say("row", { number: 1 });
  const heading = say("walk", { number: at + 1, of: people.length, question: specification.name, whom });
  const [mine, right] = beside(specification, person);
  return { heading, sections: [...(await records(specification, entry, person, fetch)), right, mine] };
}

/** Whom there is to show: first those of whom it is known what is right, each kind of fault in turn. */
function wrongPeople(parts) {
  const { attempt } = parts;
  const known = attempt.known;
  const kinds = [];
  for (const each of parts.found) {
    if (!["values", "people", "nothing", "repeated_rows"].includes(each.step)) continue;
    const rows = each.shown === null ? each.rows : [each.shown, ...each.rows];
    kinds.push(rows.map((row) => attempt.who[row]));
    kinds.push([...known.keys()].filter((who) => each.absent.has(who)));
    kinds.push([...named(attempt, each.absent).keys()].sort((a, b) => (a === b ? 0 : upTo(a, b) ? -1 : 1)));
  }
  const certain = new Set([...known.keys(), ...(parts.people.get("extra") ?? [])]);
  const found = new Set();
  for (const sure of [true, false]) {
    const left = kinds.map((kind) => [...new Set(kind.filter((who) => certain.has(who) === sure))]);
    for (let turn = 0; turn < PEOPLE; turn += 1) {
      for (const kind of left) for (const who of kind.slice(turn, turn + 1)) found.add(who);
    }
  }
  return [...found].slice(0, PEOPLE).map((who) => personOf(attempt, who));
}

/** Those who are missing, as far as the candidates name them. */
function named(attempt, absent) {
  const names = attempt.specification.identity;
  const { candidates } = attempt;
  const found = new Map();
  if (!absent.size) return found;
  attempt.candidatesWho.forEach((who, row) => {
    if (absent.has(who)) found.set(who, Object.fromEntries(names.map((name) => [name, candidates.columns.get(name)[row]])));
  });
  return found;
}

function personOf(attempt, who) {
  const columns = Object.keys(attempt.specification.columns);
  const rows = attempt.who.flatMap((each, row) => (each === who ? [row] : []));
  const mine = rows.map((row) => Object.fromEntries(columns.map((name) => [name, attempt.answer.columns.get(name)[row]])));
  const example = attempt.known.get(who);
  const right = example ? [example] : attempt.expectedWho.has(who) ? null : [];
  const source = mine[0] ?? right?.[0] ?? named(attempt, new Set([who])).get(who);
  const identity = Object.fromEntries(attempt.specification.identity.map((name) => [name, source[name]]));
  return { identity, mine, right };
}

const section = (heading, words = "", table = []) => ({ heading, text: words, table });

/** The rows of the answer, and the right ones; what differs in the answer's has the sign. */
function beside(specification, person) {
  const names = Object.keys(specification.columns);
  const right = person.right?.[0] ?? null;
  const expected = Object.fromEntries(Object.entries(right ?? {}).map(([name, each]) => [name, value(each)]));
  const mine = person.mine.slice(0, ROWS).map((row) =>
    names.map((name) => {
      if (!right || alike(specification, name, row[name], right[name])) return cut(value(row[name]));
      const [words, wanted] = shownApart(row[name], right[name]);
      expected[name] = wanted;
      return `${DIFFERS} ${cut(words)}`;
    }),
  );
  const many = right && person.mine.length > 1 ? say("walk_many", { rows: person.mine.length }) : "";
  const yours = say("walk_mine");
  const given = mine.length ? section(yours, many, [names, ...mine]) : section(yours, say("walk_no_row"));
  const rule = say("walk_right");
  if (person.right === null) return [given, section(rule, say("walk_not_known"))];
  if (!right) return [given, section(rule, say("walk_should_not"))];
  return [given, section(rule, "", [names, names.map((name) => cut(expected[name]))])];
}

/** Whether a value counts as the right one, as far as a reader can see. */
function alike(specification, name, mine, right) {
  if (!isNumber(mine) || !isNumber(right)) return mine === right;
  const bearable = Math.max(specification.tolerance[name] ?? 0, 1e-8 * Math.abs(Number(right)));
  return Math.abs(Number(mine) - Number(right)) <= bearable;
}

/** The raw records, a section for each view that has any, and a line for those that have none. */
async function records(specification, entry, person, fetch) {
  const column = specification.identity.find(kindOf);
  const made = entry.records ?? [];
  if (column === undefined || !made.length || person.identity[column] === null) {
    const figure = Object.keys(specification.labels).length;
    const sentence = figure ? "walk_figure" : column === undefined ? "walk_group" : "walk_no_views";
    return [section(say("walk_records"), say(sentence, { unit: specification.unit }))];
  }
  const sections = [];
  const without = [];
  for (const each of made) {
    const found = await fetch(recordsSql(each, kindOf(column), person.identity[column]));
    const view = each.view.slice(each.view.lastIndexOf(".") + 1);
    if (!found.rows) {
      without.push(view);
      continue;
    }
    const more = found.rows > ROWS ? say("walk_more", { rows: ROWS }) : "";
    const columns = [...found.columns];
    const rows = Array.from({ length: Math.min(found.rows, ROWS) }, (_, row) => columns.map(([, values]) => cut(value(values[row]))));
    sections.push(section(say("walk_view", { view }), more, [columns.map(([name]) => name), ...rows]));
  }
  if (without.length) sections.push(section(say("walk_without"), without.join(", ")));
  return sections;
}

/** The SQL for the records of a person in a view, one more than is shown, by the person's key of this kind. */
function recordsSql({ view, by, columns }, kind, key) {
  const words = `'${text(key).replaceAll("'", "''")}'`;
  const is = kindOf(by);
  let where = `CAST("${by}" AS VARCHAR) = ${words}`;
  if (is !== kind) {
    const [table, name] = LOOKUPS[kind] ?? [];
    const person = kind === "ae_id" ? `CAST(ae_id AS VARCHAR) = ${words}`
      : `ae_id IN (SELECT ae_id FROM ${table} WHERE CAST(${name} AS VARCHAR) = ${words})`;
    where = is === "ae_id" ? person : `"${by}" IN (SELECT ${LOOKUPS[is][1]} FROM ${LOOKUPS[is][0]} WHERE ${person})`;
  }
  return `SELECT ${columns.map((each) => `"${each}"`).join(", ")} FROM ${view} WHERE ${where} ORDER BY ALL LIMIT ${ROWS + 1}`;
}
