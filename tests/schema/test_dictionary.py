"""The generated reference pages: dictionary, diagrams, coverage, changelog."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import replace
from html import escape
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import duckdb
import pytest
import yaml

from leocourse.authoring.lessons import GENERATED
from leocourse.cli.steps_table import course_steps
from leocourse.core.paths import LESSON_EXTRACT
from leocourse.extract.faults import FAULTS
from leocourse.extract.faults.planting import shown_in
from leocourse.measures import names
from leocourse.schema import load_schema
from leocourse.site import build
from leocourse.site.pages import changes, coverage, diagrams, dictionary, faults, markup
from leocourse.site.pages.dictionary import Filled, Lesson
from leocourse.steps import Steps

ROOT = Path(__file__).resolve().parents[2]
SCHEMA = load_schema()
REFERENCE = ROOT / "data" / "reference"
CELLS = coverage.read_coverage(REFERENCE / "coverage.csv")
STATEMENT = "All data are simulated.\nThey describe nobody and say nothing about England."


@pytest.fixture(scope="module")
def pages(lesson):
    return build.reference_pages(ROOT)


def row(page, field):
    """The table row of a field."""
    return re.search(rf'<tr id="field-{field}">.*?</tr>', page, re.DOTALL)[0]


# Dictionary ----------------------------------------------------------------------------------------


def test_every_table_has_a_page_and_a_place_in_the_contents(pages):
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    chapters = [chapter for part in toc["parts"] for chapter in part["chapters"]]
    entries = [section for chapter in chapters for section in [chapter, *chapter.get("sections", ())]]
    files = [entry["file"] for entry in entries if "file" in entry]  # measures and practice are listed by their folder
    listed = [file for file in files if file.startswith("book/reference/")]
    generated = {f"book/reference/generated/{name.removesuffix('.md')}" for name in pages}
    by_hand = {f"book/reference/{page.stem}" for page in (ROOT / "book" / "reference").glob("*.md")}
    assert {"book/reference/index", "book/reference/employment-rules"} <= by_hand
    assert set(listed) == generated | by_hand
    assert len(files) == len(set(files))
    assert [file.rsplit("/", 1)[1] for file in listed[-len(SCHEMA.tables) :]] == list(SCHEMA.tables)


@pytest.mark.parametrize("table", SCHEMA.tables.values(), ids=lambda table: table.name)
def test_every_field_stands_once_on_the_page_of_its_table(pages, table):
    shown = re.findall(r'<tr id="field-([^"]+)">', pages[f"{table.name}.md"])
    assert sorted(shown) == sorted(field.name for field in table.fields)
    assert pages[f"{table.name}.md"].startswith(f"# {table.title}\n")


def test_every_page_says_what_is_real_and_what_is_not(pages):
    for name, page in pages.items():
        assert STATEMENT in page, name
        assert "The names of databases, views and columns are real; the rows are not." in page, name


def test_prose_has_one_sentence_a_line(pages):
    for name, page in pages.items():
        lines = re.sub(r"^```.*?^```$", "", page, flags=re.MULTILINE | re.DOTALL).splitlines()
        assert [line for line in lines if re.search(r"[.?!] [A-Z]", line) and line[0] != "|"] == [], name


def test_html_is_well_formed(pages):
    for name, page in pages.items():
        for block in re.findall(r"^```\{raw\} html\n(.*?)\n```$", page, re.MULTILINE | re.DOTALL):
            ElementTree.fromstring(block.replace("<br>", "<br/>"))  # raises for an open tag or a bare "&" or "<"
            assert "```" not in block, name


def test_a_field_is_simulated_exactly_if_the_stored_table_has_the_column(lesson):
    filled = dictionary.filled_fields(SCHEMA, lesson)
    stored = (lesson / "views.sql").read_text(encoding="utf-8")
    assert set(filled) == {name for name in SCHEMA.tables if f"/{name}/*.parquet" in stored}
    for name, each in filled.items():
        rows = duckdb.sql(f"DESCRIBE FROM read_parquet('{lesson}/{name}/*.parquet')").fetchall()
        assert set(each.missing) == {column[0] for column in rows} & {field.name for field in SCHEMA[name].fields}
        shares = {field: share for field, share in each.missing.items() if share is not None}
        assert {field: share for field, share in shares.items() if not 0 <= share <= 1} == {}, name


def test_missing_is_counted_in_the_years_and_terms_of_the_field(tmp_path):
    folder = tmp_path / "school_census"
    folder.mkdir()
    duckdb.sql(
        f"""COPY (SELECT * FROM (VALUES (2002, 'spr', NULL, 'M'), (2003, 'spr', 'WBRI', NULL),
        (2004, 'spr', NULL, 'F'), (2007, 'aut', NULL, 'F'))
        AS t(collection_year, collection_term, ethnicity, gender)) TO '{folder}/part-000.parquet'"""
    )
    filled = dictionary.filled_fields(SCHEMA, tmp_path)["school_census"]
    assert filled.rows == 4
    # ethnicity was collected in spring from 2003: the rows of 2002 and of an autumn do not count
    assert filled.missing == {"ethnicity": 0.5, "gender": 0.25}


def test_every_field_says_whether_it_is_simulated_and_a_struck_one_what_is_planted(pages, lesson):
    filled = dictionary.filled_fields(SCHEMA, lesson)
    for table in SCHEMA.tables.values():
        page, known = pages[f"{table.name}.md"], filled.get(table.name)
        struck = faults.faults_of_fields(table)
        delivered = {field.name for field in table.fields if field.delivered}
        for each in re.findall(r'<tr id="field-[^"]+">.*?</tr>', page, re.DOTALL):
            name = re.match(r'<tr id="field-([^"]+)"', each)[1]
            simulated = known is not None and name in known.missing
            assert simulated != ("; not simulated<" in each), name
            assert each.count("<td>") == 2 + simulated, name
            assert name not in delivered or "<small>delivered" in each, name
            assert each.count("Planted: ") == len(struck.get(name, ())), name
    assert "Planted: " in row(pages["school_census.md"], "ncyearactual")


def test_a_page_lists_the_faults_of_its_table(pages):
    for table in SCHEMA.tables:
        shown = {fault for fault, _ in shown_in(table)}
        assert ("## What is planted here" in pages[f"{table}.md"]) == bool(shown), table
        said = re.sub(r"\s+", " ", pages[f"{table}.md"])
        assert all(escape(FAULTS[fault].about) in said for fault in shown), table


def test_a_page_tells_simulated_fields_from_the_others():
    page = dictionary.table_page(SCHEMA["school_census"], Filled(7, {"fsmeligible": 0.25}), [])
    assert page.index("field-fsmeligible") < page.index("## Fields that are not simulated") < page.index("field-gender")
    assert "25.0%" in row(page, "fsmeligible")
    assert "<code>fsmeligible_[term][yy]</code>" in row(page, "fsmeligible")
    assert "not simulated" in row(page, "gender") and "not simulated" not in row(page, "fsmeligible")
    assert "by request" in row(page, "gender") and "group 5C" in row(page, "gender")
    assert "<code>M</code> Male" in row(page, "gender")
    assert "<details" in row(page, "ethnicgroupminor") and "<details" not in row(page, "gender")
    assert "sourceofethnicity_[term][yy]</code> <small>in 2001/02" in row(page, "ethnicitysource")
    assert "spring_census_[yyyy]" in page and "but not 2020" in page


def test_a_table_without_rows_says_so():
    page = dictionary.table_page(SCHEMA["ks2_exam"], None, [])
    assert "none: the table is not simulated" in page
    assert "## Simulated fields" not in page


def test_few_and_nearly_all_missing_are_not_rounded_away():
    census = SCHEMA["school_census"]
    page = dictionary.table_page(census, Filled(9, {"fsmeligible": 0.0001, "gender": 0.9999, "onroll": None}), [])
    assert "&lt; 0.1%" in row(page, "fsmeligible")
    assert "&gt; 99.9%" in row(page, "gender")
    assert "no rows" in row(page, "onroll")


@pytest.mark.parametrize(
    ("code", "used"),
    [
        ("select fsmeligible_spr11 from x.spring_census_2011", {"fsmeligible"}),
        ('f"fsmeligible_{yy} from spring_census_{year}"', {"fsmeligible"}),
        ("select fsmeligible_spr11 from x.spring_census", set()),
        ("select xfsmeligible_spr11, fsmeligibles from x.spring_census_2011", set()),
    ],
)
def test_a_lesson_uses_a_field_if_its_code_names_view_and_column(code, used):
    assert set(dictionary.used_in(SCHEMA["school_census"], [Lesson("A", "a.html", code)])) == used


def test_the_lessons_are_found_and_linked(pages):
    assert 'href="../../intro/measuring-earnings.html"' in row(pages["leo_employment.md"], "enddate")
    assert 'href="../../intro/building-a-cohort.html"' in row(pages["school_census.md"], "recordstatus")
    known = pages.keys() | {f"measures/{name}.md" for name in names()}
    for page in pages.values():
        for href in set(re.findall(r'href="([^"#]+)\.html"', page)):
            assert (ROOT / build.GENERATED / f"{href}.md").resolve().is_file() or f"{href}.md" in known, href


# Diagrams ------------------------------------------------------------------------------------------


class Ids(HTMLParser):
    """Every id of a page."""

    def __init__(self, text):
        super().__init__()
        self.ids = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.ids += [value for name, value in attrs if name == "id"]


@pytest.mark.parametrize("name", ["diagrams.md", "coverage.md"])
def test_a_diagram_has_title_description_and_a_table_that_says_the_same(pages, name):
    page, ids = pages[name], Ids(pages[name]).ids
    drawings = re.findall(r"<svg.*?</svg>", page, re.DOTALL)
    assert drawings and page.count("<caption>") >= len(drawings)
    assert len(ids) == len(set(ids))
    for drawing in drawings:
        root = ElementTree.fromstring(drawing)
        assert root.attrib["role"] == "img"
        labels = [child.attrib.get("id") for child in root[:2] if len(child.text) > 20]
        assert root.attrib["aria-labelledby"].split() == labels
        assert not re.search(r"#[0-9a-f]{3,6}\b|rgb\(", drawing), "colours belong in leo.css"


@pytest.mark.parametrize("name", ["diagrams.md", "coverage.md"])
def test_no_line_of_a_diagram_runs_out_of_it(pages, name):
    for drawing in re.findall(r"<svg.*?</svg>", pages[name], re.DOTALL):
        root = ElementTree.fromstring(drawing)
        for mark in root.iter("{http://www.w3.org/2000/svg}text"):
            wide = 6.7 if mark.attrib["class"] == "code" else 6.2 if mark.attrib["class"] == "plain" else 8
            share = {"middle": 0.5}.get(mark.attrib.get("text-anchor"), 1)
            assert int(mark.attrib["x"]) + share * wide * len(mark.text) <= int(root.attrib["width"]), mark.text
            assert int(mark.attrib["y"]) <= int(root.attrib["height"])


@pytest.mark.parametrize(
    ("table", "keys"),
    [
        ("school_census", {"pupil", "school"}),
        ("ks4_pupil", {"pupil", "school"}),
        ("learners", {"education record", "learner in a year"}),
        ("aims", {"education record", "learner in a year", "learning aim"}),
        ("lars", {"learning aim"}),
        ("learner_ae_id_to_edukey_lookup", {"person", "outcomes key"}),
        ("leo_earnings", {"outcomes key", "enterprise"}),
        ("ks3_indicator", set()),
    ],
)
def test_keys_are_known(table, keys):
    assert set(diagrams.keys_of(SCHEMA[table])) == keys


def test_every_table_of_a_database_is_in_its_diagram():
    for database in SCHEMA.databases:
        drawing = diagrams.keys_diagram(SCHEMA, database)
        for table in SCHEMA.tables.values():
            assert (f'class="name">{table.name}<' in drawing) == (table.database == database)


def test_the_spine_leads_from_both_ends_to_every_outcome():
    pupils, records, *lookups, outcomes = diagrams.spine(SCHEMA)
    assert {"school_census", "ucas", "hesa"} <= set(pupils.tables)
    assert set(records.tables) == {"learners", "aims"}
    assert [len(step.tables) for step in lookups] == [1, 1, 1]
    assert set(outcomes.tables) == {
        name for name in SCHEMA.tables if name.startswith("leo_") and name != "leo_idbr_lookup"
    }


# Coverage ------------------------------------------------------------------------------------------


def test_the_coverage_file_passes_the_checks_of_its_sidecar():
    about = json.loads((REFERENCE / "coverage.json").read_text(encoding="utf-8"))
    data = (REFERENCE / about["path"]).read_bytes()
    checks = about["checks"]
    assert hashlib.sha256(data).hexdigest() == about["sha256"]
    assert data.decode().splitlines()[0].split(",") == [field["name"] for field in about["fields"]]
    assert len(CELLS) == checks["rows"] == len({(cell.cohort, cell.year_group) for cell in CELLS})
    assert [min(CELLS, key=lambda c: c.cohort).cohort, max(CELLS, key=lambda c: c.cohort).cohort] == checks[
        "birth_cohorts"
    ]
    for cell in CELLS:
        assert cell.year - 1 - int(cell.cohort[:4]) - cell.year_group == checks["years_from_birth_to_reception"]
    first = int(checks["every_cell_covered_from"][:4]) + 1
    expected = {
        (markup.academic_year(born + 1), group)
        for born in range(1985, 2005)
        for group in range(14)
        if born + 6 + group >= first
    }
    assert {(cell.cohort, cell.year_group) for cell in CELLS if cell.year >= first} == expected
    early = {f"Year {cell.year_group}" for cell in CELLS if cell.year < first}
    assert early == set(checks["year_groups_covered_before"])


def test_our_census_views_agree_with_the_published_coverage():
    """The views offer a spring census in exactly the years from which the chart is filled."""
    spring = {view.first for view in SCHEMA["school_census"].views if view.term == "spr"}
    assert spring == {cell.year for cell in CELLS if cell.source == "census"}
    for cell in CELLS:
        if cell.source == "results":
            table = SCHEMA[{2: "ks1", 6: "ks2_pupil"}[cell.year_group]]
            assert [view for view in table.views if view.first <= cell.year <= view.last], cell


def test_our_census_rows_agree_with_the_published_coverage(lesson):
    """Every cohort is seen in every year group and year that the chart gives, and in no other."""
    seen = duckdb.sql(
        f"""SELECT DISTINCT yearofbirth - CAST(monthofbirth < 9 AS INTEGER),
                   TRY_CAST(replace(ncyearactual, 'R', '0') AS INTEGER) AS year_group, collection_year
        FROM read_parquet('{lesson}/school_census/*.parquet')
        WHERE collection_term = 'spr' AND year_group <= 13 -- a third year in a sixth form is no cell of the chart"""
    ).fetchall()
    ours = {(markup.academic_year(born + 1), group, year) for born, group, year in seen}
    assert ours == {(cell.cohort, cell.year_group, cell.year) for cell in CELLS if cell.source == "census"}


def test_the_chart_and_its_table_hold_every_cell(pages):
    page = pages["coverage.md"]
    drawn = re.findall(r'class="cell" text-anchor="middle">([^<]+)<', page)
    assert len(drawn) == len(CELLS)
    assert sum(each.endswith("*") for each in drawn) == 2
    table = page[page.index("## The same as a table") :]
    assert len(re.findall(r"<td>\d{4}/\d\d", table)) == len(CELLS)
    assert "Department for Education" in page and "Crown copyright 2025" in page


# Changelog -----------------------------------------------------------------------------------------


def test_renamed_columns_and_views_are_in_the_changelog():
    census = list(changes.changes(SCHEMA["school_census"]))
    new, old = "<code>ethnicitysource_[yy]</code>", "<code>sourceofethnicity_[yy]</code>"
    assert (2003, f"{old} is now called {new}.") in census
    assert (2017, "<code>idacirank_10_[term][yy]</code> is now called <code>idacirank_15_[term][yy]</code>.") in census
    assert not [text for _, text in census if "fsmeligibility" in text]  # of the form alone
    assert (
        2006,
        "The view <code>plasc_[yyyy]</code> gives way to <code>spring_census_[yyyy]</code>.",
    ) in census
    ks4 = list(changes.changes(SCHEMA["ks4_pupil"]))
    assert "ks4pupil_2015_to_2021" in " ".join(text for year, text in ks4 if year == 2015)


def test_every_field_that_begins_or_ends_inside_its_table_is_in_the_changelog():
    wrong = []
    for table in SCHEMA.tables.values():
        found = list(changes.changes(table))
        first, last = markup.lifetime(table)
        if first is None:  # a lookup has no years
            assert found == []
            continue
        assert (first, "The table begins.") in found
        assert ((last, "The table ends with this year.") in found) == (last < markup.LAST_YEAR)
        for field in table.fields:
            name = f"<code>{markup.pattern(field.column)}</code>"
            for start, end in field.years:
                if start > first and not _told(found, start, name, "begin"):
                    wrong.append(f"{table.name}.{field.name} begins with {start}")
                if end < last and not _told(found, end, name, "end"):
                    wrong.append(f"{table.name}.{field.name} ends with {end}")
    assert not wrong


def _told(found: list[tuple[int, str]], of: int, name: str, word: str) -> bool:
    return any(year == of and name in text and word in text for year, text in found)


def test_the_key_stage_4_reforms_are_told(pages):
    page = pages["changes.md"]
    years = dict(re.findall(r"^## (\S+)\n(.*?)(?=^## |\Z)", page, re.MULTILINE | re.DOTALL))
    assert "first entry" in years["2013/14"] and "`_ptq`" in years["2013/14"]
    assert "`_ptq_ee`" in years["2014/15"]
    assert "Progress 8" in years["2015/16"]
    assert "9 to 1" in years["2016/17"]
    assert "no examinations" in years["2019/20"] and "no examinations" in years["2020/21"]
    assert list(years) == sorted(years, key=lambda year: int(year[:4]))


# Writing -------------------------------------------------------------------------------------------


def test_pages_are_written_only_when_their_text_changes(lesson, tmp_path, monkeypatch):
    linked = ("data/schema", "data/reference", "book/intro", "solutions", "exercises", "_toc.yml",
              "book/reference/research-questions.md")  # fmt: skip
    for name in (*linked, LESSON_EXTRACT.as_posix()):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).symlink_to(ROOT / name)
    steps = Steps(tmp_path, [replace(step, after=()) for step in course_steps(tmp_path).table.values()])
    assert steps.make("reference")
    folder = tmp_path / GENERATED
    assert {page.name for page in folder.glob("*.md")} == set(build.reference_pages(tmp_path))
    times = {page.name: page.stat().st_mtime_ns for page in folder.glob("*.md")}
    (folder / "ks1.md").write_text("changed by hand", encoding="utf-8")
    (folder / "former.md").write_text("a table that is no more", encoding="utf-8")
    assert steps.make("reference")
    after = {page.name: page.stat().st_mtime_ns for page in folder.glob("*.md")}
    assert {name for name in after if times.get(name) != after[name]} == {"ks1.md"}
    assert set(after) == set(times)
    monkeypatch.setattr(build, "reference_pages", lambda root: pytest.fail("made again"))
    assert not steps.make("reference")
