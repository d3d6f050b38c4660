"""Sustained employment."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

from leocourse.authoring import Question
from leocourse.authoring.shorthand import LEO, certain, ended, months_of, varied, winter

from .shared import (
    AT_FIRST,
    COVERED,
    EDUKEYS,
    SPELLS,
    TAX_YEARS,
    WORK_LESSON,
    slip,
    sustained,
    sustained_by_sets,
    sustained_pandas,
)


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
    make=varied(sustained),
    domain=TAX_YEARS,
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
            count="count(m.first_day)",
        ),
        slip(
            "all-six",
            "You asked for work in all six months. The published rule is at least one day in five of the six months "
            "from October to March.",
            at_least=6,
        ),
        slip(
            "whole-months",
            "You counted only months that a spell covers from the first day to the last. One day in work makes a "
            "month count.",
            inside=COVERED,
        ),
        slip(
            "any-five-months",
            "You looked at all months of the year. Summer months do not count: a person in work from April to "
            "September is not in sustained employment.",
            months=all_months,
        ),
        slip(
            "wrong-winter",
            "You took the October to March that comes after the tax year ends. Tax year 201213 contains October 2012"
            " to March 2013.",
            months=lambda label: winter(label, shift=1),
        ),
        slip("winter-before", months=lambda label: winter(label, shift=-1)),
        slip("september-to-february", months=lambda label: months_of(label, begins=9, count=6)),
        slip(
            "march-left-out",
            "You looked at October to February. March is the last of the six months.",
            months=lambda label: winter(label)[:-1],
        ),
        slip("four-months-enough", at_least=4),
        slip(
            "months-not-needed",
            "You kept everybody with a month of the winter in work. At least five different months are asked for.",
            at_least=1,
        ),
        slip("first-of-month-only", inside=AT_FIRST),
        slip("one-spell-for-all-months", group="s.edukey, s.startdate"),
        slip("open-spells-dropped", spells=ended(SPELLS)),
        slip("uncertain-dropped", spells=certain(SPELLS)),
    ),
    alternatives=(
        sustained_by_flags,
        sustained_by_union,
        sustained_by_sets,
    ),
)
