"""A threshold: complete a condition."""

from __future__ import annotations

import pandas as pd

from leocourse.authoring.exercise import exercise

from .shared import LESSON, wrong

HEADING = "A threshold"


def answer(keep: str = "people >= 10") -> str:
    return f"""
SELECT ethnic, CASE WHEN {keep} THEN people END AS people
FROM (VALUES ('A', 24), ('B', 10), ('C', 9), ('D', 3)) AS table_to_check (ethnic, people)
"""


def with_pandas(con):
    return pd.DataFrame({"ethnic": ["A", "B", "C", "D"], "people": [24, 10, None, None]})


QUESTION = exercise(
    "complete",
    name="q2",
    title="Primary suppression",
    columns={"ethnic": "text", "people": "number"},
    identity=("ethnic",),
    unit="group",
    lesson=LESSON,
    heading=HEADING,
    reference_sql=answer(),
    reference_pandas=with_pandas,
    hints=(
        "Ten people may be shown.",
        "CASE without ELSE leaves a gap.",
        "The comparison includes the threshold itself.",
    ),
    misconceptions=(
        wrong(
            "above",
            "A number at the threshold is gone",
            "Ten is not below ten, so it may be shown.",
            answer("people > 10"),
            HEADING,
        ),
        wrong(
            "turned",
            "The small numbers are shown",
            "You show the numbers that should be a gap.",
            answer("people < 10"),
            HEADING,
        ),
        wrong("nine", "Nine is shown", "Nine people are below the threshold.", answer("people >= 9"), HEADING),
    ),
    alternatives=(
        answer("NOT people < 10"),
        answer("people > 9"),
    ),
)
