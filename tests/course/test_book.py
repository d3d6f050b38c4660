"""The pages of the book, as written and as built."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import pytest
import rules
import yaml
from jupyter_book.config import validate_yaml
from kept import alone

from leocourse.authoring.lessons import GENERATED
from leocourse.authoring.question import assignment_folders
from leocourse.cli import steps_table
from leocourse.core.errors import LeoError
from leocourse.measures import names as measure_names
from leocourse.site import build

ROOT = Path(__file__).resolve().parents[2]
STATEMENT = "All data are simulated.\nThey describe nobody and say nothing about England."
CONTENTS = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
LESSONS = rules.lessons(ROOT)
ADVANCED = "book/advanced/"
BEFORE_DATA = ("book/intro/what-leo-is", "book/intro/getting-access")
"""Lessons that come before the first record, and so before the first fault."""
PARTS = (
    "**Questions**", "**You will be able to**", "minutes to teach", "to practise", "**You need:**",
    "## Check yourself", "## Key points", "## Further reading", "## Next",
)  # fmt: skip
CELL = re.compile(r"^```\{code-cell\}.*?\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
CAUSAL = re.compile(
    r"\b(effect of|impact|returns? to|thanks to|due to|leads? to (higher|lower|better))\b", re.IGNORECASE
)


def all_pages():
    """Every page of the book, generated ones too."""
    chapters = [chapter for part in CONTENTS["parts"] for chapter in part["chapters"]]
    pages = [page for chapter in chapters for page in [chapter, *chapter.get("sections", ())]]
    return [CONTENTS["root"], *dict.fromkeys(name for page in pages for name in named(page))]


def named(page):
    """The pages that an entry of the contents names: one, or those of all measures or assignments."""
    if "file" in page:
        return [page["file"]]
    names = measure_names() if "/measures/" in page["glob"] else [folder.name for folder in assignment_folders(ROOT)]
    return [page["glob"].replace("*", name) for name in names]


def toc_pages():
    """The pages that are written by hand. Generated ones are tested with the schema."""
    return [page for page in all_pages() if not page.startswith(GENERATED.as_posix())]


def source(page):
    return (ROOT / f"{page}.md").read_text(encoding="utf-8")


def prose(page):
    """A page without its front matter, cells and other fenced code."""
    text = re.sub(r"\A---\n.*?\n---\n", "", source(page), flags=re.DOTALL)
    return re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)


def cells(page):
    """The options and the code of every cell."""
    for match in CELL.finditer(source(page)):
        body = match["body"]
        if body.startswith("---\n"):
            options, code = body[4:].split("\n---\n", 1)
            yield yaml.safe_load(options), code
        else:
            tags = re.match(r":tags: \[(.*)\]\n", body)
            yield {"tags": tags[1].split(", ") if tags else []}, re.sub(r"\A:tags:.*\n", "", body)


def test_the_landing_page_quotes_the_feedback_that_a_learner_really_gets(course):
    question = course["06-table-for-release"].questions[0]
    slip = next(each for each in question.misconceptions if each.name == "distinct")
    page = " ".join(source("book/index").split())
    for text in (slip.title, slip.message, question.title):
        assert text in page


# As written ----------------------------------------------------------------------------------------


def test_configuration_is_valid_and_every_page_exists():
    config = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    validate_yaml(config, raise_on_errors=True, print_func=print)
    assert config["execute"]["timeout"] == build.CELL_TIMEOUT
    assert [page for page in toc_pages() if not (ROOT / f"{page}.md").is_file()] == []
    assert LESSONS


@pytest.mark.parametrize("page", ["book/index", *LESSONS])
def test_notebooks_have_front_matter_for_jupytext_and_the_kernel(page):
    front = yaml.safe_load(source(page).split("\n---\n", 1)[0].removeprefix("---\n"))
    assert front["jupytext"]["text_representation"]["format_name"] == "myst"
    assert front["kernelspec"]["name"] == "python3"
    assert ROOT / f"{page}.md" in build.lessons(ROOT)


@pytest.mark.parametrize("page", LESSONS)
def test_lesson_has_its_parts(page):
    text = source(page)
    assert STATEMENT in text
    for part in (
        "**Questions**",
        "**You will be able to**",
        "minutes to teach",
        "to practise",
        "**You need:**",
        *PARTS,
    ):
        assert part in text, part
    assert text.count(":::{dropdown} Answer") == 3
    assert text.count(":class: predict") >= 2
    assert "exercises/" in text or page.startswith(ADVANCED)


@pytest.mark.parametrize("page", LESSONS)
def test_every_fault_is_followed_by_numbers_from_the_page(page):
    wrong = [code for options, code in cells(page) if "go-wrong" in options["tags"]]
    boxes = re.findall(r"^:::\{admonition\} What could go wrong", source(page), re.MULTILINE)
    assert len(wrong) == len(boxes) and (wrong or page in BEFORE_DATA)
    for code in wrong:
        assert "show(" in code
        assert "Truth" in code or "true" in code


@pytest.mark.parametrize("page", ["book/index", *LESSONS])
def test_figures_have_alternative_text_and_a_caption_that_says_simulated(page):
    figures = [options for options, code in cells(page) if re.search(r"\b(sns\.\w*(plot|map)|plt\.subplots)\(", code)]
    assert figures
    for options in figures:
        assert len(options["mystnb"]["image"]["alt"]) > 80
        assert "simulated data" in options["mystnb"]["figure"]["caption"].lower()


def test_every_page_is_in_the_contents_and_every_lesson_has_its_places():
    assert list(rules.contents(ROOT)) == []
    assert [line for page in LESSONS for line in rules.lesson(ROOT, page)] == []


def test_every_assignment_is_practised_in_a_lesson(course):
    practised = {name for page in LESSONS for name in re.findall(r"exercises/(\d\d-[a-z-]+)", source(page))}
    assert practised == set(course)


@pytest.mark.parametrize("page", LESSONS)
def test_lesson_has_figures_a_diagram_and_links_to_the_glossary(page):
    assert sum("figure" in options.get("mystnb", {}) for options, _ in cells(page)) >= 2
    diagrams = re.findall(r"^:::\{figure\} (images/\S+\.svg)\n:alt: (.+)$", source(page), re.MULTILINE)
    assert diagrams
    for name, description in diagrams:
        drawn = ((ROOT / page).parent / name).read_text(encoding="utf-8")
        assert len(description) > 80 and "<title" in drawn and "<desc" in drawn
    terms = [term.split("<")[-1].strip(">") for term in re.findall(r"\{term\}`([^`]+)`", source(page))]
    assert len(terms) >= 8
    glossary = source("book/reference/glossary")
    assert [term for term in terms if not re.search(rf"^{re.escape(term)}$", glossary, re.MULTILINE)] == []


@pytest.mark.parametrize("page", LESSONS)
def test_cells_are_short(page):
    lengths = {
        code.strip().splitlines()[0]: len([line for line in code.splitlines() if line.strip()])
        for _, code in cells(page)
    }
    assert {first: length for first, length in lengths.items() if length > 16} == {}


@pytest.mark.parametrize("page", toc_pages())
def test_prose_has_one_sentence_a_line_and_no_causal_words(page):
    lines = [
        re.sub(r"`[^`]*`", "code", line) for line in prose(page).splitlines() if not line.startswith(("|", "(", ":"))
    ]
    assert [
        line for line in lines if re.search(r"(?<!\d)[.?!] [A-Z]", line) and not re.match(r"\*\*|- \*\*|\d\. ", line)
    ] == []
    # The advanced course is about causes, and compares each estimate with the planted one.
    assert [line for line in lines if CAUSAL.search(line) and not page.startswith(ADVANCED)] == []


# As built ------------------------------------------------------------------------------------------


class Page(HTMLParser):
    """What a built page shows and asks for."""

    def __init__(self, path):
        super().__init__()
        self.images, self.requests, self.tables, self.empty_headers = [], [], 0, 0
        self.links, self.anchors = set(), set()
        self._header = None
        self.text = path.read_text(encoding="utf-8")
        self.feed(self.text)

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        self.anchors.add(values.get("id") or "")
        if tag == "a":
            self.links.add(values.get("href") or "")
        if tag == "img":
            self.images.append(values.get("alt"))
        if tag in ("script", "img", "iframe", "source"):
            self.requests.append(values.get("src") or "")
        if tag == "link":
            self.requests.append(values.get("href") or "")
        self.tables += tag == "table"
        if tag == "th":
            self._header = ""

    def handle_data(self, data):
        if self._header is not None:
            self._header += data

    def handle_endtag(self, tag):
        if tag == "th":
            self.empty_headers += not (self._header or "").strip()
            self._header = None


@pytest.fixture(scope="session")
def site(lesson, tmp_path_factory):
    """The folder of the built book. Test processes take turns."""
    with alone("book"):
        return steps_table.build(ROOT).parent


@pytest.mark.parametrize("page", all_pages())
def test_built_page_is_whole_and_asks_no_other_site(site, page):
    built = Page(site / f"{page}.html")
    assert "Traceback (most recent call last)" not in built.text
    assert all((alt or "").strip() for alt in built.images)
    assert built.empty_headers == 0
    # The theme's own scripts and fonts lie in _static: nothing comes from elsewhere.
    assert [request for request in built.requests if re.match(r"(https?:)?//", request)] == []
    assert "All data are simulated. They describe nobody and say nothing about England." in built.text


def test_links_inside_the_book_lead_somewhere(site):
    built = {page: Page(page) for page in site.rglob("*.html")}
    lost = []
    for page, found in built.items():
        for link in found.links:
            target, _, anchor = link.partition("#")
            if not link or re.match(r"[a-z]+:|//", link):
                continue
            start = site if target.startswith("/") else page.parent  # the page for a lost address stands anywhere
            there = (start / unquote(target).lstrip("/")).resolve() if target else page
            if not there.is_file() or (anchor and there in built and unquote(anchor) not in built[there].anchors):
                lost.append(f"{page.relative_to(site)}: {link}")
    assert lost == []


@pytest.mark.parametrize("page", LESSONS)
def test_built_lesson_has_tables_a_figure_and_its_notebook(site, page):
    built = Page(site / f"{page}.html")
    assert built.tables >= 5
    assert len(built.images) >= 1
    assert "Both give the same answer." in built.text
    assert (site / "_sources" / f"{page}.ipynb").is_file()


def test_nothing_is_built_when_nothing_changed(site, monkeypatch):
    for name in ("_run", "reference_pages", "pages_of_measures", "empty_site", "empty_cache"):
        monkeypatch.setattr(build, name, lambda *_, **__: pytest.fail("built again"))
    assert steps_table.build(ROOT) == site / "index.html"


# The builder ---------------------------------------------------------------------------------------


def test_a_missing_extract_and_a_failed_lesson_are_one_line(tmp_path):
    with pytest.raises(LeoError, match="leo extract"):
        steps_table.build(tmp_path)
    log = f"{tmp_path}/book/a.md: WARNING: Executing notebook failed: CellExecutionError [mystnb.exec]\n"
    log += "ZeroDivisionError: by 0\n"
    assert build.failure(log, tmp_path) == (
        "The book was not built because of book/a.md: ZeroDivisionError: by 0; see _build/book.log."
    )


def test_the_child_reads_the_lesson_extract():
    inherited = {"LEO_EXTRACT": "/elsewhere", "PYTHONDONTWRITEBYTECODE": "1", "OPENBLAS_NUM_THREADS": "1", "HOME": "/h"}
    assert build.child_environment(inherited) == {"HOME": "/h"}


def test_a_page_that_somebody_changed_is_kept_and_sphinx_writes_all_pages_anew(tmp_path, monkeypatch):
    def sphinx(command, root, environment, log):  # like it, it writes only what is not there
        page = root / build.SITE / "index.html"
        page.parent.mkdir(parents=True, exist_ok=True)
        (root / build.DOCTREES).mkdir(exist_ok=True)
        if not (root / build.DOCTREES / "index").exists():
            page.write_text("built")
        (root / build.DOCTREES / "index").write_text("known")

    monkeypatch.setattr(build, "_run", sphinx)
    index = build.make_site(tmp_path)
    index.write_text("mine")
    assert build.make_site(tmp_path) == index and index.read_text() == "built"
    assert [path.read_text() for path in tmp_path.glob("_build/html.kept-*/index.html")] == ["mine"]
    index.unlink()
    assert build.make_site(tmp_path).read_text() == "built"
