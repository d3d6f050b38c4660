"""A count beside each median: put the lines of a query in order."""

from __future__ import annotations

import pandas as pd

from leocourse.authoring.exercise import exercise

from .shared import LESSON, wrong

HEADING = "Percentages, medians and extremes"


def answer(having: str = "HAVING COUNT(pay) >= 3", count: str = "COUNT(pay)") -> str:
    return f"""
SELECT ethnic, {count} AS with_pay, MEDIAN(pay) AS median_pay
FROM (VALUES ('A', 20000), ('A', 24000), ('A', 29000), ('B', 18000), ('B', NULL), ('B', NULL), ('B', 21000), ('C', 0))
     AS people (ethnic, pay)
GROUP BY ethnic
{having}
"""


def with_pandas(con):
    return pd.DataFrame({"ethnic": ["A"], "with_pay": [3], "median_pay": [24_000.0]})


QUESTION = exercise(
    "order",
    name="q5",
    title="The count that a median rests on",
    columns={"ethnic": "text", "with_pay": "number", "median_pay": "number"},
    identity=("ethnic",),
    unit="group",
    lesson=LESSON,
    heading=HEADING,
    reference_sql=answer(),
    reference_pandas=with_pandas,
    hints=(
        "The table of people is two lines long.",
        "A condition on a group follows the grouping.",
        "It is the last line.",
    ),
    misconceptions=(
        wrong(
            "rows",
            "Rows instead of people with pay",
            "Group B has four rows and two people with pay.",
            answer("HAVING COUNT(*) >= 3"),
            HEADING,
        ),
        wrong("no-threshold", "Every group", "A group of two is there.", answer(having=""), HEADING),
    ),
    alternatives=(answer("HAVING SUM(CASE WHEN pay IS NOT NULL THEN 1 ELSE 0 END) >= 3"),),
)
