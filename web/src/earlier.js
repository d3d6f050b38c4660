// Under an editor: what was typed there before, to bring back, copy or delete; and whether the browser keeps it.

import { drafts } from "./drafts.js";
import { button, element } from "./editor.js";

const WHY = {
  reset: "before Reset",
  deleted: "before it was deleted",
  replaced: "before another text was brought back",
  tab: "from another tab",
  file: "from an imported file",
  version: "typed before the book was changed",
};

const when = (at) =>
  new Date(at).toLocaleString("en-GB", { day: "numeric", month: "long", year: "numeric", hour: "2-digit", minute: "2-digit" });

/**
 * The earlier texts of an editor. ``others`` are entries of cells that the page no longer has: [place, entry].
 * ``current`` gives the text in the box, ``bringBack`` puts another there, ``say`` tells.
 * Returns its elements, ``refresh``, and ``offer``, which puts a button with one text where it cannot be missed.
 */
export function earlierTexts({ place, others, current, bringBack, say }) {
  const summary = element("summary");
  const list = element("ul");
  const box = element("details", { className: "leo-earlier", hidden: true }, summary, list);
  const offered = element("div", { className: "leo-offer" });
  let onOffer = null;
  let shown = "";

  /** The texts that can be brought back, the newest first, each once, and not the one in the box. */
  function texts() {
    const own = drafts.read(place).earlier.map((each) => ({ ...each, from: place }));
    const lost = others.flatMap(([from]) => {
      const { text, at, earlier } = drafts.read(from);
      const all = text === null ? earlier : [{ text, at }, ...earlier];
      return all.map((each) => ({ ...each, why: "version", from }));
    });
    const found = new Map();
    for (const each of [...own, ...lost]) {
      if (each.text !== current() && !found.has(each.text)) found.set(each.text, each);
    }
    return [...found.values()].sort((a, b) => b.at.localeCompare(a.at));
  }

  function refresh() {
    const found = texts();
    box.hidden = !found.length;
    const fresh = JSON.stringify(found);
    if (fresh !== shown) {
      shown = fresh; // what is there already keeps its focus
      summary.textContent = `Earlier texts (${found.length})`;
      list.replaceChildren(...found.map(item));
    }
    if (onOffer !== null && onOffer === current()) offer(null);
  }

  function item(each) {
    const label = `${when(each.at)}, ${WHY[each.why]}`;
    const press = (name, act) => {
      const made = button(name, "leo-small", act);
      made.setAttribute("aria-label", `${name}: text of ${label}`);
      return made;
    };
    return element(
      "li",
      {},
      element("p", { textContent: label }),
      element("pre", { textContent: each.text, tabIndex: 0 }),
      press("Bring back", () => bringBack(each.text)),
      press("Copy", () => copy(each.text, say)),
      press("Delete", () => {
        drafts.remove(each.from, each.text);
        refresh();
        say("Deleted.");
        offer("Undo the deletion", each.text, () => {
          drafts.restore(each.from, each);
          refresh();
          say("It is there again.");
          summary.focus();
        });
        offered.firstChild.focus();
      }),
    );
  }

  /** Offer a text by a button of its own; with null, no longer. */
  function offer(label, text = null, act = () => bringBack(text)) {
    onOffer = text;
    const made = label && button(label, "leo-bring-back", () => {
      offer(null);
      act();
    });
    offered.replaceChildren(...(made ? [made] : []));
  }

  return { box, offered, refresh, offer };
}

/** Copy a text, or say how to where the browser does not let a page do so. */
export async function copy(text, say) {
  try {
    await navigator.clipboard.writeText(text);
    say("Copied.");
  } catch {
    say("This browser does not let a page copy: select the text and press Ctrl+C.");
  }
}
