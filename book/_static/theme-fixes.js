/* Faults of the theme that only a script can mend: what it builds when a page opens. What stands in the pages
   themselves is mended when the book is built (leocourse/site/tidy.py). Also the button that loads comments. */
(function () {
  "use strict";

  /* What scrolls sideways must be within reach of the keyboard, and then have a name. */
  var BOXES = ".cell_output .output.text_html, .leo-scroll, div.highlight pre, .pst-scrollable-table-container";
  function reach(box) {
    if (box.scrollWidth <= box.clientWidth + 1) return;
    box.tabIndex = 0; // the theme does this too, later, and gives no name
    if (box.hasAttribute("role")) return;
    box.setAttribute("role", "group");
    box.setAttribute("aria-label", box.tagName === "PRE" ? "Code, scrolls sideways" : "Table, scrolls sideways");
  }
  function watch() {
    if (!("ResizeObserver" in window)) return;
    var observer = new ResizeObserver(function (entries) { entries.forEach(function (entry) { reach(entry.target); }); });
    document.querySelectorAll(BOXES).forEach(function (box) { observer.observe(box); });
  }

  function comments(section) {
    var button = section.querySelector(".leo-show-comments");
    if (!button) return;
    button.addEventListener("click", function () {
      var script = document.createElement("script"), dark = document.documentElement.dataset.theme === "dark";
      Object.keys(section.dataset).forEach(function (name) { script.dataset[name] = section.dataset[name]; });
      Object.assign(script.dataset, { mapping: "pathname", strict: "1", reactionsEnabled: "0", theme: dark ? "dark" : "light", lang: "en" });
      script.src = "https://giscus.app/client.js";
      script.crossOrigin = "anonymous";
      script.onerror = function () { section.textContent = "Comments could not be loaded from giscus.app."; };
      button.replaceWith(script);
    });
  }

  document.addEventListener("DOMContentLoaded", function () {
    watch();
    document.querySelectorAll(".leo-comments").forEach(comments);
  });
})();
