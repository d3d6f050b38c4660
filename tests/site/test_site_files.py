"""What is done to the files of the built book, and the Sphinx extension, without building the book."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from pathlib import Path
from types import SimpleNamespace

import pytest
from docutils import nodes

from leocourse.authoring.question import load_assignment
from leocourse.core.errors import LeoError
from leocourse.site import files as files_module
from leocourse.site import sphinx, weight
from leocourse.site import tidy as site_files

ROOT = Path(__file__).resolve().parents[2]
PAGE = """<html><head>
    <script data-cfasync="false">
    document.documentElement.dataset.mode = localStorage.getItem("mode") || "";
    document.documentElement.dataset.theme = localStorage.getItem("theme") || "";
  </script>
  <!-- So that users can add custom icons -->
  <script defer src="../_static/scripts/fontawesome.js?digest=1"></script>
    <script>const THEBE_JS_URL = "https://unpkg.com/thebe@0.8.2/lib/index.js"; const thebe_selector = ".thebe,.cell"</script>
    <script async="async" src="../_static/sphinx-thebe.js?v=c1"></script>
    <link rel="stylesheet" type="text/css" href="../_static/sphinx-thebe.css?v=4f" />
    <script src="../_static/searchtools.js"></script>
    <script src="../searchindex.js"></script>
    <script src="../_static/doctools.js"></script></head>
<body><form class="bd-search d-flex"
      action="search.html"><input type="search" name="q"/>
</form>
<div id="pst-primary-sidebar" class="bd-sidebar">
<a class="reference internal" href="m.html">Measures</a><details><summary><span class="toctree-toggle" role="presentation"></span></summary></details>
<button class="btn search-button-field search-button__button" title="Search" aria-label="Search"><span>Search</span></button></div>
<details class="hide above-input"><summary aria-label="Toggle hidden content"><p>Show code cell source</p></summary></details>
<div role="list" class="citation-list"><div class="citation" role="doc-biblioentry">x</div></div>
    <script type="text/x-thebe-config">
    { requestKernel: true }
    </script>
    <script>kernelName = 'python3'</script></body></html>"""


@pytest.fixture
def tidy():
    return site_files.tidy_page(PAGE, searches=False)


def test_a_page_loses_what_it_does_not_use(tidy):
    for gone in ("fontawesome", "thebe", "unpkg", "searchtools", "searchindex", "kernelName"):
        assert gone not in tidy, gone
    assert "doctools.js" in tidy
    assert "searchtools" in site_files.tidy_page(PAGE, searches=True)


def test_a_tidy_page_stays_as_it_is(tidy):
    assert site_files.tidy_page(tidy, searches=False) == tidy


def test_controls_of_the_theme_get_names_and_landmarks(tidy):
    assert '<summary aria-label="Pages under Measures">' in tidy
    assert "Toggle hidden content" not in tidy and 'aria-label="Search"' not in tidy
    assert '<div id="pst-primary-sidebar" role="region" aria-label="Contents of the book"' in tidy
    assert tidy.count('type="submit"') == 1
    assert 'role="doc-biblioentry"' not in tidy


def test_the_first_script_survives_blocked_storage_and_decides_the_mode(tidy):
    assert "leoNoStorage" in tidy and '|| "auto"' in tidy and "prefers-color-scheme" in tidy


def test_markup_written_otherwise_is_mended_too():
    """Quotes, the order of attributes and the blanks between them are the theme's affair."""
    page = """<a href='m.html' class='internal other reference'>Me<b>as</b>ures</a>
<details open><summary ><span role="presentation" class="x toctree-toggle"></span></summary></details>
<table><tr><th scope="col" class="head other"> <p></p></th><th class="head"><p>a</p></th></tr></table>
<div class="bd" id="pst-primary-sidebar"></div><script defer src='x/fontawesome.js'></script>
<pre>a  &lt; b &amp;\n  c</pre>"""
    tidy = site_files.tidy_page(page, searches=False)
    assert '<summary aria-label="Pages under Measures">' in tidy and "<details open>" in tidy
    assert '<td scope="col" class="head other"></td><th class="head"><p>a</p></th>' in tidy
    assert 'role="region"' in tidy and "fontawesome" not in tidy
    assert tidy.endswith("<pre>a  &lt; b &amp;\n  c</pre>"), "the rest is as it was"


def test_a_theme_that_is_not_as_expected_is_one_clear_line(tmp_path):
    with pytest.raises(LeoError, match="style sheet is not where it was"):
        site_files.subset_icons(tmp_path, ["fa-bars"])


def test_icons_are_cut_down_to_those_used(tmp_path):
    """With the theme's own files: the icons of the pages stay, and little else."""
    import shutil

    import pydata_sphinx_theme

    theme = Path(pydata_sphinx_theme.__file__).parent / "theme" / "pydata_sphinx_theme" / "static"
    shutil.copytree(theme / "styles", tmp_path / "_static" / "styles")
    shutil.copytree(theme / "vendor", tmp_path / "_static" / "vendor")
    digest = site_files.subset_icons(tmp_path, ["fa-bars", "fa-magnifying-glass"])
    css = (tmp_path / site_files.THEME_CSS).read_text()
    assert "fa-bars" in css and ".fa-volleyball" not in css and ".woff2" not in css
    fonts = {path.name: path.stat().st_size for path in (tmp_path / site_files.FONTS).iterdir()}
    assert set(fonts) == {f"{name}.woff" for name in site_files.FONT_NAMES} and sum(fonts.values()) < 20_000
    from fontTools.ttLib import TTFont

    assert {0xF002, 0xF0C9} <= set(TTFont(tmp_path / site_files.FONTS / "fa-solid-900.woff").getBestCmap())
    assert site_files.subset_icons(tmp_path, ["fa-bars"]) == digest, "once"


def test_site_files_with_and_without_an_address(tmp_path):
    files_module.write_site_files(tmp_path, ["book/index", "book/a&b"], "https://example.org/leo/", "book/index", "LEO")
    tree = ET.parse(tmp_path / "sitemap.xml")
    found = [each.text for each in tree.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")]
    assert found == ["https://example.org/leo/book/index.html", "https://example.org/leo/book/a&b.html"]
    assert "Sitemap: https://example.org/leo/sitemap.xml" in (tmp_path / "robots.txt").read_text()
    assert 'href="https://example.org/leo/book/index.html"' in (tmp_path / "404.html").read_text()
    files_module.write_site_files(tmp_path, ["book/index"], "", "book/index", "LEO")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["404.html", "index.html"]
    assert not re.search(r'(?:src|href)="(?!data:|/)', (tmp_path / "404.html").read_text()), "relative to no page"


def test_weight_follows_style_sheets_and_names_other_sites(tmp_path):
    (tmp_path / "a.css").write_text('@import "b.css"; x { background: url(c.png) }')
    (tmp_path / "b.css").write_text("y {}")
    (tmp_path / "c.png").write_bytes(b"0" * 100)
    page = tmp_path / "page.html"
    page.write_text(
        '<link rel="stylesheet" href="a.css?v=1"><link rel="next" href="d.html"><script src="https://e.org/x.js">'
    )
    files, outside = weight.references(tmp_path, page)
    assert {path.name for path in files} == {"a.css", "b.css", "c.png"} and outside == ["https://e.org/x.js"]
    assert weight.weight(tmp_path / "c.png") == 100


def test_a_notebook_that_a_page_offers_opens_in_jupyterlab(tmp_path):
    """It does not, where jupytext is installed and the notebook says that it is a Markdown file."""
    import jupytext

    place = tmp_path / "_sources" / "book" / "né.ipynb"
    place.parent.mkdir(parents=True)
    made = jupytext.reads("# Zoë\n\n```{code-cell}\n1\n```\n", fmt="md:myst")
    made.metadata["jupytext"] = {"text_representation": {"extension": ".md", "format_name": "myst"}}
    place.write_text(json.dumps(made), encoding="utf-8")
    before = json.loads(place.read_text(encoding="utf-8"))
    assert "jupytext" in before["metadata"]
    site_files.mend_downloads(tmp_path)
    after = json.loads(place.read_text(encoding="utf-8"))
    del before["metadata"]["jupytext"]
    assert after == before and len(after["cells"]) == 2
    text = place.read_bytes()
    site_files.mend_downloads(tmp_path)
    assert place.read_bytes() == text


# The extension -------------------------------------------------------------------------------------


@pytest.fixture
def app(tmp_path):
    """A small book with the extension, in Sphinx's own basic theme."""
    from sphinx.testing.util import SphinxTestApp

    def make(**settings):
        source = tmp_path / "src"
        (source / "book" / "intro").mkdir(parents=True, exist_ok=True)
        (source / "book" / "start").mkdir(exist_ok=True)
        (source / "conf.py").write_text("extensions = ['leocourse.site.sphinx']\n", encoding="utf-8")
        (source / "book" / "index.rst").write_text(
            "Start\n=====\n\nA paragraph that says in one sentence what this whole book is about.\n\n"
            ".. container:: leo-contents\n\n   x\n\n.. toctree::\n\n   intro/one\n   start/progress\n", encoding="utf-8")  # fmt: skip
        (source / "book" / "intro" / "one.rst").write_text(
            "One & <only>\n============\n\n.. math:: \\frac{a}{b}\n\nA sentence with :math:`x^2`, and it is long enough for a card.\n",
            encoding="utf-8")  # fmt: skip
        (source / "book" / "start" / "progress.rst").write_text("My progress\n===========\n\nText.\n", encoding="utf-8")
        made = SphinxTestApp(
            "html", srcdir=source, builddir=tmp_path / "out",
            confoverrides={"root_doc": "book/index", "html_math_renderer": "mathml", "html_theme": "basic", **settings},
        )  # fmt: skip
        # The basic theme has none of the files that are made smaller.
        return made

    made = []

    def build(**settings):
        each = make(**settings)
        made.append(each)
        each.build()
        assert not each._warning.getvalue().strip(), each._warning.getvalue()
        return each, {path.stem: path.read_text(encoding="utf-8") for path in Path(each.outdir).rglob("*.html")}

    yield build
    for each in made:
        each.cleanup()


@pytest.fixture(autouse=True)
def plain(monkeypatch):
    monkeypatch.delenv("LEO_BOOK_URL", raising=False)
    monkeypatch.delenv("LEO_BOOK_REPOSITORY", raising=False)
    monkeypatch.setattr(sphinx, "tidy_site", lambda *_: None)


def test_cards_maths_and_progress_stand_in_the_pages(app):
    _, pages = app()
    one, start = pages["one"], pages["index"]
    assert "<math" in one and "mathjax" not in one.lower()
    assert '<meta property="og:title" content="One &amp; &lt;only&gt;" />' in one
    assert 'content="A paragraph that says' in start
    assert "og:url" not in one, "no address, no address"
    course = json.loads(re.search(r'id="leo-course">(.*?)</script>', one)[1])
    assert course["lesson"] == "one" and course["lessons"][0]["title"] == "One & <only>"
    assert 'id="leo-lesson-end"' in one
    assert 'href="intro/one.html"' in start and 'data-leo-lesson="one"' in start
    assert "progress-page.js" in pages["progress"] and "progress-page.js" not in one
    for page in (one, start):
        assert "giscus" not in page and "Report a problem" not in page


def test_progress_knows_which_questions_no_page_can_check():
    course = SimpleNamespace(srcdir=ROOT)
    sphinx._read_assignments(course)
    for each in course.leo_assignments:
        kinds = {one.name: one.kind for one in load_assignment(ROOT / "solutions" / each["name"]).questions}
        assert each["questions"] == list(kinds)
        assert each["notebook"] == [name for name, kind in kinds.items() if kind != "sql"]
    assert any(each["notebook"] for each in course.leo_assignments)


def test_what_needs_an_address_comes_with_it(app, monkeypatch):
    monkeypatch.setenv("LEO_BOOK_URL", "https://example.org/leo")
    monkeypatch.setenv("LEO_BOOK_REPOSITORY", "someone/course")
    giscus = {"repo": "someone/course", "repo_id": "R", "category": "C", "category_id": "I"}
    built, pages = app(leo_site={"giscus": giscus})
    one = pages["one"]
    assert '<meta property="og:url" content="https://example.org/leo/book/intro/one.html" />' in one
    assert "https://github.com/someone/course/issues/new?title=Problem%20with%20the%20page%3A%20One" in one
    assert "https%3A%2F%2Fexample.org%2Fleo%2Fbook%2Fintro%2Fone.html" in one
    assert 'data-repo-id="R"' in one and "giscus.app/client.js" not in one, "only when it is pressed"
    assert (Path(built.outdir) / "sitemap.xml").is_file()


def test_problems_go_by_mail_where_there_is_no_repository(app):
    _, pages = app(leo_site={"report": "course@example.org"})
    assert 'href="mailto:course@example.org?subject=Problem%20with' in pages["one"]


def test_buttons_open_a_lesson_where_a_service_is_configured():
    class App:
        class config:
            leo_site = {"repository": "o/n", "branch": "main", "binder": "https://mybinder.org/",
                        "jupyterhub": "https://hub", "jupyterlite": "lite"}  # fmt: skip

    context = {"header_buttons": [], "pathto": lambda name, _: f"../../{name}"}
    sphinx._add_open_in(App, "book/intro/one", context)
    urls = {each["text"]: each["url"] for each in context["header_buttons"][0]["buttons"]}
    assert urls["JupyterLite"] == "../../lite/lab/index.html?path=lessons/one.ipynb"
    assert urls["Binder"] == "https://mybinder.org/v2/gh/o/n/main?urlpath=lab/tree/work/lessons/one.ipynb"
    assert "urlpath=lab%2Ftree%2Fn%2Fbook%2Fintro%2Fone.md" in urls["JupyterHub"]
    App.config.leo_site = {}
    context["header_buttons"] = []
    sphinx._add_open_in(App, "book/intro/one", context)
    assert context["header_buttons"] == []


def test_a_description_stands_in_no_box_and_is_short():
    tree = nodes.section()
    tree += nodes.admonition("", nodes.paragraph(text="A sentence in a box that is long enough to be taken for one."))
    tree += nodes.paragraph(text="word " * 100)
    text = sphinx.first_paragraph(tree)
    assert text.startswith("word") and text.endswith(" …") and len(text) <= sphinx.DESCRIPTION + 2
