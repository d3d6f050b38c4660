"""Annualised earnings."""

from __future__ import annotations

from datetime import date

import pandas as pd

from leocourse.authoring import Question
from leocourse.authoring.shorthand import LEO, certain, ended, tax_year_bounds, winter

from .shared import (
    EARNINGS_LESSON,
    SPELLS,
    days_by_loop,
    days_in_work,
    days_in_work_pandas,
    slip,
    sustained,
    sustained_by_sets,
    sustained_pandas,
)

JOINED = "JOIN sustained s ON s.edukey = e.edukey"


def annualised_sql(pay="e.earnings * 365.0 / d.days", positive="AND e.earnings > 0", joined=JOINED, clip=True,
                   inclusive=1, at_least=5, year=201213, months=winter, days_of=tax_year_bounds, spells=SPELLS,
                   clip_start=True):  # fmt: skip
    first, last = days_of(201213)
    end = f"least(enddate, DATE '{last}')" if clip else "enddate"
    start = f"greatest(startdate, DATE '{first}')" if clip_start else "startdate"
    rows = ", ".join(f"(DATE '{begins}', DATE '{after}')" for begins, after in months(201213))
    return f"""
WITH days AS (
    SELECT edukey, sum({end} - {start} + {inclusive}) AS days
    FROM {spells}
    WHERE startdate <= DATE '{last}' AND enddate >= DATE '{first}'
    GROUP BY edukey
),
sustained AS (
    SELECT s.edukey
    FROM {spells} s
    JOIN (VALUES {rows}) m(first_day, next_first)
      ON s.startdate < m.next_first AND s.enddate >= m.first_day
    GROUP BY s.edukey
    HAVING count(DISTINCT m.first_day) >= {at_least}
)
SELECT e.edukey, {pay} AS annualised
FROM {LEO}.leo_earnings e
JOIN days d ON d.edukey = e.edukey AND d.days > 0
{joined}
WHERE e.taxyear = {year} {positive}
"""


def annualised_pandas(con):
    pay = con.sql(f"SELECT edukey, earnings FROM {LEO}.leo_earnings WHERE taxyear = 201213").df()
    table = pay.merge(days_in_work_pandas(con, 201213), on="edukey").merge(sustained_pandas(con, 201213), on="edukey")
    table = table[table["earnings"] > 0]
    return table.assign(annualised=table["earnings"] * 365 / table["days"])[["edukey", "annualised"]]


def annualised_by_parts(con):
    """From the two functions of the questions before."""
    days, winters = days_in_work(con, 201213).df(), sustained(con, 201213).df()
    pay = con.sql(f"SELECT edukey, taxyear, earnings FROM {LEO}.leo_earnings").df()
    pay = pay[(pay["taxyear"] == 201213) & (pay["earnings"] > 0) & pay["edukey"].isin(winters["edukey"])]
    pay = pay.set_index("edukey")["earnings"]
    return (365 * pay / days.set_index("edukey")["days"]).dropna().rename("annualised").reset_index()


ANNUALISED_BY_CALENDAR = f"""
WITH worked AS (
    SELECT s.edukey, count(*) AS days, count(DISTINCT CASE WHEN month(c.d) IN (10, 11, 12, 1, 2, 3) THEN month(c.d) END)
        AS winter
    FROM {LEO}.leo_employment s
    JOIN (SELECT CAST(d AS date) AS d FROM generate_series(DATE '2012-04-06', DATE '2013-04-05', INTERVAL 1 DAY) t(d)) c
      ON c.d BETWEEN s.startdate AND s.enddate
    GROUP BY s.edukey
)
SELECT w.edukey, e.earnings / (w.days / 365.0) AS annualised
FROM worked w, {LEO}.leo_earnings e
WHERE e.edukey = w.edukey AND e.taxyear = 201213 AND e.earnings > 0 AND w.winter IN (5, 6)
"""


def annualised_by_rows(con):
    """In plain Python, from dictionaries."""
    pay = dict(con.sql(f"SELECT edukey, earnings FROM {LEO}.leo_earnings WHERE taxyear = 201213").fetchall())
    days = dict(days_by_loop(con, 201213).itertuples(index=False))
    keys = [row["edukey"] for row in sustained_by_sets(con, 201213) if pay.get(row["edukey"], 0) > 0]
    return pd.DataFrame([(key, 365 * pay[key] / days[key]) for key in keys], columns=["edukey", "annualised"])


QUESTION = Question(
    name="q6",
    title="Annualised earnings",
    answer_name="q6",
    kind="sql",
    points=3,
    columns={"edukey": "text", "annualised": "number"},
    identity=("edukey",),
    unit="EDUKEY",
    people=True,
    lesson=EARNINGS_LESSON,
    heading="From pay to annualised earnings",
    reference_sql=annualised_sql(),
    reference_pandas=annualised_pandas,
    tolerance={"annualised": 0.001},
    make=annualised_sql,
    universe=f"SELECT edukey FROM {LEO}.leo_earnings WHERE taxyear = 201213",
    hints=(
        "Three things are joined here: pay, days in work, and who is in sustained employment.",
        "Pay for part of a year is grossed up to a whole one: pay for a day, times 365.",
        "A total of 0 stands for a correction, not for a year's work without pay: leave it out.",
    ),
    misconceptions=(
        slip(
            "not-annualised",
            "You gave the total for the year. Somebody who worked for half of it looks half as well paid: divide by "
            "the days in work and multiply by 365.",
            pay="e.earnings",
        ),
        slip(
            "zero-kept",
            "You kept totals of 0. They arise when a correction makes the sum negative, and they pull averages down:"
            " keep earnings above 0.",
            positive="",
        ),
        slip(
            "everybody-with-pay",
            "You kept everybody with pay and a spell. A fortnight's work grossed up to a year says little: the "
            "measure is for people in sustained employment.",
            joined="",
        ),
        slip(
            "days-beyond-the-year",
            "Pay is for the tax year, so its days must be too: cut spells at 5 April, above all those that end on "
            "9999-12-31.",
            clip=False,
        ),
        slip(
            "per-month",
            "You divided by the months of the rule and multiplied by 12. The measure uses days: pay divided by days "
            "in work, times 365.",
            pay="e.earnings * 12.0 / 6",
        ),
        slip("all-six", at_least=6),
        slip("last-day-lost", inclusive=0),
        slip("winter-before", months=lambda label: winter(label, shift=-1)),
        slip("pay-of-another-year", "You took the pay of 2013/14. Tax year 2012/13 is 201213.", year=201314),
        slip("times-366", pay="e.earnings * 366.0 / d.days"),
        slip("pay-for-a-day", pay="1.0 * e.earnings / d.days"),
        slip("enterprise-pay", pay="e.enterprise_earnings * 365.0 / d.days"),
        slip(
            "days-of-the-winter",
            "You divided by the days in work from October to March. Pay is of the whole tax year, and so are its days.",
            days_of=lambda label: (date(label // 100, 10, 1), date(label // 100 + 1, 3, 31)),
        ),
        slip("start-not-cut", clip_start=False),
        slip("open-spells-dropped", spells=ended(SPELLS)),
        slip("uncertain-dropped", spells=certain(SPELLS)),
    ),
    alternatives=(
        annualised_by_parts,
        ANNUALISED_BY_CALENDAR,
        annualised_by_rows,
    ),
)
