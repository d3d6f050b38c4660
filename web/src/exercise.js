// An exercise of a lesson, in the place of its cell: the box of a question, with its lines to move if they are to be
// put in order, or a number or a choice if something is to be predicted.

import { drafts } from "./drafts.js";
import { button, element } from "./editor.js";
import { questionBox } from "./question.js";

let made = 0;

/** Put the box of an exercise in the place of its cell. */
export function openExercise(cell, { lesson, name, title, form, given, choices }) {
  made += 1;
  const place = element("div", { className: "leo-exercise" });
  place.dataset.exercise = name;
  place.dataset.form = form;
  const number = name.slice(1);
  const about = { assignment: lesson, question: name, label: `Your SQL for exercise ${number}`, original: given };
  const box = form === "predict" ? (run) => prediction(["answers", lesson, name], number, choices, run) : null;
  place.setAttribute("role", "group");
  place.setAttribute("aria-label", `Exercise ${number}: ${title}`);
  const ui = questionBox(place, { ...about, box });
  place.append(ui.box);
  if (form === "order") lines(ui);
  cell.after(place);
  cell.hidden = true;
}

/** The box of a prediction: a number, or one of some choices. ``answer`` is a table of it; null without one. */
function prediction(place, number, choices, run) {
  const output = element("div", { className: "leo-output" });
  const buttons = element("div", { className: "leo-buttons" });
  const status = element("p", { className: "leo-status" });
  status.setAttribute("role", "status");
  status.setAttribute("aria-live", "polite");
  const kept = drafts.read(place).text ?? "";
  const field = choices.length ? chooser(choices, `Your choice for exercise ${number}`, kept) : numeral(number, kept);
  let seen = drafts.read(place).text;
  field.element.addEventListener("input", () => {
    const text = field.value() || null;
    if (!drafts.keep(place, text, seen)) status.textContent = "This browser does not keep what you write: its storage is full or blocked.";
    seen = text;
  });
  field.element.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    run();
  });
  const answer = () => {
    const text = field.value();
    if (!text) return null;
    if (choices.length) return [["answer"], [[text]]];
    const value = Number(text.replace(/(?<=\d),(?=\d{3}(\D|$))/g, ""));
    if (!Number.isFinite(value)) throw new Error(`'${text}' is not a number. Write figures alone, such as 12 or 3.5.`);
    return [["answer"], [[value]]];
  };
  const reset = () => {
    const old = field.value();
    if (old) drafts.setAside(place, old, "reset");
    field.clear();
    drafts.keep(place, null, old || null);
    seen = null;
    output.replaceChildren();
    status.textContent = "There is no answer now.";
  };
  const box = element("div", { className: "leo-live" }, field.element, buttons, status, output);
  return { box, buttons, status, output, reset, answer };
}

function numeral(number, kept) {
  const id = `leo-number-${made}`;
  const input = element("input", { id, type: "text", inputMode: "decimal", className: "leo-number", value: kept, size: 10 });
  input.setAttribute("autocomplete", "off");
  const label = element("label", { htmlFor: id, textContent: `Your number for exercise ${number}` });
  return { element: element("div", {}, label, input), value: () => input.value.trim(), clear: () => { input.value = ""; } };
}

function chooser(choices, legend, kept) {
  const name = `leo-choice-${made}`;
  const inputs = choices.map((each) => element("input", { type: "radio", name, value: each, checked: each === kept }));
  const labels = inputs.map((each) => element("label", { className: "leo-choice" }, each, ` ${each}`));
  return {
    element: element("fieldset", { className: "leo-choices" }, element("legend", { textContent: legend }), ...labels),
    value: () => inputs.find((each) => each.checked)?.value ?? "",
    clear: () => inputs.forEach((each) => { each.checked = false; }),
  };
}

/** The lines of a text as a list above its box, each to be dragged or moved by its buttons. The box stays the text. */
function lines({ area, rewrite }) {
  const list = element("ol", { className: "leo-lines" });
  const said = element("p", { className: "leo-line-moved" });
  said.setAttribute("role", "status");
  list.setAttribute("aria-label", "Lines to put in order");
  area.before(said);
  area.closest(".leo-live").prepend(list);
  let dragged = null;

  const now = () => area.value.split("\n");
  function move(from, to, focus) {
    const moved = now();
    if (to < 0 || to >= moved.length || from === to) return;
    moved.splice(to, 0, ...moved.splice(from, 1));
    rewrite(moved.join("\n"));
    said.textContent = `Line ${from + 1} is now line ${to + 1}: ${moved[to].trim()}`;
    if (!focus) return;
    const pressed = list.children[to].querySelectorAll("button")[focus === "up" ? 0 : 1];
    (pressed.disabled ? list.children[to].querySelector("button:not(:disabled)") : pressed)?.focus();
  }
  function draw() {
    const all = now();
    list.replaceChildren(...all.map((text, at) => {
      const up = button("↑", "leo-up", () => move(at, at - 1, "up"));
      const down = button("↓", "leo-down", () => move(at, at + 1, "down"));
      up.setAttribute("aria-label", `Move line ${at + 1} up: ${text.trim()}`);
      down.setAttribute("aria-label", `Move line ${at + 1} down: ${text.trim()}`);
      up.disabled = at === 0;
      down.disabled = at === all.length - 1;
      const item = element("li", { draggable: true }, up, down, element("code", { textContent: text }));
      item.addEventListener("dragstart", (event) => {
        dragged = at;
        event.dataTransfer.setData("text/plain", text);
        event.dataTransfer.effectAllowed = "move";
      });
      item.addEventListener("dragover", (event) => dragged !== null && event.preventDefault());
      item.addEventListener("drop", (event) => {
        event.preventDefault();
        if (dragged !== null) move(dragged, at, "");
        dragged = null;
      });
      item.addEventListener("dragend", () => { dragged = null; });
      return item;
    }));
  }
  area.addEventListener("input", draw);
  draw();
}
