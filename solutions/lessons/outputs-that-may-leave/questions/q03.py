"""Rounding to 5: mend what cuts down."""

from __future__ import annotations

import pandas as pd

from leocourse.authoring.exercise import exercise

from .shared import LESSON, wrong

HEADING = "Rounding"


def answer(rounded: str = "5 * FLOOR(people / 5.0 + 0.5)") -> str:
    return f"""
SELECT ethnic, {rounded} AS people
FROM (VALUES ('A', 24), ('B', 11), ('C', 38), ('D', 40)) AS released (ethnic, people)
"""


def with_pandas(con):
    return pd.DataFrame({"ethnic": ["A", "B", "C", "D"], "people": [25, 10, 40, 40]})


QUESTION = exercise(
    "mend",
    name="q3",
    title="To the nearest five",
    columns={"ethnic": "text", "people": "number"},
    identity=("ethnic",),
    unit="group",
    lesson=LESSON,
    heading=HEADING,
    reference_sql=answer(),
    reference_pandas=with_pandas,
    hints=(
        "24 is nearer to 25 than to 20.",
        "Add a half before you cut down.",
        "The half is added to the number of fives.",
    ),
    misconceptions=(
        wrong(
            "down",
            "Always down",
            "You cut down: 24 becomes 20, though 25 is nearer.",
            answer("5 * FLOOR(people / 5.0)"),
            HEADING,
        ),
        wrong(
            "up",
            "Always up",
            "You round up: 11 becomes 15, though 10 is nearer.",
            answer("5 * CEIL(people / 5.0)"),
            HEADING,
        ),
        wrong(
            "tens", "To ten", "That is rounding to the nearest 10.", answer("10 * FLOOR(people / 10.0 + 0.5)"), HEADING
        ),
    ),
    alternatives=(answer("5 * ROUND(people / 5.0)"),),
)
