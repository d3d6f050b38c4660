"""Months in work."""

from __future__ import annotations

from datetime import date

from leocourse.authoring import Question
from leocourse.authoring.shorthand import ended, labels, months_of, varied, winter

from .q05_alternatives import months_flags, months_loop, months_numbers, months_pandas
from .shared import EDUKEYS, LESSON, WORK, month_rows, slip

TOUCHED, COVERED, AT_FIRST = (
    "s.startdate < m.next_first AND s.enddate >= m.first_day",
    "s.startdate <= m.first_day AND s.enddate >= m.next_first - 1",
    "s.startdate <= m.first_day AND s.enddate >= m.first_day",
)
SURE = "uncertainstartdate = 0 AND uncertainenddate = 0"


def months_worked(con, tax_year, months=months_of, inside=TOUCHED, sure=SURE, count="DISTINCT m.n", spells=WORK,
                  kept="1 = 1"):  # fmt: skip
    months = months(tax_year)
    count_sure = count.replace("m.n", f"CASE WHEN {sure} THEN m.n END")
    return con.sql(f"""
        SELECT s.edukey, COUNT({count}) AS months, COUNT({count_sure}) AS certain
        FROM {spells} AS s
        JOIN (VALUES {month_rows(months)}) AS m (n, first_day, next_first) ON {inside}
        GROUP BY s.edukey
        HAVING {kept}
    """)


QUESTION = Question(
    name="q5",
    title="Months in work",
    answer_name="months_worked",
    kind="function",
    points=3,
    columns={"edukey": "text", "months": "number", "certain": "number"},
    identity=("edukey",),
    unit="EDUKEY",
    people=True,
    lesson=LESSON,
    heading="Sustained employment",
    reference_sql=months_worked,
    reference_pandas=months_pandas,
    alternatives=(months_numbers, months_flags, months_loop),
    make=varied(months_worked),
    domain={"tax_year": labels(2008, 2020)},
    universe=EDUKEYS,
    hints=(
        "Write the twelve months as rows with their first day and the first day of the next month.",
        "Join spells to months on a shared day, and count distinct months: two spells can touch one month.",
        "For certain, count a month only where both flags of the spell are 0: COUNT(DISTINCT CASE ... END).",
    ),
    misconceptions=(
        slip(
            "whole-months",
            "You counted only months that a spell covers from the first day to the last. One day in work makes a month "
            "count.",
            inside=COVERED,
        ),
        slip(
            "calendar-months-of-the-year",
            "You counted January to December. The months of a tax year are April to March.",
            months=lambda label: months_of(label, begins=1),
        ),
        slip(
            "label-read-as-end",
            "You took the tax year that begins in the second year of the label. 201718 begins in April 2017.",
            months=lambda label: months_of(label, shift=1),
        ),
        slip(
            "end-flag-forgotten",
            "You dropped spells with an uncertain start only. A spell has a flag for its end, too.",
            sure="uncertainstartdate = 0",
        ),
        slip(
            "thirteen-months",
            "You counted the April in which the tax year ends, so some people have thirteen months. The rules look at "
            "twelve calendar months, April to March.",
            months=lambda label: months_of(label, count=13),
        ),
        slip("months-counted-twice", count="m.n"),
        slip(
            "both-flags-needed",
            "You left a spell out only where both of its dates are uncertain. One uncertain date is enough.",
            sure="(uncertainstartdate = 0 OR uncertainenddate = 0)",
        ),
        slip(
            "uncertain-for-certain",
            "You counted the months of uncertain spells. certain is what is left without them.",
            sure=f"NOT ({SURE})",
        ),
        slip(
            "nought-certain-lost",
            "EDUKEYs whose months all come from uncertain spells are gone. They keep their row, with 0 in certain.",
            kept=f"COUNT(CASE WHEN {SURE} THEN m.n END) > 0",
        ),
        slip("first-of-month-only", inside=AT_FIRST),
        slip("open-spells-dropped", spells=ended(WORK)),
        slip(
            "winter-months-only",
            "You looked at October to March. All twelve months of the tax year count here, April to March.",
            months=winter,
        ),
        slip(
            "april-from-the-6th",
            "Your first month begins on 6 April. The months are calendar months: a day from 1 to 5 April counts, too.",
            months=lambda label: [(date(label // 100, 4, 6), date(label // 100, 5, 1)), *months_of(label)[1:]],
        ),
    ),
)
