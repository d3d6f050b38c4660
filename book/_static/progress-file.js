/* The file of progress: read, merged and written. leocourse/core/progress.py does the same and describes the format;
   tests/core/progress_cases.json holds both to it. Nothing here knows of pages or of storage. */
(function () {
  "use strict";
  if (globalThis.leoProgressFile) return;
  const SCHEMA = "leo-progress", VERSION = 2, MAX_BYTES = 2e7, MAX_PLACE = 9999;
  const NAME = /^[a-z0-9][a-z0-9-]{0,79}$/, TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;
  const WHY = ["reset", "deleted", "replaced", "tab", "file"];
  const MARKS = { questions: "solved" }, TEXTS = ["drafts", "answers"];

  const table = () => Object.create(null); // no name in it but those that a file gives
  const empty = () => ({ lessons: table(), questions: table(), drafts: table(), answers: table() });
  const plain = (value) => value !== null && typeof value === "object" && !Array.isArray(value);
  const now = () => new Date().toISOString().slice(0, 19) + "Z";

  /* An error whose message is for people. */
  function problem(text) {
    const error = new Error(text);
    error.plain = true;
    return error;
  }
  const spoilt = (where) => problem("The entry " + where + " in this file is not as it should be.");

  function isTime(at) {
    return typeof at === "string" && TIME.test(at) && at >= "1970" && !isNaN(Date.parse(at)) &&
      new Date(at).toISOString().slice(0, 19) + "Z" === at;
  }

  function named(name) {
    if (!NAME.test(name)) throw problem("A name in this file is not one of a page, a cell, an assignment or a question.");
    return name;
  }

  /* A mark, without what else it may hold. */
  function mark(raw, flag, where) {
    if (!plain(raw) || typeof raw[flag] !== "boolean" || !isTime(raw.at)) throw spoilt(where);
    if (Date.parse(raw.at) > Date.now() + 864e5) throw problem("The entry " + where + " in this file has a time in the future.");
    return { [flag]: raw[flag], at: raw.at };
  }

  /* What was typed in one place: the text that is there now (null: the page's own), and earlier ones. */
  function written(raw, where) {
    const { text, at, place = null, earlier } = plain(raw) ? raw : {};
    const sound = (text === null || typeof text === "string") && isTime(at) && Array.isArray(earlier) &&
      (place === null || (Number.isInteger(place) && place >= 0 && place <= MAX_PLACE)) &&
      earlier.every((each) => plain(each) && typeof each.text === "string" && isTime(each.at) && WHY.includes(each.why));
    if (!sound) throw spoilt(where);
    return { text, at, place, earlier: tidy(earlier) };
  }

  /* Each text once, with the last time that it was set aside; the newest first. */
  function tidy(earlier) {
    const found = new Map();
    earlier.forEach(({ text, at, why }) => {
      if (!found.has(text) || found.get(text).at < at) found.set(text, { text, at, why });
    });
    return [...found.values()].sort((a, b) => (a.at < b.at) - (a.at > b.at));
  }

  function nested(data, entry) {
    const found = table();
    Object.keys(data).forEach((name) => {
      if (!plain(data[named(name)])) throw spoilt(name);
      found[name] = table();
      Object.keys(data[name]).forEach((each) => {
        found[name][named(each)] = entry(data[name][each], name + " " + each);
      });
    });
    return found;
  }

  /* Reads a file of version 1 or 2. Throws a problem. */
  function parse(text) {
    let data;
    if (text.length > MAX_BYTES) throw problem("This file is too large to be a progress file.");
    try { data = JSON.parse(text.replace(/^\uFEFF/, "")); }
    catch (error) { throw problem("This file is not a progress file, or it was cut off: it is not valid JSON."); }
    if (!plain(data) || data.schema !== SCHEMA) throw problem("This file is not a progress file of this course.");
    if (data.version !== 1 && data.version !== VERSION) {
      throw problem("This progress file has version " + JSON.stringify(data.version) + "; this page reads versions 1 to " +
        VERSION + ". Update whichever is older, the book or the course.");
    }
    const lists = data.version === 1 ? ["lessons", "questions"] : ["lessons", "questions", ...TEXTS];
    const missing = lists.filter((each) => !plain(data[each]));
    if (missing.length) throw problem("The list of " + missing[0] + " is missing from this file.");
    const state = empty();
    Object.keys(data.lessons).forEach((name) => { state.lessons[named(name)] = mark(data.lessons[name], "read", name); });
    state.questions = nested(data.questions, (raw, where) => mark(raw, MARKS.questions, where));
    if (data.version === VERSION) TEXTS.forEach((each) => { state[each] = nested(data[each], written); });
    return state;
  }

  /* Version 1 has marks only: a page of an older book that is still open reads it too. */
  function write(state, version = VERSION) {
    const { lessons, questions, drafts, answers } = state;
    const marks = { schema: SCHEMA, version, saved: now(), lessons, questions };
    return JSON.stringify(version === 1 ? marks : { ...marks, drafts, answers }, null, 1) + "\n";
  }

  /* Both together: of two marks the newest, of the same second the one that says yes; of two texts both. */
  function merge(first, second) {
    const newest = (flag) => (a, b) => (b.at > a.at || (b.at === a.at && b[flag] && !a[flag]) ? b : a);
    const both = (a, b, join) => {
      const found = Object.assign(table(), a);
      Object.keys(b).forEach((name) => { found[name] = name in found ? join(found[name], b[name]) : b[name]; });
      return found;
    };
    const deep = (join) => (a, b) => both(a, b, join);
    return {
      lessons: both(first.lessons, second.lessons, newest("read")),
      questions: both(first.questions, second.questions, deep(newest(MARKS.questions))),
      drafts: both(first.drafts, second.drafts, deep(joined)),
      answers: both(first.answers, second.answers, deep(joined)),
    };
  }

  /* Two entries of one place. The first one's text stays; where the other's differs, it becomes an earlier one. */
  function joined(first, second, why = "file") {
    const [stays, other] = first.text === null ? [second, first] : [first, second];
    const aside = other.text === null || other.text === stays.text ? [] : [{ text: other.text, at: other.at, why }];
    return {
      text: stays.text,
      at: stays.text === other.text && other.at > stays.at ? other.at : stays.at,
      place: stays.place === null ? other.place : stays.place,
      earlier: tidy([...first.earlier, ...aside, ...second.earlier]),
    };
  }

  /* How many different texts a state holds, those that were set aside as well. */
  function texts(state) {
    let found = 0;
    TEXTS.forEach((list) => Object.values(state[list]).forEach((places) => Object.values(places).forEach((entry) => {
      found += new Set([entry.text, ...entry.earlier.map((each) => each.text)].filter((text) => text !== null)).size;
    })));
    return found;
  }

  globalThis.leoProgressFile = { NAME, MAX_BYTES, empty, now, problem, parse, write, merge, written, joined, tidy, texts };
})();
