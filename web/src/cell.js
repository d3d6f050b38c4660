// A cell of a lesson whose SQL can be changed and run. Tables that earlier cells make are made first.

import { words } from "./sql.js";
import { drafts } from "./drafts.js";
import { button, editor, element, message } from "./editor.js";
import { pageEngine, stopPage } from "./site.js";
import { collect, size, tableElement } from "./table.js";

/** What the page's cells have made so far, by place, and in which life of the engine. */
const done = { generation: -1, places: new Set() };

/** Put an editor under a cell and give it the focus. */
export function openCell(cell, place, steps) {
  const original = steps[place].sql;
  let running = false;
  const ui = editor({
    label: "SQL of this cell, to change and run",
    original,
    ...kept(place, steps),
    run: () => run(),
  });
  const runButton = button("Run", "leo-run", () => run());
  const stopButton = button("Stop", "leo-stop", () => {
    ui.status.textContent = "Stopping …";
    stopPage();
  });
  const resetButton = button("Reset", "leo-reset", ui.reset);
  stopButton.disabled = true;
  ui.buttons.append(runButton, stopButton, resetButton);
  cell.after(ui.box);
  ui.area.focus();
  // Somebody who opens the box means to run it: fetch while they read. A fault is told when they press Run.
  const script = [original, ...needed(original, place, steps).map((earlier) => steps[earlier].sql)].join(";\n");
  pageEngine().then((engine) => engine.prepare(script)).catch(() => {});

  async function run() {
    if (running) return;
    running = true;
    runButton.disabled = resetButton.disabled = true;
    stopButton.disabled = false;
    ui.output.replaceChildren();
    const say = (text) => {
      ui.status.textContent = `${text} …`;
    };
    const begun = performance.now();
    try {
      say("Starting");
      const engine = await pageEngine();
      await runInOrder(engine, ui.area.value, place, steps, say, ui.output, (text) => {
        const seconds = ((performance.now() - begun) / 1000).toFixed(1);
        ui.status.textContent = `${text} (${seconds} s)`;
      });
    } catch (error) {
      ui.status.textContent = error.name === "Interrupted" ? "Stopped. What you wrote is kept." : "It did not run.";
      if (error.name !== "Interrupted") ui.output.replaceChildren(message(error.message));
    } finally {
      running = false;
      runButton.disabled = resetButton.disabled = false;
      stopButton.disabled = true;
    }
  }
}

/**
 * Where the text of a cell is kept, its number on the page, and what was typed in cells that are no longer there:
 * each of these belongs to the cell that is nearest to where it was.
 */
function kept(place, steps) {
  const page = drafts.pageName();
  const names = drafts.cellNames(steps);
  const numbers = steps.flatMap((step, at) => (step.tagged ? [at] : [])); // as the buttons count
  const live = numbers.flatMap((at, index) => (names[at] === null ? [] : [index + 1]));
  const nearest = (number) => live.reduce((best, each) => (Math.abs(each - number) < Math.abs(best - number) ? each : best));
  const number = numbers.indexOf(place) + 1;
  const others = drafts
    .lost(page, names)
    .filter(([, entry]) => nearest(entry.place ?? live[0]) === number)
    .map(([cell, entry]) => [["drafts", page, cell], entry])
    .sort(([, a], [, b]) => b.at.localeCompare(a.at));
  return { place: ["drafts", page, names[place]], number, others };
}

async function runInOrder(engine, script, place, steps, say, output, finish) {
  await ready(engine, script, place, steps, say);
  const results = [];
  await engine.run(
    script,
    async (names, types, batches, statement) => {
      const result = await collect(names, types, batches);
      if (givesTable(statement)) results.push(result);
    },
    say,
  );
  done.places.add(place);
  output.replaceChildren(...results.map(tableElement));
  const said = results.length ? results.map(size).join(" ") : "Done: no rows to show.";
  finish(said);
  // Looked up after the result is there, so that nobody waits for it.
  for (const note of engine.renamings()) output.append(element("p", { className: "leo-note", textContent: note }));
  engine.notHeld(script).then((notes) => notes.length && output.append(absence(notes)), () => {});
}

/** What a reader has to know of columns that are empty here and nowhere else. */
const absence = (columns) =>
  element("p", {
    className: "leo-note",
    textContent: `Empty here, because no lesson reads it in the page: ${columns.join(", ")}. The notebooks have it.`,
  });

/** Run the earlier cells that make what this one reads, as they stand in the page, unless they have been run. */
async function ready(engine, script, place, steps, say) {
  await engine.prepare("", say);
  if (done.generation !== engine.generation) {
    done.generation = engine.generation;
    done.places.clear();
  }
  for (const earlier of needed(script, place, steps)) {
    say("Running earlier cells of this page");
    await engine.run(steps[earlier].sql);
    done.places.add(earlier);
  }
}

/** The places of earlier cells, in order, on whose tables a script depends and that have not been run. */
export function needed(script, place, steps) {
  const found = new Set();
  const follow = (text, before) => {
    const named = words(text);
    for (let at = before - 1; at >= 0; at -= 1) {
      if (found.has(at) || done.places.has(at) || !steps[at].creates.some((name) => named.has(name))) continue;
      found.add(at);
      follow(steps[at].sql, at);
    }
  };
  follow(script, place);
  return [...found].sort((a, b) => a - b);
}

const givesTable = (statement) => !/^\s*(create|insert|update|delete|drop|alter|set|attach|begin|commit|rollback)\b/i.test(
  statement,
);
