"""Lines of the pages that were once wrong, held against the schema, the code lists and the records.

What only a public source can settle is cited on the page: here a test says that the line is there and its rival is not.
"""

from __future__ import annotations

import re
from itertools import chain
from pathlib import Path

import duckdb
import pytest

import leocourse as leo
from leocourse.schema import load_schema

ROOT = Path(__file__).resolve().parents[2]
BOOK = ROOT / "book"
BY_HAND = sorted(path for path in BOOK.rglob("*.md") if "generated" not in path.parts)
CITED = re.compile(r"\{cite(?::\w+)?\}`([^`]+)`")
BIBLIOGRAPHY = (BOOK / "references.bib").read_text(encoding="utf-8")
SEN_YEARS = {"A": (None, 2015), "P": (None, 2015), "S": (None, 2018), "K": (2015, None), "E": (2015, None)}
"""Years in which the codes of special needs are used, by the census year, as the form's code list says."""


def page(name: str) -> str:
    return (BOOK / f"{name}.md").read_text(encoding="utf-8")


def entry(term: str) -> str:
    """The text of an entry of the glossary, in one line."""
    found = re.search(rf"^{re.escape(term)}\n((?:    .*\n)+)", page("reference/glossary"), re.MULTILINE)
    assert found, term
    return " ".join(found[1].split())


def sql_of(name: str, holds: str) -> str:
    """The statement in the cell of a page that makes the variable ``holds``."""
    return re.search(rf'^{holds} = con\.sql\("""(.*?)"""', page(name), re.MULTILINE | re.DOTALL)[1]


# References ------------------------------------------------------------------------------------------


def test_every_citation_is_in_the_bibliography_and_every_reference_is_described():
    known = re.findall(r"^@\w+\{([^,]+),", BIBLIOGRAPHY, re.MULTILINE)
    assert len(known) == len(set(known))
    cited = {
        key.strip() for path in BY_HAND for keys in CITED.findall(path.read_text("utf-8")) for key in keys.split(",")
    }
    assert cited <= set(known)
    listed = set(CITED.findall(page("reference/bibliography")))
    assert sorted(set(known) - listed - {"ons-places"}) == []


def test_dates_of_the_first_releases_are_the_verified_ones():
    for key, date in {
        "sfr36-2016": "4 August 2016",
        "sfr60-2016": "1 December 2016",
        "sfr76-2017": "20 December 2017",
    }.items():
        assert date in re.search(rf"\{{{key},(.*?)^\}}", BIBLIOGRAPHY, re.MULTILINE | re.DOTALL)[1]
    described = re.search(r"^(.*) \{cite:t\}`sfr36-2016`$", page("reference/bibliography"), re.MULTILINE)[1]
    assert "4 August 2016" in described and "December" not in described


# Results ---------------------------------------------------------------------------------------------


def test_first_entry_is_a_policy_of_its_own():
    assert "another policy" in entry("Wolf reforms") and "first entries" not in entry("Wolf reforms")
    first = entry("first entry rule")
    assert "29 September 2013" in first and "English Baccalaureate" in first and "not part of" in first
    lesson = page("intro/attainment-through-the-reforms")
    assert re.search(r"^Wolf reforms\n: (?!.*several entries)", lesson, re.MULTILINE)
    for text in (lesson, page("reference/changelog")):
        assert "29 September 2013" in text and "{cite}`first-entry`" in text


def test_grades_of_2020_and_2021_have_their_own_names():
    assert "2020" in entry("centre-assessed grade") and "2021" in entry("teacher-assessed grade")
    for line in chain.from_iterable(path.read_text("utf-8").splitlines() for path in BY_HAND):
        if "2020" in line and "teacher-assessed" in line:
            assert re.search(r"2021|2020/21|centre-assessed", line), line


def test_english_counts_double_on_a_condition_only():
    for text in (entry("Attainment 8"), page("intro/attainment-through-the-reforms")):
        assert re.search(r"English (does only if|for a pupil who took) ?.*both language and literature", text)
    assert not [p.name for p in BY_HAND if "English and mathematics counting double" in p.read_text("utf-8")]


# Codes -----------------------------------------------------------------------------------------------


def test_special_needs_codes_are_those_of_the_form_in_the_text():
    labels = {c["value"]: c["label"] for c in categories("school_census", "senprovision")}
    for code, (first, last) in SEN_YEARS.items():
        year = first or last
        assert f"{'since' if first else 'up to'} {year - 1}/{year % 100}" in labels[code]
    text = entry("special educational needs")
    assert "used to 2014/15" in text and "to 2017/18" in text and "from 2014/15" in text
    check = page("intro/the-extract-as-a-database").split("senprovision_spr18 = 'A'")[1].split(":::\n")[0]
    assert "last time in 2014/15" in check and "from 2014/15 on, support has the code K" not in check


def test_special_needs_codes_are_those_of_the_form_in_the_records(lesson):
    con = leo.connect(lesson)
    for year in range(2013, 2020):
        column = f"senprovision_spr{year % 100}"
        rows = con.sql(f'SELECT DISTINCT UPPER({column}) FROM npd_i2."2005003".spring_census_{year}').fetchall()
        used = {code for (code,) in rows if code in SEN_YEARS}
        allowed = {c for c, (first, last) in SEN_YEARS.items() if (first or 0) <= year <= (last or 9999)}
        assert used <= allowed, year
        if year == 2015:
            assert used & {"A", "P"} and "K" in used  # old and new codes beside each other


def categories(table: str, field: str) -> list[dict]:
    described = load_schema()[table].descriptor["fields"]
    return next(each for each in described if each["name"] == field)["categories"]


def test_the_lesson_names_every_code_of_the_caseload_after_16_once_and_rightly():
    rows = re.findall(r"^\| (\d[\d, to]+) \| (.+?) \|$", page("intro/after-16"), re.MULTILINE)
    said = {}
    for codes, meaning in rows:
        for part in codes.split(","):
            low, _, high = part.strip().partition(" to ")
            said |= dict.fromkeys(range(int(low), int(high or low) + 1), meaning)
    known = {c["value"]: c["label"] for c in categories("nccis", "nccis_current_activity_code") if c["value"] >= 200}
    assert [code for code in known if code not in said] == []
    for code, label in known.items():
        if code < 600 and re.search("raining|Traineeship|Internship|WBL", label):
            assert "training" in said[code], (code, label)
        if "not for reward" in label:
            assert "without pay" in said[code]
    assert "NEET" in said[619] and "NEET" not in said[550] and "in education" not in said[260]


# What may leave --------------------------------------------------------------------------------------


def test_no_page_says_that_acro_is_in_the_service():
    for path in BY_HAND:
        for line in path.read_text("utf-8").splitlines():
            assert not re.search(r"Secure Research Service another tool", line), path
    assert "not verified" in entry("ACRO")


def test_both_conventions_at_their_edges():
    """The cell of the lesson on people just below and above each limit."""
    con = duckdb.connect()
    con.execute("CREATE TABLE result (ethnic varchar, meals varchar, pay integer)")
    for group, (people, with_pay) in {"a": (9, 7), "b": (10, 8), "c": (22, 9), "d": (23, 10)}.items():
        con.execute(
            f"INSERT INTO result SELECT '{group}', 'x', CASE WHEN i < {with_pay} THEN 1 END FROM range({people}) AS t(i)"
        )
    found = {row[0]: row[4:] for row in con.sql(sql_of("intro/outputs-that-may-leave", "edges_sql")).fetchall()}
    assert found == {
        "a": ("no", "no", "no", "no"),
        "b": ("yes", "no", "no", "yes"),
        "c": ("yes", "no", "no", "yes"),
        "d": ("yes", "yes", "yes", "yes"),
    }


# What LEO is, and how one gets it --------------------------------------------------------------------


def test_countries_are_more_than_england_where_the_lesson_says_so(lesson):
    rows = leo.connect(lesson).sql(sql_of("intro/what-leo-is", "country_sql")).df().set_index("country")
    for nation in ("England", "Scotland", "Wales", "Northern Ireland"):
        assert rows.loc[nation].notna().all()
    assert rows.loc["Abroad", "people_with_an_address"] > 0


def test_real_time_information_is_in_every_lesson_that_crosses_april_2013():
    for name in ("work-spells-and-tax-years", "measuring-earnings", "describing-gaps"):
        assert "{term}`Real Time Information`" in page(f"intro/{name}"), name
    assert "April 2013" in entry("Real Time Information") and "P14" in entry("Real Time Information")


def test_the_model_request_says_who_the_others_are():
    lesson = page("intro/getting-access")
    asked = re.findall(r"^(?:\w+ = \"\"\")?([\w -]+) \| ([\w, ]+) \| ", lesson, re.MULTILINE)
    sources = {source for source, _ in asked}
    assert {"universities", "self-assessment", "aims", "employment", "pay"} <= sources
    tables = dict(
        re.findall(r'"([\w -]+)": "(\w+)"', re.search(r"^tables = \{(.*?)\}$", lesson, re.MULTILINE | re.DOTALL)[1])
    )
    schema = load_schema()
    for source, names in asked:
        fields = {field.name for field in schema[tables[source]].fields}
        assert set(names.replace(" ", "").split(",")) <= fields, source


def test_no_page_sends_anybody_to_a_date_of_birth():
    released = re.compile(r"(select|look|by|at|use)\b[^.]*\bdate of birth", re.IGNORECASE)
    wrong = [
        (path.name, line)
        for path in BY_HAND
        if path.name != "research-questions.md"  # there a policy went by date of birth
        for line in path.read_text("utf-8").splitlines()
        if released.search(line)
        and not re.search(r"\bno(t|body)?\b", line, re.IGNORECASE)
        and "names, dates of birth" not in line
        and "A match uses" not in line
    ]
    assert wrong == []


@pytest.mark.parametrize("act", ["Digital Economy Act 2017", "Small Business, Enterprise and Employment Act 2015"])
def test_the_acts_are_named(act):
    assert act in page("intro/getting-access") and act in page("reference/faq")


def test_neighbours_of_leo_are_set_beside_it():
    text = page("reference/which-data")
    for name in ("National Pupil Database", "GRADE", "Growing up in England", "ASHE", "CENTRIC"):
        assert name in text
    assert "not verified" in text  # what may be applied for today
