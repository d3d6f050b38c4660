// Measures for benchmarks/browser.py: node speed.mjs <plan.json> <results.json>

import { readFileSync, writeFileSync } from "node:fs";
import { chromium } from "playwright-core";

const [input, output] = process.argv.slice(2);
const plan = JSON.parse(readFileSync(input, "utf8"));
const KINDS = { loopback: null, "10 Mbit/s": { downloadThroughput: 1_250_000, uploadThroughput: 1_250_000, latency: 20 } };
const LATER = 5;

const browser = await chromium.launch({
  executablePath: plan.chromium,
  headless: true,
  args: ["--no-sandbox", "--disable-background-networking", "--disable-component-update"],
});

async function opened(context, throttle, address) {
  const page = await context.newPage();
  page.setDefaultTimeout(120_000);
  const session = await context.newCDPSession(page);
  await session.send("Network.enable");
  if (throttle) await session.send("Network.emulateNetworkConditions", { offline: false, ...throttle });
  const seen = { bytes: 0 };
  session.on("Network.loadingFinished", (event) => {
    seen.bytes += event.encodedDataLength;
  });
  const begun = Date.now();
  await page.goto(plan.base + address, { waitUntil: "load" });
  return { page, seen, begun, loaded: Date.now() - begun };
}

/** Run the cell whose editor is open. Milliseconds from the press until the result is in the page, timed in the page. */
function run(page) {
  return page.evaluate(() => new Promise((resolve, reject) => {
    const status = document.querySelector(".leo-status");
    const begun = performance.now();
    new MutationObserver(() => {
      const said = status.textContent;
      if (said.startsWith("It did not run")) reject(new Error(said));
      if (/rows?[.;]|Done/.test(said) && !said.endsWith("…")) resolve(performance.now() - begun);
    }).observe(status, { childList: true, characterData: true, subtree: true });
    document.querySelector(".leo-run").click();
  }));
}

async function firstResult(page) {
  await page.getByRole("button", { name: /^Try it/ }).first().click();
  await page.waitForSelector(".leo-live textarea");
  await run(page);
}

const results = {};
for (const [kind, throttle] of Object.entries(KINDS)) {
  const found = (results[kind] = {});
  const note = (name, value) => (found[name] ??= []).push(value);
  for (let round = 0; round < plan.rounds; round += 1) {
    const context = await browser.newContext();
    const landing = await opened(context, throttle, "book/index.html");
    note("landing page, kB", landing.seen.bytes / 1000);
    note("landing page loaded, s", landing.loaded / 1000);
    await context.close();

    const fresh = await browser.newContext();
    const { page, seen, begun, loaded } = await opened(fresh, throttle, `${plan.lesson}.html`);
    note("lesson, kB", seen.bytes / 1000);
    note("lesson loaded, s", loaded / 1000);
    await firstResult(page);
    note("first result, s", (Date.now() - begun) / 1000);
    for (let later = 0; later < LATER; later += 1) note("later query (median), ms", await run(page));
    const again = Date.now();
    await page.reload({ waitUntil: "load" });
    await firstResult(page);
    note("reload to result, s", (Date.now() - again) / 1000);
    await fresh.close();
  }
}
await browser.close();
writeFileSync(output, JSON.stringify(results));
