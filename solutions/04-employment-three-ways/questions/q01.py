"""In work on a day."""

from __future__ import annotations

from datetime import date

import pandas as pd

from leocourse.authoring import Question
from leocourse.authoring.shorthand import certain, ended

from .shared import EDUKEYS, LESSON, WORK, slip


def on_day_sql(day="2018-04-06", begun="startdate <= DATE '{day}'", going="enddate >= DATE '{day}'",
               days="DATE '{day}' - startdate + 1", spells=WORK):  # fmt: skip
    return f"""
SELECT edukey, {days.format(day=day)} AS days_so_far
FROM {spells}
WHERE {begun.format(day=day)} AND {going.format(day=day)}
"""


ON_DAY_SQL = on_day_sql()


def on_day_pandas(con):
    rows = con.sql(f"SELECT edukey, startdate, CAST(enddate AS VARCHAR) AS e FROM {WORK}").df()
    mine = rows[(rows["startdate"] <= "2018-04-06") & (rows["e"] >= "2018-04-06")]
    days = (pd.Timestamp("2018-04-06") - mine["startdate"]).dt.days + 1
    return pd.DataFrame({"edukey": mine["edukey"], "days_so_far": days})


ON_DAY_BETWEEN = f"""
SELECT edukey, CAST(DATE '2018-04-07' - startdate AS INT) AS days_so_far
FROM {WORK}
WHERE DATE '2018-04-06' BETWEEN startdate AND enddate
"""

ON_DAY_LATEST = f"""
WITH begun AS (
    SELECT edukey, startdate, enddate, ROW_NUMBER() OVER (PARTITION BY edukey ORDER BY startdate DESC) AS place
    FROM {WORK} WHERE startdate < DATE '2018-04-07'
)
SELECT edukey, date_diff('day', startdate, DATE '2018-04-06') + 1 AS days_so_far
FROM begun WHERE place = 1 AND NOT enddate < DATE '2018-04-06'
"""


def on_day_loop(con):
    day, rows = date(2018, 4, 6), []
    for key, start, end in con.sql(f"SELECT edukey, startdate, CAST(enddate AS VARCHAR) FROM {WORK}").fetchall():
        if start <= day and end >= day.isoformat():
            rows.append({"edukey": key, "days_so_far": (day - start).days + 1})
    return rows


QUESTION = Question(
    name="q1",
    title="In work on a day",
    answer_name="q1",
    kind="sql",
    points=1,
    columns={"edukey": "text", "days_so_far": "number"},
    identity=("edukey",),
    unit="EDUKEY",
    people=True,
    lesson=LESSON,
    heading="Days in work",
    reference_sql=ON_DAY_SQL,
    reference_pandas=on_day_pandas,
    alternatives=(ON_DAY_BETWEEN, ON_DAY_LATEST, on_day_loop),
    make=on_day_sql,
    universe=EDUKEYS,
    hints=(
        "A spell covers a day if it starts on it or before, and ends on it or after.",
        "Many spells start on 6 April, the first day of the tax year. They cover it.",
        "Two comparisons, and in both of them equal counts. How many days is a spell that starts on the day itself?",
    ),
    misconceptions=(
        slip(
            "end-forgotten",
            "You kept every spell that had begun, also those that were over long before. A spell covers the day only "
            "if it has not ended before it.",
            going="1 = 1",
        ),
        slip(
            "open-spells-dropped",
            "You dropped spells whose end is 9999-12-31. They have no end because they go on: these "
            "people are in work.",
            spells=ended(WORK),
        ),
        slip(
            "first-day-lost",
            "You lost spells that start on the day itself. The first day of a spell is a day in work, and many start "
            "on 6 April.",
            begun="startdate < DATE '{day}'",
        ),
        slip(
            "last-day-lost",
            "You are a day short: from 6 April to 6 April is one day in work, but the difference of the dates is 0.",
            days="DATE '{day}' - startdate",
        ),
        slip(
            "whole-length",
            "You counted the whole length of the spell, up to its end. Count up to 6 April 2018.",
            days="enddate - startdate + 1",
        ),
        slip(
            "days-to-come",
            "You counted from 6 April to the end of the spell. Days so far run from its start to 6 April.",
            days="enddate - DATE '{day}' + 1",
        ),
        slip(
            "only-open-spells",
            "You kept only spells that go on. One that ended after 6 April 2018 covers the day as well.",
            going="enddate = DATE '9999-12-31'",
        ),
        slip(
            "spells-that-start",
            "You kept only spells that start on the day. One that began earlier covers it, too.",
            begun="startdate = DATE '{day}'",
        ),
        slip("label-read-as-end", "You took 6 April 2019. Tax year 2018/19 begins on 6 April 2018.", day="2019-04-06"),
        slip(
            "day-before",
            "You took 5 April, which is the last day of tax year 2017/18. 2018/19 begins on 6 April.",
            day="2018-04-05",
        ),
        slip(
            "any-day-of-the-year",
            "You took every spell with a day in tax year 2018/19. The question asks for one day, 6 April 2018.",
            begun="startdate <= DATE '2019-04-05'",
        ),
        slip("uncertain-dropped", spells=certain(WORK)),
    ),
)
