"""Rows that are named after another year: one rule, in every question whose rows are years or tax years."""

from __future__ import annotations

import pytest

from leocourse.authoring.keys import call_key
from leocourse.checks.answer import Answer
from leocourse.checks.judge import judge

YEARS = list(range(2008, 2018))
PAY = [10_000.5 + 137 * place for place in range(10)]


def label(year):
    return year * 100 + (year + 1) % 100


def table(years, pay=PAY, keys=None):
    return Answer({"tax_year": years, "keys": keys or [50 + year % 3 for year in YEARS], "pay": pay})


def specification(identity=("tax_year",)):
    return {
        "name": "q", "title": "Pay", "answer_name": "q", "kind": "sql", "points": 1.0,
        "columns": {"tax_year": "number", "keys": "number", "pay": "number"}, "identity": list(identity),
        "unit": "tax year", "plural": "", "people": False, "ordered": False, "tolerance": {"pay": 0.001},
        "calls": [{}], "universe": None, "labels": {}, "lesson": "Measuring earnings", "hints": [],
        "misconceptions": {},
    }  # fmt: skip


def said(years, given):
    key = [call_key(specification(), 0, table(years), {})[0]]
    return judge(specification(), [given], key).message


@pytest.mark.parametrize("name", [label, int], ids=["labels", "years"])
@pytest.mark.parametrize(("away", "words"), [(1, "names the year after"), (-1, "names the year before")])
def test_rows_named_after_another_year_are_recognised(name, away, words):
    right, moved = [name(year) for year in YEARS], [name(year + away) for year in YEARS]
    message = said(right, table(moved))
    assert f"tax_year {words}" in message and "wrong for" not in message, message
    # of a year that does not fit the range, the row is gone
    message = said(right, Answer({key: values[1:-1] for key, values in table(moved).columns.items()}))
    assert f"tax_year {words}" in message, message


def test_a_year_is_not_blamed_where_the_values_do_not_fit_the_move():
    right, moved = [label(year) for year in YEARS], [label(year + 1) for year in YEARS]
    for given in (
        table(moved, pay=[each + 7 for each in PAY], keys=[each + 1 for each in range(10)]),  # other values
        table(right, pay=[each + 7 for each in PAY]),  # the right years
        table([label(year) for year in range(2009, 2019)], pay=[*PAY[1:], 1.5], keys=[50 + y % 3 for y in range(2009, 2019)]),
        table([each + 1 for each in range(1, 11)]),  # no years at all
        table([str(each) for each in moved]),
    ):  # fmt: skip
        assert "names the year" not in said(right, given)


def test_a_year_is_not_blamed_if_the_move_makes_a_column_wrong_that_was_right():
    """Each cohort a year short: its last year is that of the cohort before, its first year is its own."""
    right = table(YEARS, pay=[1.0 * year + 11 for year in YEARS], keys=[3 * year for year in YEARS])
    key = [call_key(specification(), 0, right, {})[0]]
    given = table(YEARS[1:], pay=[1.0 * year + 10 for year in YEARS[1:]], keys=[3 * year for year in YEARS[1:]])
    assert "names the year" not in judge(specification(), [given], key).message


def test_one_value_for_all_is_no_proof_of_a_move():
    right, moved = [label(year) for year in YEARS], [label(year + 1) for year in YEARS]
    key = [call_key(specification(), 0, table(right, pay=[5.0] * 10, keys=[3] * 10), {})[0]]
    given = table(moved, pay=[5.0] * 10, keys=[3] * 10)
    assert "names the year" not in judge(specification(), [given], key).message


def test_pounds_rounded_where_a_thousandth_counts_are_named_so():
    right = [label(year) for year in YEARS]
    pay = [each + 0.173 * (place % 5) for place, each in enumerate(PAY)]
    key = [call_key(specification(), 0, table(right, pay=pay), {})[0]]
    rounded = judge(specification(), [table(right, pay=[float(round(each)) for each in pay])], key)
    assert "pay is rounded to whole numbers" in rounded.message, rounded.message
