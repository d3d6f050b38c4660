// A notebook that was answered in JupyterLite, before and after a newer site is served at the same address.
// Arguments: address of the site, path of a notebook, a file that says when the newer site is there.
import { existsSync, writeFileSync } from "node:fs";
import { open } from "./lib.mjs";

const [address, path, signal] = process.argv.slice(2);
const browser = await open();
const page = await browser.newPage();
page.setDefaultTimeout(300_000); // on a machine with much to do
const found = {};
const lab = async () => {
  await page.goto(`${address}lab/index.html?path=${encodeURIComponent(path)}`);
  await page.waitForFunction(() => window.jupyterapp?.shell.currentWidget?.content?.model?.cells?.length > 3);
  await page.waitForFunction(() => window.jupyterapp.shell.currentWidget.context.isReady);
};
const read = (name) => page.evaluate(async (wanted) => {
  const { content } = await window.jupyterapp.serviceManager.contents.get(wanted, { content: true });
  return typeof content === "string" ? content : JSON.stringify(content);
}, name);

await lab();
await page.evaluate(() => {
  const cells = window.jupyterapp.shell.currentWidget.content.model.cells;
  for (let i = 0; i < cells.length; i++) {
    if (cells.get(i).getMetadata("nbgrader")?.grade_id === "q1") cells.get(i).sharedModel.setSource("q1 = 'mine, zoë'");
  }
});
await page.keyboard.press("Control+s");
await page.evaluate(() => window.jupyterapp.commands.execute("docmanager:save"));
await page.waitForFunction(() => !window.jupyterapp.shell.currentWidget.context.model.dirty);
writeFileSync(`${signal}.saved`, "");
for (let i = 0; i < 3000 && !existsSync(signal); i++) await new Promise((done) => setTimeout(done, 200));

await lab();
found.after = await read(path);
found.shown = await page.evaluate(() => JSON.stringify(window.jupyterapp.shell.currentWidget.content.model.toJSON()));
const book = JSON.parse(found.after);
found["first cell"] = [[book.cells[0].source].flat().join("")];
found.release = book.metadata.leo_release.id;
found.releases = JSON.parse(await read("releases.json"));
const renamed = path.replace(".ipynb", " (mine).ipynb");
await page.evaluate(([from, to]) => window.jupyterapp.serviceManager.contents.rename(from, to), [path, renamed]);
found.renamed = await read(renamed);
await lab();
found.new = await read(path);
await browser.close();
process.stdout.write(JSON.stringify(found));
