"""Months in work."""

from __future__ import annotations

import pandas as pd

from leocourse.authoring import Question
from leocourse.authoring.shorthand import months_of

from .shared import EDUKEYS, LESSON, WORK, month_rows, slip


def months_worked(con, tax_year, months=None, whole=False, certain="uncertainstartdate = 0 AND uncertainenddate = 0"):
    months = months or months_of(tax_year)
    inside = (
        "s.startdate <= m.first_day AND s.enddate >= m.next_first - 1"
        if whole
        else "s.startdate < m.next_first AND s.enddate >= m.first_day"
    )
    return con.sql(f"""
        SELECT s.edukey, COUNT(DISTINCT m.n) AS months, COUNT(DISTINCT CASE WHEN {certain} THEN m.n END) AS certain
        FROM {WORK} AS s
        JOIN (VALUES {month_rows(months)}) AS m (n, first_day, next_first) ON {inside}
        GROUP BY s.edukey
    """)


def months_pandas(con, tax_year):
    rows = con.sql(
        f"SELECT edukey, startdate::VARCHAR s, enddate::VARCHAR e, "
        f"uncertainstartdate + uncertainenddate AS unsure FROM {WORK}"
    ).df()
    found = pd.concat(
        rows.loc[(rows["s"] < str(after)) & (rows["e"] >= str(first)), ["edukey", "unsure"]].assign(month=first)
        for first, after in months_of(tax_year)
    )
    table = found.groupby("edukey")["month"].nunique().rename("months").to_frame()
    table["certain"] = found[found["unsure"] == 0].groupby("edukey")["month"].nunique()
    return table.fillna(0).astype(int).reset_index()


def months_numbers(con, tax_year):
    """Months as numbers, so that a spell gives a first and a last one; spells of a key may share a month."""
    first = tax_year // 100 * 12 + 3
    return con.sql(f"""
        WITH spells AS (
            SELECT edukey, uncertainstartdate + uncertainenddate AS unsure,
                GREATEST(YEAR(startdate) * 12 + MONTH(startdate) - 1, {first}) AS a,
                LEAST(YEAR(enddate) * 12 + MONTH(enddate) - 1, {first + 11}) AS b
            FROM {WORK}
        ),
        months AS (SELECT edukey, unsure, UNNEST(range(a, b + 1)) AS month FROM spells WHERE a <= b)
        SELECT edukey, COUNT(DISTINCT month) AS months,
            COUNT(DISTINCT month) FILTER (WHERE unsure = 0) AS certain
        FROM months GROUP BY edukey
    """)


def months_flags(con, tax_year):
    """A flag for each month and key, then a sum of flags."""
    rows = month_rows(months_of(tax_year))
    return con.sql(f"""
        WITH grid AS (
            SELECT s.edukey, m.n, MIN(GREATEST(s.uncertainstartdate, s.uncertainenddate)) AS unsure
            FROM {WORK} AS s, (VALUES {rows}) AS m (n, first_day, next_first)
            WHERE s.startdate < m.next_first AND s.enddate >= m.first_day
            GROUP BY s.edukey, m.n
        )
        SELECT edukey, COUNT(*) AS months, COUNT(*) - SUM(unsure) AS certain FROM grid GROUP BY edukey
    """)


def months_loop(con, tax_year):
    first, every, sure = tax_year // 100 * 12 + 3, {}, {}
    rows = con.sql(f"""
        SELECT edukey, YEAR(startdate) * 12 + MONTH(startdate) - 1, YEAR(enddate) * 12 + MONTH(enddate) - 1,
            uncertainstartdate + uncertainenddate
        FROM {WORK}
    """)
    for key, begins, ends, unsure in rows.fetchall():
        months = range(max(begins, first), min(ends, first + 11) + 1)
        if months:
            every.setdefault(key, set()).update(months)
            sure.setdefault(key, set()).update(() if unsure else months)
    return [{"edukey": key, "months": len(months), "certain": len(sure[key])} for key, months in every.items()]


MONTH_CALLS = ({"tax_year": 200910}, {"tax_year": 201718})

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
    calls=MONTH_CALLS,
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
            lambda con, tax_year: months_worked(con, tax_year, whole=True),
        ),
        slip(
            "calendar-months-of-the-year",
            "You counted January to December. The months of a tax year are April to March.",
            lambda con, tax_year: months_worked(con, tax_year, months=months_of(tax_year, begins=1)),
        ),
        slip(
            "label-read-as-end",
            "You took the tax year that begins in the second year of the label. 201718 begins in April 2017.",
            lambda con, tax_year: months_worked(con, tax_year, months=months_of(tax_year, shift=1)),
        ),
        slip(
            "end-flag-forgotten",
            "You dropped spells with an uncertain start only. A spell has a flag for its end, too.",
            lambda con, tax_year: months_worked(con, tax_year, certain="uncertainstartdate = 0"),
        ),
        slip(
            "thirteen-months",
            "You counted the April in which the tax year ends, so some people have thirteen months. The rules look at "
            "twelve calendar months, April to March.",
            lambda con, tax_year: months_worked(con, tax_year, months=months_of(tax_year, count=13)),
        ),
    ),
)
