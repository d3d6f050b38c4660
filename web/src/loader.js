// On every page, and small: puts a button on SQL cells that can run here, and fetches the rest when it is pressed.

// The file with the program has a name that changes with it; the build fills it in.
const APP = new URL(`../leo-web/${LEO_APP}`, document.currentScript.src);

function start() {
  if (location.protocol === "file:") return asFile();
  const data = document.getElementById("leo-steps");
  if (data) cells(JSON.parse(data.textContent));
  const given = document.getElementById("leo-exercises");
  if (given) exercises(JSON.parse(given.textContent));
  document.querySelectorAll(".leo-question").forEach((place) => {
    // An editor is small, and somebody who opens this page means to write: it is there at once.
    load(place).then((app) => app?.openQuestion(place));
  });
}

/** Browsers fetch no program for a page that was opened from a folder. Said once; everything else on the page works. */
function asFile() {
  const first = document.querySelector(".leo-question, .cell.tag_exercise");
  if (!first) return;
  const message = document.createElement("p");
  message.textContent = "This page was opened as a file. To answer here, serve the book: make serve, or python -m http.server in its folder.";
  first.before(message);
}

/** A box in the place of each exercise of a lesson. Its cell, with the text that is given, is there until it is. */
function exercises(given) {
  document.querySelectorAll(".cell.tag_exercise").forEach((cell, number) => {
    if (given[number]) load(cell).then((app) => app?.openExercise(cell, given[number]));
  });
}

function cells(steps) {
  const { cellNames, pageName, read } = window.leoDrafts ?? {}; // what was typed here is told before it is opened
  const typed = (place) => read && read(["drafts", pageName(), cellNames(steps)[place]]).text !== null;
  const places = steps.flatMap((step, place) => (step.tagged ? [place] : []));
  document.querySelectorAll(".cell.tag_sql").forEach((cell, number) => {
    const place = places[number];
    if (place === undefined || steps[place].sql === null) return;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "leo-button leo-try";
    const mine = typed(place) ? " (what you typed is kept)" : "";
    button.textContent = `Try it${mine}`;
    button.setAttribute("aria-label", `Try it${mine}: change and run SQL cell ${number + 1} in the page`);
    button.addEventListener("click", async () => {
      button.disabled = true;
      const app = await load(button);
      button.disabled = false;
      if (!app) return;
      app.openCell(button, place, steps);
      button.hidden = true;
    });
    cell.after(button);
  });
}

/** The program, or a plain message after the element if it cannot be fetched. */
async function load(element) {
  element.parentNode.querySelectorAll(":scope > .leo-error").forEach((old) => old.remove());
  try {
    return await import(APP.href);
  } catch {
    const message = document.createElement("p");
    message.className = "leo-error";
    message.setAttribute("role", "alert");
    message.textContent = "The program for this page could not be fetched. Check the connection and press again.";
    element.after(message);
    return null;
  }
}

if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
else start();
