"""Spells in a tax year: mend a condition."""

from __future__ import annotations

import pandas as pd

from leocourse.authoring.exercise import exercise

from .shared import LESSON, wrong

HEADING = "Tax years and academic years"


def answer(where: str = "startdate <= '2019-04-05' AND enddate >= '2018-04-06'") -> str:
    return f"""
SELECT COUNT(*) AS spells
FROM leo_i2."2005003".leo_employment
WHERE {where}
"""


def with_pandas(con):
    spells = con.sql("""
        SELECT CAST(startdate AS varchar(10)) AS first, CAST(enddate AS varchar(10)) AS last
        FROM leo_i2."2005003".leo_employment
    """).df()
    return pd.DataFrame({"spells": [int(((spells["first"] <= "2019-04-05") & (spells["last"] >= "2018-04-06")).sum())]})


QUESTION = exercise(
    "mend",
    name="q3",
    title="In work in a tax year",
    columns={"spells": "number"},
    identity=(),
    unit="number",
    lesson=LESSON,
    heading=HEADING,
    reference_sql=answer(),
    reference_pandas=with_pandas,
    hints=(
        "Which spells have no day in the year? Those that ended before it or began after it.",
        "The start is compared with the last day of the year.",
        "The end is compared with the first day of the year.",
    ),
    misconceptions=(
        wrong(
            "within",
            "Wholly within",
            "Somebody who began before the year and is still there has 365 days in it, and is not in your count.",
            answer("startdate >= '2018-04-06' AND enddate <= '2019-04-05'"),
            HEADING,
        ),
        wrong(
            "starts",
            "Starts in the year",
            "You counted spells that began in the year.",
            answer("startdate BETWEEN '2018-04-06' AND '2019-04-05'"),
            HEADING,
        ),
        wrong(
            "ends",
            "Ends in the year",
            "You counted spells that ended in the year. Open spells are out.",
            answer("enddate BETWEEN '2018-04-06' AND '2019-04-05'"),
            HEADING,
        ),
        wrong(
            "academic",
            "The academic year",
            "These are the days of the academic year, August to July.",
            answer("startdate <= '2019-07-31' AND enddate >= '2018-08-01'"),
            HEADING,
        ),
    ),
    alternatives=(answer("NOT (startdate > '2019-04-05' OR enddate < '2018-04-06')"),),
)
