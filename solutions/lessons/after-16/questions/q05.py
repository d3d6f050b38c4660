"""NEET by the caseload: put the lines of a query in order."""

from __future__ import annotations

import pandas as pd

from leocourse.authoring.exercise import exercise

from .shared import LESSON, wrong

HEADING = "The caseload"


def answer(where: str = "WHERE code BETWEEN 610 AND 670", learning: str = "AND learning = 0") -> str:
    return f"""
SELECT COUNT(*) AS neet
FROM (VALUES (610, 0), (620, 1), (810, 0), (290, 0), (640, 0), (320, 0))
     AS caseload (code, learning)
{where}
{learning}
"""


def with_pandas(con):
    return pd.DataFrame({"neet": [2]})


QUESTION = exercise(
    "order",
    name="q5",
    title="Not in education, employment or training",
    columns={"neet": "number"},
    identity=(),
    unit="number",
    lesson=LESSON,
    heading=HEADING,
    reference_sql=answer(),
    reference_pandas=with_pandas,
    hints=(
        "The table of the caseload is two lines long.",
        "A condition begins with WHERE.",
        "AND goes on with it.",
    ),
    misconceptions=(
        wrong(
            "learners",
            "Learners among them",
            "One entry says NEET of somebody who was learning in that month.",
            answer(learning=""),
            HEADING,
        ),
        wrong(
            "unknown",
            "Unknown is not NEET",
            "You added 810: nobody knows what these people do.",
            answer(where="WHERE code >= 610", learning=""),
            HEADING,
        ),
        wrong(
            "everybody",
            "Every entry",
            "Every entry without learning is counted, whatever its code.",
            answer(where="WHERE code > 0"),
            HEADING,
        ),
    ),
    alternatives=(answer("WHERE code >= 610 AND code <= 670"),),
)
