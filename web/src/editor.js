// A box to write SQL in, with its buttons, a line that says what is going on, and room for what comes out.
// It is a plain text area: every keyboard, screen reader and phone knows it. Tab leaves it, as everywhere.

import { drafts } from "./drafts.js";
import { copy, earlierTexts } from "./earlier.js";

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

/** Boxes whose text the browser does not keep: leaving the page asks first. */
const unkept = new Set();
addEventListener("beforeunload", (event) => {
  if (!unkept.size) return;
  event.preventDefault();
  event.returnValue = true; // what older browsers heed
});

/** Put a text in the place of part of a box, such that Ctrl+Z takes it back. */
function replace(area, from, to, text) {
  area.focus();
  area.setSelectionRange(from, to);
  const wanted = area.value.slice(0, from) + text + area.value.slice(to);
  if (wanted === area.value) return;
  // Nothing newer writes into a text area's own history.
  document.execCommand(text ? "insertText" : "delete", false, text);
  if (area.value === wanted) return;
  area.value = wanted;
  area.dispatchEvent(new Event("input"));
}

const plain = (text) => text.replace(/\r\n?/g, "\n"); // as a text area gives it back

/** Whether little of a text is left in another: it was cleared or pasted over. */
function mostlyGone(old, text) {
  if (old.trim().length < 20) return false;
  let [same, end] = [0, 0];
  while (same < Math.min(old.length, text.length) && old[same] === text[same]) same += 1;
  const rest = Math.min(old.length, text.length) - same;
  while (end < rest && old.at(-1 - end) === text.at(-1 - end)) end += 1;
  return same + end < old.length / 2;
}

/**
 * An editor. ``label`` names it for those who hear it; ``original`` is its text at first; Ctrl+Enter calls ``run``.
 * ``place`` is where its text is kept, ``number`` that of a cell on its page, ``worded`` the name of the wording of the
 * question that it answers, and ``others`` the texts of cells that the page no longer has (see drafts.js). Returns its box, the text area, the places for status and output,
 * ``reset``, and ``rewrite`` for the same lines in another order.
 */
export function editor({ label, original: given, place, number, worded, others = [], run }) {
  made += 1;
  const id = `leo-editor-${made}`;
  const original = plain(given);
  const area = element("textarea", { id, className: "leo-sql", spellcheck: false, autocapitalize: "off" });
  area.setAttribute("autocomplete", "off");
  area.setAttribute("aria-describedby", `${id}-keys`);
  const status = element("p", { className: "leo-status" });
  status.setAttribute("role", "status");
  status.setAttribute("aria-live", "polite");
  const say = (text) => {
    status.textContent = text;
  };
  const fit = () => {
    area.rows = Math.min(Math.max(area.value.split("\n").length + 1, 4), 30);
  };
  const typed = (text) => text !== original && text.trim() !== "";
  const kept = keeping({ area, original, place, number, typed, fit, say });
  const reworded = wordingOf({ area, place, worded, typed });
  const earlier = earlierTexts({ place, others, current: () => area.value, bringBack, say });
  kept.changed = earlier.refresh;

  /** Clear the box for another text. What was typed is set aside first; if there is no room for it, nothing happens. */
  function change(text, why) {
    const old = area.value;
    const how = typed(old) ? drafts.setAside(place, old, why, number) : "kept";
    if (how === "full") {
      say("Nothing was changed: there is no room for more earlier texts here. Delete one of them below first.");
      return false;
    }
    kept.cleared = true;
    replace(area, 0, area.value.length, plain(text));
    kept.cleared = false;
    area.setSelectionRange(0, 0);
    earlier.refresh();
    return true;
  }
  /** Put the same lines in another order, which sets nothing aside. */
  function rewrite(text) {
    kept.cleared = true;
    replace(area, 0, area.value.length, text);
    kept.cleared = false;
  }
  function bringBack(text) {
    if (change(text, "replaced")) say("What you typed is back.");
  }
  function reset() {
    const old = area.value;
    if (!change(original, "reset")) return;
    output.replaceChildren();
    say("Back to the text of the page.");
    if (!typed(old)) return;
    say("Back to the text of the page. What you typed is kept: the button below or Ctrl+Z brings it back.");
    earlier.offer("Bring back what you typed", old);
  }

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
      replace(area, area.selectionStart, area.selectionEnd, `\n${margin}`);
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
    reworded,
    kept.notice,
    status,
    earlier.offered,
    earlier.box,
    output,
  );
  earlier.refresh();
  const newest = others.find(([, entry]) => entry.text !== null);
  if (newest && area.value === original) {
    say("The book was changed since you typed in this cell, or one near it. What you typed is kept.");
    earlier.offer("Bring back what you typed", newest[1].text);
  }
  return { box, area, buttons, status, output, reset, rewrite };
}

/**
 * Keep the text of a box as it changes, here and in other tabs. Returns a notice, empty unless the browser refuses.
 * To be set by the editor: ``changed`` is called after every change; ``cleared`` says that the text which a change
 * takes away has been set aside already.
 */
function keeping({ area, original, place, number, typed, fit, say }) {
  const notice = element("div", { className: "leo-unkept" });
  notice.setAttribute("role", "alert");
  const self = { notice, changed: () => {}, cleared: false };
  const now = () => (area.value === original ? null : area.value);
  let seen = drafts.read(place).text;
  area.value = seen ?? original;
  let peak = area.value; // the last text before it began to shrink
  fit();

  const tell = (stored) => {
    if (stored) unkept.delete(area);
    else unkept.add(area);
    if (stored) notice.replaceChildren();
    if (stored || notice.firstChild) return;
    notice.append(
      element("p", { textContent: "This browser does not keep what you write: its storage is full or blocked. Copy it before you close the page." }),
      button("Copy what you typed", "leo-copy", () => copy(area.value, (text) => {
        notice.firstChild.textContent = text;
        area.select();
      })),
    );
  };
  area.addEventListener("input", () => {
    fit();
    if (mostlyGone(peak, area.value)) {
      if (!self.cleared && typed(peak) && drafts.setAside(place, peak, "deleted", number) === "full") {
        say("There is no room for more earlier texts here: only Ctrl+Z brings back what you deleted.");
      }
      peak = area.value;
    } else if (area.value.length >= peak.length) peak = area.value;
    tell(drafts.keep(place, now(), seen, number));
    seen = now();
    self.changed();
  });
  drafts.listen(place, () => {
    const { text, earlier } = drafts.read(place);
    // Follow the other tab, unless it has forgotten everything, or there is something here that is nowhere else.
    if (text !== seen && now() === seen && (text !== null || earlier.length)) {
      const [start, end] = [area.selectionStart, area.selectionEnd];
      area.value = text ?? original;
      area.setSelectionRange(start, end);
      peak = area.value;
      fit();
      seen = text;
    }
    if (text === null) seen = null;
    self.changed();
  });
  return self;
}

/**
 * Say that a question was changed since its answer was written, until somebody goes on writing. Returns the place where
 * it is said.
 */
function wordingOf({ area, place, worded, typed }) {
  const said = element("p", { className: "leo-reworded" });
  said.setAttribute("role", "status");
  if (!worded) return said;
  const before = drafts.wording(place);
  if (typed(area.value) && before !== null && before !== worded) {
    said.textContent = "This question was changed since you wrote your answer, which is kept as it was: read the question again.";
  } else if (typed(area.value) && before === null) {
    drafts.noteWording(place, worded);
  }
  area.addEventListener("input", () => {
    said.textContent = "";
    drafts.noteWording(place, worded);
  });
  return said;
}

/** A message in place, such as DuckDB's own error. */
export const message = (text) => element("pre", { className: "leo-error", textContent: text, tabIndex: 0 });
