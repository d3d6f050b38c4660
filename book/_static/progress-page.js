/* The page "My progress": the record, what was typed, their file, and what to do with them. What is kept is in
   progress.js and drafts.js. */
(function () {
  "use strict";
  var MAX_BYTES = window.leoProgressFile.MAX_BYTES;

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
  function row(cells) {
    return element("tr", {}, cells.map(function (cell, i) {
      return element(i ? "td" : "th", i ? {} : { scope: "row" }, [cell]);
    }));
  }
  function table(names, rows) {
    var head = element("tr", {}, names.map(function (name) {
      return element("th", { scope: "col", textContent: name });
    }));
    return element("table", { className: "leo-table" }, [element("thead", {}, [head]), element("tbody", {}, rows)]);
  }

  function record(place) {
    var progress = window.leoProgress, course = progress.course(), state = progress.state();
    var lessons = course.lessons.map(function (each) {
      var done = progress.isRead(each.name);
      return row([element("a", { href: each.href, textContent: each.title }),
        done ? "read on " + day(state.lessons[each.name].at) : "not yet", progress.exercisesOf(each) || "none"]);
    });
    var assignments = course.assignments.map(function (each) {
      var times = each.questions.filter(function (question) { return progress.isSolved(each.name, question); })
        .map(function (question) { return state.questions[each.name][question].at; }).sort();
      return row([each.title, progress.solvedOf(each),
        times.length ? day(times[times.length - 1]) : "not yet"]);
    });
    var read = course.lessons.filter(function (each) { return progress.isRead(each.name); }).length;
    var parts = [
      element("p", { textContent: read + " of " + course.lessons.length + " lessons read. Shown on " + day(new Date()) + "." }),
      table(["Lesson", "Read", "Exercises"], lessons)
    ];
    if (assignments.length) parts.push(table(["Assignment", "Questions solved", "Last one on"], assignments));
    place.replaceChildren.apply(place, parts);
  }

  /* What was typed, wherever it was: also on pages and in cells that the book no longer has. */
  function typed(place) {
    var course = window.leoProgress.course(), state = window.leoDrafts.all(), parts = [];
    function list(of, known, nameOf) {
      Object.keys(state[of]).sort().forEach(function (page) {
        var there = known.filter(function (one) { return one.name === page; })[0] || { title: page };
        var title = there.href ? element("a", { href: there.href, textContent: there.title }) : there.title;
        parts.push(element("li", {}, [title, element("ul", {}, Object.keys(state[of][page]).map(function (name) {
          return written(nameOf(name, state[of][page][name]), state[of][page][name]);
        }))]));
      });
    }
    list("drafts", course.lessons, function (name, entry) { return entry.place ? "SQL cell " + entry.place : "A cell"; });
    list("answers", course.assignments.concat(course.lessons), function (name) { return "Question " + name; });
    var open = Array.prototype.map.call(place.querySelectorAll("details[open]"), function (each) { return each.dataset.leoText; });
    place.replaceChildren.apply(place, parts.length ? [
      element("h3", { textContent: "What you typed" }),
      element("p", { textContent: "It is in the cells and questions of these pages. It is not printed with the record." }),
      element("ul", {}, parts)
    ] : []);
    place.querySelectorAll("details").forEach(function (each) { each.open = open.indexOf(each.dataset.leoText) >= 0; });
  }
  function written(where, entry) {
    var texts = entry.text === null ? [] : [{ text: entry.text, at: entry.at, what: where }];
    entry.earlier.forEach(function (each) {
      if (each.text !== entry.text) texts.push({ text: each.text, at: each.at, what: where + ", an earlier text" });
    });
    return element("li", {}, texts.map(function (each) {
      var copy = button("Copy", function () {
        navigator.clipboard.writeText(each.text).then(
          function () { say("Copied."); },
          function () { say("This browser does not let a page copy: select the text and press Ctrl+C."); }
        );
      });
      copy.setAttribute("aria-label", "Copy: " + each.what + ", " + day(each.at));
      var box = element("details", {}, [
        element("summary", { textContent: each.what + ", " + day(each.at) }),
        element("pre", { textContent: each.text, tabIndex: 0 }), copy
      ]);
      box.dataset.leoText = each.what + each.at + each.text;
      return box;
    }));
  }

  function say(text) {
    document.querySelectorAll(".leo-progress-say").forEach(function (box) { box.textContent = text; });
  }

  function download() {
    var address = URL.createObjectURL(new Blob([window.leoProgress.export()], { type: "application/json" }));
    var anchor = element("a", { href: address, download: "leo-progress.json" });
    document.body.append(anchor);
    anchor.click();
    anchor.remove();
    setTimeout(function () { URL.revokeObjectURL(address); }, 1000);
    say("Exported as leo-progress.json: " + window.leoProgress.count() + ".");
  }

  function picker() {
    var file = element("input", {
      type: "file", accept: ".json,application/json", id: "leo-import", hidden: true, "aria-label": "Progress file to import"
    });
    file.addEventListener("change", function () {
      var chosen = file.files[0];
      if (!chosen) return;
      if (chosen.size > MAX_BYTES) {
        say("This file is too large to be a progress file. Nothing was changed.");
      } else {
        chosen.arrayBuffer().then(take, function () { say("This file could not be read. Nothing was changed."); });
      }
      file.value = ""; // so that the same file can be chosen again
    });
    return file;
  }

  function take(bytes) {
    var text;
    try { text = new TextDecoder("utf-8", { fatal: true }).decode(bytes); } // a letter that is damaged is not taken in
    catch (error) { return say("This file is not a progress file: it is not text. Nothing was changed."); }
    say(window.leoProgress.import(text).message);
  }

  function forget() {
    if (window.confirm("Remove all progress and all that you typed from this browser? A copy stays here until you delete it for good.")) {
      say(window.leoProgress.forget().message);
    }
  }
  /* What was forgotten is offered here, also after a reload. */
  function offer(place) {
    var back = window.leoProgress.cleared();
    if (back && !place.firstChild) {
      place.replaceChildren(element("p", { textContent: "What was removed from this browser is still kept." }),
        button("Bring back what was removed", function () { say(window.leoProgress.bringBack().message); }),
        button("Delete it for good", function () {
          if (!window.confirm("Delete for good what was removed? It cannot be brought back after this.")) return;
          window.leoProgress.discard();
          say("It is deleted.");
        }));
    }
    if (!back) place.replaceChildren();
  }

  function button(text, action) {
    var made = element("button", { type: "button", className: "leo-button", textContent: text });
    made.addEventListener("click", action);
    return made;
  }

  document.addEventListener("DOMContentLoaded", function () {
    var place = document.getElementById("leo-record"), controls = document.getElementById("leo-progress-controls");
    if (!place || !controls) return;
    var file = picker(), back = element("div", { className: "leo-back" }), texts = element("div", { className: "leo-texts leo-screen" });
    controls.replaceChildren(button("Export, with what you typed", download), button("Import", function () { file.click(); }), file,
      button("Print this record", function () { window.print(); }), button("Forget all", forget), back);
    document.querySelector(".leo-progress-notice").after(texts);
    function show() {
      record(place);
      offer(back);
      typed(texts);
    }
    document.addEventListener("leo:progress", show);
    window.addEventListener("pageshow", show); // a page that comes back has not heard
    show();
  });
})();
