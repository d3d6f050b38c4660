// What the tests in Chromium share: a browser, a page that reports what goes wrong, and a list of outcomes.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
export const [base, ...rest] = process.argv.slice(2);

export async function open() {
  const root = process.getuid?.() === 0;
  return chromium.launch({ executablePath: process.env.LEO_CHROMIUM, args: root ? ["--no-sandbox"] : [] });
}

/* A page whose console errors, exceptions and requests to elsewhere end up in `faults`. */
export async function watched(context) {
  const page = await context.newPage(), faults = [];
  page.on("console", (message) => { if (message.type() === "error") faults.push(`console: ${message.text()}`); });
  page.on("pageerror", (error) => faults.push(`exception: ${error.message}`));
  page.on("request", (request) => {
    const url = request.url();
    if (!url.startsWith(base) && !/^(data|blob|about):/.test(url)) faults.push(`asked elsewhere: ${url}`);
  });
  page.on("response", (answer) => { if (answer.status() >= 400) faults.push(`${answer.status()}: ${answer.url()}`); });
  return { page, faults };
}

export async function violations(page, options = {}) {
  await page.evaluate(axe);
  const found = await page.evaluate((given) => window.axe.run(document, given), { resultTypes: ["violations"], ...options });
  return found.violations.map((each) => `axe ${each.id} (${each.impact}): ${each.nodes.slice(0, 3).map((node) => node.target.join(" ")).join("; ")}`);
}

const outcomes = [];
/* Run one named check; an exception is a failure with its message. */
export async function test(name, check) {
  try { await check(); outcomes.push({ name, ok: true }); }
  catch (error) { outcomes.push({ name, ok: false, detail: String(error.message ?? error).slice(0, 2000) }); }
}
export function same(found, wanted, what = "value") {
  const [left, right] = [JSON.stringify(found), JSON.stringify(wanted)];
  if (left !== right) throw new Error(`${what}: found ${left}, wanted ${right}`);
}
export function has(text, words) {
  if (!String(text).includes(words)) throw new Error(`wanted "${words}" in: ${String(text).slice(0, 500)}`);
}
export function report() { process.stdout.write(JSON.stringify(outcomes)); }
