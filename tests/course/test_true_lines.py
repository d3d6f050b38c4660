"""Lines of the lessons that were wrong once: what they say is held against the tools and measures that they name."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest

import leocourse as leo
from leocourse.core.errors import LeoError

ROOT = Path(__file__).resolve().parents[2]
LESSONS = sorted((ROOT / "book" / "intro").glob("*.md"))
KIND = {"median_pay": "median"}


def text(name: str) -> str:
    return (ROOT / "book" / "intro" / f"{name}.md").read_text(encoding="utf-8")


def test_a_median_whose_base_was_not_counted_passes_only_if_the_wrong_base_is_named():
    table = pd.DataFrame({"group": ["a", "b"], "people": [60, 12], "with_pay": [40, 6], "median_pay": [210.0, 310.0]})
    bare = table.drop(columns="with_pay")
    with pytest.raises(LeoError, match="was not prepared"):
        leo.disclosure.prepare(bare)
    wrong = {"counts": ["people"], "statistics": {"median_pay": "people"}, "kinds": KIND}
    released = leo.disclosure.prepare(bare, **wrong)
    assert released["median_pay"].notna().all()
    assert "Nothing found" in leo.disclosure.check_release(released, **wrong).summary
    assert "not judged" in leo.disclosure.check_release(released).summary
    right = {"counts": ["people", "with_pay"], "parts": {"with_pay": "people"},
             "statistics": {"median_pay": "with_pay"}, "kinds": KIND}  # fmt: skip
    assert leo.disclosure.prepare(table, **right)["median_pay"].isna().tolist() == [False, True]


@pytest.mark.parametrize("page", LESSONS, ids=lambda page: page.stem)
def test_no_query_calls_people_without_a_record_not_eligible(page):
    queries = re.sub(r"`[^`\n]*`", "", page.read_text(encoding="utf-8"))
    assert re.findall(r"ELSE 'not eligible'", queries) == []


@pytest.mark.parametrize("page", LESSONS, ids=lambda page: page.stem)
def test_no_lesson_says_that_published_scripts_keep_one_key_only(page):
    assert "as some published ones do" not in page.read_text(encoding="utf-8")


def test_not_captured_is_said_in_one_way():
    for page in ("book/reference/glossary", "book/reference/faq", "book/intro/after-16", "book/intro/what-leo-is"):
        said = (ROOT / f"{page}.md").read_text(encoding="utf-8")
        assert re.search(r"matched to (the register|tax and benefit records)", said, re.IGNORECASE), page


def test_earnings_leave_out_further_study_and_spells_need_no_row_a_day():
    assert "w.winter >= 5 AND w.studies = 0" in text("measuring-earnings")
    sql = re.findall(r":tags: \[sql\]\n(.*?)^```$", text("work-spells-and-tax-years"), re.DOTALL | re.MULTILINE)
    assert sql and not [cell for cell in sql if "generate_series" in cell or "calendar" in cell]


def test_wilson_of_the_lesson_is_wilson():
    code = re.search(r"def wilson\(.*?return [^\n]*\n", text("describing-gaps"), re.DOTALL)
    scope: dict = {}
    exec(f"import numpy as np\n{code[0]}", scope)
    low, high = scope["wilson"](80, 25)
    # Each end is the percentage under which the one that is seen lies 1.96 standard errors away.
    for end in (low, high):
        assert abs(80 - end) == pytest.approx(1.96 * (end * (100 - end) / 25) ** 0.5)
    assert scope["wilson"](100, 10)[1] <= 100.0001 and scope["wilson"](100, 10)[0] < 90
