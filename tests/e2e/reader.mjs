// What a reader does: progress with its files, the keyboard, definitions of terms, a page that does not exist.
// Arguments: address of the site, a lesson, a page with a term (or "").
import { writeFileSync, readFileSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { base, has, open, report, rest, same, test, watched } from "./lib.mjs";

const [lesson, termPage] = rest;
const PROGRESS = `${base}book/start/progress.html`, LANDING = `${base}book/index.html`, LESSON = base + lesson;
const TWO = `${base}book/intro/building-a-cohort.html`; // most of its steps come in SQL and in pandas
const slug = lesson.split("/").pop().replace(".html", "");
const folder = mkdtempSync(join(tmpdir(), "leo-e2e-"));
const browser = await open();
const kept = (page) => page.evaluate(() => localStorage.getItem("leo-progress"));

async function fresh(check, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const { page, faults } = await watched(context);
  try { await check(page, context); same(faults, [], "faults"); } finally { await context.close(); }
}
async function choose(page, text, name = "progress.json") {
  const path = join(folder, name);
  writeFileSync(path, text);
  await page.locator(".leo-progress-say").evaluate((box) => { box.textContent = ""; });
  await page.setInputFiles("#leo-import", path);
  await page.waitForFunction(() => document.querySelector(".leo-progress-say").textContent);
  return page.textContent(".leo-progress-say");
}
const file = (lessons, questions = {}, more = {}) =>
  JSON.stringify({ schema: "leo-progress", version: 1, saved: "2026-01-01T00:00:00Z", lessons, questions, ...more });

await test("a lesson is marked as read, and not, and the landing page says so", () => fresh(async (page) => {
  await page.goto(LESSON);
  has(await page.textContent("#leo-progress-line"), "0 of ");
  await page.click(".leo-read");
  has(await page.textContent("#leo-progress-line"), "✓ Read on ");
  await page.goto(LANDING);
  same(await page.textContent(`[data-leo-lesson="${slug}"]`), "✓ read");
  has(await page.textContent("#leo-progress-total"), "1 of ");
  await page.goto(LESSON);
  await page.click(".leo-read");
  same(await page.textContent(".leo-read"), "Mark as read");
  await page.evaluate(() => document.getElementById("leo-lesson-end").scrollIntoView());
  await page.waitForTimeout(2600);
  same(await page.textContent(".leo-read"), "Mark as read", "a mark taken away stays away");
}));

await test("who marks a lesson and thinks again at once is heard", () => fresh(async (page) => {
  await page.goto(LESSON);
  const said = await page.evaluate(() => {
    const button = document.querySelector(".leo-read");
    return [1, 2, 3].map(() => { button.click(); return button.textContent; });
  });
  same(said, ["✓ Read: mark as not read", "Mark as read", "✓ Read: mark as not read"]);
}));

await test("a lesson counts as read when its end was reached", () => fresh(async (page) => {
  await page.goto(LESSON);
  await page.evaluate(() => document.getElementById("leo-lesson-end").scrollIntoView());
  await page.waitForFunction(() => document.querySelector(".leo-read").textContent.startsWith("✓ Read"), null, { timeout: 8000 });
}));

await test("a solved question is kept, by the function and by the event, over a reload", () => fresh(async (page) => {
  await page.goto(PROGRESS);
  const [name, question] = await page.evaluate(() => {
    const first = window.leoProgress.course().assignments[0];
    window.leoProgress.solved(first.name, first.questions[0]);
    document.dispatchEvent(new CustomEvent("leo:solved", { detail: { assignment: first.name, question: first.questions[1] } }));
    document.dispatchEvent(new CustomEvent("leo:solved", { detail: { assignment: "<b>", question: 7 } }));
    document.dispatchEvent(new CustomEvent("leo:solved"));
    return [first.name, first.questions[1]];
  });
  await page.reload();
  same(await page.evaluate(([a, q]) => window.leoProgress.isSolved(a, q), [name, question]), true);
  has(await page.textContent("#leo-record"), "2 of ");
  has(await page.textContent("#leo-record"), " in the notebook only)", "what no page can check is said, where all are counted");
  same(Object.keys(JSON.parse(await kept(page)).questions), [name]);
}));

await test("progress is exported, forgotten and imported again; the newest entry wins", () => fresh(async (page) => {
  await page.goto(LESSON);
  await page.click(".leo-read");
  await page.goto(PROGRESS);
  const [download] = await Promise.all([page.waitForEvent("download"), page.click("text=Export")]);
  same(download.suggestedFilename(), "leo-progress.json");
  await download.saveAs(join(folder, "exported.json"));
  const exported = readFileSync(join(folder, "exported.json"), "utf8");
  same(JSON.parse(exported).lessons[slug].read, true);
  page.once("dialog", (dialog) => dialog.accept());
  await page.click("text=Forget all");
  same(await kept(page), null);
  has(await page.textContent("#leo-record"), "not yet");
  has(await choose(page, exported), "Imported: 1 lesson read and 0 questions solved.");
  has(await page.textContent("#leo-record"), "read on ");
  await choose(page, file({ [slug]: { read: false, at: "2020-01-01T00:00:00Z" } }));
  has(await page.textContent("#leo-record"), "read on ", "an older entry loses");
  const later = new Date(Date.now() + 36e5).toISOString().slice(0, 19) + "Z";
  await choose(page, file({ [slug]: { read: false, at: later } }));
  same((await page.textContent("#leo-record")).includes("read on "), false, "a newer entry wins");
}));

const good = { read: true, at: "2026-01-01T00:00:00Z" };
const BAD = {
  "empty": ["", "not valid JSON"],
  "not JSON": ["{ lessons", "not valid JSON"],
  "cut off": [file({ a: good }).slice(0, 60), "not valid JSON"],
  "a list": ["[]", "not a progress file"],
  "null": ["null", "not a progress file"],
  "another file": ['{"cells": []}', "not a progress file"],
  "a newer version": [file({}, {}, { version: 3 }), "has version 3"],
  "version 2 without its texts": [file({}, {}, { version: 2 }), "missing"],
  "a version in words": [file({}, {}, { version: "1" }), "has version"],
  "no lessons": [file(null), "missing"],
  "questions as a list": [file({}, []), "missing"],
  "an entry that is a word": [file({ a: "yes" }), "not as it should be"],
  "read as a word": [file({ a: { read: "yes", at: good.at } }), "not as it should be"],
  "a date that does not exist": [file({ a: { read: true, at: "2026-02-30T00:00:00Z" } }), "not as it should be"],
  "a time in the future": [file({ a: { read: true, at: "2999-01-01T00:00:00Z" } }), "future"],
  "a name with markup": [file({ "<img src=x onerror=alert(1)>": good }), "A name in this file"],
  "a name of JavaScript's own": ['{"schema":"leo-progress","version":1,"lessons":{"__proto__":{"read":true,"at":"2026-01-01T00:00:00Z"}},"questions":{}}', "A name in this file"],
  "a question that is a number": [file({}, { a: { q1: 1 } }), "not as it should be"],
  "too large": [file({}) + " ".repeat(20_000_000), "too large"],
};
await test("files that are no progress files are refused in words, and nothing is lost", () => fresh(async (page) => {
  await page.goto(PROGRESS);
  await choose(page, file({ [slug]: good }));
  const before = JSON.stringify(JSON.parse(await kept(page)).lessons);
  for (const [name, [text, words]] of Object.entries(BAD)) {
    const said = await choose(page, text, "bad.json");
    has(said, words);
    has(said, "Nothing was changed.");
    same(JSON.stringify(JSON.parse(await kept(page)).lessons), before, name);
  }
}));

await test("damaged storage is kept aside and said", () => fresh(async (page) => {
  await page.goto(PROGRESS);
  await page.evaluate(() => localStorage.setItem("leo-progress", "{ half"));
  await page.reload();
  has(await page.textContent(".leo-progress-notice"), "could not be read");
  await page.evaluate((name) => window.leoProgress.read(name), slug);
  same(await page.evaluate(() => localStorage.getItem("leo-progress-damaged")), "{ half");
  same(JSON.parse(await kept(page)).lessons[slug].read, true);
}));

await test("full storage is said, and the progress can still be exported", () => fresh(async (page) => {
  await page.goto(PROGRESS);
  await page.evaluate((name) => {
    let piece = "x".repeat(1 << 20);
    for (let i = 0; piece.length; ) { try { localStorage.setItem(`fill${i++}`, piece); } catch { piece = piece.slice(0, piece.length >> 1); } }
    window.leoProgress.read(name);
  }, slug);
  has(await page.textContent(".leo-progress-notice"), "full");
  same(await page.evaluate((name) => JSON.parse(window.leoProgress.export()).lessons[name].read, slug), true);
}));

await test("blocked storage is said, and nothing breaks", () => fresh(async (page) => {
  await page.addInitScript(() => {
    Object.defineProperty(window, "localStorage", { configurable: true, get() { throw new DOMException("blocked", "SecurityError"); } });
  });
  await page.goto(LESSON);
  has(await page.textContent(".leo-progress-notice"), "blocks storage");
  await page.click(".leo-read");
  has(await page.textContent("#leo-progress-line"), "✓ Read on ");
}));

await test("two tabs do not overwrite each other", () => fresh(async (page, context) => {
  await page.goto(PROGRESS);
  const second = await context.newPage();
  await second.goto(PROGRESS);
  await Promise.all([
    page.evaluate(() => window.leoProgress.solved("a", "q1")),
    second.evaluate(() => window.leoProgress.solved("b", "q1")),
  ]);
  for (const tab of [page, second]) {
    await tab.waitForFunction(() => ["a", "b"].every((name) => window.leoProgress.isSolved(name, "q1")));
    await tab.waitForFunction(() => Object.values(localStorage).some((text) => text.includes('"a"') && text.includes('"b"')));
  }
}));

await test("without scripts the lessons are listed and the record says why it is empty", () => fresh(async (page) => {
  await page.goto(LANDING);
  same((await page.locator(".leo-contents ol a").count()) > 0, true);
  await page.goto(PROGRESS);
  has(await page.textContent("#leo-record"), "when scripts are allowed");
}, { javaScriptEnabled: false }));

await test("the keyboard reaches the main things, and what has focus can be seen", () => fresh(async (page) => {
  await page.goto(LESSON);
  await page.keyboard.press("Tab");
  same(await page.evaluate(() => document.activeElement.getAttribute("href")), "#main-content", "first stop");
  const reached = new Set();
  for (let i = 0; i < 400; i++) {
    await page.keyboard.press("Tab");
    const where = await page.evaluate(() => {
      const each = document.activeElement, box = each.getBoundingClientRect();
      const kinds = { search: ".search-button-field", contents: "nav.bd-docs-nav a", download: ".dropdown-download-buttons button",
        theme: ".theme-switch-button", headings: "#pst-page-toc-nav a", code: "main summary", next: "a.right-next, a.left-prev",
        read: ".leo-read", progress: "#leo-progress-line a" };
      return { kinds: Object.keys(kinds).filter((kind) => each.matches(kinds[kind])), seen: box.width > 0 && box.height > 0, tag: each.outerHTML.slice(0, 150), body: each === document.body };
    });
    if (where.body && i > 5) break;
    if (!where.seen && !where.body) throw new Error(`focus cannot be seen on ${where.tag}`);
    where.kinds.forEach((kind) => reached.add(kind));
  }
  same([...reached].sort(), ["code", "contents", "download", "headings", "next", "progress", "read", "search", "theme"], "reached");
}));

await test("search opens with the keyboard and finds a page", () => fresh(async (page) => {
  await page.goto(LESSON);
  await page.keyboard.press("Control+k");
  await page.waitForSelector("#pst-search-dialog[open]");
  await page.keyboard.type("cohort");
  await page.keyboard.press("Enter");
  await page.waitForURL(/search\.html\?q=cohort/);
  await page.waitForSelector("#search-results li a");
}));

await test("on a phone the contents open and lead to a page", () => fresh(async (page) => {
  await page.goto(LESSON);
  await page.click(".primary-toggle");
  await page.waitForSelector("dialog[open] nav.bd-docs-nav a");
  await page.click("dialog[open] nav.bd-docs-nav a >> text=My progress");
  await page.waitForURL(/progress\.html/);
}, { viewport: { width: 360, height: 740 } }));

await test("a step in two languages shows one, in step with the others and with the next page", () => fresh(async (page) => {
  const seen = () => page.evaluate(() => Object.fromEntries(["sql", "pandas"].map((language) => [language,
    [...document.querySelectorAll(`.cell.tag_${language} > .cell_input[role="tabpanel"]`)].filter((each) => each.offsetHeight > 0).length])));
  const outputs = () => page.evaluate(() => [...document.querySelectorAll(".cell_output")].filter((each) => each.offsetHeight > 0).length);
  await page.goto(TWO);
  const first = await seen(), shown = await outputs(), lists = await page.locator(".leo-languages").count();
  same(lists > 3, true, "steps in two languages");
  same(first, { sql: lists, pandas: 0 });
  const tab = page.locator('.leo-languages [data-language="pandas"]').nth(2);
  await tab.scrollIntoViewIfNeeded();
  const before = (await tab.boundingBox()).y;
  await tab.click();
  same(await seen(), { sql: 0, pandas: lists });
  same(await outputs(), shown, "what both give stays");
  same(Math.abs((await tab.boundingBox()).y - before) < 2, true, "what is read stays where it is");
  await page.keyboard.press("ArrowLeft");
  same(await seen(), { sql: lists, pandas: 0 });
  same(await page.evaluate(() => document.activeElement.dataset.language), "sql");
  await page.keyboard.press("End");
  await page.goto(LESSON);
  same((await seen()).sql, 0, "on the next page");
  await page.reload();
  same((await seen()).sql, 0);
  await page.emulateMedia({ media: "print" });
  same((await seen()).sql > 0, true, "both are printed");
}));

if (termPage) {
  await test("a term shows its definition on focus and on hover, Escape closes it", () => fresh(async (page) => {
    await page.goto(base + termPage);
    const term = page.locator("article a:has(.std-term)").first();
    await term.focus();
    await page.waitForSelector("#leo-tip");
    same((await page.textContent("#leo-tip")).length > 20, true, "a definition");
    same(await term.getAttribute("aria-describedby"), "leo-tip");
    await page.keyboard.press("Escape");
    same(await page.locator("#leo-tip").count(), 0);
    await term.hover();
    await page.waitForSelector("#leo-tip");
    await page.hover("#leo-tip");
    await page.waitForTimeout(400);
    same(await page.locator("#leo-tip").count(), 1, "stays under the pointer");
  }));
}

await test("a page that does not exist leads back, from any depth", async () => {
  const context = await browser.newContext();
  const page = await context.newPage();
  for (const address of ["no-such-page.html", "book/intro/deep/er/none.html"]) {
    await page.goto(base + address);
    has(await page.textContent("h1"), "This page is not here");
    await page.waitForFunction((wanted) => document.getElementById("home").href === wanted, LANDING);
    await page.click("#home");
    await page.waitForURL(LANDING);
  }
  await context.close();
});

await test("printing the record leaves out the buttons", () => fresh(async (page) => {
  await page.goto(PROGRESS);
  await page.emulateMedia({ media: "print" });
  same(await page.isVisible("#leo-progress-controls"), false);
  same(await page.isVisible("#leo-record"), true);
  has(await page.textContent("article"), "no certificate");
}));

await browser.close();
report();
