/* Progress: lessons read and questions solved, and files of it with what was typed (drafts.js). It stays in this
   browser: no account, no tracking. The format of the file: progress-file.js.

   leoProgress.solved("06-table-for-release", "q1")   records a right answer; so does the event
   new CustomEvent("leo:solved", {detail: {assignment: "...", question: "q1"}})
   "leo:progress" on document says that something changed. */
(function () {
  "use strict";
  var KEY = "leo-progress", CLEARED = "leo-progress-cleared", DAMAGED = "leo-progress-damaged";
  var file = window.leoProgressFile, drafts = window.leoDrafts;
  var memory = file.empty(), setAside = "", notice = "", damaged = false;

  function now(after) { // or a second later, so that a second thought is the newest
    return new Date(Math.max(Date.now(), after ? Date.parse(after) + 1e3 : 0)).toISOString().slice(0, 19) + "Z";
  }
  function own(object, name) { return Object.prototype.hasOwnProperty.call(object, name); }

  /* Marks only: texts have places of their own in the storage. */
  function marks(state) {
    var found = file.empty();
    found.lessons = state.lessons;
    found.questions = state.questions;
    return found;
  }
  /* Marks and texts. */
  function everything() { return file.merge(memory, drafts.all()); }
  /* Another tab wrote; what it had not seen is written again. */
  function heard(text) {
    load();
    try { if (JSON.stringify(file.merge(file.parse(text), memory)) !== JSON.stringify(file.parse(text))) save(); }
    catch (error) { /* load has told */ }
    show();
  }

  function load() {
    var text;
    try { if (window.leoNoStorage) throw file.problem(""); text = window.localStorage.getItem(KEY); }
    catch (error) {
      notice = "This browser blocks storage for this site, so progress is kept only until you leave this page.";
      return;
    }
    if (!text) return;
    try { memory = marks(file.merge(file.parse(text), memory)); damaged = false; }
    catch (error) {
      damaged = !copied(text);
      notice = "The progress kept in this browser could not be read. A copy of it is kept; import your last file to go on.";
    }
  }
  /* Keep what cannot be read under a name of its own. Says whether the browser had room for it. */
  function copied(text) {
    var name = DAMAGED, number = 1, there;
    try {
      for (; (there = window.localStorage.getItem(name)) !== null && there !== text; number += 1) name = DAMAGED + "-" + (number + 1);
      window.localStorage.setItem(name, text);
      return true;
    } catch (full) { return false; }
  }

  function save() {
    load(); // what another tab has written since
    if (window.leoNoStorage || damaged) return; // what cannot be read or copied is not written over
    try { window.localStorage.setItem(KEY, file.write(memory, 1)); }
    catch (error) {
      notice = error && error.name === "QuotaExceededError"
        ? "The storage of this browser is full, so this is kept only until you leave this page. Export your progress to keep it."
        : "This browser blocks storage for this site, so progress is kept only until you leave this page. Export it to keep it.";
    }
  }

  function changed() { save(); show(); }
  function solved(assignment, question) {
    if (!file.NAME.test(assignment) || !file.NAME.test(question)) return false;
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
    if (!file.NAME.test(lesson)) return false;
    memory.lessons[lesson] = { read: yes !== false, at: now((memory.lessons[lesson] || {}).at) };
    changed();
    return true;
  }
  function isRead(lesson) { return own(memory.lessons, lesson) && memory.lessons[lesson].read; }
  function importText(text) {
    var found;
    try { found = file.parse(String(text)); }
    catch (error) {
      if (!error.plain) throw error;
      return { ok: false, message: error.message + " Nothing was changed." };
    }
    var differ = differing(found);
    if (!drafts.take(found)) {
      return { ok: false, message: "This browser has no room left for the texts in this file. Nothing was changed: keep the file." };
    }
    memory = marks(file.merge(memory, found));
    notice = "";
    changed();
    return { ok: true, message: "Imported: " + count(found) + "." + differ + (notice ? " " + notice : "") };
  }
  /* Says where a text of a file is not the one that is here. */
  function differing(found) {
    var here = drafts.all(), places = 0;
    ["drafts", "answers"].forEach(function (list) {
      Object.keys(found[list]).forEach(function (page) {
        Object.keys(found[list][page]).forEach(function (name) {
          var text = found[list][page][name].text, mine = ((here[list][page] || {})[name] || { text: null }).text;
          places += text !== null && mine !== null && text !== mine;
        });
      });
    });
    return places ? " In " + number(places, "place") + " the file has another text than this browser: yours stays, " +
      "the other one is kept under \"Earlier texts\"." : "";
  }
  function number(many, one) { return many + " " + one + (many === 1 ? "" : "s"); }
  function count(state) {
    var lessons = Object.keys(state.lessons).filter(function (name) { return state.lessons[name].read; }).length, questions = 0;
    Object.keys(state.questions).forEach(function (name) {
      Object.keys(state.questions[name]).forEach(function (each) { questions += state.questions[name][each].solved; });
    });
    var texts = file.texts(state);
    return number(lessons, "lesson") + " read" + (texts ? ", " : " and ") + number(questions, "question") + " solved" +
      (texts ? " and " + number(texts, "text") + " that you typed" : "");
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
  function solvedOf(each) {
    var elsewhere = (each.notebook || []).length;  // a page alone never comes to all of them
    return solvedCount(each) + " of " + each.questions.length + (elsewhere ? " (" + elsewhere + " in the notebook only)" : "");
  }
  function exercisesOf(lesson) { // in words; nothing for a lesson without any
    var all = lesson.exercises || [];
    var done = all.filter(function (name) { return isSolved(lesson.name, name); }).length;
    return all.length ? done + " of " + number(all.length, "exercise") + " solved" : "";
  }
  function fill(where, children) { if (where) where.replaceChildren.apply(where, children); }
  function link(href, text) { return element("a", { href: href, textContent: text }); }

  function show() {
    var total = readCount() + " of " + number(course.lessons.length, "lesson") + " read";
    document.querySelectorAll("[data-leo-lesson]").forEach(function (mark) {
      mark.textContent = isRead(mark.getAttribute("data-leo-lesson")) ? "✓ read" : "";
    });
    document.querySelectorAll("[data-leo-assignment]").forEach(function (mark) {
      var each = course.assignments.filter(function (one) { return one.name === mark.getAttribute("data-leo-assignment"); })[0];
      mark.textContent = each && solvedCount(each) ? "solved: " + solvedOf(each) : "";
    });
    document.querySelectorAll(".leo-progress-notice").forEach(function (box) { box.textContent = notice; });
    fill(document.getElementById("leo-progress-total"), [total + ". ", link(course.page, "My progress")]);
    if (page) {
      var here = course.lessons.filter(function (each) { return each.name === page; })[0], solvedHere = here ? exercisesOf(here) : "";
      fill(document.getElementById("leo-progress-line"), [
        solvedHere ? solvedHere + ". " : "", isRead(page) ? "✓ Read on " + day(memory.lessons[page].at) + ". " : "", total + ". ", link(course.page, "My progress")]);
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

  /* Forgetting keeps a copy, which can be brought back until it is deleted on purpose. */
  function cleared() {
    try { return window.leoNoStorage ? setAside : window.localStorage.getItem(CLEARED) || setAside; }
    catch (error) { return setAside; }
  }
  function forget() {
    load(); // what another tab has written since
    if (damaged) return { ok: false, message: "What is kept here cannot be read, and there is no room for a copy of it: nothing was removed." };
    var before = cleared(), whole = everything(), undo;
    try { if (before) whole = file.merge(whole, file.parse(before)); } catch (error) { copied(before); }
    var text = file.write(whole);
    undo = drafts.clear(); // first, because the copy needs its room
    try {
      if (window.leoNoStorage) setAside = text;
      else {
        window.localStorage.removeItem(KEY);
        window.localStorage.setItem(CLEARED, text);
      }
    } catch (error) {
      undo();
      save();
      return { ok: false, message: "This browser has no room to keep a copy, so nothing was removed. Export first, then delete what you no longer need." };
    }
    memory = file.empty();
    notice = "";
    show();
    return { ok: true, message: "All progress and what you typed was removed from this browser. You can bring it back here until you delete it for good." };
  }
  /* Deleted for good. */
  function discard() {
    setAside = "";
    try {
      Object.keys(window.localStorage).forEach(function (key) {
        if (key === CLEARED || key.indexOf(DAMAGED) === 0) window.localStorage.removeItem(key);
      });
    } catch (error) { /* nothing was kept */ }
    show();
  }
  function bringBack() {
    var result = importText(cleared());
    if (result.ok) {
      result.message = result.message.replace("Imported:", "Brought back:");
      setAside = "";
      try { window.localStorage.removeItem(CLEARED); } catch (error) { /* nothing was kept */ }
      show();
    }
    return result;
  }

  window.leoProgress = {
    solved: solved, solvedOf: solvedOf, exercisesOf: exercisesOf, isSolved: isSolved, read: read, isRead: isRead, import: importText, forget: forget,
    cleared: cleared, bringBack: bringBack, discard: discard,
    export: function () { return file.write(everything()); },
    count: function () { return count(everything()); },
    course: function () { return course; },
    state: function () { return memory; }
  };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start); else start();
})();
