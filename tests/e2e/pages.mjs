// Every page: nothing in the console, nothing from elsewhere, nothing for axe in light and dark, no sideways scroll.
// Arguments: address of the site, then the pages.
import { base, open, report, rest, test, violations, watched } from "./lib.mjs";

const TABS = 2;
const browser = await open();
const waiting = [...rest];

async function look(page, faults, name) {
  await page.setViewportSize({ width: 1280, height: 900 });
  await page.goto(base + name, { waitUntil: "load" });
  await page.addStyleTag({ content: "*, *::before, *::after { transition: none !important; animation: none !important; }" });
  await page.waitForTimeout(50);
  const found = await violations(page);
  await page.evaluate(() => { document.documentElement.dataset.theme = "dark"; document.documentElement.dataset.mode = "dark"; });
  await page.waitForTimeout(50);
  found.push(...(await violations(page, { runOnly: ["color-contrast", "link-in-text-block"] })).map((each) => `dark: ${each}`));
  await page.setViewportSize({ width: 360, height: 740 });
  await page.waitForTimeout(50);
  const wide = await page.evaluate(() => {
    const width = document.documentElement.clientWidth;
    if (document.scrollingElement.scrollWidth <= width) return "";
    const scrolls = (each) => each && each !== document.body && (/auto|scroll|hidden/.test(getComputedStyle(each).overflowX) || scrolls(each.parentElement));
    const out = [...document.querySelectorAll("main *")].filter((each) => each.getBoundingClientRect().right > width + 1 && !scrolls(each.parentElement))[0];
    return `${document.scrollingElement.scrollWidth} of ${width} px: ${out?.outerHTML.slice(0, 200)}`;
  });
  if (wide) found.push(`scrolls sideways: ${wide}`);
  if (name.includes("/intro/")) {
    found.push(...(await violations(page, { runOnly: ["scrollable-region-focusable", "region"] })).map((each) => `narrow: ${each}`));
  }
  if (found.length + faults.length) throw new Error([...found, ...faults].join("\n"));
}

await Promise.all(Array.from({ length: TABS }, async () => {
  const context = await browser.newContext();
  while (waiting.length) {
    const name = waiting.shift();
    const { page, faults } = await watched(context);
    await test(name, () => look(page, faults, name));
    await page.close();
  }
}));
await browser.close();
report();
