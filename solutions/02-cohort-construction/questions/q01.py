"""A birth cohort."""

from __future__ import annotations

import pandas as pd

from leocourse.authoring import Question
from leocourse.authoring.shorthand import NPD

from .shared import LESSON, main_records, slip


def born_sql(
    born="(yearofbirth_spr13 = 1998 AND monthofbirth_spr13 >= 9"
    " OR yearofbirth_spr13 = 1999 AND monthofbirth_spr13 < 9)",
    main="AND recordstatus_spr13 < 100",
):
    return f"""
SELECT pupilmatchingrefanonymous_spr13 AS pmr, yearofbirth_spr13 AS birth_year, monthofbirth_spr13 AS birth_month
FROM {NPD}.spring_census_2013
WHERE {born} {main}
"""


def born_pandas(con):
    census = main_records(con, 2013, "yearofbirth", "monthofbirth")
    months = census["yearofbirth"].astype(int) * 12 + census["monthofbirth"].astype(int)
    kept = census[months.between(1998 * 12 + 9, 1999 * 12 + 8)]
    return kept.rename(columns={"yearofbirth": "birth_year", "monthofbirth": "birth_month"})


def born_by_period(con):
    """Months of birth as periods of pandas."""
    census = main_records(con, 2013, "yearofbirth", "monthofbirth")
    names = {"yearofbirth": "birth_year", "monthofbirth": "birth_month"}
    census = census.rename(columns=names).astype({"birth_year": int, "birth_month": int})
    parts = census.rename(columns={"birth_year": "year", "birth_month": "month"}).assign(day=1)
    days = pd.to_datetime(parts[["year", "month", "day"]])
    return census[(days >= "1998-09-01") & (days <= "1999-08-31")]


QUESTION = Question(
    name="q1",
    title="A birth cohort in a census",
    answer_name="q1",
    kind="sql",
    points=1,
    columns={"pmr": "text", "birth_year": "number", "birth_month": "number"},
    identity=("pmr",),
    unit="pupil",
    people=True,
    lesson=LESSON,
    heading="Find the view",
    reference_sql=born_sql(),
    make=born_sql,
    reference_pandas=born_pandas,
    universe=f"SELECT DISTINCT pupilmatchingrefanonymous_spr13 AS pmr FROM {NPD}.spring_census_2013",
    hints=(
        "The cohort reaches over two calendar years: four months of the first and eight of the second.",
        "Either 1998 and month 9 or later, or 1999 and month 8 or earlier.",
        "Do not forget the main record: recordstatus_spr13 below 100.",
    ),
    misconceptions=(
        slip(
            "calendar-year-of-birth",
            "You took everybody born in the calendar year 1998. A birth cohort runs from September to August.",
            born_sql("yearofbirth_spr13 = 1998"),
        ),
        slip(
            "year-it-ends",
            "You took the cohort 1997/98. Cohort 1998/99 begins in September 1998.",
            born_sql(
                "(yearofbirth_spr13 = 1997 AND monthofbirth_spr13 >= 9"
                " OR yearofbirth_spr13 = 1998 AND monthofbirth_spr13 < 9)"
            ),
        ),
        slip(
            "october",
            "Your cohort begins with October: people born in September 1998 are missing and those born in September "
            "1999 are in it.",
            born_sql(
                "(yearofbirth_spr13 = 1998 AND monthofbirth_spr13 > 9"
                " OR yearofbirth_spr13 = 1999 AND monthofbirth_spr13 <= 9)"
            ),
        ),
        slip(
            "every-record",
            "You kept every record, so pupils with a second one stand twice. Keep main records.",
            main="",
        ),
    ),
    alternatives=(
        born_sql("yearofbirth_spr13 - CASE WHEN monthofbirth_spr13 < 9 THEN 1 ELSE 0 END = 1998"),
        born_sql("yearofbirth_spr13 * 12 + monthofbirth_spr13 BETWEEN 1998 * 12 + 9 AND 1999 * 12 + 8"),
        born_sql("make_date(yearofbirth_spr13, monthofbirth_spr13, 1) BETWEEN DATE '1998-09-01' AND DATE '1999-08-31'"),
        born_by_period,
    ),
)
