// A question with a box for the answer: Check, and up to three hints. The check is the one of the notebooks.

import { NO_ROWS, NotAttempted, ROW_LIMIT, answerOf, answerStatements, sqlStopped } from "./check/answer.js";
import { Attributes, WORDS } from "./check/attributes.js";
import { MARKS, NOT_ATTEMPTED, RIGHT, judge, notAttempted, stopped, worstParts } from "./check/judge.js";
import { walk } from "./check/walk.js";
import { LADDER, say as words } from "./check/words.js";
import LESSONS from "../../leocourse/checks/lessons.json" with { type: "json" };
import { button, editor, element, message } from "./editor.js";
import { Unavailable, unpacked } from "./fetching.js";
import { base, offered, pageEngine, stopPage } from "./site.js";
import { collect, size, tableElement } from "./table.js";

/** Put an editor into the place of a question. */
export function openQuestion(place) {
  const { assignment, question, worded } = place.dataset;
  const original = place.querySelector("template")?.content.textContent.trim() ?? "";
  const label = `Your SQL for question ${question}`;
  place.replaceChildren(questionBox(place, { assignment, question, worded, label, original }).box);
}

/**
 * The editor of a question with its buttons. ``place`` is told of checks and of right answers. A prediction
 * brings its own ``box``, in place of the editor, whose ``answer`` is a ready table (see exercise.js).
 */
export function questionBox(place, { assignment, question, worded, label, original, box: made = null }) {
  const press = { run: () => act(check) };
  const ui = made ? made(press.run) : editor({ label, original, place: ["answers", assignment, question], worded, ...press });
  const stopButton = button("Stop", "leo-stop", () => {
    ui.status.textContent = "Stopping …";
    stopPage();
  });
  stopButton.disabled = true;
  let hints = 0;
  let walking = null;
  let noMore = false;
  const hintButton = button("Hint", "leo-hint", () => act(hint));
  const working = [
    button("Check", "leo-run leo-check", () => act(check)),
    ...(made ? [] : [button("Show rows", "leo-show", () => act(show))]),
    hintButton,
    button("Reset", "leo-reset", ui.reset),
  ];
  ui.buttons.append(...working, ...(made ? [] : [stopButton]));
  const hintList = element("ol", { className: "leo-hints", hidden: true });
  ui.output.before(hintList);
  let running = false;

  const say = (text) => {
    ui.status.textContent = `${text} …`;
  };

  async function act(task) {
    if (running) return;
    running = true;
    for (const each of [...working, ...(walking ? [walking] : [])]) each.disabled = true;
    stopButton.disabled = false;
    try {
      say("Starting");
      ui.status.textContent = await task();
    } catch (error) {
      ui.status.textContent = error.name === "Interrupted" ? "Stopped. What you wrote is kept." : "It did not run.";
      if (error.name !== "Interrupted") ui.output.replaceChildren(message(error.message));
    } finally {
      running = false;
      for (const each of [...working, ...(walking ? [walking] : [])]) each.disabled = false;
      hintButton.disabled = noMore;
      stopButton.disabled = true;
    }
  }

  const entry = () => keyOf(assignment, question);

  async function check() {
    const { specification, calls } = await entry();
    ui.output.replaceChildren();
    const { result, wrong } = await checked(specification, calls, made ? ui.answer() : ui.area.value, say);
    const box = resultElement(result);
    ui.output.replaceChildren(box);
    if (wrong && result.table.length) offerWalk(box, specification, wrong);
    place.dispatchEvent(new CustomEvent("leo:checked", { bubbles: true, detail: { assignment, ...result } }));
    if (result.status === RIGHT) {
      place.dispatchEvent(new CustomEvent("leo:solved", { bubbles: true, detail: { assignment, question } }));
    }
    return `Question ${question}: ${result.status}.`;
  }

  /** A button that walks through one wrong person after the other. */
  function offerWalk(box, specification, { parts, entry: made }) {
    let number = 0;
    const place = element("div", { className: "leo-walk", hidden: true });
    const press = button(words(specification.people ? "walk_button" : "walk_button_group"), "leo-why", () => act(async () => {
      const engine = await pageEngine();
      const shown = await walk(parts, made, (sql) => table(engine, sql, say), number + 1);
      number += 1;
      place.replaceChildren(...walkElements(shown));
      place.hidden = false;
      return `${shown.heading}.`;
    }));
    walking = press;
    box.append(element("p", {}, press), place);
  }

  async function show() {
    const engine = await pageEngine();
    const results = [];
    await inTransaction(engine, ui.area.value, say, async (names, types, batches) => {
      results.push(await collect(names, types, batches));
    });
    const last = results.at(-1);
    if (!last) return "There is nothing to run yet.";
    ui.output.replaceChildren(tableElement(last));
    return size(last);
  }

  async function hint() {
    const { specification } = await entry();
    const given = specification.hints;
    if (!given.length) {
      noMore = true;
      return "There is no hint for this question.";
    }
    if (hints < given.length) {
      hintList.append(element("li", { textContent: given[hints] }));
      hintList.hidden = false;
      hints += 1;
    }
    noMore = hints === given.length;
    return `Hint ${hints} of ${given.length}${noMore && hints > 1 ? ", the last" : ""}.`;
  }
  return ui;
}

const keys = new Map();

/** The key of one question: its specification, and fingerprints of right and wrong answers. */
async function keyOf(assignment, question) {
  const site = await offered();
  const entry = site.questions[assignment]?.[question];
  if (!entry) throw new Unavailable("There is no key for this question here: answer it in the notebook.");
  if (!keys.has(entry.file)) {
    keys.set(entry.file, JSON.parse(new TextDecoder().decode(await unpacked(base, entry))));
  }
  return keys.get(entry.file);
}

/** The result of a check, and what is wrong with the answer, if it can be compared. It is SQL, or a ready table. */
async function checked(specification, calls, text, say) {
  let parts;
  if (text === null) return { result: notAttempted(specification), wrong: null };
  if (typeof text !== "string") {
    return { result: judge(specification, calls.map(() => answerOf(...text)), calls), wrong: null };
  }
  try {
    parts = answerStatements(text);
  } catch (error) {
    if (error instanceof NotAttempted) return { result: notAttempted(specification), wrong: null };
    throw error;
  }
  const engine = await pageEngine();
  let answer;
  try {
    answer = await answered(engine, text, parts, say);
  } catch (error) {
    if (error.name === "Interrupted" || error instanceof Unavailable) throw error;
    return { result: stopped(specification, error.message), wrong: null };
  }
  const candidates = specification.universe ? await table(engine, specification.universe, say) : null;
  say("Comparing");
  const given = [specification, calls.map(() => answer), calls, calls.map(() => candidates)];
  const wrong = worstParts(...given);
  const result = judge(...given, wrong && (await attributesFor(specification)));
  return { result, wrong };
}

let attributes = null;

/** What the records say of people. Without the table there is still a result. */
async function attributesFor({ identity }) {
  const { attributes: file } = await offered();
  if (!file || !identity.some((name) => name in WORDS.identities)) return null;
  attributes ??= unpacked(base, file).then((raw) => new Attributes(JSON.parse(new TextDecoder().decode(raw))));
  return attributes.catch(() => {
    attributes = null;
    return null;
  });
}

/** Run an answer and take its last table in. */
async function answered(engine, text, parts, say) {
  let last = null;
  try {
    await inTransaction(engine, text, say, async (names, types, batches) => {
      last = await whole(names, batches);
    });
  } catch (error) {
    if (error.name === "Interrupted" || error instanceof Unavailable) throw error;
    throw sqlStopped(error.message);
  }
  if (!parts.gives || !last) throw new Error(NO_ROWS);
  return answerOf(last.names, last.columns);
}

async function table(engine, sql, say) {
  let found = null;
  await engine.run(sql, async (names, types, batches) => {
    found = await whole(names, batches);
  }, say);
  return answerOf(found.names, found.columns);
}

/** All rows of a result, up to one more than a check takes. */
async function whole(names, batches) {
  const columns = names.map(() => []);
  for await (const batch of batches) {
    columns.forEach((values, index) => {
      for (const value of batch.column(index)) values.push(value);
    });
    if ((columns[0]?.length ?? 0) > ROW_LIMIT) break;
  }
  return { names, columns: columns.map((values) => values.slice(0, ROW_LIMIT + 1)) };
}

/** Run a script and undo it, so that a table which an answer makes is not in the way of the next one. */
async function inTransaction(engine, text, say, receive) {
  await engine.prepare(text, say);
  const life = engine.generation;
  await engine.run("BEGIN TRANSACTION");
  try {
    await engine.run(text, receive, say);
  } finally {
    // A worker that had to be ended took everything with it.
    if (engine.generation === life) await engine.run("ROLLBACK").catch(() => {});
  }
}

/** The result as a box. A sign and words say how it went, not colour alone. */
function resultElement(result) {
  const earned = result.points
    ? ` (${trim(result.credit * result.points)} of ${trim(result.points)} ${result.points === 1 ? "point" : "points"})`
    : "";
  const box = element("div", { className: "leo-result" });
  box.dataset.status = result.status;
  if (result.misconception) box.dataset.misconception = result.misconception;
  box.append(
    element("p", {}, element("strong", { textContent: `${MARKS[result.status]} ${result.question}: ${result.status}.` }), ` ${result.title}${earned}`),
  );
  if (result.misconception) box.append(element("p", {}, element("strong", { textContent: `${result.misconceptionTitle}.` })));
  for (const line of result.message.split("\n").filter(Boolean)) {
    box.append(element("p", { className: "leo-message", textContent: line }));
  }
  if (result.table.length) box.append(comparedElement(result.table, words("table")));
  if (result.lesson && result.status !== RIGHT && result.status !== NOT_ATTEMPTED) {
    box.append(element("p", {}, "Read again: ", readAgain(result)));
  }
  return box;
}

/** A table of rows with a head and a caption, in a box that scrolls by itself. What differs has a sign and is bold. */
function comparedElement([head, ...rows], caption) {
  const made = element("table", {}, element("caption", { textContent: caption }));
  const line = made.createTHead().insertRow();
  for (const name of head) line.append(element("th", { scope: "col", textContent: name }));
  const body = made.createTBody();
  for (const row of rows) {
    const cells = body.insertRow();
    for (const each of row) {
      const cell = cells.insertCell();
      if (each.startsWith(LADDER.differs)) cell.append(element("strong", { textContent: each }));
      else cell.textContent = each;
    }
  }
  const box = element("div", { className: "leo-live-table leo-compared", tabIndex: 0 }, made);
  box.setAttribute("role", "region");
  box.setAttribute("aria-label", caption);
  return box;
}

/** A walk through one person: a heading, then the records, what is right, and what the answer has. */
function walkElements({ heading, sections }) {
  const made = [element("p", {}, element("strong", { textContent: heading }))];
  for (const { heading: title, text, table: rows } of sections) {
    if (rows.length) made.push(comparedElement(rows, title));
    else made.push(element("p", {}, element("strong", { textContent: title })));
    if (text) made.push(element("p", { textContent: text }));
  }
  return made;
}

/** A link to the heading of the lesson. The book lies one folder above this program. */
function readAgain({ lesson, heading }) {
  const words = heading ? `${lesson}: ${heading}` : lesson;
  if (!(lesson in LESSONS)) return words;
  const at = heading ? `#${heading.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "")}` : "";
  return element("a", { textContent: words, href: new URL(`../book/${LESSONS[lesson]}.html${at}`, base).href });
}

const trim = (number) => String(Number(number.toFixed(4)));

