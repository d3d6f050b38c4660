"""Days covered by overlapping spells: put the lines of a query in order."""

from __future__ import annotations

import pandas as pd

from leocourse.authoring.exercise import exercise

from .shared import LESSON, wrong

HEADING = "Gaps and islands"


def answer(last: str = "MAX(ends)", group: str = "GROUP BY person, island") -> str:
    return f"""
SELECT person, MIN(begins) AS first, {last} AS last
FROM (VALUES (1, 1, 10, 40), (1, 1, 30, 55), (1, 2, 70, 90), (2, 1, 5, 20))
     AS days (person, island, begins, ends)
{group}
"""


def with_pandas(con):
    rows = [(1, 10, 55), (1, 70, 90), (2, 5, 20)]
    return pd.DataFrame(rows, columns=["person", "first", "last"])


QUESTION = exercise(
    "order",
    name="q5",
    title="Days covered once",
    columns={"person": "number", "first": "number", "last": "number"},
    identity=("person", "first"),
    unit="stretch",
    lesson=LESSON,
    heading=HEADING,
    reference_sql=answer(),
    reference_pandas=with_pandas,
    hints=(
        "A query says what it wants first.",
        "The table of days is two lines long.",
        "The grouping comes last.",
    ),
    misconceptions=(
        wrong(
            "gap-bridged",
            "The gap is bridged",
            "One row a person runs from the first day to the last, over the gap.",
            answer(group="GROUP BY person"),
            HEADING,
        ),
        wrong(
            "shortest",
            "The earlier end",
            "You took the earlier of two ends in an island.",
            answer("MIN(ends)"),
            HEADING,
        ),
    ),
    alternatives=(answer("MAX(ends)", "GROUP BY island, person"),),
)
