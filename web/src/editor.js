// A box to write SQL in, with its buttons, a line that says what is going on, and room for what comes out.
// It is a plain text area: every keyboard, screen reader and phone knows it. Tab leaves it, as everywhere.

import { keepDraft, readDraft } from "./drafts.js";

let made = 0;

/** Make an element with properties and children. */
export function element(name, properties = {}, ...children) {
  const made_ = Object.assign(document.createElement(name), properties);
  made_.append(...children);
  return made_;
}

export const button = (label, className, press) => {
  const made_ = element("button", { type: "button", className: `leo-button ${className}`, textContent: label });
  made_.addEventListener("click", press);
  return made_;
};

/**
 * An editor. ``label`` names it for those who hear it; ``original`` is its text at first; Ctrl+Enter calls ``run``.
 * Returns its box, the text area, the places for status and output, and ``reset``.
 */
export function editor({ label, original, draft, run }) {
  made += 1;
  const id = `leo-editor-${made}`;
  const area = element("textarea", { id, className: "leo-sql", spellcheck: false, autocapitalize: "off" });
  area.setAttribute("autocomplete", "off");
  area.setAttribute("aria-describedby", `${id}-keys`);
  area.value = readDraft(draft) ?? original;
  const fit = () => {
    area.rows = Math.min(Math.max(area.value.split("\n").length + 1, 4), 30);
  };
  fit();
  const status = element("p", { className: "leo-status" });
  status.setAttribute("role", "status");
  status.setAttribute("aria-live", "polite");
  area.addEventListener("input", () => {
    fit();
    if (!keepDraft(draft, area.value === original ? null : area.value) && !status.textContent) {
      status.textContent = "This browser keeps nothing of what you write: copy it before you close the page.";
    }
  });
  area.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      run();
    }
    // A new line begins under the one before it.
    if (event.key === "Enter" && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.isComposing) {
      const margin = /(?:^|\n)([ \t]*)[^\n]*$/.exec(area.value.slice(0, area.selectionStart))[1];
      if (!margin) return;
      event.preventDefault();
      area.setRangeText(`\n${margin}`, area.selectionStart, area.selectionEnd, "end");
      area.dispatchEvent(new Event("input"));
    }
  });
  const buttons = element("div", { className: "leo-buttons" });
  const output = element("div", { className: "leo-output" });
  const keys = element("p", { id: `${id}-keys`, className: "leo-keys", textContent: "Ctrl+Enter runs it. Tab leaves the box." });
  const box = element(
    "div",
    { className: "leo-live" },
    element("label", { htmlFor: id, textContent: label }),
    area,
    buttons,
    keys,
    status,
    output,
  );
  const reset = () => {
    area.value = original;
    keepDraft(draft, null);
    fit();
    output.replaceChildren();
    status.textContent = "Back to the text of the page.";
    area.focus();
  };
  return { box, area, buttons, status, output, reset };
}

/** A message in place, such as DuckDB's own error. */
export const message = (text) => element("pre", { className: "leo-error", textContent: text, tabIndex: 0 });
