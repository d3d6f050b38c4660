/* One language at a time. Where a step comes twice, a cell in SQL and one in pandas, two tabs show the code of one
   of them; what both give stays. The choice holds for all steps and pages. Without scripts, and in print, both are
   there. Lessons tag their cells, so nothing has to be listed. */
(function () {
  "use strict";
  var KEY = "leo-language", LANGUAGES = ["sql", "pandas"], NAMES = { sql: "SQL", pandas: "pandas" };
  var pairs = [];

  function stored() {
    try { return localStorage.getItem(KEY) === "pandas" ? "pandas" : "sql"; } catch (_) { return "sql"; }
  }
  function store(language) {
    try { localStorage.setItem(KEY, language); } catch (_) { /* a private window forgets it */ }
  }

  /* Show one language everywhere. The chosen cell goes first, so that the table of the other follows its code.
     What is on the screen stays where it is. */
  function show(language, kept) {
    var top = kept && kept.getBoundingClientRect().top;
    pairs.forEach(function (pair) {
      var chosen = pair[language], other = pair[language === "sql" ? "pandas" : "sql"];
      if (chosen.compareDocumentPosition(other) & Node.DOCUMENT_POSITION_PRECEDING) chosen.parentNode.insertBefore(chosen, other);
      chosen.classList.remove("leo-other-language");
      other.classList.add("leo-other-language");
      pair.tabs.forEach(function (tab) {
        var on = tab.dataset.language === language;
        tab.setAttribute("aria-selected", String(on));
        tab.tabIndex = on ? 0 : -1;
      });
    });
    if (kept) window.scrollBy(0, kept.getBoundingClientRect().top - top);
  }

  function choose(language, tab) {
    store(language);
    show(language, tab);
  }

  function tabs(pair, number) {
    var list = document.createElement("div");
    list.className = "leo-languages";
    list.setAttribute("role", "tablist");
    list.setAttribute("aria-label", "Language of this step");
    pair.tabs = LANGUAGES.map(function (language) {
      var tab = document.createElement("button"), code = pair[language].querySelector(".cell > .cell_input");
      code.id = code.id || "leo-step-" + number + "-" + language;
      code.setAttribute("role", "tabpanel");
      code.setAttribute("aria-label", NAMES[language]);
      tab.type = "button";
      tab.textContent = NAMES[language];
      tab.dataset.language = language;
      tab.setAttribute("role", "tab");
      tab.setAttribute("aria-controls", code.id);
      tab.addEventListener("click", function () { choose(language, tab); });
      list.appendChild(tab);
      return tab;
    });
    list.addEventListener("keydown", function (event) {
      if (["ArrowLeft", "ArrowRight", "Home", "End"].indexOf(event.key) < 0) return;
      var now = pair.tabs.indexOf(document.activeElement);
      var next = event.key === "Home" ? 0 : event.key === "End" ? 1 : 1 - now;
      event.preventDefault();
      pair.tabs[next].focus();
      choose(LANGUAGES[next], pair.tabs[next]);
    });
    pair.sql.parentNode.insertBefore(list, pair.sql);
  }

  /* A cell, and what other scripts put after it, such as a button to try it, in a box of its own. */
  function boxed(cell, end) {
    var box = document.createElement("div"), next = cell;
    cell.before(box);
    while (next && next !== end) {
      var after = next.nextElementSibling;
      box.appendChild(next);
      next = after;
    }
    return box;
  }

  function following(cell) {
    var next = cell.nextElementSibling;
    while (next && next.matches(".leo-try, .leo-live, .leo-error")) next = next.nextElementSibling;
    return next;
  }

  function hasCode(cell) { return Boolean(cell.querySelector(":scope > .cell_input")); } // what is folded has not

  document.addEventListener("DOMContentLoaded", function () {
    document.querySelectorAll(".cell.tag_sql").forEach(function (cell) {
      var next = following(cell);
      if (!next || !next.matches(".cell.tag_pandas") || !hasCode(cell) || !hasCode(next)) return;
      pairs.push({ sql: boxed(cell, next), pandas: boxed(next, next.nextElementSibling) });
    });
    pairs.forEach(tabs);
    if (pairs.length) show(stored(), null);
  });
  /* Another tab of the browser chose. */
  window.addEventListener("storage", function (event) { if (event.key === KEY && pairs.length) show(stored(), null); });
})();
