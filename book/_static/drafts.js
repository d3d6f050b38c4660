/* What somebody typed in the pages, kept in this browser: for each cell and question the text that is there, and
   earlier ones. Every change of a text that is not the reader's own typing sets the old one aside first.

   A place is ["drafts", page, cell] or ["answers", assignment, question]. A cell is named after its SQL, so that what
   was typed stays with it when cells before it come and go. */
(function () {
  "use strict";
  if (globalThis.leoDrafts) return;
  const file = globalThis.leoProgressFile;
  const PREFIX = "leo:text:", OLD = "leo:draft:", WORDED = "leo:worded:";
  const MOST = 20, MOST_CHARACTERS = 5e5; // earlier texts of one place that the page itself sets aside
  const memory = new Map(); // by key: what the browser would not keep

  const tidyName = (name) => {
    const found = String(name).toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-+/, "").slice(0, 80);
    return found || "page";
  };
  const keyOf = ([list, page, name]) => PREFIX + [list, tidyName(page), tidyName(name)].join("/");
  const placeOf = (key) => key.slice(PREFIX.length).split("/");
  const blank = () => ({ text: null, at: file.now(), place: null, earlier: [] });

  /* The storage of the browser, or null where it is blocked (the pages then put an empty one in its place). */
  function store() {
    try { return globalThis.leoNoStorage ? null : globalThis.localStorage; }
    catch (error) { return null; }
  }
  function raw(key) {
    const kept = store();
    try { return kept && kept.getItem(key); }
    catch (error) { return null; }
  }

  /* An entry as stored. What is not one, because something damaged it, is taken for a text: better odd than lost. */
  function understood(text) {
    if (text === null) return null;
    try { return file.written(JSON.parse(text), ""); }
    catch (error) { return { ...blank(), earlier: [{ text, at: file.now(), why: "replaced" }] }; }
  }
  function entryAt(key) {
    const stored = raw(key), held = memory.get(key);
    if (!held) return understood(stored) || blank();
    // Another tab may have had more luck since.
    return stored === held.beside || stored === null ? held.entry : file.joined(held.entry, understood(stored), "tab");
  }
  /* Keep an entry. Says whether the browser did; if not, it is held until the page is left. */
  function put(key, entry) {
    const kept = store();
    try {
      if (!kept) throw file.problem("blocked");
      if (entry.text === null && !entry.earlier.length) kept.removeItem(key);
      else kept.setItem(key, JSON.stringify(entry));
      memory.delete(key);
      return true;
    } catch (error) {
      memory.set(key, { entry, beside: raw(key) });
      return false;
    }
  }

  const read = (place) => entryAt(keyOf(place));
  const holds = (entry, text) => entry.earlier.some((each) => each.text === text);

  /* The text of a place is now this one (null: the page's own). `seen` is what the caller last knew to be kept: if
     another tab has put something else there, that is set aside. Returns whether the browser keeps it. */
  function keep(place, text, seen, number) {
    const key = keyOf(place), entry = entryAt(key);
    if (entry.text !== null && entry.text !== seen && entry.text !== text) {
      entry.earlier = file.tidy([{ text: entry.text, at: entry.at, why: "tab" }, ...entry.earlier]);
    }
    return put(key, { ...entry, text, at: file.now(), place: number || entry.place });
  }

  /* Set a text of a place aside. Returns "kept", "held" (only until the page is left) or "full": there is no room,
     and the caller must not clear the text. Deletions by hand leave half of the room for what a button clears. */
  function setAside(place, text, why, number) {
    const key = keyOf(place), entry = entryAt(key);
    const most = why === "deleted" ? MOST / 2 : MOST;
    const characters = entry.earlier.reduce((sum, each) => sum + each.text.length, text.length);
    const full = entry.earlier.length >= most || characters > MOST_CHARACTERS;
    if (full && entry.earlier.length && !holds(entry, text)) return "full";
    const earlier = file.tidy([{ text, at: file.now(), why }, ...entry.earlier]);
    return put(key, { ...entry, place: number || entry.place, earlier }) ? "kept" : "held";
  }

  /* Which wording of a question the answer kept in a place is to, by the name that the page gives it; null if nobody
     noted it. */
  const wording = (place) => raw(WORDED + keyOf(place).slice(PREFIX.length));
  function noteWording(place, name) {
    const kept = store();
    try { if (kept) kept.setItem(WORDED + keyOf(place).slice(PREFIX.length), name); }
    catch (error) { /* no room for it: then nothing is said */ }
  }

  /* Remove a text of a place, because somebody asked for it. */
  function remove(place, text) {
    const key = keyOf(place), entry = entryAt(key);
    const earlier = entry.earlier.filter((each) => each.text !== text);
    put(key, { ...entry, text: entry.text === text ? null : entry.text, earlier });
  }

  /* Put an earlier text back that was removed. */
  function restore(place, each) {
    const key = keyOf(place), entry = entryAt(key);
    put(key, { ...entry, earlier: file.tidy([{ text: each.text, at: each.at, why: each.why === "version" ? "replaced" : each.why }, ...entry.earlier]) });
  }

  function keys() {
    const kept = store(), found = new Set(memory.keys());
    if (kept) Object.keys(kept).forEach((key) => { if (key.startsWith(PREFIX)) found.add(key); });
    return [...found].filter((key) => ["drafts", "answers"].includes(placeOf(key)[0]) && placeOf(key).slice(1).every((name) => file.NAME.test(name))).sort();
  }
  /* Everything that is kept, as the lists of a progress file. */
  function all() {
    const state = file.empty();
    keys().forEach((key) => {
      const [list, page, name] = placeOf(key), entry = entryAt(key);
      if (entry.text === null && !entry.earlier.length) return;
      state[list][page] = state[list][page] || Object.create(null);
      state[list][page][name] = entry;
    });
    return state;
  }

  const each = (state, visit) => ["drafts", "answers"].forEach((list) => Object.keys(state[list]).forEach((page) =>
    Object.keys(state[list][page]).forEach((name) => visit([list, page, name], state[list][page][name]))));

  /* Add the texts of a file: all of them or, if there is no room, none. Returns whether they are in. */
  function take(state) {
    const before = new Map();
    let whole = true;
    each(state, (place, entry) => {
      const key = keyOf(place);
      before.set(key, [raw(key), memory.get(key)]);
      if (whole) whole = put(key, file.joined(entryAt(key), entry));
    });
    if (whole || !store()) return true; // where nothing can be stored, they are here until the page is left
    rewind(before);
    return false;
  }
  function rewind(before) {
    before.forEach(([stored, held], key) => {
      if (held) memory.set(key, held); else memory.delete(key);
      if (stored === null) store().removeItem(key);
    });
    before.forEach(([stored], key) => { if (stored !== null) store().setItem(key, stored); });
  }

  /* Remove all texts. The caller has kept a copy. Returns what puts them back. */
  function clear() {
    const worded = store() ? Object.keys(store()).filter((key) => key.startsWith(WORDED)) : [];
    const before = new Map([...keys(), ...worded].map((key) => [key, [raw(key), memory.get(key)]]));
    before.forEach((_, key) => { memory.delete(key); if (store()) store().removeItem(key); });
    return () => rewind(before);
  }

  /* The texts of a page whose cells are no longer on it: [cell, entry]. */
  function lost(page, cells) {
    const known = new Set(cells), found = all().drafts[tidyName(page)] || {};
    return Object.entries(found).filter(([cell]) => !known.has(cell));
  }

  /* Tell when another tab has changed a place. */
  function listen(place, tell) {
    globalThis.addEventListener("storage", (event) => { if (event.key === keyOf(place)) tell(); });
    globalThis.addEventListener("pageshow", tell); // a page that comes back has not heard
    globalThis.document.addEventListener("visibilitychange", tell);
  }

  /* A name for a cell: a hash of its SQL. */
  function cellName(text) {
    let sum = 0;
    for (let i = 0; i < text.length; i += 1) sum = (Math.imul(sum, 31) + text.charCodeAt(i)) | 0;
    return (sum >>> 0).toString(36);
  }
  /* The names of a page's cells that can be run, by place among its steps; equal cells are numbered. */
  function cellNames(steps) {
    const times = new Map();
    return steps.map((step) => {
      if (!step.tagged || step.sql === null) return null;
      const name = cellName(step.sql), time = (times.get(name) || 0) + 1;
      times.set(name, time);
      return time === 1 ? name : name + "-" + time;
    });
  }
  /* The name of the page that is open, wherever the book is served. */
  function pageName() {
    return tidyName(globalThis.location.pathname.replace(/(\/index)?(\.html)?\/*$/, "").split("/").pop());
  }

  /* Texts kept by an older version of these pages: "leo:draft:<path>#<step>:<hash>" or "…<assignment>/<question>:<hash>". */
  function takeOldOnes() {
    const kept = store();
    if (!kept) return;
    Object.keys(kept).filter((key) => key.startsWith(OLD)).forEach((key) => {
      const [, of, hash] = /^leo:draft:(.*):([a-z0-9]+)$/.exec(key) || [], text = raw(key);
      if (!of || text === null) return;
      const step = /^(.*?)(?:\.html)?#\d+$/.exec(of);
      const place = step ? ["drafts", step[1].split("/").pop(), hash] : ["answers", ...of.split("/")];
      if (place.length !== 3) return;
      const entry = { ...blank(), text };
      if (put(keyOf(place), file.joined(read(place), entry, "tab"))) kept.removeItem(key);
    });
  }

  takeOldOnes();
  globalThis.leoDrafts = { read, keep, setAside, wording, noteWording, remove, restore, all, take, clear, lost, listen, cellNames, pageName };
})();
