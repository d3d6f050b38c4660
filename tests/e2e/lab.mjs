// A notebook that stays open in JupyterLab while a newer release takes its place, and is saved after that.
// Arguments: address of JupyterLab with its token, path of the notebook, a file that says when the release has come.
import { existsSync, writeFileSync } from "node:fs";
import { open } from "./lib.mjs";

const [address, path, signal] = process.argv.slice(2);
const browser = await open();
const page = await browser.newPage();
page.setDefaultTimeout(300_000); // on a machine with much to do
const found = {};
const edit = (name, text) => page.evaluate(([wanted, typed]) => {
  const cells = window.jupyterapp.shell.currentWidget.content.model.cells;
  for (let i = 0; i < cells.length; i++) {
    if (cells.get(i).getMetadata("nbgrader")?.grade_id === wanted) cells.get(i).sharedModel.setSource(typed);
  }
}, [name, text]);
const save = () => page.evaluate(() => { window.jupyterapp.commands.execute("docmanager:save"); });

await page.goto(`${address.replace("?", `/lab/tree/${path}?`)}`);
await page.waitForFunction(() => window.jupyterapp?.shell.currentWidget?.content?.model?.cells?.length > 3);
await page.waitForFunction(() => window.jupyterapp.shell.currentWidget.context.isReady);
await page.locator(".jp-Dialog", { hasText: "Select Kernel" }).getByRole("button", { name: "No Kernel" }).click();
await edit("q1", "q1 = 'before'");
await save();
await page.waitForFunction(() => !window.jupyterapp.shell.currentWidget.context.model.dirty);
writeFileSync(`${signal}.saved`, "");
for (let i = 0; i < 3000 && !existsSync(signal); i++) await new Promise((done) => setTimeout(done, 200));
await edit("q3", "q3 = 'zoë, in a tab that nobody closed'");
await save();
const dialog = page.locator(".jp-Dialog");
await dialog.waitFor();
found.asked = await dialog.textContent();
await dialog.getByRole("button", { name: "Overwrite" }).click();
await page.waitForFunction(() => !window.jupyterapp.shell.currentWidget.context.model.dirty);
await browser.close();
process.stdout.write(JSON.stringify(found));
