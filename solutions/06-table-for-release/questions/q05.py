"""Sustained employment."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

from leocourse.authoring import Question
from leocourse.authoring.shorthand import LEO, winter

from .shared import EDUKEYS, TAX_YEAR_CALLS, WORK_LESSON, slip, sustained, sustained_by_sets, sustained_pandas


def all_months(label):
    """The twelve months that begin in a tax year, May to April."""
    year = label // 100
    firsts = [date(year + (m > 12), (m - 1) % 12 + 1, 1) for m in range(5, 18)]
    return list(pairwise(firsts))


def sustained_by_flags(con, tax_year):
    """A flag for each month, added up."""
    flags = " + ".join(
        f"max(CASE WHEN startdate < DATE '{after}' AND enddate >= DATE '{first}' THEN 1 ELSE 0 END)"
        for first, after in winter(tax_year)
    )
    return con.sql(f"""
        SELECT edukey, months FROM (SELECT edukey, {flags} AS months FROM {LEO}.leo_employment GROUP BY edukey) AS t
        WHERE months > 4
    """)


def sustained_by_union(con, tax_year):
    """The people of each month, one below the other."""
    spells = f"SELECT DISTINCT edukey FROM {LEO}.leo_employment"
    months = " UNION ALL ".join(
        f"{spells} WHERE startdate < DATE '{after}' AND enddate >= DATE '{first}'" for first, after in winter(tax_year)
    )
    return con.sql(f"SELECT edukey, count(*) AS months FROM ({months}) AS t GROUP BY edukey HAVING count(*) >= 5")


QUESTION = Question(
    name="q5",
    title="Sustained employment",
    answer_name="sustained",
    kind="function",
    points=3,
    columns={"edukey": "text", "months": "number"},
    identity=("edukey",),
    unit="EDUKEY",
    people=True,
    lesson=WORK_LESSON,
    heading="Sustained employment",
    reference_sql=sustained,
    reference_pandas=sustained_pandas,
    calls=TAX_YEAR_CALLS,
    universe=EDUKEYS,
    hints=(
        "Write the six months as rows first, each with its first and its last day.",
        "A month counts when a spell shares a day with it: which spells begin too late for that, which end too early?",
        "Join spells to months on a shared day, count different months by EDUKEY, and keep those with enough of them.",
    ),
    misconceptions=(
        slip(
            "months-counted-twice",
            "You counted rows: a month in which two spells have a day stands there twice. Count different months.",
            lambda con, tax_year: sustained(con, tax_year, count="count(m.first_day)"),
        ),
        slip(
            "all-six",
            "You asked for work in all six months. The published rule is at least one day in five of the six months "
            "from October to March.",
            lambda con, tax_year: sustained(con, tax_year, at_least=6),
        ),
        slip(
            "whole-months",
            "You counted only months that a spell covers from the first day to the last. One day in work makes a "
            "month count.",
            lambda con, tax_year: sustained(con, tax_year, whole=True),
        ),
        slip(
            "any-five-months",
            "You looked at all months of the year. Summer months do not count: a person in work from April to "
            "September is not in sustained employment.",
            lambda con, tax_year: sustained(con, tax_year, months=all_months(tax_year)),
        ),
        slip(
            "wrong-winter",
            "You took the October to March that comes after the tax year ends. Tax year 201213 contains October 2012"
            " to March 2013.",
            lambda con, tax_year: sustained(con, tax_year, months=winter(tax_year, shift=1)),
        ),
    ),
    alternatives=(
        sustained_by_flags,
        sustained_by_union,
        sustained_by_sets,
    ),
)
