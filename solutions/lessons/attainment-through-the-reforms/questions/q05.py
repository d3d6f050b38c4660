"""Standardise within the year: put the lines of a query in order."""

from __future__ import annotations

import pandas as pd

from leocourse.authoring.exercise import exercise

from .shared import LESSON, wrong

HEADING = "One score across the reforms"


def answer(
    z: str = "points - AVG(points) OVER (PARTITION BY ks4_year)", where: str = "WHERE ks4_year IN (2015, 2016)"
) -> str:
    return f"""
SELECT pmr, {z} AS z
FROM (VALUES ('P1', 2015, 300.0), ('P2', 2015, 340.0), ('P3', 2016, 40.0), ('P4', 2016, 52.0), ('P5', 2013, 310.0))
     AS results (pmr, ks4_year, points)
{where}
"""


def with_pandas(con):
    return pd.DataFrame({"pmr": ["P1", "P2", "P3", "P4"], "z": [-20.0, 20.0, -6.0, 6.0]})


QUESTION = exercise(
    "order",
    name="q5",
    title="Within the year",
    columns={"pmr": "text", "z": "number"},
    identity=("pmr",),
    unit="pupil",
    lesson=LESSON,
    heading=HEADING,
    reference_sql=answer(),
    reference_pandas=with_pandas,
    hints=(
        "A query says what it wants first.",
        "The table of results is two lines long.",
        "The condition comes last.",
    ),
    misconceptions=(
        wrong(
            "all-years",
            "One mean for both years",
            "The mean is that of both years together, so the pupils of 2016 are all far below it: the scales differ.",
            answer("points - AVG(points) OVER ()"),
            HEADING,
        ),
        wrong("points", "Points as they are", "Nothing is taken away: these are points.", answer("points"), HEADING),
        wrong("every-year", "A year too many", "A pupil of another year is there too.", answer(where=""), HEADING),
    ),
    alternatives=(
        answer("points - (SUM(points) OVER (PARTITION BY ks4_year)) / COUNT(*) OVER (PARTITION BY ks4_year)"),
    ),
)
