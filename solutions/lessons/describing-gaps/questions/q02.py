"""A base without the missing: complete a condition."""

from __future__ import annotations

import pandas as pd

from leocourse.authoring.exercise import exercise

from .shared import LESSON, wrong

HEADING = "Who is in the base"


def answer(where: str = "fsm IS NOT NULL AND sustained IS NOT NULL") -> str:
    return f"""
SELECT fsm, AVG(CASE WHEN sustained = 1 THEN 1.0 ELSE 0.0 END) AS in_work
FROM (VALUES (1, 1), (1, 0), (1, NULL), (0, 1), (0, 1), (0, 0), (0, NULL), (NULL, 1))
     AS people (fsm, sustained)
WHERE {where}
GROUP BY fsm
"""


def with_pandas(con):
    return pd.DataFrame({"fsm": [1, 0], "in_work": [0.5, 2 / 3]})


QUESTION = exercise(
    "complete",
    name="q2",
    title="Leave the missing out",
    columns={"fsm": "number", "in_work": "number"},
    identity=("fsm",),
    unit="group",
    lesson=LESSON,
    heading=HEADING,
    reference_sql=answer(),
    reference_pandas=with_pandas,
    hints=(
        "ELSE 0.0 turns a missing value into somebody not in work.",
        "A value that is missing is found with IS.",
        "The condition on fsm shows the words.",
    ),
    misconceptions=(
        wrong(
            "missing-as-0",
            "Missing counted as not in work",
            "People of whom nothing is known are in your base as not in work.",
            answer("fsm IS NOT NULL"),
            HEADING,
        ),
        wrong(
            "in-work-only",
            "Only those in work",
            "You kept those in work, so everybody who is left is in work.",
            answer("fsm IS NOT NULL AND sustained = 1"),
            HEADING,
        ),
        wrong(
            "other-side",
            "The missing alone",
            "You kept those of whom nothing is known.",
            answer("fsm IS NOT NULL AND sustained IS NULL"),
            HEADING,
        ),
    ),
    alternatives=(answer("fsm IS NOT NULL AND sustained IN (0, 1)"),),
)
