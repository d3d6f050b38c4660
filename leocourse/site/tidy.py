"""What is done to the files of the built book: lighter pages, mended markup, a small icon font, site files.

Functions of text and folders only; ``sphinx_site`` calls them at the end of a build. All can be run twice.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from pathlib import Path

from bs4 import BeautifulSoup, Comment, NavigableString
from bs4.dammit import EntitySubstitution
from bs4.element import PageElement, Tag
from bs4.formatter import HTMLFormatter

from leocourse.core.errors import LeoError
from leocourse.core.files import write_whole

THEME_CSS = Path("_static") / "styles" / "pydata-sphinx-theme.css"
FONTS = Path("_static") / "vendor" / "fontawesome" / "webfonts"
FONT_NAMES = ("fa-solid-900", "fa-regular-400", "fa-brands-400")
UNUSED = (
    "_static/scripts/fontawesome.js",
    "_static/scripts/fontawesome.js.LICENSE.txt",
    "_static/sphinx-thebe.js",
    "_static/sphinx-thebe.css",
)
"""Font Awesome's script draws each icon again as SVG, although the theme has the fonts too. Thebe asks unpkg.com."""
DROPPED = ", ".join((
    'script[src*="fontawesome.js"]',
    'script[src*="sphinx-thebe.js"]',
    'link[href*="sphinx-thebe.css"]',
    'script[type="text/x-thebe-config"]',
    "div.sidebar-primary-item:has(> #ethical-ad-placement)",
    'meta[name="viewport"] ~ meta[name="viewport"]',
))  # fmt: skip
"""Elements that no page of this book uses."""
DROPPED_SCRIPTS = ("const THEBE_JS_URL = ", "kernelName = ")
"""What scripts in a page begin with that go too."""
DROPPED_COMMENT = "So that users can add custom icons"
SEARCH_SCRIPTS = ", ".join(f'script[src*="{name}.js"]' for name in ("searchtools", "language_data", "searchindex"))
MODE = "document.documentElement.dataset.mode = "
FIRST_SCRIPT = """
    (function () {
      // Where a browser blocks storage, reading it throws, and with it the theme's scripts: give them an empty one.
      try { window.localStorage.getItem("mode"); } catch (error) {
        var none = { getItem: function () { return null; }, setItem: function () {}, removeItem: function () {} };
        Object.defineProperty(window, "localStorage", { value: none });
        window.leoNoStorage = true;
      }
      // The mode is decided before anything is drawn, so that no page flashes.
      var page = document.documentElement.dataset, dark = window.matchMedia("(prefers-color-scheme: dark)").matches;
      page.mode = localStorage.getItem("mode") || "auto";
      page.theme = localStorage.getItem("theme") || (dark ? "dark" : "light");
    })();
  """
ICON_RULE = re.compile(r'((?:\.fa-[a-z0-9-]+:before,?)+)\{content:"\\[0-9a-f]+ ?"\}')
LANDMARKS = {"pst-primary-sidebar": "Contents of the book", "pst-secondary-sidebar": "On this page"}
"""What stands at the side belongs to no landmark otherwise."""
TOGGLES = {"primary": "Show or hide the contents", "secondary": "Show or hide the headings"}


class _AsWritten(HTMLFormatter):
    """Attributes in the order in which they were written, and those without a value without one."""

    def attributes(self, tag: Tag) -> Iterable[tuple[str, str | None]]:
        return [(name, value or None) if name in BOOLEAN else (name, value) for name, value in tag.attrs.items()]


BOOLEAN = ("async", "defer", "checked", "disabled", "hidden", "open", "required", "selected")
AS_WRITTEN = _AsWritten(entity_substitution=EntitySubstitution.substitute_xml)
"""How a page is written again: nothing differs but what was changed in it."""


def tidy_page(text: str, searches: bool) -> str:
    """A built page without what it does not use, and with the theme's faults of markup mended.

    ``searches``: whether this is the page of search results, the only one that needs the index of all words.
    """
    page = BeautifulSoup(text, "html.parser")
    for gone in page.select(DROPPED if searches else f"{DROPPED}, {SEARCH_SCRIPTS}"):
        _drop(gone)
    for script in page.find_all("script", src=False):
        code = (script.string or "").strip()
        if code.startswith(DROPPED_SCRIPTS):
            _drop(script)
        elif code.startswith(MODE):
            script.string = FIRST_SCRIPT
    for comment in page.find_all(string=lambda each: isinstance(each, Comment) and DROPPED_COMMENT in each):
        _drop(comment)
    mend_names(page)
    return page.decode(formatter=AS_WRITTEN)


def _drop(gone: PageElement) -> None:
    """Take something out of a page, with the blanks before it."""
    before = gone.previous_sibling
    if type(before) is NavigableString and not before.strip():
        before.extract()
    gone.extract()


def mend_names(page: BeautifulSoup) -> None:
    """Give controls of the theme a name that says what they show and do (WCAG 2.5.3, 3.3.2, 4.1.2)."""
    for summary in page.select("a.reference.internal + details > summary:has(> .toctree-toggle)"):
        summary["aria-label"] = f"Pages under {summary.parent.find_previous_sibling('a').get_text().strip()}"
    for summary in page.select('summary[aria-label="Toggle hidden content"]'):
        del summary["aria-label"]
    for entry in page.select('[role="doc-biblioentry"]'):  # in a list each entry is an item; that role is deprecated
        entry["role"] = "listitem"
    for corner in page.select("th.head"):
        if not corner.get_text(strip=True) and not corner.find(["img", "svg"]):  # it heads nothing, so it is no heading
            corner.clear()
            corner.name = "td"
    for button in page.select('button.search-button-field[aria-label="Search"]'):
        del button["aria-label"]  # it would leave out the keys that the button shows
    for logo in page.select("a.navbar-brand.logo[aria-label]"):
        del logo["aria-label"]
    for place, name in LANDMARKS.items():
        for side in page.select(f"div#{place}:not([role])"):
            side.attrs = {"id": place, "role": "region", "aria-label": name} | side.attrs
    for which, name in TOGGLES.items():
        for button in page.select(f"button.sidebar-toggle.{which}-toggle[title]:not([aria-label])"):
            button["aria-label"] = button["title"] = name
    for button in page.select('button[onclick="toggleFullScreen()"]:not([aria-label])'):
        button["aria-label"] = "Full screen"
    for form in page.select("form.bd-search:not(:has(.leo-submit))"):
        submit = page.new_tag("button", attrs={"type": "submit", "class": "btn leo-submit"}, string="Search")
        form.append(submit)


def tidy_site(folder: Path, searches_as_you_type: bool = False) -> None:
    """Tidy every page of a built book and subset its icons. Raises LeoError if the theme is not as expected."""
    pages = {path: path.read_text(encoding="utf-8") for path in site_pages(folder)}
    used = set().union(*(re.findall(r"\bfa-[a-z0-9-]+", text) for text in pages.values())) if pages else set()
    for script in sorted((folder / "_static").glob("**/*.js")):
        if script.name != "fontawesome.js":
            used |= set(re.findall(r"\bfa-[a-z0-9-]+", script.read_text(encoding="utf-8")))
    digest = subset_icons(folder, used)
    mend_downloads(folder)
    for name in UNUSED:
        (folder / name).unlink(missing_ok=True)
    for source_map in (folder / "_static").glob("**/*.map"):
        source_map.unlink()
    for path, text in pages.items():
        tidy = tidy_page(text, searches_as_you_type or path == folder / "search.html")
        tidy = re.sub(r"(pydata-sphinx-theme\.css\?digest=)\w+", rf"\g<1>{digest}", tidy)
        if tidy != text:
            write_whole(path, tidy)


def mend_downloads(folder: Path) -> None:
    """Let JupyterLab open the notebooks that pages offer for download.

    Each says that it is a Markdown file, and where jupytext is installed, as it is with this course, it would not open.
    """
    for path in sorted((folder / "_sources").rglob("*.ipynb")):
        notebook = json.loads(path.read_text(encoding="utf-8"))
        if notebook.get("metadata", {}).pop("jupytext", None) is not None:
            write_whole(path, json.dumps(notebook, ensure_ascii=False, indent=1) + "\n")


def site_pages(folder: Path) -> list[Path]:
    """The pages of a built book, without the templates that the theme leaves among its files."""
    return sorted(
        path for path in folder.rglob("*.html") if not {"_static", "lite"} & set(path.relative_to(folder).parts[:1])
    )


def subset_icons(folder: Path, used: Iterable[str]) -> str:
    """Cut the icon fonts and the rules for icons down to the classes that are used; return the new CSS's digest.

    The theme's package holds the whole fonts, so a build after the theme's files were copied again starts anew.
    """
    css_file = folder / THEME_CSS
    if not css_file.is_file():
        raise LeoError(f"The theme's style sheet is not where it was: {THEME_CSS.as_posix()}.")
    css = css_file.read_text(encoding="utf-8")
    if "leo-icons" not in css:
        keep = set(used)
        css = ICON_RULE.sub(lambda match: match[0] if keep & set(re.findall(r"fa-[a-z0-9-]+", match[1])) else "", css)
        css = re.sub(r"/\*# sourceMappingURL=\S+ \*/", "", css)
        others = [path for path in (folder / "_static").rglob("*.css") if path != css_file]
        sheets = css + "".join(path.read_text(encoding="utf-8") for path in others)
        points = {int(point, 16) for point in re.findall(r'"\\([0-9a-f]{1,5}) ?"', sheets)}
        for name in FONT_NAMES:
            _subset(folder / FONTS / f"{name}.ttf", folder / FONTS / f"{name}.woff", points)
            for whole in ("ttf", "woff2"):
                (folder / FONTS / f"{name}.{whole}").unlink(missing_ok=True)
            css = re.sub(
                rf"src:url\([^)]*{name}\.woff2\)[^}}]*",
                f'src:url(../vendor/fontawesome/webfonts/{name}.woff) format("woff")',
                css,
            )
        css += "\n/* leo-icons: only those that are used */\n"
        write_whole(css_file, css)
    return hashlib.sha256(css.encode()).hexdigest()[:20]


def _subset(source: Path, target: Path, points: set[int]) -> None:
    """Write a font with these characters alone, as WOFF."""
    from fontTools import subset

    if not source.is_file():
        raise LeoError(f"The theme's icon font is not where it was: {FONTS.as_posix()}/{source.name}.")
    options = subset.Options(flavor="woff", layout_features=[], hinting=False, notdef_outline=False)
    font = subset.load_font(source, options)
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=points & set(font.getBestCmap()))
    cutter.subset(font)
    subset.save_font(font, target, options)
