// What somebody types in a page and how it might be lost: Reset, a reload, another tab, a newer book, full storage,
// "Forget all", a file that is imported. Arguments: address of the site, a lesson, a page of questions.
import { writeFileSync, readFileSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { base, has, open, report, rest, same, test, violations, watched } from "./lib.mjs";

const [lesson, practice] = rest;
const LESSON = base + lesson, PRACTICE = base + practice, PROGRESS = `${base}book/start/progress.html`;
const slug = (name) => name.split("/").pop().replace(".html", "");
const folder = mkdtempSync(join(tmpdir(), "leo-typed-"));
const browser = await open();

async function fresh(check, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const { page, faults } = await watched(context);
  try { await check(page, context); same(faults, [], "faults"); } finally { await context.close(); }
}
const boxOf = (page) => page.locator(".leo-live:not(.leo-exercise *)").first();
const area = (page) => boxOf(page).locator("textarea");
const value = (page) => area(page).inputValue();
const status = (page) => boxOf(page).locator(".leo-status").textContent();
const press = (page, name) => boxOf(page).getByRole("button", { name, exact: true }).first().click();
async function openCell(page, number = 0) {
  await page.getByRole("button", { name: /^Try it/ }).nth(number).click();
  await area(page).waitFor();
  return value(page);
}
async function cell(page) {
  await page.goto(LESSON);
  return openCell(page);
}
async function earlier(page) {
  if (!(await boxOf(page).locator(".leo-earlier").isVisible())) return [];
  return boxOf(page).locator(".leo-earlier pre").allTextContents();
}
async function exported(page, name) {
  const [download] = await Promise.all([page.waitForEvent("download"), page.click("text=Export, with what you typed")]);
  await download.saveAs(join(folder, name));
  return readFileSync(join(folder, name), "utf8");
}
async function take(page, text) {
  const path = join(folder, "given.json");
  writeFileSync(path, text);
  await page.locator(".leo-progress-say").evaluate((box) => { box.textContent = ""; });
  await page.setInputFiles("#leo-import", path);
  await page.waitForFunction(() => document.querySelector(".leo-progress-say").textContent);
  return page.textContent(".leo-progress-say");
}
const fill = (page) => page.evaluate(() => {
  let piece = "x".repeat(1 << 20);
  for (let i = 0; piece.length; ) { try { localStorage.setItem(`fill${i++}`, piece); } catch { piece = piece.slice(0, piece.length >> 1); } }
});

await test("Reset brings the page's text, Ctrl+Z and Ctrl+Shift+Z what was typed; both are kept over a reload", () => fresh(async (page) => {
  const original = await cell(page);
  await area(page).press("End");
  await page.keyboard.type(" -- mine");
  const mine = await value(page);
  await press(page, "Reset");
  same(await value(page), original);
  await page.keyboard.press("Control+z");
  same(await value(page), mine, "after Ctrl+Z");
  await page.keyboard.press("Control+Shift+z");
  same(await value(page), original, "after Ctrl+Shift+Z");
  await page.keyboard.press("Control+z");
  await page.reload();
  same(await openCell(page), mine, "after a reload");
}));

await test("Ctrl+Z goes back through lines that the box indents", () => fresh(async (page) => {
  const original = await cell(page);
  await area(page).press("Control+Home");
  await page.keyboard.type("  SELECT");
  await page.keyboard.press("Enter");
  await page.keyboard.type("1");
  same((await value(page)).startsWith("  SELECT\n  1"), true, "indented");
  for (let i = 0; i < 12 && (await value(page)) !== original; i++) await page.keyboard.press("Control+z");
  same(await value(page), original);
}));

await test("what Reset cleared is offered, said aloud, reached by keyboard, and there after a reload", () => fresh(async (page) => {
  const original = await cell(page);
  await area(page).fill("SELECT 1 AS first_try");
  await press(page, "Reset");
  has(await status(page), "What you typed is kept");
  same(await boxOf(page).locator(".leo-status").getAttribute("aria-live"), "polite");
  for (let i = 0; i < 9; i++) {
    await page.keyboard.press("Tab");
    if ((await page.evaluate(() => document.activeElement.textContent)) === "Bring back what you typed") break;
  }
  await page.keyboard.press("Enter");
  same(await value(page), "SELECT 1 AS first_try");
  await press(page, "Reset");
  await page.reload();
  same(await openCell(page), original);
  same(await earlier(page), ["SELECT 1 AS first_try"]);
  await area(page).fill("SELECT 2 AS second_try");
  await boxOf(page).locator(".leo-earlier summary").click();
  await press(page, /^Bring back: text of .*, before Reset/);
  same(await value(page), "SELECT 1 AS first_try");
  same(await earlier(page), ["SELECT 2 AS second_try"], "what was in its place");
  await press(page, /^Delete: /);
  same(await earlier(page), []);
  await press(page, "Undo the deletion");
  same(await earlier(page), ["SELECT 2 AS second_try"]);
}));

await test("an answer to a question is kept, reset and brought back in the same way", () => fresh(async (page) => {
  await page.goto(PRACTICE);
  const place = page.locator(".leo-question").nth(1), text = place.locator("textarea");
  await text.fill("SELECT 'mine'");
  await place.getByRole("button", { name: "Reset" }).click();
  same(await text.inputValue(), "");
  await page.keyboard.press("Control+z");
  same(await text.inputValue(), "SELECT 'mine'");
  await page.goto(LESSON);
  await page.goBack();
  await text.waitFor();
  same(await text.inputValue(), "SELECT 'mine'", "after leaving the page and coming back");
  await place.getByRole("button", { name: "Reset" }).click();
  await place.getByRole("button", { name: "Bring back what you typed" }).click();
  same(await text.inputValue(), "SELECT 'mine'");
}));

await test("what is cleared or pasted over by hand is among the earlier texts after a reload", () => fresh(async (page) => {
  const original = await cell(page);
  await area(page).fill("SELECT 1 AS a_long_text_of_mine FROM somewhere");
  await area(page).press("Control+a");
  await page.keyboard.press("Delete");
  await page.keyboard.type("x");
  await page.reload();
  same(await openCell(page), "x");
  same(await earlier(page), ["SELECT 1 AS a_long_text_of_mine FROM somewhere"]);
  same(original === "x", false);
}));

await test("two tabs on one cell show the same, and none writes over the other", () => fresh(async (page, context) => {
  await cell(page);
  const second = await context.newPage();
  await cell(second);
  await area(page).fill("SELECT 'from the first tab'");
  await second.waitForFunction(() => document.querySelector(".leo-live:not(.leo-exercise *) textarea").value === "SELECT 'from the first tab'");
  // A tab that slept has not heard: it finds what another wrote when it writes itself.
  await page.evaluate(() => {
    const key = Object.keys(localStorage).find((each) => each.startsWith("leo:text:drafts/"));
    localStorage.setItem(key, localStorage.getItem(key).replace("from the first tab", "unheard of"));
  });
  await area(page).press("End");
  await page.keyboard.type(" -- more");
  same(await value(page), "SELECT 'from the first tab' -- more");
  same(await earlier(page), ["SELECT 'unheard of'"]);
}));

await test("texts of the pages before this version are taken in", () => fresh(async (page) => {
  await cell(page);
  await area(page).fill("SELECT 'old'");
  await page.evaluate(([path, question]) => {
    const key = Object.keys(localStorage).find((each) => each.startsWith("leo:text:drafts/"));
    localStorage.removeItem(key);
    localStorage.setItem(`leo:draft:${path}#4:${key.split("/").pop()}`, "SELECT 'old'");
    localStorage.setItem(`leo:draft:${question}/q1:0`, "SELECT 'old answer'");
  }, [new URL(LESSON).pathname, slug(practice)]);
  await page.reload();
  same(await openCell(page), "SELECT 'old'");
  await page.goto(PRACTICE);
  const first = page.locator('.leo-question[data-question="q1"] textarea');
  await first.waitFor();
  same(await first.inputValue(), "SELECT 'old answer'");
  same(await page.evaluate(() => Object.keys(localStorage).filter((key) => key.startsWith("leo:draft:"))), []);
}));

await test("a cell that a newer book changed offers what was typed in the old one; others are as they were", () => fresh(async (page) => {
  await cell(page);
  await area(page).fill("SELECT 'typed before'");
  await page.route(LESSON, async (route) => {
    const answer = await route.fetch();
    const body = (await answer.text()).replace(/(<script type="application\/json" id="leo-steps">)(.*?)(<\/script>)/s, (_, a, steps, b) => {
      const changed = JSON.parse(steps);
      const first = changed.find((step) => step.tagged && step.sql);
      first.sql += " -- newer";
      changed.unshift({ tagged: false, sql: null, creates: [] });
      return a + JSON.stringify(changed).replace(/</g, "\\u003c") + b;
    });
    await route.fulfill({ response: answer, body });
  });
  await page.reload();
  has(await openCell(page), " -- newer");
  has(await status(page), "What you typed is kept");
  same(await earlier(page), ["SELECT 'typed before'"]);
  await press(page, "Bring back what you typed");
  same(await value(page), "SELECT 'typed before'");
  await page.goto(PROGRESS);
  has(await page.textContent(".leo-texts"), "SELECT 'typed before'");
}));

await test("an answer to a question that a newer book changed is there, and the page says that the question changed", () => fresh(async (page) => {
  const first = page.locator('.leo-question[data-question="q1"]'), text = first.locator("textarea");
  const said = () => first.locator(".leo-reworded").textContent();
  const newer = async (route) => {
    const answer = await route.fetch();
    await route.fulfill({ response: answer, body: (await answer.text()).replace(/data-question="q1" data-worded="\w+"/, 'data-question="q1" data-worded="newer"') });
  };
  await page.goto(PRACTICE);
  await text.fill("SELECT 'to the old question'");
  await page.reload();
  await text.waitFor();
  same(await said(), "", "the same question");
  await page.route(PRACTICE, newer);
  for (let times = 0; times < 2; times++) {
    await page.reload();
    await text.waitFor();
    same(await text.inputValue(), "SELECT 'to the old question'");
    has(await said(), "This question was changed since you wrote your answer");
  }
  await text.press("End");
  await page.keyboard.type(" -- read again");
  same(await said(), "", "who goes on has read it");
  await page.reload();
  await text.waitFor();
  same([await text.inputValue(), await said()], ["SELECT 'to the old question' -- read again", ""]);
}));

await test("where there is no room for more earlier texts, nothing is cleared, and a deletion makes room", () => fresh(async (page) => {
  const original = await cell(page);
  for (let i = 1; i <= 21; i++) {
    await area(page).fill(`SELECT ${i}`);
    await press(page, "Reset");
  }
  same(await value(page), "SELECT 21");
  has(await status(page), "Nothing was changed");
  same((await earlier(page)).length, 20);
  await boxOf(page).locator(".leo-earlier summary").click();
  await press(page, /^Delete: /);
  await press(page, "Reset");
  same(await value(page), original);
  same((await earlier(page)).includes("SELECT 21"), true);
}));

await test("full storage is said, the text can be copied, and Reset still gives it back", () => fresh(async (page, context) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const original = await cell(page);
  await fill(page);
  const long = `SELECT '${"y".repeat(5000)}'`;
  await area(page).fill(long);
  has(await boxOf(page).locator(".leo-unkept").textContent(), "does not keep what you write");
  await press(page, "Copy what you typed");
  same(await page.evaluate(() => navigator.clipboard.readText()), long);
  await press(page, "Reset");
  same(await value(page), original);
  await press(page, "Bring back what you typed");
  same(await value(page), long);
  let asked = "";
  page.on("dialog", (dialog) => { asked = dialog.type(); dialog.accept(); });
  await page.close({ runBeforeUnload: true });
  for (let i = 0; i < 50 && !asked; i++) await new Promise((done) => setTimeout(done, 50));
  same(asked, "beforeunload");
}));

await test("an import that has no room changes nothing and says so", () => fresh(async (page) => {
  await cell(page);
  await area(page).fill("SELECT 'mine'");
  await page.goto(PROGRESS);
  await fill(page);
  const entry = (text) => ({ text, at: "2026-01-01T00:00:00Z", place: 1, earlier: [] });
  const drafts = { [slug(lesson)]: { other: entry("SELECT 1"), another: entry("z".repeat(200_000)) } };
  const given = { schema: "leo-progress", version: 2, lessons: { a: { read: true, at: "2026-01-01T00:00:00Z" } }, questions: {}, drafts, answers: {} };
  const before = await page.evaluate(() => JSON.stringify(Object.entries(localStorage).sort()));
  has(await take(page, JSON.stringify(given)), "Nothing was changed");
  same(await page.evaluate(() => JSON.stringify(Object.entries(localStorage).sort())) === before, true, "storage as before");
}));

await test("where storage is blocked the page says so, and Reset still gives back what was typed", () => fresh(async (page) => {
  await page.addInitScript(() => {
    Object.defineProperty(window, "localStorage", { configurable: true, get() { throw new DOMException("blocked", "SecurityError"); } });
  });
  const original = await cell(page);
  await area(page).fill("SELECT 'nowhere else'");
  has(await boxOf(page).locator(".leo-unkept").textContent(), "does not keep what you write");
  await press(page, "Reset");
  same(await value(page), original);
  await press(page, "Bring back what you typed");
  same(await value(page), "SELECT 'nowhere else'");
}));

await test("Forget all keeps a copy that is offered, also after a reload, until it is deleted for good", () => fresh(async (page) => {
  await cell(page);
  await area(page).fill("SELECT 'one'");
  await press(page, "Reset");
  await area(page).fill("SELECT 'two'");
  await page.click(".leo-read");
  await page.goto(PROGRESS);
  const before = JSON.parse(await exported(page, "before.json"));
  page.on("dialog", (dialog) => dialog.accept());
  await page.click("text=Forget all");
  has(await page.textContent(".leo-progress-say"), "You can bring it back");
  same(await page.evaluate(() => Object.keys(localStorage).filter((key) => key.startsWith("leo:") || key === "leo-progress")), []);
  same(await page.textContent(".leo-texts"), "");
  await page.click("text=Forget all");
  await page.reload();
  await page.click("text=Bring back what was removed");
  has(await page.textContent(".leo-progress-say"), "Brought back: 1 lesson read, 0 questions solved and 2 texts that you typed.");
  const after = JSON.parse(await exported(page, "after.json"));
  for (const part of ["lessons", "questions", "drafts", "answers"]) same(after[part], before[part], part);
  await page.goto(LESSON);
  same(await openCell(page), "SELECT 'two'");
  same(await earlier(page), ["SELECT 'one'"]);
  await page.goto(PROGRESS);
  await page.click("text=Forget all");
  await page.click("text=Delete it for good");
  same(await page.locator("text=Bring back what was removed").count(), 0);
  same(await page.evaluate(() => Object.values(localStorage).filter((text) => text.includes("two"))), []);
}));

await test("a file from another browser brings its texts; where two differ both are kept, and it says which is which", async () => {
  let text = "";
  await fresh(async (page) => {
    await cell(page);
    await area(page).fill("SELECT 'at home'");
    await page.goto(PRACTICE);
    await page.locator('.leo-question[data-question="q1"] textarea').fill("SELECT 'answered at home'");
    await page.goto(PROGRESS);
    text = await exported(page, "home.json");
    has(await page.textContent(".leo-progress-say"), "2 texts that you typed");
  });
  await fresh(async (page) => {
    await cell(page);
    await area(page).fill("SELECT 'at work'");
    await page.goto(PROGRESS);
    has(await take(page, text), "In 1 place the file has another text");
    has(await take(page, text), "Imported");
    await page.goto(LESSON);
    same(await openCell(page), "SELECT 'at work'");
    same(await earlier(page), ["SELECT 'at home'"]);
    has(await boxOf(page).locator(".leo-earlier li p").textContent(), "from an imported file");
    await page.goto(PRACTICE);
    const answer = page.locator('.leo-question[data-question="q1"] textarea');
    await answer.waitFor();
    same(await answer.inputValue(), "SELECT 'answered at home'");
  });
});

await test("hostile texts are shown as text, and names of JavaScript's own are names", () => fresh(async (page) => {
  const entry = { text: "<img src=x onerror=alert(1)>", at: "2026-01-01T00:00:00Z", place: 1, earlier: [{ text: "</pre><script>", at: "2026-01-01T00:00:00Z", why: "file" }] };
  const given = { schema: "leo-progress", version: 2, lessons: {}, questions: {}, drafts: { constructor: { tostring: entry } }, answers: { a: { q1: entry } } };
  await page.goto(PROGRESS);
  has(await take(page, JSON.stringify(given)), "Imported");
  same(await page.locator(".leo-texts img").count(), 0);
  has(await page.textContent(".leo-texts"), "<img src=x");
  same(await page.evaluate(() => ({}).tostring === undefined), true);
  has(await take(page, JSON.stringify(given).replace("constructor", "__proto__")), "A name in this file");
  writeFileSync(join(folder, "bytes.json"), Buffer.from([0x7b, 0xff, 0xfe]));
  await page.setInputFiles("#leo-import", join(folder, "bytes.json"));
  await page.waitForFunction(() => document.querySelector(".leo-progress-say").textContent.includes("it is not text"));
}));

await test("a printed record has nothing of what was typed", () => fresh(async (page) => {
  await page.goto(PROGRESS);
  await page.emulateMedia({ media: "print" });
  const before = await page.innerText("article");
  await page.emulateMedia({ media: "screen" });
  await cell(page);
  await area(page).fill("SELECT 'private'");
  await page.goto(PROGRESS);
  has(await page.innerText("article"), "What you typed");
  await page.emulateMedia({ media: "print" });
  same(await page.innerText("article"), before);
}));

await test("axe finds nothing in what is offered, in light and dark, and nothing scrolls sideways on a phone", async () => {
  for (const colorScheme of ["light", "dark"]) {
    await fresh(async (page) => {
      await cell(page);
      await area(page).fill(`SELECT '${"long".repeat(60)}'`);
      await press(page, "Reset");
      await boxOf(page).locator(".leo-earlier summary").click();
      const narrow = () => page.evaluate(() => document.scrollingElement.scrollWidth <= document.documentElement.clientWidth);
      same(await violations(page, { runOnly: ["wcag2a", "wcag2aa"] }), [], `${colorScheme} lesson`);
      same(await narrow(), true, "lesson fits");
      if (process.env.LEO_PICTURES) await boxOf(page).screenshot({ path: `${process.env.LEO_PICTURES}/cell-${colorScheme}.png` });
      await page.goto(PROGRESS);
      await page.click(".leo-texts summary");
      page.on("dialog", (dialog) => dialog.accept());
      same(await violations(page, { runOnly: ["wcag2a", "wcag2aa"] }), [], `${colorScheme} progress`);
      same(await narrow(), true, "progress fits");
      if (process.env.LEO_PICTURES) await page.screenshot({ path: `${process.env.LEO_PICTURES}/progress-${colorScheme}.png`, fullPage: true });
      await page.click("text=Forget all");
      same(await violations(page, { runOnly: ["wcag2a", "wcag2aa"] }), [], `${colorScheme} forgotten`);
      if (process.env.LEO_PICTURES) await page.screenshot({ path: `${process.env.LEO_PICTURES}/forgotten-${colorScheme}.png`, fullPage: true });
    }, { colorScheme, viewport: { width: 360, height: 740 } });
  }
});

await browser.close();
report();
