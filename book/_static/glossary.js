/* Links to the glossary show the definition while they are pointed at or focused. The glossary is read once, from
   this site, when the first of them is. Escape closes it; the pointer may move onto it. Without it, links are links. */
(function () {
  "use strict";
  var pages = {}, tip = null, shownFor = null, timer = null;

  function glossary(address) {
    if (!pages[address]) {
      pages[address] = fetch(address).then(function (answer) {
        if (!answer.ok) throw new Error("no glossary");
        return answer.text();
      }).then(function (text) { return new DOMParser().parseFromString(text, "text/html"); });
      pages[address].catch(function () { delete pages[address]; });
    }
    return pages[address];
  }

  function definition(page, id) {
    var term = page.getElementById(id), next = term && (term.closest("dt") || term).nextElementSibling;
    while (next && next.tagName === "DT") next = next.nextElementSibling; // several terms, one definition
    var first = next && next.tagName === "DD" && (next.querySelector("p") || next);
    return first ? first.textContent.trim() : "";
  }

  function hide() {
    clearTimeout(timer);
    if (tip) tip.remove();
    if (shownFor) shownFor.removeAttribute("aria-describedby");
    tip = shownFor = null;
  }
  function hideSoon() { clearTimeout(timer); timer = setTimeout(hide, 200); }

  function place() {
    if (!tip) return;
    var box = shownFor.getBoundingClientRect(), width = document.documentElement.clientWidth;
    if (box.bottom < 0 || box.top > window.innerHeight) { hide(); return; }
    var below = box.bottom + 4, above = box.top - tip.offsetHeight - 4;
    tip.style.left = Math.max(8, Math.min(box.left, width - tip.offsetWidth - 8)) + "px";
    tip.style.top = (below + tip.offsetHeight > window.innerHeight && above > 0 ? above : below) + "px";
  }

  function show(link) {
    clearTimeout(timer);
    if (shownFor === link) return;
    hide();
    shownFor = link;
    var address = link.href.split("#")[0], id = decodeURIComponent(link.hash.slice(1));
    glossary(address).then(function (page) {
      var text = definition(page, id);
      if (!text || shownFor !== link) return;
      tip = document.createElement("div");
      tip.id = "leo-tip";
      tip.className = "leo-tip";
      tip.setAttribute("role", "tooltip");
      tip.textContent = text;
      tip.addEventListener("mouseenter", function () { clearTimeout(timer); });
      tip.addEventListener("mouseleave", hideSoon);
      (link.closest("main") || document.body).append(tip);
      link.setAttribute("aria-describedby", tip.id);
      place();
    }, function () { /* the link still leads there */ });
  }

  document.addEventListener("DOMContentLoaded", function () {
    document.querySelectorAll("a.reference.internal").forEach(function (link) {
      if (!link.querySelector(".std-term") || !link.hash) return;
      link.addEventListener("mouseenter", function () { clearTimeout(timer); timer = setTimeout(show, 150, link); });
      link.addEventListener("mouseleave", hideSoon);
      link.addEventListener("focus", function () { show(link); });
      link.addEventListener("blur", hide);
    });
    document.addEventListener("keydown", function (event) { if (event.key === "Escape") hide(); });
    window.addEventListener("scroll", place, { passive: true });
  });
})();
