// Uses pages as a reader does, in Chromium: node pages.mjs <site> <plan.json> <results.json>
// The plan names the browser, the address of the pages and what to do; the results say what was seen.

import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

const [, input, output] = process.argv.slice(2);
const plan = JSON.parse(readFileSync(input, "utf8"));
const WAIT = 60_000;
const browser = await chromium.launch({
  executablePath: plan.chromium,
  headless: true,
  args: ["--no-sandbox", "--disable-background-networking", "--disable-component-update"],
});

/** A page in a browser of its own, with what it asked for and what it complained about. */
async function visit(address, options = {}) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  page.setDefaultTimeout(WAIT);
  const seen = { errors: [], requests: [], outside: [], missing: [] };
  page.on("pageerror", (error) => seen.errors.push(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error") seen.errors.push(message.text());
  });
  page.on("request", (request) => {
    const { protocol, host, pathname } = new URL(request.url());
    if (protocol === "blob:" || protocol === "data:") return;
    (host === new URL(plan.base).host ? seen.requests : seen.outside).push(pathname);
  });
  page.on("response", (response) => {
    if (response.status() >= 400) seen.missing.push(new URL(response.url()).pathname);
  });
  await page.goto(plan.base + address, { waitUntil: "load" });
  return { page, seen, context };
}

/** The box of a cell; those of exercises are others. */
const box = (page, number = 0) => page.locator(".leo-live:not(.leo-exercise .leo-live)").nth(number);
const status = (where) => where.locator(".leo-status").textContent();

/** Wait until an editor has nothing more to do, and say what it says. */
async function settled(where) {
  const words = where.locator(".leo-status");
  await words.page().waitForFunction(
    (element) => element.textContent && !element.textContent.endsWith("…"),
    await words.elementHandle(),
    { timeout: WAIT },
  );
  return words.textContent();
}

async function run(where, sql, label = "Run") {
  if (sql !== null) await where.locator("textarea").fill(sql);
  await where.getByRole("button", { name: label, exact: true }).click();
  return settled(where);
}

const tasks = {
  /** Exercises of a lesson: a wrong answer, a hint, a right one, a draft after a reload, lines moved, a prediction. */
  async exercises({ page: address, mend, order, predict }) {
    const { page, seen, context } = await visit(address);
    const events = [];
    await page.exposeFunction("heard", (each) => events.push(each));
    const listen = () => page.evaluate(() => document.addEventListener("leo:solved", ({ detail }) => window.heard(detail)));
    await listen();
    const of = (name) => page.locator(`.leo-exercise[data-exercise="${name}"]`);
    const result = async (where, press = "Check") => {
      await where.getByRole("button", { name: press, exact: true }).click();
      await settled(where);
      const box = where.locator(".leo-result");
      return (await box.count()) ? box.evaluate(({ dataset, textContent }) => ({ ...dataset, text: textContent })) : null;
    };
    const found = { cells: await page.locator(".cell.tag_exercise").count(), shown: 0 };
    await of(mend.name).waitFor();
    found.shown = await page.locator(".cell.tag_exercise:visible").count();

    const mended = of(mend.name);
    found.given = await mended.locator("textarea").inputValue();
    found.wrong = await result(mended);
    found.why = await mended.locator(".leo-why").count();
    await result(mended, "Hint");
    found.hint = await mended.locator(".leo-hints li").first().textContent();
    await mended.locator("textarea").fill(mend.right);
    found.right = await result(mended);

    // Lines: the keyboard alone brings each to its place.
    const list = of(order.name).locator(".leo-lines");
    const now = async () => (await of(order.name).locator("textarea").inputValue()).split("\n");
    found.shuffled = await result(of(order.name));
    for (let place = 0; place < order.lines.length; place += 1) {
      for (let at = (await now()).indexOf(order.lines[place]); at > place; at -= 1) {
        const up = list.locator("li").nth(at).locator(".leo-up");
        if (at === (await now()).length - 1 || !(await up.evaluate((each) => each === document.activeElement))) await up.focus();
        await page.keyboard.press("Enter");
      }
    }
    found.focus = await page.evaluate(() => document.activeElement.className);
    found.moved = await of(order.name).locator(".leo-line-moved").textContent();
    found.lines = await list.locator("code").allTextContents();
    found.ordered = await result(of(order.name));
    await list.locator("li").nth(0).dragTo(list.locator("li").nth(1));
    found.dragged = await now();
    found.earlier = await of(order.name).locator(".leo-earlier li").count();

    // A prediction: nothing, no number, a wrong one, the right one.
    const guess = of(predict.name);
    const input = guess.locator(".leo-number");
    found.before = await guess.textContent();
    found.nothing = await result(guess);
    await input.fill("many");
    await guess.getByRole("button", { name: "Check", exact: true }).click();
    found.words = [await settled(guess), await guess.locator(".leo-error").textContent()];
    await input.fill(predict.wrong);
    found.guessed = await result(guess);
    await input.fill(predict.right);
    await input.press("Enter");
    await page.waitForFunction((name) => document.querySelector(`.leo-exercise[data-exercise="${name}"] .leo-result`)?.dataset.status === "right", predict.name);
    found.predicted = await guess.locator(".leo-result").textContent();
    found.events = [...events];

    found.axe = await page.evaluate(async (axe) => {
      (0, eval)(axe);
      const { violations } = await window.axe.run({ include: [[".leo-exercise"]] });
      return violations.map(({ id, nodes }) => `${id}: ${nodes[0].html.slice(0, 200)}`);
    }, readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8"));
    await page.reload();
    await of(predict.name).waitFor();
    found.after = [await mended.locator("textarea").inputValue(), await input.inputValue()];
    await context.close();
    return { ...found, errors: seen.errors, outside: seen.outside };
  },

  /** A cell: nothing is fetched before the press; keyboard; errors; large results; drafts. */
  async lesson({ page: address, edits }) {
    const { page, seen, context } = await visit(address);
    const before = seen.requests.filter((path) => path.includes("leo-web")).length;
    const buttons = page.getByRole("button", { name: /^Try it/ });
    const found = { before, buttons: await buttons.count(), names: await buttons.first().getAttribute("aria-label") };
    await buttons.first().focus();
    await page.keyboard.press("Enter");
    await page.waitForSelector(".leo-live textarea:focus");
    const first = box(page);
    found.original = await first.locator("textarea").inputValue();
    await page.keyboard.press("Control+Enter");
    found.status = await settled(first);
    found.head = await first.locator("th").allTextContents();
    found.rows = await first.locator("tbody tr").count();
    found.live = await first.locator(".leo-status").getAttribute("aria-live");
    await first.locator("textarea").focus();
    await page.keyboard.press("Tab");
    found.tab = await page.evaluate(() => document.activeElement.textContent);
    found.edits = [];
    for (const sql of edits) {
      const begun = Date.now();
      const said = await run(first, sql);
      found.edits.push({
        said,
        error: (await first.locator(".leo-error").allTextContents()).join(""),
        rows: await first.locator("tbody tr").count(),
        cells: await first.locator("tbody td").evaluateAll((cells) => cells.slice(0, 8).map((cell) => cell.textContent)),
        seconds: (Date.now() - begun) / 1000,
      });
    }
    await first.locator("textarea").fill("SELECT 42 AS kept");
    await page.reload({ waitUntil: "load" });
    await buttons.first().click();
    found.draft = await first.locator("textarea").inputValue();
    await first.getByRole("button", { name: "Reset" }).click();
    found.reset = await first.locator("textarea").inputValue();
    await context.close();
    return { ...found, ...seen };
  },

  /** The last cell alone: the cells that it needs run first. */
  async order({ page: address, cell }) {
    const { page, seen, context } = await visit(address);
    await page.getByRole("button", { name: /^Try it/ }).nth(cell).click();
    const said = await run(box(page), null);
    const error = (await box(page).locator(".leo-error").allTextContents()).join("");
    await context.close();
    return { said, error, ...seen };
  },

  /** A query without end is stopped, and the next one runs. */
  async stop({ page: address }) {
    const { page, seen, context } = await visit(address);
    await page.getByRole("button", { name: /^Try it/ }).first().click();
    await page.waitForSelector(".leo-live textarea");
    await run(box(page), "CREATE TABLE mine AS SELECT 1 AS x; SELECT * FROM mine");
    const found = { stopped: [] };
    const endless = [
      "SELECT SUM(a.range + b.range) FROM range(1000000000) AS a, range(1000000) AS b",
      "SELECT a.range FROM range(1000000000) AS a, range(1000000) AS b WHERE a.range = -1",
    ];
    for (const sql of endless) {
      await box(page).locator("textarea").fill(sql);
      await box(page).getByRole("button", { name: "Run" }).click();
      await page.waitForTimeout(1500);
      found.during = await status(box(page));
      // The page answers while the query runs.
      found.answers = await page.evaluate(() => 1 + 1);
      const begun = Date.now();
      await box(page).getByRole("button", { name: "Stop" }).click();
      found.stopped.push({ said: await settled(box(page)), seconds: (Date.now() - begun) / 1000 });
    }
    found.text = await box(page).locator("textarea").inputValue();
    found.after = await run(box(page), "SELECT 7 AS seven");
    await context.close();
    return { ...found, ...seen };
  },

  /** Answers to a question, one after the other. */
  async question({ page: address, question, answers }) {
    const { page, seen, context } = await visit(address);
    const place = page.locator(`.leo-question[data-question="${question}"]`);
    await place.locator("textarea").waitFor();
    const before = seen.requests.filter((path) => /engine|duckdb|data\//.test(path)).length;
    const found = { before, results: [], hints: [] };
    for (const sql of answers) {
      const said = await run(place, sql, "Check");
      const result = place.locator(".leo-result");
      found.results.push({
        said,
        status: (await result.count()) ? await result.getAttribute("data-status") : null,
        misconception: (await result.count()) ? await result.getAttribute("data-misconception") : null,
        text: (await place.locator(".leo-output").textContent()).slice(0, 600),
      });
    }
    for (let hint = 0; hint < 3; hint += 1) {
      await place.getByRole("button", { name: "Hint" }).click();
      await settled(place);
    }
    found.hints = await place.locator(".leo-hints li").allTextContents();
    found.noMore = await place.getByRole("button", { name: "Hint" }).isDisabled();
    await context.close();
    return { ...found, ...seen };
  },

  /** A wrong answer: what is said, the table, where to read again, and the walk through one person after the other. */
  async why({ page: address, question, sql, right, times }) {
    const { page, seen, context } = await visit(address, { viewport: { width: 360, height: 740 }, colorScheme: "dark" });
    const place = page.locator(`.leo-question[data-question="${question}"]`);
    await place.locator("textarea").waitFor();
    const tables = (where) =>
      where.locator("table").evaluateAll((all) =>
        all.map((table) => ({
          caption: table.caption?.textContent,
          scopes: [...table.tHead.querySelectorAll("th")].map((each) => each.scope),
          rows: [...table.rows].map((row) => [...row.cells].map((cell) => cell.textContent)),
          bold: table.querySelectorAll("strong").length,
          region: table.parentElement.getAttribute("role"),
          label: table.parentElement.getAttribute("aria-label"),
          reached: table.parentElement.tabIndex,
        })),
      );
    const found = { said: await run(place, sql, "Check"), walks: [] };
    found.messages = await place.locator(".leo-message").allTextContents();
    found.tables = await tables(place);
    found.link = await place.locator(".leo-result a").getAttribute("href");
    const press = place.getByRole("button", { name: /^Show me one/ });
    found.button = await press.textContent();
    for (let time = 0; time < times; time += 1) {
      await press.focus();
      await page.keyboard.press("Enter");
      const said = await settled(place);
      const shown = place.locator(".leo-walk");
      found.walks.push({ said, texts: await shown.locator("p").allTextContents(), tables: await tables(shown) });
    }
    found.wide = await page.evaluate(() => {
      const { clientWidth, scrollWidth } = document.documentElement;
      const beyond = [...document.querySelectorAll("body *")].filter((each) => each.getBoundingClientRect().right > clientWidth + 1);
      const named = beyond.filter((each) => !each.closest(".leo-live-table *")).map((each) => `${each.tagName}.${each.className}`);
      return scrollWidth > clientWidth ? [`${scrollWidth} > ${clientWidth}`, ...named] : [];
    });
    await page.addScriptTag({ path: createRequire(import.meta.url).resolve("axe-core/axe.min.js") });
    found.axe = await page.evaluate(async () => {
      const { violations } = await window.axe.run({ include: [[".leo-question"]] });
      return violations.map((each) => `${each.id}: ${each.nodes.map((node) => node.html).slice(0, 2).join(" ")}`);
    });
    await run(place, right, "Check");
    found.after = await place.getByRole("button", { name: /^Show me one/ }).count();
    await context.close();
    return { ...found, ...seen };
  },

  /** Files that arrive damaged, or not at all: a plain message, and what was written is kept. */
  async broken({ page: address, files }) {
    const found = {};
    for (const [name, kind] of Object.entries(files)) {
      const { page, context } = await visit(address);
      await page.route(new RegExp(name), (route) =>
        kind === "missing" ? route.fulfill({ status: 404, body: "" }) : route.fulfill({ status: 200, body: "rubbish" }),
      );
      await page.getByRole("button", { name: /^Try it/ }).first().click();
      if (name.startsWith("app")) {
        const alert = page.locator("p.leo-error");
        await alert.waitFor();
        found[name] = { message: await alert.textContent() };
      } else {
        await page.waitForSelector(".leo-live textarea");
        await box(page).locator("textarea").fill(`${await box(page).locator("textarea").inputValue()} -- mine`);
        await run(box(page), null);
        found[name] = { message: (await box(page).locator(".leo-error").allTextContents()).join("") };
        found[name].text = await box(page).locator("textarea").inputValue();
        await page.unrouteAll();
        if (kind !== "missing" || !name.startsWith("engine")) found[name].after = await run(box(page), null);
      }
      await context.close();
    }
    return found;
  },

  /** Every page: whole, quiet and without a request to elsewhere; and what axe finds in what is ours. */
  async axe({ page: address, press }) {
    const axe = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
    const found = {};
    for (const scheme of ["light", "dark"]) {
      const { page, seen, context } = await visit(address, { colorScheme: scheme });
      if (press) {
        await page.getByRole("button", { name: /^Try it/ }).first().click();
        await box(page).locator("textarea").waitFor();
        await run(box(page), "SELECT NULL AS a, 1.5 AS b");
        await page.getByRole("button", { name: /^Try it/ }).first().click();
        await run(box(page, 1), "SELEC");
      }
      await page.addScriptTag({ path: axe });
      const ours = await page.evaluate(async () => {
        const places = [...document.querySelectorAll(".leo-live, .leo-try, .leo-question")];
        if (!places.length) return [];
        const { violations } = await window.axe.run({ include: [".leo-live", ".leo-try", ".leo-question"].filter((each) => document.querySelector(each)).map((each) => [each]) });
        return violations.map((each) => `${each.id}: ${each.nodes.map((node) => node.html).slice(0, 2).join(" ")}`);
      });
      found[scheme] = { ours, ...seen };
      await context.close();
    }
    return found;
  },
};

const results = {};
for (const [name, task] of Object.entries(plan.tasks)) {
  try {
    results[name] = await tasks[task.do](task);
  } catch (error) {
    results[name] = { failed: String(error.stack ?? error) };
  }
}
await browser.close();
writeFileSync(output, JSON.stringify(results));
