"""What is done to the files of the built book: lighter pages, mended markup, a small icon font, site files.

Functions of text and folders only; ``sphinx_site`` calls them at the end of a build. All can be run twice.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from pathlib import Path

from leocourse.core.errors import LeoError

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
DROPPED = [
    re.compile(pattern, re.DOTALL)
    for pattern in (
        r"\s*<!-- So that users can add custom icons -->",
        r'\s*<script[^>]*src="[^"]*fontawesome\.js[^"]*"[^>]*></script>',
        r"\s*<script>const THEBE_JS_URL = [^<]*</script>",
        r'\s*<script[^>]*src="[^"]*sphinx-thebe\.js[^"]*"[^>]*></script>',
        r'\s*<link[^>]*href="[^"]*sphinx-thebe\.css[^"]*"[^>]*/?>',
        r'\s*<script type="text/x-thebe-config">.*?</script>',
        r"\s*<script>kernelName = [^<]*</script>",
        r'\s*<div class="sidebar-primary-item">\s*<div id="ethical-ad-placement".*?</div>\s*</div>',
        r'<meta name="viewport" content="width=device-width, initial-scale=1\.0" />',
        r'\s*<meta name="viewport" content="width=device-width, initial-scale=1"/>(?=\s*<meta name="docsearch)',
    )
]
SEARCH_SCRIPT = re.compile(
    r'\s*<script[^>]*src="[^"]*(?:searchtools|language_data|searchindex)\.js[^"]*"[^>]*></script>'
)
READS_STORAGE = re.compile(
    r'(<script data-cfasync="false">)\s*document\.documentElement\.dataset\.mode = .*?(</script>)', re.DOTALL
)
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
SEARCH_FIELD = re.compile(r'(<form class="bd-search[^>]*>(?:(?!</form>).)*?)(\s*</form>)', re.DOTALL)
TOGGLE = re.compile(
    r'(<a class="[^"]*reference internal"[^>]*>)([^<]*)(</a>\s*<details[^>]*>\s*<summary)'
    r'(>\s*<span class="toctree-toggle")'
)
ICON_RULE = re.compile(r'((?:\.fa-[a-z0-9-]+:before,?)+)\{content:"\\[0-9a-f]+ ?"\}')
SUBMIT = '<button type="submit" class="btn leo-submit">Search</button>'


def tidy_page(text: str, searches: bool) -> str:
    """A built page without what it does not use, and with the theme's faults of markup mended.

    ``searches``: whether this is the page of search results, the only one that needs the index of all words.
    """
    for pattern in DROPPED:
        text = pattern.sub("", text)
    if not searches:
        text = SEARCH_SCRIPT.sub("", text)
    text = READS_STORAGE.sub(lambda match: match[1] + FIRST_SCRIPT + match[2], text)
    return mend_names(text)


def mend_names(text: str) -> str:
    """Give controls of the theme a name that says what they show and do (WCAG 2.5.3, 3.3.2, 4.1.2)."""
    text = TOGGLE.sub(
        lambda match: f'{match[1]}{match[2]}{match[3]} aria-label="Pages under {match[2].strip()}"{match[4]}', text
    )
    text = text.replace('<summary aria-label="Toggle hidden content">', "<summary>")
    # In a list each entry is an item; the role that docutils gives is deprecated.
    text = text.replace('role="doc-biblioentry"', 'role="listitem"')
    # The corner of a table that heads nothing is no heading.
    text = re.sub(r'<th class="head">\s*(?:<p>\s*</p>)?\s*</th>', '<td class="head"></td>', text)
    # The name would leave out the keys that the button shows.
    text = re.sub(r'(<button class="btn search-button-field[^>]*?) aria-label="Search"', r"\1", text)
    text = re.sub(r'(<a class="navbar-brand logo"[^>]*?) aria-label="[^"]*"', r"\1", text)
    # What stands at the side belongs to no landmark otherwise.
    for place, name in (("pst-primary-sidebar", "Contents of the book"), ("pst-secondary-sidebar", "On this page")):
        text = re.sub(rf'(<div id="{place}")(?! role)', rf'\1 role="region" aria-label="{name}"', text)
    for toggle, name in (("primary", "Show or hide the contents"), ("secondary", "Show or hide the headings")):
        text = re.sub(
            rf'(<button class="sidebar-toggle {toggle}-toggle[^"]*")(?! aria-label) title="[^"]*"',
            rf'\1 aria-label="{name}" title="{name}"',
            text,
        )
    text = re.sub(
        r'(<button onclick="toggleFullScreen\(\)"\s+class="[^"]*")(?! aria-label)', r'\1 aria-label="Full screen"', text
    )
    return SEARCH_FIELD.sub(
        lambda match: match[0] if "leo-submit" in match[1] else f"{match[1]}{SUBMIT}{match[2]}", text
    )


def tidy_site(folder: Path, searches_as_you_type: bool = False) -> None:
    """Tidy every page of a built book and subset its icons. Raises LeoError if the theme is not as expected."""
    pages = {path: path.read_text(encoding="utf-8") for path in site_pages(folder)}
    used = set().union(*(re.findall(r"\bfa-[a-z0-9-]+", text) for text in pages.values())) if pages else set()
    for script in sorted((folder / "_static").glob("**/*.js")):
        if script.name != "fontawesome.js":
            used |= set(re.findall(r"\bfa-[a-z0-9-]+", script.read_text(encoding="utf-8")))
    digest = subset_icons(folder, used)
    for name in UNUSED:
        (folder / name).unlink(missing_ok=True)
    for source_map in (folder / "_static").glob("**/*.map"):
        source_map.unlink()
    for path, text in pages.items():
        tidy = tidy_page(text, searches_as_you_type or path == folder / "search.html")
        tidy = re.sub(r"(pydata-sphinx-theme\.css\?digest=)\w+", rf"\g<1>{digest}", tidy)
        if tidy != text:
            path.write_text(tidy, encoding="utf-8")


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
        css_file.write_text(css, encoding="utf-8")
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
