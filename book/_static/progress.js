/* Progress: lessons read and questions solved. It stays in this browser: no account, no tracking.
   The format of the file, which 'leo progress' writes too: leocourse/core/progress.py.

   leoProgress.solved("06-table-for-release", "q1")   records a right answer; so does the event
   new CustomEvent("leo:solved", {detail: {assignment: "...", question: "q1"}})
   "leo:progress" on document says that something changed. */
(function () {
  "use strict";
  var KEY = "leo-progress", SCHEMA = "leo-progress", VERSION = 1, MAX_BYTES = 1e6;
  var NAME = /^[a-z0-9][a-z0-9-]{0,79}$/, TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;
  var memory = empty(), notice = "", damaged = false;

  function empty() { return { lessons: Object.create(null), questions: Object.create(null) }; }
  function now(after) { // or a second later, so that a second thought is the newest
    return new Date(Math.max(Date.now(), after ? Date.parse(after) + 1e3 : 0)).toISOString().slice(0, 19) + "Z";
  }
  function own(object, name) { return Object.prototype.hasOwnProperty.call(object, name); }
  function plain(value) { return value !== null && typeof value === "object" && !Array.isArray(value); }
  function problem(text) { var error = new Error(text); error.plain = true; return error; }

  /* Reads a progress file. Throws an error whose message is for people. */
  function parse(text) {
    var data, state = empty(), later = Date.now() + 864e5;
    if (text.length > MAX_BYTES) throw problem("This file is too large to be a progress file.");
    try { data = JSON.parse(text.replace(/^\uFEFF/, "")); }
    catch (error) { throw problem("This file is not a progress file, or it was cut off: it is not valid JSON."); }
    if (!plain(data) || data.schema !== SCHEMA) throw problem("This file is not a progress file of this course.");
    if (data.version !== VERSION) {
      throw problem("This progress file has version " + JSON.stringify(data.version) + "; this page reads version " +
        VERSION + ". Update whichever is older, the book or the course.");
    }
    if (!plain(data.lessons) || !plain(data.questions)) throw problem("The lists of lessons and questions are missing from this file.");
    function entry(raw, flag, where) {
      if (!plain(raw) || typeof raw[flag] !== "boolean" || typeof raw.at !== "string" || !TIME.test(raw.at) ||
          isNaN(Date.parse(raw.at)) || new Date(raw.at).toISOString().slice(0, 19) + "Z" !== raw.at) {
        throw problem("The entry " + where + " in this file is not as it should be.");
      }
      if (Date.parse(raw.at) > later) throw problem("The entry " + where + " in this file has a time in the future.");
      var tidy = { at: raw.at };
      tidy[flag] = raw[flag];
      return tidy;
    }
    function named(name) {
      if (!NAME.test(name)) throw problem("A name in this file is not one of a lesson, an assignment or a question.");
      return name;
    }
    Object.keys(data.lessons).forEach(function (name) {
      state.lessons[named(name)] = entry(data.lessons[name], "read", name);
    });
    Object.keys(data.questions).forEach(function (name) {
      if (!plain(data.questions[named(name)])) throw problem("The entry " + name + " in this file is not as it should be.");
      state.questions[name] = Object.create(null);
      Object.keys(data.questions[name]).forEach(function (question) {
        state.questions[name][named(question)] = entry(data.questions[name][question], "solved", name + " " + question);
      });
    });
    return state;
  }

  function write(state) {
    return JSON.stringify({ schema: SCHEMA, version: VERSION, saved: now(), lessons: state.lessons, questions: state.questions }, null, 1) + "\n";
  }

  /* Of two entries the newest wins; of the same second, the one that says yes. */
  function newest(into, from, name, flag) {
    var old = own(into, name) ? into[name] : { at: "" }, fresh = from[name];
    var wins = fresh.at > old.at || (fresh.at === old.at && fresh[flag] && !old[flag]);
    if (wins) into[name] = fresh;
    return wins;
  }
  function merge(into, from) {
    var news = false;
    Object.keys(from.lessons).forEach(function (name) { news = newest(into.lessons, from.lessons, name, "read") || news; });
    Object.keys(from.questions).forEach(function (name) {
      if (!own(into.questions, name)) into.questions[name] = Object.create(null);
      Object.keys(from.questions[name]).forEach(function (question) {
        news = newest(into.questions[name], from.questions[name], question, "solved") || news;
      });
    });
    return news;
  }
  /* Another tab wrote; what it had not seen is written again. */
  function heard(text) {
    load();
    try { if (merge(parse(text), memory)) save(); } catch (error) { /* load has told */ }
    show();
  }

  function load() {
    var text;
    try { if (window.leoNoStorage) throw problem(""); text = window.localStorage.getItem(KEY); }
    catch (error) {
      notice = "This browser blocks storage for this site, so progress is kept only until you leave this page.";
      return;
    }
    if (!text) return;
    try { merge(memory, parse(text)); }
    catch (error) {
      if (!damaged) {
        notice = "The progress kept in this browser could not be read. A copy of it is kept; import your last file to go on.";
        try { window.localStorage.setItem(KEY + "-damaged", text); } catch (full) { /* the original stays until the next entry */ }
      }
      damaged = true;
    }
  }

  function save() {
    load(); // what another tab has written since
    if (window.leoNoStorage) return;
    try { window.localStorage.setItem(KEY, write(memory)); damaged = false; }
    catch (error) {
      notice = error && error.name === "QuotaExceededError"
        ? "The storage of this browser is full, so this is kept only until you leave this page. Export your progress to keep it."
        : "This browser blocks storage for this site, so progress is kept only until you leave this page. Export it to keep it.";
    }
  }

  function changed() { save(); show(); }
  function solved(assignment, question) {
    if (!NAME.test(assignment) || !NAME.test(question)) return false;
    if (!own(memory.questions, assignment)) memory.questions[assignment] = Object.create(null);
    if (!isSolved(assignment, question)) {
      memory.questions[assignment][question] = { solved: true, at: now() };
      changed();
    }
    return true;
  }
  function isSolved(assignment, question) {
    var of = own(memory.questions, assignment) ? memory.questions[assignment] : {};
    return own(of, question) && of[question].solved;
  }
  function read(lesson, yes) {
    if (!NAME.test(lesson)) return false;
    memory.lessons[lesson] = { read: yes !== false, at: now((memory.lessons[lesson] || {}).at) };
    changed();
    return true;
  }
  function isRead(lesson) { return own(memory.lessons, lesson) && memory.lessons[lesson].read; }
  function importText(text) {
    var found;
    try { found = parse(String(text)); }
    catch (error) {
      if (!error.plain) throw error;
      return { ok: false, message: error.message + " Nothing was changed." };
    }
    merge(memory, found);
    notice = "";
    changed();
    return { ok: true, message: "Imported: " + count(found) + "." + (notice ? " " + notice : "") };
  }
  function number(many, one) { return many + " " + one + (many === 1 ? "" : "s"); }
  function count(state) {
    var lessons = Object.keys(state.lessons).filter(function (name) { return state.lessons[name].read; }).length, questions = 0;
    Object.keys(state.questions).forEach(function (name) {
      Object.keys(state.questions[name]).forEach(function (each) { questions += state.questions[name][each].solved; });
    });
    return number(lessons, "lesson") + " read and " + number(questions, "question") + " solved";
  }

  /* What is shown */

  var course = { lessons: [], assignments: [] }, page = "";
  function element(tag, properties, children) {
    var made = document.createElement(tag);
    Object.keys(properties || {}).forEach(function (name) {
      if (name in made) made[name] = properties[name]; else made.setAttribute(name, properties[name]);
    });
    (children || []).forEach(function (child) { made.append(child); });
    return made;
  }
  function day(at) {
    return new Date(at).toLocaleDateString("en-GB", { day: "numeric", month: "long", year: "numeric" });
  }
  function readCount() { return course.lessons.filter(function (each) { return isRead(each.name); }).length; }
  function solvedCount(each) { return each.questions.filter(function (name) { return isSolved(each.name, name); }).length; }
  function fill(where, children) { if (where) where.replaceChildren.apply(where, children); }
  function link(href, text) { return element("a", { href: href, textContent: text }); }

  function show() {
    var total = readCount() + " of " + number(course.lessons.length, "lesson") + " read";
    document.querySelectorAll("[data-leo-lesson]").forEach(function (mark) {
      mark.textContent = isRead(mark.getAttribute("data-leo-lesson")) ? "✓ read" : "";
    });
    document.querySelectorAll("[data-leo-assignment]").forEach(function (mark) {
      var each = course.assignments.filter(function (one) { return one.name === mark.getAttribute("data-leo-assignment"); })[0];
      mark.textContent = each && solvedCount(each) ? solvedCount(each) + " of " + each.questions.length + " solved" : "";
    });
    document.querySelectorAll(".leo-progress-notice").forEach(function (box) { box.textContent = notice; });
    fill(document.getElementById("leo-progress-total"), [total + ". ", link(course.page, "My progress")]);
    if (page) {
      fill(document.getElementById("leo-progress-line"), [
        isRead(page) ? "✓ Read on " + day(memory.lessons[page].at) + ". " : "", total + ". ", link(course.page, "My progress")]);
      document.querySelectorAll(".leo-read").forEach(function (button) {
        button.textContent = isRead(page) ? "✓ Read: mark as not read" : "Mark as read";
      });
    }
    document.dispatchEvent(new CustomEvent("leo:progress"));
  }

  function lesson() {
    var title = document.querySelector("article h1"), end = document.getElementById("leo-lesson-end");
    if (!title || !end) return;
    title.insertAdjacentElement("afterend", element("p", { id: "leo-progress-line", className: "leo-progress-line" }));
    var button = element("button", { type: "button", className: "leo-button leo-read" });
    button.addEventListener("click", function () { read(page, !isRead(page)); });
    fill(end, [button, element("span", { className: "leo-progress-notice", role: "status" })]);
    if (!("IntersectionObserver" in window)) return;
    var timer = null; // the end in view for two seconds counts as read, unless somebody said otherwise
    new IntersectionObserver(function (entries, observer) {
      clearTimeout(timer);
      if (!entries[entries.length - 1].isIntersecting) return;
      timer = setTimeout(function () {
        observer.disconnect();
        if (!own(memory.lessons, page)) read(page, true);
      }, 2000);
    }).observe(end);
  }

  function start() {
    var given = document.getElementById("leo-course");
    if (given) { course = JSON.parse(given.textContent); page = course.lesson || ""; }
    load();
    if (page) lesson();
    show();
    document.addEventListener("leo:solved", function (event) {
      if (event.detail) solved(String(event.detail.assignment), String(event.detail.question));
    });
    window.addEventListener("storage", function (event) { if (event.key === KEY && event.newValue) heard(event.newValue); });
  }

  function forget() {
    memory = empty();
    notice = "";
    try { window.localStorage.removeItem(KEY); window.localStorage.removeItem(KEY + "-damaged"); }
    catch (error) { /* nothing was kept */ }
    show();
  }

  window.leoProgress = {
    solved: solved, isSolved: isSolved, read: read, isRead: isRead, import: importText, forget: forget,
    export: function () { return write(memory); },
    count: function () { return count(memory); },
    course: function () { return course; },
    state: function () { return memory; }
  };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start); else start();
})();
