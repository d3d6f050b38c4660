"""The generated pages of the measures."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path
from xml.etree import ElementTree

import pytest

from leocourse.measures import load, names
from leocourse.measures.example import cases
from leocourse.site import build
from leocourse.site.pages.measures import lineage, overview_page

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def pages(lesson):
    return build.pages_of_measures(ROOT)


def test_every_measure_has_a_page_and_a_line_in_the_overview(pages):
    assert {name.removesuffix(".md") for name in pages if name.endswith(".md")} == set(names())
    overview = overview_page()
    assert [name for name in names() if f'href="measures/{name}.html"' not in overview] == []


def test_a_page_says_what_the_front_matter_says(pages):
    wrong = []
    for name in names():
        page, measure = pages[f"{name}.md"], load(name)
        open_to = sum(parameter.unverified for parameter in measure.parameters)
        said = {
            "title": page.startswith(f"# {measure.title}\n"),
            "notice": "All data are simulated.\nThey describe nobody and say nothing about England." in page,
            **{each.name: f"<code>{each.name}</code></th>" in page for each in (*measure.columns, *measure.parameters)},
            "unverified": page.count("Not verified.</strong>") == open_to,
            "note on unverified": (":class: unverified" in page) == bool(open_to),
            "SQL": "```sql\n" in page,
            "other rule": ("## Which people move" in page) == bool(measure.other_rule),
            "published": ("## Beside published figures" in page) == bool(measure.published),
        }
        wrong += [f"{name}: {part}" for part, right in said.items() if not right]
    assert not wrong


def test_a_page_shows_the_rows_of_the_example(pages):
    wrong = []
    for name in names():
        page = pages[f"{name}.md"].split("## Example\n")[1].split("\n## ")[0]
        shown = [unescape(re.sub(r"<[^>]+>", " ", row)).split() for row in re.findall(r"<tr>.*?</tr>", page)]
        for case in cases(name):
            tables = [case.out] if case.same_rows else [*case.given, case.out]
            rows = [" ".join(cell or "–" for cell in row).split() for table in tables for row in table.rows]
            wrong += [(name, case.title, row) for row in rows if row not in shown]
        captions = re.findall(r"<caption>(.*?)</caption>", page)
        wrong += [(name, caption) for caption in captions if captions.count(caption) > 1]
    assert not wrong


def test_plots_have_a_text_that_says_simulated(pages):
    plots = [name for name in pages if name.endswith(".svg")]
    assert len(plots) > 20
    for name in plots:
        ElementTree.fromstring(pages[name])
        page = pages[name.replace(".svg", ".md")]
        alt = re.search(rf"```{{figure}} {re.escape(name)}\n:alt: (.+)\n", page)[1]
        assert alt.endswith("Simulated.")
        assert re.search(r"\d", alt)


def test_html_is_well_formed_and_prose_has_one_sentence_a_line(pages):
    for name, page in pages.items():
        if name.endswith(".md"):
            for block in re.findall(r"^```\{raw\} html\n(.*?)\n```$", page, re.MULTILINE | re.DOTALL):
                ElementTree.fromstring(block.replace("<br>", "<br/>"))
            lines = re.sub(r"^```.*?^```$", "", page, flags=re.MULTILINE | re.DOTALL).splitlines()
            assert [line for line in lines if re.search(r"[.?!] [A-Z]", line)] == [], name


def test_lineage_names_views_and_columns():
    reads = {read.source: read for read in lineage(load("free_school_meals"))}
    census = reads["school_census"]
    assert census.views == "plasc_[yyyy] (2002 to 2005); spring_census_[yyyy] (2006 to 2021)"
    assert {"freeschoolmeals_[yy]", "fsmeligible_[yy]", "fsmeligible_[term][yy]"} <= set(census.columns)
    assert "idaciscore_[term][yy]" not in census.columns
    assert reads["measures.pmr_person"].columns == ("ae_id", "pmr")
    assert reads["measures.pmr_person"].href == "pmr_person.html"
    assert [read.source for read in lineage(load("coverage"))][-1] == "reference.coverage"


def test_the_diagram_says_in_words_what_it_draws(pages):
    diagram = re.search(r"<svg.*?</svg>", pages["sex.md"], re.DOTALL)[0]
    assert "school_census, ks4_pupil, measures.pmr_person" in re.search(r"<desc[^>]*>(.*?)</desc>", diagram)[1]


def test_published_figures_stand_beside_those_of_the_simulation(pages):
    assert "<td>40.4</td>" in pages["ks4_attainment.md"]
    assert "<td>19.9</td>" in pages["level_by_age.md"]
