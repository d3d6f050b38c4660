"""People in further education: complete a join."""

from __future__ import annotations

import pandas as pd

from leocourse.authoring.exercise import exercise

from .shared import LESSON, wrong

HEADING = "Colleges: learners and aims"


def answer(year: str = "2014", what: str = "COUNT(DISTINCT k.ae_id)") -> str:
    return f"""
SELECT {what} AS people
FROM lilr_i2."2005003".aims AS a
JOIN leo_i2."2005003".education_records_lookup AS k ON k.recordid = a.recordid
WHERE a.year = {year}
"""


def with_pandas(con):
    aims = con.sql('SELECT recordid FROM lilr_i2."2005003".aims WHERE year = 2014').df()
    keys = con.sql('SELECT recordid, ae_id FROM leo_i2."2005003".education_records_lookup').df()
    return pd.DataFrame({"people": [aims.merge(keys, on="recordid")["ae_id"].nunique()]})


QUESTION = exercise(
    "complete",
    name="q2",
    title="People in a year",
    columns={"people": "number"},
    identity=(),
    unit="number",
    lesson=LESSON,
    heading=HEADING,
    reference_sql=answer(),
    reference_pandas=with_pandas,
    hints=(
        "The table names a year by one of its two calendar years.",
        "It is the one in which the academic year starts.",
        "2012 stood for 2012/13.",
    ),
    misconceptions=(
        wrong(
            "ends",
            "The academic year after",
            "That is 2015/16: the column holds the year in which the academic year starts.",
            answer("2015"),
            HEADING,
        ),
        wrong("before", "The academic year before", "That is 2013/14.", answer("2013"), HEADING),
        wrong("two-years", "Both years", "You took two academic years.", answer("2014 OR a.year = 2015"), HEADING),
    ),
    alternatives=(answer("2014 AND k.ae_id IS NOT NULL"),),
)
