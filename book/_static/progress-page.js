/* The page "My progress": the record, its file, and what to do with them. What is kept is in progress.js. */
(function () {
  "use strict";
  var MAX_BYTES = 1e6;

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
        done ? "read on " + day(state.lessons[each.name].at) : "not yet"]);
    });
    var assignments = course.assignments.map(function (each) {
      var times = each.questions.filter(function (question) { return progress.isSolved(each.name, question); })
        .map(function (question) { return state.questions[each.name][question].at; }).sort();
      return row([each.title, times.length + " of " + each.questions.length,
        times.length ? day(times[times.length - 1]) : "not yet"]);
    });
    var read = course.lessons.filter(function (each) { return progress.isRead(each.name); }).length;
    var parts = [
      element("p", { textContent: read + " of " + course.lessons.length + " lessons read. Shown on " + day(new Date()) + "." }),
      table(["Lesson", "Read"], lessons)
    ];
    if (assignments.length) parts.push(table(["Assignment", "Questions solved", "Last one on"], assignments));
    place.replaceChildren.apply(place, parts);
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
        chosen.text().then(
          function (text) { say(window.leoProgress.import(text).message); },
          function () { say("This file could not be read. Nothing was changed."); }
        );
      }
      file.value = ""; // so that the same file can be chosen again
    });
    return file;
  }

  function forget() {
    if (!window.confirm("Remove all progress from this browser? Export it first if you want to keep it.")) return;
    window.leoProgress.forget();
    say("All progress was removed from this browser.");
  }

  function button(text, action) {
    var made = element("button", { type: "button", className: "leo-button", textContent: text });
    made.addEventListener("click", action);
    return made;
  }

  document.addEventListener("DOMContentLoaded", function () {
    var place = document.getElementById("leo-record"), controls = document.getElementById("leo-progress-controls");
    if (!place || !controls) return;
    var file = picker();
    controls.replaceChildren(button("Export", download), button("Import", function () { file.click(); }), file,
      button("Print this record", function () { window.print(); }), button("Forget all", forget));
    document.addEventListener("leo:progress", function () { record(place); });
    record(place);
  });
})();
