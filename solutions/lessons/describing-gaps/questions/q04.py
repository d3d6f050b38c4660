"""Fifths of results: put the lines of a query in order."""

from __future__ import annotations

import pandas as pd

from leocourse.authoring.exercise import exercise

from .shared import LESSON, wrong

HEADING = "Like with like"


def answer(lowest: str = "MIN(points)", group: str = "GROUP BY fifth") -> str:
    return f"""
SELECT fifth, COUNT(*) AS people, {lowest} AS lowest
FROM (SELECT points, NTILE(2) OVER (ORDER BY points) AS fifth
      FROM (VALUES (310), (120), (405), (290)) AS results (points)) AS placed
{group}
"""


def with_pandas(con):
    return pd.DataFrame({"fifth": [1, 2], "people": [2, 2], "lowest": [120, 310]})


QUESTION = exercise(
    "order",
    name="q4",
    title="Within a fifth",
    columns={"fifth": "number", "people": "number", "lowest": "number"},
    identity=("fifth",),
    unit="fifth",
    lesson=LESSON,
    heading=HEADING,
    reference_sql=answer(),
    reference_pandas=with_pandas,
    hints=(
        "The outer query says what it wants.",
        "The brackets open in one line and close in another.",
        "The grouping comes last.",
    ),
    misconceptions=(
        wrong("highest", "The highest", "That is the highest of each group.", answer("MAX(points)"), HEADING),
        wrong("mean", "The mean", "That is the mean of each group.", answer("AVG(points)"), HEADING),
    ),
    alternatives=(answer("MIN(1.0 * points)"),),
)
